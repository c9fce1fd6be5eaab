//! `tuodi user`: accounts, and those of the demonstration.

use crate::{
    adapters::{findings, rows},
    cli::UserVerb,
    error::VerbError,
    installation::Installation,
    output::Output,
};
use rand::RngExt;
use std::{collections::HashMap, io::Read, process::ExitCode};
use tuodi_access::{Account, NewAccount, Role, accounts};
use tuodi_pack::{HouseholdId, indicator::Level, region::RegionLevel};
use tuodi_store::{Entry, Store};

fn entry(act: &str, account: &Account) -> Entry {
    Entry {
        at: crate::now(),
        actor: "system".to_owned(),
        role: Role::System.id().to_owned(),
        act: act.to_owned(),
        subject: format!("account:{}", account.id),
        region: account.region.clone(),
        details: serde_json::json!({ "role": account.role.id(), "demo": account.demo }),
    }
}

pub async fn run(verb: UserVerb, output: Output) -> Result<ExitCode, VerbError> {
    match verb {
        UserVerb::List { data } => {
            let installation = Installation::open(&data.dir)?;
            let store = installation.store().await?;
            let all = accounts::list(&store, "000000000000").await?;
            let plain = all
                .iter()
                .map(|a| format!("{:<16} {} {:<20} {}", a.id, a.role.id(), a.role.name(), a.region))
                .collect::<Vec<_>>()
                .join("\n");
            let object: Vec<_> = all
                .iter()
                .map(|a| serde_json::json!({ "account": a.id, "role": a.role.name(), "region": a.region, "demo": a.demo }))
                .collect();
            output.answer(&serde_json::json!({ "accounts": object }), plain);
        }
        UserVerb::Add { data, account, name, role, region } => {
            let installation = Installation::open(&data.dir)?;
            let role = Role::from_name(&role)
                .or_else(|| Role::from_id(&role))
                .ok_or_else(|| VerbError::Refused(format!("there is no role {role}; see workflow roles R01 to R19")))?;
            if installation.pack.regions.get(&region).is_none() {
                return Err(VerbError::Refused(format!("the pack has no region {region}; see regions.csv")));
            }
            let mut password = String::new();
            std::io::stdin()
                .read_to_string(&mut password)
                .map_err(|e| VerbError::Refused(format!("the password cannot be read from standard input: {e}")))?;
            let store = installation.store().await?;
            let account = Account { id: account, name, role, region, person: None, household: None, demo: false };
            let entry = entry("access.create_account", &account);
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            let made = accounts::create(&store, NewAccount { account, password }, entry).await?;
            output.answer(
                &serde_json::json!({ "account": made.id, "role": made.role.name() }),
                format!("{} added.", made.id),
            );
        }
        UserVerb::Demo { data } => {
            let installation = Installation::open(&data.dir)?;
            let store = installation.store().await?;
            let made = demo(&installation, &store).await?;
            let object: Vec<_> = made
                .iter()
                .map(|a| serde_json::json!({ "account": a.id, "role": a.role.name(), "region": a.region }))
                .collect();
            let plain = made
                .iter()
                .map(|a| format!("  {:<16} {}", a.id, a.role.title(tuodi_pack::Lang::Zh)))
                .collect::<Vec<_>>()
                .join("\n");
            output.answer(&serde_json::json!({ "accounts": object }), plain);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One account a role, in the village of the first household that could qualify and is not yet helped. The passwords
/// are drawn and thrown away: these accounts are entered only from the list that `serve --demo` offers.
async fn demo(installation: &Installation, store: &Store) -> Result<Vec<Account>, VerbError> {
    let pack = &installation.pack;
    let county = pack.info.jurisdiction.clone();
    let busy = tasks_by_village(installation, store).await?;
    let citizens = candidates(installation, store, &busy, 2).await?;
    let village = match citizens.first() {
        Some(c) => c.region.clone(),
        None => pack
            .regions
            .at_level(RegionLevel::Village)
            .find(|r| tuodi_pack::region::contains(&county, &r.code))
            .map(|r| r.code.clone())
            .ok_or_else(|| VerbError::Refused("the pack has no village in its jurisdiction".to_owned()))?,
    };
    let township = pack.regions.ancestor(&village, RegionLevel::Township).map_or(village.clone(), |r| r.code.clone());
    let staff = |id: &str, name: &str, role: Role, region: &str| Account {
        id: id.to_owned(),
        name: name.to_owned(),
        role,
        region: region.to_owned(),
        person: None,
        household: None,
        demo: true,
    };
    let mut wanted = citizens;
    wanted.extend([
        staff("grid", "演示·网格员", Role::GridWorker, &village),
        staff("village", "演示·社区干部", Role::VillageOfficer, &village),
        staff("township", "演示·街道经办一", Role::TownshipOfficer, &township),
        staff("township2", "演示·街道经办二", Role::TownshipOfficer, &township),
        staff("leader", "演示·街道负责人", Role::TownshipLeader, &township),
        staff("checker", "演示·核对中心", Role::CheckCentre, &county),
        staff("district", "演示·区局经办一", Role::DistrictOfficer, &county),
        staff("district2", "演示·区局经办二", Role::DistrictOfficer, &county),
        staff("reviewer", "演示·审核确认人", Role::Reviewer, &county),
        staff("steward", "演示·数据管理员", Role::DataSteward, &county),
        staff("auditor", "演示·审计", Role::Auditor, &county),
        staff("admin", "演示·系统管理员", Role::SystemAdmin, &county),
    ]);
    let mut made = Vec::with_capacity(wanted.len());
    for account in wanted {
        if let Some(known) = accounts::find(store, &account.id).await? {
            made.push(known);
            continue;
        }
        let entry = entry("access.create_account", &account);
        let password = hex::encode(rand::rng().random::<[u8; 24]>());
        made.push(accounts::create(store, NewAccount { account, password }, entry).await?);
    }
    Ok(made)
}

/// Open tasks by village, so that the demonstration's workers have something to do.
async fn tasks_by_village(installation: &Installation, store: &Store) -> Result<HashMap<String, u64>, VerbError> {
    let cx = tuodi_casework::Cx {
        store: store.clone(),
        access: tuodi_access::Access::new()?,
        pack: installation.pack.clone(),
        actor: tuodi_access::Actor {
            role: Role::Reviewer,
            region: installation.pack.info.jurisdiction.clone(),
            ..tuodi_access::Actor::system()
        },
        channel: tuodi_casework::Channel::System,
        now: crate::now(),
    };
    let mut open = HashMap::new();
    for level in [Level::Grid, Level::Village] {
        let mut filter = tuodi_watch::TaskFilter { level: Some(level), per_page: 100, ..Default::default() };
        // The first pages are enough to tell busy villages from quiet ones.
        for page in 1..=5 {
            filter.page = page;
            let tasks = tuodi_watch::tasks(&cx, &filter).await?;
            let last = tasks.rows.len() < 100;
            for row in tasks.rows {
                *open.entry(row.region_code).or_default() += 1;
            }
            if last {
                break;
            }
        }
    }
    Ok(open)
}

/// Small households that the newest findings leave undecided for the first cash programme, those of busy villages
/// first, then the poorest.
async fn candidates(
    installation: &Installation,
    store: &Store,
    busy: &HashMap<String, u64>,
    how_many: usize,
) -> Result<Vec<Account>, VerbError> {
    let Some((folder, _)) = findings::latest(&installation.findings_dir())? else { return Ok(Vec::new()) };
    let main = installation.pack.main_programme().map_or("", |p| p.id.as_str());
    let mut undecided = Vec::new();
    rows::each_row(&folder.join("households.parquet"), &["household_id", "unknown", "income_pc_fen"], |row| {
        let open = row.text(1).is_some_and(|u| u.split(',').any(|p| p == main));
        if let (true, Some(id)) = (open, row.int(0)) {
            undecided.push((row.int(2).unwrap_or(i64::MAX), id));
        }
    })?;
    undecided.sort_unstable();
    let today = crate::today();
    let mut fit = Vec::new();
    for (income, id) in undecided.into_iter().take(1_000) {
        let Some(household) = tuodi_registry::household(store, HouseholdId(id)).await? else { continue };
        let adult = |p: &&tuodi_registry::Person| {
            p.birth_date.and_then(|b| today.years_since(b)).is_some_and(|age| (18..75).contains(&age))
        };
        let Some(person) = household.members.first().filter(adult).cloned() else { continue };
        if (2..=4).contains(&household.members.len()) && !person.name.is_empty() {
            let open = busy.get(&household.region_code).copied().unwrap_or(0);
            fit.push((std::cmp::Reverse(open), income, household, person));
        }
    }
    fit.sort_by_key(|(open, income, household, _)| (*open, *income, household.id));
    Ok(fit
        .into_iter()
        .take(how_many)
        .enumerate()
        .map(|(i, (_, _, household, person))| Account {
            id: if i == 0 { "citizen".to_owned() } else { format!("citizen{}", i + 1) },
            name: person.name,
            role: Role::Applicant,
            region: household.region_code,
            person: Some(person.id),
            household: Some(household.id),
            demo: true,
        })
        .collect())
}
