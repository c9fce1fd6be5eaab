//! `tuodi check`.

use crate::{adapters, cli::Check, error::VerbError, installation::Installation, output::Output};
use std::{collections::BTreeMap, fmt::Write, process::ExitCode};
use tuodi_access::{Access, Actor};
use tuodi_casework::{CaseError, Channel, Cx};
use tuodi_pack::{
    Answer, CheckResult, HouseholdId, Lang, Pack, Purpose,
    explain::{FindingWords, ProgrammeWords, Teller, Voice},
};
use tuodi_store::Store;

/// One of two words, by the language asked for.
type Word = fn(&'static str, &'static str) -> &'static str;

pub async fn run(args: Check, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let store = installation.store().await?;
    // An older installation has no table of authorisations yet.
    store.migrate(crate::installation::migrations()).await?;
    let household = HouseholdId(args.household);
    let purpose = basis(&args, &installation, &store).await?;
    let (engine, overlay) = match args.known_at {
        Some(day) => (adapters::snapshot::engine_known(&installation, &store, day).await?, Vec::new()),
        None => {
            let overlay = adapters::snapshot::overlay(&store, &installation.pack, household).await?;
            (adapters::snapshot::agreed_engine(&installation, &store).await?, overlay)
        }
    };
    let (pack, subject) = (&installation.pack, format!("household:{household}"));
    let withheld = engine.withheld(purpose, args.as_of);
    adapters::feeds::journal_refusals(&store, pack, &subject, &withheld).await?;
    let result = engine.check_for(purpose, household, args.as_of, &overlay).await?;
    let mut object = serde_json::to_value(&result).expect("a finding is plain data");
    // The tier's programme first: its conditions are what most callers want at the top level.
    let conditions: Vec<_> = result
        .programmes
        .iter()
        .flat_map(|p| {
            p.conditions.iter().map(|c| {
                let mut value = serde_json::to_value(c).expect("a finding is plain data");
                value["programme"] = p.programme.clone().into();
                value
            })
        })
        .collect();
    object["conditions"] = conditions.into();
    object["purpose"] = purpose.id().into();
    object["known_at"] = args.known_at.map(|day| day.to_string()).into();
    object["monthly_fen"] = result.monthly.0.into();
    object["income_pc_fen"] = result.income_pc.map(|f| f.0).into();
    let mut words = plain(&installation.pack, &result, args.lang);
    if let Some(day) = args.known_at {
        let known = match args.lang {
            Lang::Zh => format!("按 {day} 为止到达的数据计算；之后到达的没有算进去。\n"),
            Lang::En => format!("From the data that had arrived by {day}; what came later is not in it.\n"),
        };
        words.insert_str(0, &known);
    }
    words.insert_str(0, basis_words(purpose, args.lang));
    output.answer(&object, words);
    Ok(ExitCode::SUCCESS)
}

/// What the household is read for: as was asked, where its adults' authorisations allow it (DB57 art. 9).
async fn basis(args: &Check, installation: &Installation, store: &Store) -> Result<Purpose, VerbError> {
    let household = HouseholdId(args.household);
    if let Some(purpose @ (Purpose::Monitoring | Purpose::Service | Purpose::Statistics)) = args.purpose {
        return Ok(purpose);
    }
    // Who runs the verb has the machine: the platform itself asks, under the same rules as any page.
    let cx = Cx {
        store: store.clone(),
        access: Access::new()?,
        pack: installation.pack.clone(),
        actor: Actor::system(),
        channel: Channel::System,
        now: crate::now(),
    };
    let Some(purpose) = args.purpose else {
        let authorised = tuodi_casework::authorised(&cx, household).await?;
        return Ok(if authorised { Purpose::Verification } else { Purpose::Monitoring });
    };
    match tuodi_casework::require_authorised(&cx, household).await {
        Ok(()) => Ok(purpose),
        Err(CaseError::NoConsent { persons }) => Err(VerbError::Refused(format!(
            "{} adult members of household {household} have not authorised this; nothing was read. Record the authorisations \
             on the household's page first, or leave --purpose out to read as far as monitoring may",
            persons.len()
        ))),
        Err(error) => Err(error.into()),
    }
}

fn basis_words(purpose: Purpose, lang: Lang) -> &'static str {
    match (purpose, lang) {
        (Purpose::Verification | Purpose::Reverification, Lang::Zh) => "依据：家里的成年人都已授权核对。\n",
        (Purpose::Verification | Purpose::Reverification, Lang::En) => {
            "Basis: every adult of the household has authorised the verification.\n"
        }
        (Purpose::Service, Lang::Zh) => "依据：为安排服务读取，不读收入、财产和存款。\n",
        (Purpose::Service, Lang::En) => "Basis: read for services, without income, property and deposits.\n",
        (_, Lang::Zh) => "依据：没有用到授权，只按各部门协议允许的监测预警用途读取。\n",
        (_, Lang::En) => {
            "Basis: no authorisation is used; read only as far as the departments' agreements allow monitoring.\n"
        }
    }
}

