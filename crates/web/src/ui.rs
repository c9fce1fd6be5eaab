//! Small pieces that templates call as functions: icons.

use askama::filters::Safe;

/// An icon beside a word: hidden from screen readers, coloured by the text.
pub fn svg(name: &str) -> Safe<String> {
    Safe(format!(r#"<svg class="i" aria-hidden="true"><use href="{}"/></svg>"#, crate::icon(name)))
}

/// The same, larger, for tiles and bars of navigation.
pub fn svg_l(name: &str) -> Safe<String> {
    Safe(format!(r#"<svg class="i l" aria-hidden="true"><use href="{}"/></svg>"#, crate::icon(name)))
}
