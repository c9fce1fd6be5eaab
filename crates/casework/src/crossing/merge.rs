//! What was printed, what stands now, what is written on the paper: three versions of each field become one.

use crate::draft::Fields;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A field that the paper changes and that cannot simply be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    pub field: String,
    /// As printed, as it stands now, as written.
    pub printed: String,
    pub now: String,
    pub written: String,
}

/// Which of two values holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Now,
    Paper,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Merged {
    /// Everything as it will stand, clashes as they stand now.
    pub fields: Fields,
    /// Fields taken over from the paper.
    pub taken: Vec<String>,
    pub clashes: Vec<Clash>,
}

/// `freely`: the form is still being filled in, so what only the paper changes is taken over; later the office may have
/// acted on what was said before, and somebody must choose. What is not keyed stands as printed.
pub(super) fn merge(printed: &Fields, now: &Fields, written: &Fields, freely: bool) -> Merged {
    let of = |fields: &Fields, name: &str| fields.get(name).map_or("", |v| v.trim()).to_owned();
    let mut merged = Merged { fields: now.clone(), ..Merged::default() };
    let names: BTreeSet<&String> = written.keys().collect();
    for name in names {
        let (was, is, paper) = (of(printed, name), of(now, name), of(written, name));
        if paper == was || paper == is {
            continue;
        }
        if freely && is == was {
            merged.fields.insert(name.clone(), paper);
            merged.taken.push(name.clone());
        } else {
            merged.clashes.push(Clash { field: name.clone(), printed: was, now: is, written: paper });
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn what_one_side_changed_is_kept_and_what_both_changed_is_asked() {
        let printed = fields(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]);
        let now = fields(&[("a", "1"), ("b", "2"), ("c", "2"), ("d", "3"), ("e", "9")]);
        let written = fields(&[("a", "5"), ("b", "1"), ("c", "6"), ("d", "3"), ("f", "7")]);
        let merged = merge(&printed, &now, &written, true);
        assert_eq!(merged.fields, fields(&[("a", "5"), ("b", "2"), ("c", "2"), ("d", "3"), ("e", "9"), ("f", "7")]));
        assert_eq!(merged.taken, ["a", "f"]);
        let [clash] = &merged.clashes[..] else { panic!("{merged:?}") };
        assert_eq!((clash.field.as_str(), clash.now.as_str(), clash.written.as_str()), ("c", "2", "6"));
    }

    #[test]
    fn once_sent_every_change_on_paper_is_somebodys_choice() {
        let printed = fields(&[("a", "1")]);
        let merged = merge(&printed, &printed, &fields(&[("a", "2")]), false);
        assert_eq!((merged.fields, merged.clashes.len()), (printed, 1));
    }
}