/// The same words as the officer's page: `tuodi_pack::explain`.
fn plain(pack: &Pack, result: &CheckResult, lang: Lang) -> String {
    let names = BTreeMap::new();
    let teller = Teller { pack, lang, voice: Voice::Officer, names: &names };
    let found = teller.finding(result);
    let w: Word = match lang {
        Lang::Zh => |zh, _| zh,
        Lang::En => |_, en| en,
    };
    let mut text = match lang {
        Lang::Zh => format!(
            "家庭 {}，{}，规则 {}，快照 {}\n按现在的数：{}",
            result.household_id, result.as_of, result.pack_version, result.snapshot, found.tier_title
        ),
        Lang::En => format!(
            "Household {}, {}, rules {}, snapshot {}\nBy today's figures: {}",
            result.household_id, result.as_of, result.pack_version, result.snapshot, found.tier_title
        ),
    };
    for withheld in &result.withheld {
        let _ = write!(text, "\n{} {}", w("未提供：", "Withheld:"), withheld.words(pack).get(lang));
    }
    if !found.amount.is_empty() {
        let _ = write!(text, " {}", found.amount);
    }
    let _ = writeln!(text, "\n{}", w("这是计算结果，不是决定。", "This is a computation, not a decision."));
    let groups = [
        (w("救助类别", "Tiers"), &found.tiers),
        (w("还可以享受的", "Also holds"), &found.given),
        (w("还要问清的", "Still to be asked"), &found.asked),
        (w("要本人提出的：需要就告诉我们", "On request: tell us if needed"), &found.on_request),
        (w("现在不符合的", "Not met now"), &found.not_now),
        (w("工作提醒，不改变待遇", "Reminders for the office"), &found.measures),
    ];
    for (heading, list) in groups.into_iter().filter(|(_, list)| !list.is_empty()) {
        let _ = writeln!(text, "\n== {heading}");
        for p in list {
            programme(&mut text, p, w);
        }
    }
    hardship(&mut text, &found, lang);
    text
}

fn answer(answer: Answer, w: Word) -> &'static str {
    match answer {
        Answer::Holds => w("符合", "holds"),
        Answer::Fails => w("现在不符合", "not now"),
        Answer::Unknown => w("要问清", "to be asked"),
    }
}

fn programme(text: &mut String, p: &ProgrammeWords, w: Word) {
    let _ = write!(text, "\n{}", p.title);
    for more in [&p.who, &p.amount].into_iter().filter(|m| !m.is_empty()) {
        let _ = write!(text, " · {more}");
    }
    let _ = writeln!(text, " [{}]", answer(p.answer, w));
    for (part, paid) in &p.parts {
        let _ = writeln!(text, "    {part} {paid}");
    }
    if !p.beside.is_empty() {
        let _ = writeln!(text, "  {}", p.beside);
    }
    for c in &p.conditions {
        let _ = write!(text, "  [{}] {}", answer(c.answer, w), c.title);
        if p.who.is_empty() && !c.who.is_empty() {
            let _ = write!(text, " · {}", c.who);
        }
        for more in [&c.numbers, &c.margin].into_iter().filter(|m| !m.is_empty()) {
            let _ = write!(text, " · {more}");
        }
        let _ = writeln!(text, "\n      {}", c.law);
        for (title, value) in &c.facts {
            let _ = writeln!(text, "      {title} = {value}");
        }
        for x in c.parameters.iter().filter(|x| x.direct) {
            let _ = writeln!(text, "      {} {} · {} · {} · {}", x.title, x.amount, x.place, x.since, x.law);
        }
        for s in &c.suppliers {
            let _ = writeln!(text, "      ← {} × {} ({})", s.name, s.rows, s.arrived);
        }
        for change in &c.changes {
            let _ = writeln!(text, "      → {change}");
        }
        if !c.advice.is_empty() {
            let _ = writeln!(text, "      → {}", c.advice);
        }
    }
}

fn hardship(text: &mut String, found: &FindingWords, lang: Lang) {
    let w: Word = match lang {
        Lang::Zh => |zh, _| zh,
        Lang::En => |_, en| en,
    };
    if let Some(level) = &found.level {
        let _ = writeln!(text, "\n== {}: {} ({})", w("困难等级", "Level of hardship"), level.title, level.why);
    }
    if found.points > 0 {
        let _ = writeln!(text, "{}: {}", w("风险积分", "Risk points"), found.points);
    }
    for (title, _) in &found.labels {
        let _ = writeln!(text, "{}: {title}", w("困难类型", "Type of hardship"));
    }
    for a in &found.alerts {
        let _ = writeln!(text, "{} {} {} [{}] {}", w("预警", "Alert"), a.id, a.title, a.severity, a.who);
        for change in &a.changes {
            let _ = writeln!(text, "      → {change}");
        }
    }
    for m in &found.matters {
        let _ = writeln!(text, "{}: {} · {}", w("可以转办（建议）", "Could be passed on"), m.title, m.department);
    }
    for n in &found.needs {
        let _ = writeln!(text, "{}: {} {}", w("可以提供的服务（建议）", "Could be offered"), n.id, n.title);
    }
}
