//! Small pieces that templates call as functions: icons, and the components of `templates/ui.html`.
//!
//! A component is a template of its own, drawn by a function, rather than a macro: a macro is laid out again at each of its
//! hundreds of uses, and checking the page of a case alone took the compiler 18 s instead of 4.

use crate::{
    form::{Choice, Problems},
    view::View,
};
use askama::{
    Template,
    filters::{HtmlSafe, Safe},
};

/// An icon beside a word: hidden from screen readers, coloured by the text.
pub fn svg(name: &str) -> Safe<String> {
    Safe(format!(r#"<svg class="i" aria-hidden="true"><use href="{}"/></svg>"#, crate::icon(name)))
}

/// The same, larger, for tiles and bars of navigation.
pub fn svg_l(name: &str) -> Safe<String> {
    Safe(format!(r#"<svg class="i l" aria-hidden="true"><use href="{}"/></svg>"#, crate::icon(name)))
}

/// A coloured word with its icon.
#[derive(Template)]
#[template(path = "ui/tag.html")]
pub struct TagPart<'a> {
    kind: &'a str,
    icon: &'a str,
    text: &'a str,
}

pub fn tag<'a>(kind: &'a str, icon: &'a str, text: &'a str) -> TagPart<'a> {
    TagPart { kind, icon, text }
}

/// The way back at the top of a phone's page.
#[derive(Template)]
#[template(path = "ui/back.html")]
pub struct BackPart<'a> {
    href: &'a str,
    text: &'a str,
}

pub fn back<'a>(href: &'a str, text: &'a str) -> BackPart<'a> {
    BackPart { href, text }
}

/// All problems of a form, each a link to its field.
#[derive(Template)]
#[template(path = "ui/errsum.html")]
pub struct ErrsumPart<'a> {
    v: &'a View,
    problems: &'a Problems,
}

pub fn errsum<'a>(v: &'a View, problems: &'a Problems) -> ErrsumPart<'a> {
    ErrsumPart { v, problems }
}

/// What is wrong with one field; nothing where nothing is.
#[derive(Template)]
#[template(path = "ui/err.html")]
pub struct ErrPart<'a> {
    v: &'a View,
    name: &'a str,
    said: &'a str,
}

pub fn err<'a>(v: &'a View, problems: &'a Problems, name: &'a str) -> ErrPart<'a> {
    ErrPart { v, name, said: problems.of(name) }
}

#[derive(Template)]
#[template(path = "ui/text.html")]
pub struct TextPart<'a> {
    v: &'a View,
    said: &'a str,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    unit: &'a str,
    mode: &'a str,
}

#[expect(clippy::too_many_arguments, reason = "the attributes of one field, named in ui.html")]
pub fn text<'a>(
    v: &'a View,
    problems: &'a Problems,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    unit: &'a str,
    mode: &'a str,
) -> TextPart<'a> {
    TextPart { v, said: problems.of(name), name, label, hint, value, unit, mode }
}

#[derive(Template)]
#[template(path = "ui/area.html")]
pub struct AreaPart<'a> {
    v: &'a View,
    said: &'a str,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    rows: u32,
}

pub fn area<'a>(
    v: &'a View,
    problems: &'a Problems,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    rows: &u32,
) -> AreaPart<'a> {
    AreaPart { v, said: problems.of(name), name, label, hint, value, rows: *rows }
}

#[derive(Template)]
#[template(path = "ui/options.html")]
pub struct OptionsPart<'a> {
    v: &'a View,
    said: &'a str,
    kind: &'a str,
    name: &'a str,
    legend: &'a str,
    hint: &'a str,
    choices: &'a [Choice],
}

pub fn options<'a>(
    v: &'a View,
    problems: &'a Problems,
    kind: &'a str,
    name: &'a str,
    legend: &'a str,
    hint: &'a str,
    choices: &'a [Choice],
) -> OptionsPart<'a> {
    OptionsPart { v, said: problems.of(name), kind, name, legend, hint, choices }
}

#[derive(Template)]
#[template(path = "ui/select.html")]
pub struct SelectPart<'a> {
    v: &'a View,
    said: &'a str,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    choices: &'a [Choice],
}

pub fn select<'a>(
    v: &'a View,
    problems: &'a Problems,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    choices: &'a [Choice],
) -> SelectPart<'a> {
    SelectPart { v, said: problems.of(name), name, label, hint, choices }
}

#[derive(Template)]
#[template(path = "ui/amount.html")]
pub struct AmountPart<'a> {
    v: &'a View,
    said: &'a str,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    unit: &'a str,
    unknown: bool,
}

#[expect(clippy::too_many_arguments, reason = "the attributes of one field, named in ui.html")]
pub fn amount<'a>(
    v: &'a View,
    problems: &'a Problems,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    unit: &'a str,
    unknown: &bool,
) -> AmountPart<'a> {
    AmountPart { v, said: problems.of(name), name, label, hint, value, unit, unknown: *unknown }
}

/// Which page of how many, and the way to the next.
#[derive(Template)]
#[template(path = "ui/pager.html")]
pub struct PagerPart<'a> {
    v: &'a View,
    page: u64,
    pages: u64,
    total: u64,
}

pub fn pager<'a>(v: &'a View, page: &u64, pages: u64, total: &u64) -> PagerPart<'a> {
    PagerPart { v, page: *page, pages, total: *total }
}

// Each escapes what it is given by itself.
impl HtmlSafe for TagPart<'_> {}
impl HtmlSafe for BackPart<'_> {}
impl HtmlSafe for ErrsumPart<'_> {}
impl HtmlSafe for ErrPart<'_> {}
impl HtmlSafe for TextPart<'_> {}
impl HtmlSafe for AreaPart<'_> {}
impl HtmlSafe for OptionsPart<'_> {}
impl HtmlSafe for SelectPart<'_> {}
impl HtmlSafe for AmountPart<'_> {}
impl HtmlSafe for PagerPart<'_> {}
