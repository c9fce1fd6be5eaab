//! Any text, such as an address. Figures are compared as they are, characters in their common form.

use crate::{Level, han::fold};

#[derive(Default)]
pub struct Texts {
    chars: Vec<u32>,
    ends: Vec<u32>,
}

/// Characters that are compared.
const LONGEST: usize = 60;

pub fn normal(raw: &str, out: &mut String) {
    out.extend(raw.chars().map(fold).filter(|c| !c.is_whitespace() && !c.is_control()).take(LONGEST));
}

/// strsim iterates over references to collections.
struct Chars<'a>(&'a [u32]);

impl<'a> IntoIterator for &'a Chars<'a> {
    type Item = &'a u32;
    type IntoIter = std::slice::Iter<'a, u32>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Texts {
    pub fn push(&mut self, value: &str) {
        self.chars.extend(value.chars().map(|c| c as u32));
        self.ends.push(self.chars.len() as u32);
    }

    pub fn chars(&self, id: u32) -> &[u32] {
        let id = id as usize;
        let start = if id == 0 { 0 } else { self.ends[id - 1] as usize };
        &self.chars[start..self.ends[id] as usize]
    }

    #[inline]
    pub fn holds(&self, level: Level, a: u32, b: u32) -> bool {
        if a == b {
            return true;
        }
        let (x, y) = (self.chars(a), self.chars(b));
        match level {
            Level::Similarity(percent) => {
                strsim::generic_jaro_winkler(&Chars(x), &Chars(y)) * 100.0 >= f64::from(percent)
            }
            Level::Distance(edits) => {
                x.len().abs_diff(y.len()) <= edits as usize
                    && strsim::generic_levenshtein(&Chars(x), &Chars(y)) <= edits as usize
            }
            Level::Contains => {
                let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
                !short.is_empty() && long.windows(short.len()).any(|part| part == short)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_finds_its_level() {
        let mut texts = Texts::default();
        let mut text = String::new();
        for raw in
            ["柳岸街道清晏路12号3室", "清晏路12号3室", "柳岸街道清晏路12号8室", "柳岸街道 清晏路１２号", "石桥村二组"]
        {
            text.clear();
            normal(raw, &mut text);
            texts.push(&text);
        }
        assert!(texts.holds(Level::Contains, 0, 1));
        assert!(texts.holds(Level::Contains, 3, 0));
        assert!(texts.holds(Level::Distance(1), 0, 2));
        assert!(texts.holds(Level::Similarity(90), 0, 2));
        assert!(!texts.holds(Level::Similarity(75), 0, 4));
    }
}
