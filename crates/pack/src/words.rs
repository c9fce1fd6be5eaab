//! Words for the codes of a pack, in the field's own terms: what handbooks and comparisons say instead of ids.

use crate::{
    Agreement, Fen, Lang, Text,
    facts::{FactType, Grain},
    indicator::{Kind, Level, Severity},
    pack::Info,
    programme::{Delivery, EvidenceBy, LimitUnit, Per, ProgrammeKind},
    services::Consent,
};

/// Roles of workflow.md 2: id, Chinese, English.
const ROLES: [(&str, &str, &str); 19] = [
    ("R01", "申请人", "applicant"),
    ("R02", "代理人", "proxy"),
    ("R03", "网格员", "grid worker"),
    ("R04", "村（社区）干部", "village officer"),
    ("R05", "乡镇（街道）经办人", "township officer"),
    ("R06", "乡镇（街道）负责人", "township leader"),
    ("R07", "区民政局经办人", "district officer"),
    ("R08", "审核确认人", "reviewer"),
    ("R09", "核对中心", "check centre"),
    ("R10", "联盟协调员", "alliance coordinator"),
    ("R11", "服务机构人员", "provider's worker"),
    ("R12", "第三方评估员", "third-party assessor"),
    ("R13", "志愿者", "volunteer"),
    ("R14", "捐赠人", "donor"),
    ("R15", "专项救助部门经办人", "department officer"),
    ("R16", "数据管理员", "data steward"),
    ("R17", "审计监督人员", "auditor"),
    ("R18", "市、省级查看人员", "city or province viewer"),
    ("R19", "系统管理员", "system administrator"),
];

/// The name of a role, by its id.
pub fn role(id: &str) -> Option<Text> {
    ROLES.iter().find(|(role, _, _)| *role == id).map(|(_, zh, en)| Text::new(*zh, *en))
}

pub fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Red => Text::new("红色", "red"),
        Severity::Orange => Text::new("橙色", "orange"),
        Severity::Yellow => Text::new("黄色", "yellow"),
        Severity::Blue => Text::new("蓝色", "blue"),
    }
}

pub fn level(level: Level) -> Text {
    match level {
        Level::Grid => Text::new("网格员", "grid worker"),
        Level::Village => Text::new("村（社区）", "village"),
        Level::Township => Text::new("乡镇（街道）", "township"),
        Level::District => Text::new("区级", "district"),
    }
}

pub fn indicator_kind(kind: Kind) -> Text {
    match kind {
        Kind::Trigger => Text::new("触发类", "trigger"),
        Kind::Score => Text::new("积分类", "score"),
        Kind::Compliance => Text::new("合规类", "compliance"),
    }
}

pub fn programme_kind(kind: ProgrammeKind) -> Text {
    match kind {
        ProgrammeKind::Tier => Text::new("对象认定", "recognition of the household"),
        ProgrammeKind::Status => Text::new("身份认定", "status"),
        ProgrammeKind::Benefit => Text::new("救助待遇", "benefit"),
        ProgrammeKind::Levy => Text::new("应缴项目", "levy"),
        ProgrammeKind::Measure => Text::new("测算项目", "measure"),
    }
}

pub fn grain(grain: Grain) -> Text {
    match grain {
        Grain::Person => Text::new("个人", "person"),
        Grain::Household => Text::new("家庭", "household"),
    }
}

pub fn fact_type(kind: FactType) -> Text {
    match kind {
        FactType::Money => Text::new("金额", "money"),
        FactType::Int => Text::new("整数", "whole number"),
        FactType::Bool => Text::new("是否", "yes or no"),
        FactType::Date => Text::new("日期", "date"),
        FactType::Text => Text::new("文字", "text"),
        FactType::Ratio => Text::new("比值", "ratio"),
    }
}

/// How often a source sends.
pub fn frequency(code: &str) -> Text {
    match code {
        "daily" => Text::new("每天", "daily"),
        "weekly" => Text::new("每周", "weekly"),
        "monthly" => Text::new("每月", "monthly"),
        "quarterly" => Text::new("每季", "quarterly"),
        "term" => Text::new("每学期", "every school term"),
        "query" => Text::new("按次查询", "on request"),
        other => Text::new(other, other),
    }
}

