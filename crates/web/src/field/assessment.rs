//! The six-dimension form: one dimension a section, "not asked" always an answer.

use crate::{
    View,
    form::{Choice, Fields},
};
use tuodi_pack::{Pack, assessment::Answers};

pub struct Item {
    /// Item id of the pack, also the field's name.
    pub name: String,
    pub question: String,
    pub choices: Vec<Choice>,
    pub unanswered: bool,
}

pub struct Section {
    pub title: String,
    pub items: Vec<Item>,
    pub answered: usize,
}

/// The form with what was answered so far.
pub fn sections(v: &View, pack: &Pack, typed: &Fields) -> Vec<Section> {
    let form = &pack.assessment;
    let item = |item: &tuodi_pack::assessment::Item| {
        let answer = typed.get(&item.id).map_or("", String::as_str);
        let choices = item.choices.iter().map(|c| Choice {
            value: c.id.clone(),
            label: v.text(&c.title).to_owned(),
            hint: String::new(),
            chosen: c.id == answer,
        });
        let choices: Vec<Choice> = choices.collect();
        Item {
            name: item.id.clone(),
            question: v.text(&item.question).to_owned(),
            unanswered: choices.iter().all(|c| !c.chosen),
            choices,
        }
    };
    let section = |d: &tuodi_pack::assessment::Dimension| {
        let items: Vec<Item> = form.items.iter().filter(|i| i.dimension == d.id).map(item).collect();
        Section { title: v.text(&d.title).to_owned(), answered: items.iter().filter(|i| !i.unanswered).count(), items }
    };
    form.dimensions.iter().map(section).collect()
}

/// The answers out of a posted form; what was not asked stays unknown.
pub fn answers(pack: &Pack, typed: &Fields) -> Answers {
    let answered = |id: &str| typed.get(id).filter(|a| !a.is_empty()).cloned();
    pack.assessment.items.iter().filter_map(|i| Some((i.id.clone(), answered(&i.id)?))).collect()
}
