//! How trials of the rules divide the district and whom they show (`simulation.toml`).

use super::{
    Area,
    say::{Diff, Subject, pairs},
};
use crate::{Text, simulation::HouseholdKind};

pub(super) fn compare(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.simulation, &diff.new.simulation);
    let title = Text::new("政策试算", "Trials of the rules");
    let of = Subject { area: Area::Procedure, id: "simulation", title: &title };
    let groupings = pairs(&old.groupings, &new.groupings, |g| g.id.as_str());
    let titles =
        |all: Vec<&crate::simulation::Grouping>| -> Vec<Text> { all.iter().map(|g| g.title.clone()).collect() };
    diff.names(of, ("分组", "the groupings"), &titles(groupings.gone), &titles(groupings.added));
    for (before, after) in groupings.both {
        let of = Subject { id: &after.id, title: &after.title, ..of };
        let bands = pairs(&before.bands, &after.bands, |b| b.id.as_str());
        let titles =
            |all: Vec<&crate::simulation::Band>| -> Vec<Text> { all.iter().map(|b| b.title.clone()).collect() };
        diff.names(of, ("组", "the groups"), &titles(bands.gone), &titles(bands.added));
        for (before, after) in bands.both {
            let name = (format!("“{}”组的条件", after.title.zh), format!("the condition of “{}”", after.title.en));
            diff.formula(of, (&name.0, &name.1), Some(&before.expr), Some(&after.expr));
        }
    }
    let households = pairs(&old.households, &new.households, |h| h.id.as_str());
    let titles = |all: Vec<&HouseholdKind>| -> Vec<Text> { all.iter().map(|h| h.title.clone()).collect() };
    diff.names(of, ("举例的家庭", "the households shown"), &titles(households.gone), &titles(households.added));
    for (before, after) in households.both {
        if format!("{:?}", before.rows) != format!("{:?}", after.rows) {
            let (zh, en) = (&after.title.zh, &after.title.en);
            diff.say(of.area, &after.id, format!("举例的家庭“{zh}”改了"), format!("The household “{en}” changes"));
        }
    }
    let received = pairs(&old.received, &new.received, |r| r.programme.as_str());
    let programmes = |all: Vec<&crate::simulation::Receipt>| -> Vec<Text> {
        let title = |id: &str| diff.new.programme(id).or(diff.old.programme(id)).map(|p| p.title.clone());
        all.iter().filter_map(|r| title(&r.programme)).collect()
    };
    let (gone, added) = (programmes(received.gone), programmes(received.added));
    diff.names(of, ("从名单得知的项目", "the programmes known from lists"), &gone, &added);
    for (before, after) in received.both {
        let Some(programme) = diff.new.programme(&after.programme) else { continue };
        let of = Subject { id: &after.programme, title: &programme.title, ..of };
        let name = ("从名单得知的条件", "how the lists say that it is given");
        diff.formula(of, name, Some(&before.expr), Some(&after.expr));
    }
}
