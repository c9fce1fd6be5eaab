//! Values and sources in the words of a letter.

use tuodi_pack::{
    CheckResult, ConditionResult, Fen, Lang, Pack, Text,
    explain::{Teller, law},
    facts::Grain,
};

/// `1,860元/月` of 186000 fen a month.
pub fn value_text(value: i64, unit: &str) -> Text {
    let (kind, per) = unit.split_once('/').map_or((unit, ""), |(kind, per)| (kind, per));
    match kind {
        "fen" => {
            let (zh, en) = match per {
                "month" => ("/月", " a month"),
                "person/month" => ("/人·月", " a person a month"),
                "year" => ("/年", " a year"),
                _ => ("", ""),
            };
            let yuan = Fen(value).to_string();
            Text::new(format!("{yuan}元{zh}"), format!("CNY {yuan}{en}"))
        }
        "persons" | "person" => Text::new(format!("{value}人"), format!("{value} persons")),
        "homes" => Text::new(format!("{value}套"), format!("{value} homes")),
        "years" => Text::new(format!("{value}岁"), format!("{value} years")),
        "months" => Text::new(format!("{value}个月"), format!("{value} months")),
        "days" => Text::new(format!("{value}天"), format!("{value} days")),
        "items" => Text::new(format!("{value}项"), format!("{value} items")),
        "permille" => {
            let percent = format!("{}.{}%", value / 10, (value % 10).abs());
            Text::new(percent.clone(), percent)
        }
        _ => Text::new(value.to_string(), value.to_string()),
    }
}

/// A fact's plain value (as in `FactValue::value`) in words.
pub fn fact_text(value: Option<&str>, unit: &str) -> Text {
    match value {
        None => Text::new("不清楚", "not known"),
        Some("true") => Text::new("是", "yes"),
        Some("false") => Text::new("否", "no"),
        Some(text) => match text.parse::<i64>() {
            Ok(number) => value_text(number, unit),
            Err(_) => Text::new(text, text),
        },
    }
}

/// `《最低生活保障审核确认办法（民发〔2021〕57号）》第8条` of `DB57 art.8`; several are divided by `;`.
pub fn basis_text(pack: &Pack, basis: &str) -> Text {
    Text::new(law(pack, basis, Lang::Zh), law(pack, basis, Lang::En))
}

/// Who supplied the rows under a condition, as far as the teller's reader may know: owners of their sources, each once.
pub fn sources_text(teller: &Teller<'_>, result: &CheckResult, condition: &ConditionResult) -> Text {
    let (pack, rows) = (teller.pack, condition.rows.iter().filter_map(|i| result.rows.get(*i)));
    let mut ids: Vec<&str> = rows.filter(|row| teller.may_name(row)).map(|row| row.source.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    source_names(pack, without_register(pack, ids))
}

/// The register that only says who lives where is not named as the supplier of what others said: nobody should read in a
/// letter that the police told about their savings. It stays where nothing else was said.
pub fn without_register<'a>(pack: &Pack, ids: Vec<&'a str>) -> Vec<&'a str> {
    let register: Vec<&str> = pack
        .facts
        .iter()
        .filter(|group| group.dense && group.grain == Grain::Person)
        .flat_map(|group| group.from.iter().map(String::as_str))
        .collect();
    let others: Vec<&str> = ids.iter().copied().filter(|id| !register.contains(id)).collect();
    if others.is_empty() { ids } else { others }
}

pub fn source_names<'a>(pack: &Pack, ids: impl IntoIterator<Item = &'a str>) -> Text {
    let mut zh: Vec<String> = Vec::new();
    let mut en: Vec<String> = Vec::new();
    for id in ids {
        let Some(source) = pack.source(id) else { continue };
        let (name_zh, name_en) =
            (format!("{}“{}”", source.owner.zh, source.title.zh), format!("{}: {}", source.owner.en, source.title.en));
        if !zh.contains(&name_zh) {
            zh.push(name_zh);
            en.push(name_en);
        }
    }
    Text::new(zh.join("、"), en.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_says_for_how_long() {
        assert_eq!(value_text(186_000, "fen/month").zh, "1,860元/月");
        assert_eq!(value_text(27_333, "fen/person/month").zh, "273.33元/人·月");
    }

    #[test]
    fn an_unknown_fact_is_said_to_be_unknown_and_not_zero() {
        assert_eq!(fact_text(None, "fen").zh, "不清楚");
        assert_eq!(fact_text(Some("0"), "fen").zh, "0元");
    }
}