/// `QY-GX-2026-09: monitoring, verification; 2026-01-01 to 2028-12-31`.
pub fn agreement(agreement: &Agreement) -> Text {
    let purposes = |lang: Lang, between: &str| {
        let titles: Vec<String> = agreement.purposes.iter().map(|p| p.title().get(lang).to_owned()).collect();
        titles.join(between)
    };
    let (number, from) = (&agreement.number, agreement.from);
    let (until_zh, until_en) = match agreement.until {
        Some(until) => (format!("{from}至{until}"), format!("{from} to {until}")),
        None => (format!("{from}起"), format!("from {from} on")),
    };
    Text::new(
        format!("{number}：{}；{until_zh}", purposes(Lang::Zh, "、")),
        format!("{number}: {}; {until_en}", purposes(Lang::En, ", ")),
    )
}

/// `3 个工作日`, `3 working days`.
pub fn limit(days: u32, unit: LimitUnit) -> Text {
    let s = if days == 1 { "" } else { "s" };
    match unit {
        LimitUnit::Working => Text::new(format!("{days} 个工作日"), format!("{days} working day{s}")),
        LimitUnit::Calendar => Text::new(format!("{days} 天"), format!("{days} day{s}")),
    }
}

pub fn per(per: Per) -> Text {
    match per {
        Per::Month => Text::new("每月", "a month"),
        Per::Week => Text::new("每周", "a week"),
        Per::Year => Text::new("每年", "a year"),
        Per::Once => Text::new("一次性", "once"),
    }
}

pub fn delivery(delivery: Delivery) -> Text {
    match delivery {
        Delivery::Automatic => Text::new("免申即享", "without an application"),
        Delivery::Application => Text::new("依申请办理", "on application"),
        Delivery::Matter => Text::new("“一件事”联办", "with the one application (one matter)"),
    }
}

/// What a household must say before a matter is passed on.
pub fn consent(consent: Consent) -> Text {
    match consent {
        Consent::Application => Text::new("本人申请", "an application"),
        Consent::Tick => Text::new("勾选同意", "a tick in the one application"),
        Consent::None => Text::new("不用另外同意，数据推送", "none: the department is told"),
    }
}

/// Where a piece of evidence comes from.
pub fn evidence_by(by: EvidenceBy) -> Text {
    match by {
        EvidenceBy::Applicant => Text::new("申请人提供", "from the applicant"),
        EvidenceBy::Source => Text::new("部门数据核验，不用提供", "from departments' data; need not be brought"),
        EvidenceBy::Survey => Text::new("入户调查取得", "from the home visit"),
        EvidenceBy::File => Text::new("档案中已有", "already in the file"),
    }
}

/// A number with its unit in words: `96000` of `fen/person/month` is 960 元/人/月; parts per 1000 become per cent.
pub fn quantity(info: &Info, value: i64, unit: &str, lang: Lang) -> String {
    let mut parts = unit.split('/');
    let first = parts.next().unwrap_or_default().trim();
    let number = if first == info.money_unit {
        let money = Fen(value).to_string();
        match (info.currency.as_str(), lang) {
            ("CNY", Lang::Zh) => format!("{money} 元"),
            ("CNY", Lang::En) => format!("{money} yuan"),
            (currency, _) => format!("{money} {currency}"),
        }
    } else if first == "permille" {
        let percent = format!("{}.{}", value.abs() / 10, value.abs() % 10);
        let sign = if value < 0 { "-" } else { "" };
        format!("{sign}{}%", percent.trim_end_matches(".0"))
    } else {
        let word = unit_word(first, lang, value == 1);
        let space = if word.is_empty() { "" } else { " " };
        format!("{value}{space}{word}")
    };
    parts.fold(number, |all, of| match lang {
        Lang::Zh => format!("{all}/{}", unit_word(of, lang, true)),
        Lang::En => format!("{all} a {}", unit_word(of, lang, true)),
    })
}

