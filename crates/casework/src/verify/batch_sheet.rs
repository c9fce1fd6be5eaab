//! A list's result as a workbook: the figures by kind on the first sheet, one anomaly a line on the second, numbers that
//! nobody has on the third.

use crate::{
    CaseError, Cx,
    error::Result,
    verify::batch::{BatchView, batch},
};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::collections::HashMap;
use tuodi_access::{Act, Resource, Sensitivity};
use tuodi_pack::{HouseholdId, Lang, PersonId};
use tuodi_registry::Person;

/// The words of the sheets, in the reader's language.
struct Words(Lang);

impl Words {
    fn of(&self, zh: &'static str, en: &'static str) -> &'static str {
        if self.0 == Lang::Zh { zh } else { en }
    }
}

/// The workbook of a list that is done, for whoever may export it (L3: names masked by nobody, numbers in part).
pub async fn sheet(cx: &Cx, id: i64, lang: Lang) -> Result<Vec<u8>> {
    let view = batch(cx, id).await?;
    let resource = Resource {
        sensitivity: Sensitivity::Personal,
        ..Resource::general("verification", id.to_string(), cx.actor.region.clone())
    };
    cx.access.authorise(&cx.actor, Act::Export, &resource, "verification")?;
    let result = view.result.as_ref().ok_or(CaseError::NoCheck)?;
    let ids: Vec<PersonId> = result.anomalies.iter().filter_map(|a| a.person).collect();
    let people = tuodi_registry::persons(&cx.store, &ids).await?;
    let homes: Vec<HouseholdId> = result.anomalies.iter().filter(|a| a.person.is_none()).map(|a| a.household).collect();
    let heads = tuodi_registry::households(&cx.store, &homes).await?;
    let heads: HashMap<HouseholdId, String> = heads.into_iter().map(|(id, h)| (id, h.head_name)).collect();
    Ok(write(cx, &view, &people, &heads, lang)?)
}

fn write(
    cx: &Cx,
    view: &BatchView,
    people: &HashMap<PersonId, Person>,
    heads: &HashMap<HouseholdId, String>,
    lang: Lang,
) -> Result<Vec<u8>, XlsxError> {
    let w = Words(lang);
    let bold = Format::new().set_bold();
    let mut book = Workbook::new();
    let Some(result) = &view.result else { return book.save_to_buffer() };

    let figures = book.add_worksheet_with_constant_memory()?.set_name(w.of("汇总", "Summary"))?;
    figures.set_column_width(0, 42)?;
    let count = |n: usize| n as f64;
    let rows = [
        (w.of("核对人数", "People checked"), count(result.checked)),
        (w.of("发现异常", "Anomalies"), count(result.anomalies.len())),
        (w.of("登记册中没有", "Not in the register"), count(result.not_found.len())),
        (w.of("没有授权，未核对", "Not authorised, not checked"), count(result.unauthorised)),
        (w.of("不属本区域，未核对", "Of another region, not checked"), count(result.outside_region)),
    ];
    figures.write_with_format(0, 0, view.row.title.as_str(), &bold)?;
    let as_of = result.as_of.map(|d| d.to_string()).unwrap_or_default();
    figures.write(1, 0, format!("{} {as_of}", w.of("数据截至", "As of")))?;
    let mut line = 3;
    for (title, n) in rows {
        figures.write(line, 0, title)?.write(line, 1, n)?;
        line += 1;
    }
    line += 1;
    figures.write_with_format(line, 0, w.of("按类别", "By kind"), &bold)?;
    for kind in &result.kinds {
        line += 1;
        let title = format!("{} {}", kind.indicator, kind.title.get(lang));
        figures.write(line, 0, title)?.write(line, 1, count(kind.count))?;
    }

    let list = book.add_worksheet_with_constant_memory()?.set_name(w.of("异常明细", "Anomalies"))?;
    let heads_of = [
        w.of("姓名", "Name"),
        w.of("身份号码", "Citizen number"),
        w.of("家庭编号", "Household"),
        w.of("类别", "Kind"),
        w.of("说明", "Details"),
        w.of("依据", "Basis"),
    ];
    for (i, head) in heads_of.into_iter().enumerate() {
        list.write_with_format(0, i as u16, head, &bold)?;
    }
    for (i, a) in result.anomalies.iter().enumerate() {
        let row = i as u32 + 1;
        let person = a.person.and_then(|id| people.get(&id));
        let name = person.map(|p| p.name.as_str()).or(heads.get(&a.household).map(String::as_str)).unwrap_or_default();
        let number = person.map(|p| masked(&p.id_no)).unwrap_or_default();
        let indicator = cx.pack.indicator(&a.indicator);
        let title = indicator.map(|i| i.title.get(lang)).unwrap_or_default();
        let facts: Vec<String> = a.facts.iter().map(|(t, v)| format!("{} {}", t.get(lang), v.get(lang))).collect();
        let basis = indicator.map(|i| crate::words::basis_text(&cx.pack, &i.basis).get(lang).to_owned());
        list.write(row, 0, name)?;
        list.write(row, 1, number)?;
        list.write(row, 2, a.household.0 as f64)?;
        list.write(row, 3, format!("{} {title}", a.indicator))?;
        list.write(row, 4, facts.join(w.of("；", "; ")))?;
        list.write(row, 5, basis.unwrap_or_default())?;
    }

    if !result.not_found.is_empty() {
        let none = book.add_worksheet_with_constant_memory()?.set_name(w.of("登记册中没有", "Not found"))?;
        for (i, number) in result.not_found.iter().enumerate() {
            none.write(i as u32, 0, number.as_str())?;
        }
    }
    book.save_to_buffer()
}

fn masked(number: &str) -> String {
    let n = number.chars().count();
    number.chars().enumerate().map(|(i, c)| if i < 4 || i + 4 >= n { c } else { '*' }).collect()
}
