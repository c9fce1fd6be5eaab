//! Stages: each must be one that a case can come to.

use super::Found;
use crate::{
    programme::{Programme, Publicity},
    stages::{OF_PUBLICITY, STATES, TERMINAL},
};

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    for programme in &pack.programmes {
        let file = found.files().home("programmes", &programme.id);
        one(found, &file, programme);
        if programme.publicity == Publicity::None && programme.publicity_days > 0 {
            let message = format!("{} has days of publicity but no publicity", programme.id);
            found.at(&file, "publicity_days", message, "set publicity = \"village\" or remove publicity_days");
        }
        if programme.publicity != Publicity::None && programme.publicity_days == 0 {
            let message = format!("{} is publicised for no day", programme.id);
            found.at(&file, "publicity", message, "add publicity_days, or set publicity = \"none\"");
        }
    }
}

fn one(found: &mut Found<'_>, file: &str, programme: &Programme) {
    let mut ended: Option<&str> = None;
    for (i, stage) in programme.stages.iter().enumerate() {
        let path = format!("stage/{i}/id");
        let id = stage.id.as_str();
        // Benefits that other departments decide have a way of their own; a recognition has that of casework.
        if programme.is_tier() && !STATES.contains(&id) {
            let message = format!("stage {id:?} is never reached: no case comes to it");
            found.at(file, &path, message, format!("use one of {}", STATES.join(", ")));
        } else if let Some(end) = ended.filter(|_| !TERMINAL.contains(&id)) {
            let message = format!("stage {id:?} is never reached: it stands after {end:?}, where the procedure ends");
            found.at(file, &path, message, format!("put it before {end:?}"));
        } else if programme.is_tier() && programme.publicity == Publicity::None && OF_PUBLICITY.contains(&id) {
            let message = format!("stage {id:?} is never reached: the programme has no publicity");
            found.at(file, &path, message, "set publicity = \"village\" or remove the stage");
        }
        if TERMINAL.contains(&id) {
            ended = ended.or(Some(id));
        }
    }
}