/// A unit in words without a number: 元/人/月.
pub fn unit(info: &Info, unit: &str, lang: Lang) -> String {
    let mut parts = unit.split('/');
    let first = parts.next().unwrap_or_default().trim();
    let first = if first == info.money_unit {
        match (info.currency.as_str(), lang) {
            ("CNY", Lang::Zh) => "元".to_owned(),
            ("CNY", Lang::En) => "yuan".to_owned(),
            (currency, _) => currency.to_owned(),
        }
    } else if first == "permille" {
        "%".to_owned()
    } else {
        unit_word(first, lang, false)
    };
    parts.fold(first, |all, of| match lang {
        Lang::Zh => format!("{all}/{}", unit_word(of, lang, true)),
        Lang::En => format!("{all} a {}", unit_word(of, lang, true)),
    })
}

/// Units in the plural, with their Chinese words; others are shown as they are written.
const UNITS: [(&str, &str); 24] = [
    ("persons", "人"),
    ("months", "个月"),
    ("years", "岁"),
    ("days", "天"),
    ("homes", "套"),
    ("vehicles", "辆"),
    ("times", "次"),
    ("stays", "次住院"),
    ("payments", "笔"),
    ("items", "项"),
    ("points", "分"),
    ("sources", "个来源"),
    ("grades", "级"),
    ("courses", "门课"),
    ("meals", "餐"),
    ("hours", "小时"),
    ("households", "户"),
    ("thousandths of a point", "千分之一分"),
    ("m2", "平方米"),
    ("m²", "平方米"),
    ("kWh", "度"),
    ("years of age", "岁"),
    ("count", "个"),
    ("records", "条"),
];

fn unit_word(unit: &str, lang: Lang, one: bool) -> String {
    let unit = unit.trim();
    // `fen/month` has the word in the singular.
    let of = match unit {
        "month" => Some(("月", "month")),
        "year" => Some(("年", "year")),
        "day" => Some(("天", "day")),
        "person" => Some(("人", "person")),
        "household" => Some(("户", "household")),
        "grade" => Some(("级", "grade")),
        "m2" | "m²" => Some(("平方米", "m²")),
        _ => None,
    };
    if let Some((zh, en)) = of {
        return if lang == Lang::Zh { zh } else { en }.to_owned();
    }
    match (lang, UNITS.iter().find(|(en, _)| *en == unit)) {
        (Lang::Zh, Some((_, zh))) => (*zh).to_owned(),
        (Lang::En, Some((en, _))) if one => en.strip_suffix('s').unwrap_or(en).to_owned(),
        _ => unit.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn info(currency: &str, money_unit: &str) -> Info {
        Info {
            id: String::new(),
            version: String::new(),
            jurisdiction: String::new(),
            case_prefix: String::new(),
            effective_from: NaiveDate::default(),
            effective_to: None,
            languages: Vec::new(),
            currency: currency.to_owned(),
            money_unit: money_unit.to_owned(),
            main_programme: None,
            title: Text::default(),
            bureau: Text::default(),
            hotline: String::new(),
            reconsideration: Text::default(),
            legal: Vec::new(),
        }
    }

    #[track_caller]
    fn check(value: i64, unit: &str, zh: &str, en: &str) {
        let info = info("CNY", "fen");
        assert_eq!(quantity(&info, value, unit, Lang::Zh), zh);
        assert_eq!(quantity(&info, value, unit, Lang::En), en);
    }

    #[test]
    fn money_is_shown_in_yuan_with_what_it_is_counted_by() {
        check(96_000, "fen/person/month", "960 元/人/月", "960 yuan a person a month");
        check(172_450, "fen", "1,724.50 元", "1,724.50 yuan");
        let cents = info("EUR", "cents");
        assert_eq!(quantity(&cents, 12_345, "cents/month", Lang::En), "123.45 EUR a month");
    }

    #[test]
    fn parts_per_thousand_become_per_cent_and_counts_keep_their_unit() {
        check(1500, "permille", "150%", "150%");
        check(5, "permille", "0.5%", "0.5%");
        check(1, "homes", "1 套", "1 home");
        check(12, "months", "12 个月", "12 months");
        check(3, "things", "3 things", "3 things");
    }

    #[test]
    fn every_role_of_the_workflow_has_a_name() {
        for n in 1..=19 {
            assert!(role(&format!("R{n:02}")).is_some());
        }
        assert!(role("R20").is_none());
    }
}
