//! A page of its own before an act with legal effect or money: what will happen, to whom, why, by which rule
//! (ui/brief.md 5.4). The button says the act.

use crate::{View, desk::nav::NavGroup};
use askama::Template;

#[derive(Template)]
#[template(path = "desk/confirm.html")]
pub struct ConfirmPage<'a> {
    pub v: &'a View,
    pub nav: Vec<NavGroup>,
    pub title: String,
    /// What is done to whom and why: label and words.
    pub facts: Vec<(&'static str, String)>,
    /// What happens then, one sentence each.
    pub then: Vec<String>,
    pub action: String,
    /// Everything that was typed, with version and one-time key.
    pub hidden: Vec<(String, String)>,
    pub button: &'static str,
    pub danger: bool,
    pub back: String,
}
