//! Names in Chinese characters.

use crate::{Level, dictionary::mix, han::Glyph};
use rustc_hash::FxHashMap;

/// Characters of a name that are compared; the longest names of the registers have 25.
pub const LONGEST: usize = 32;

#[derive(Default)]
pub struct Names {
    glyphs: Vec<Glyph>,
    ends: Vec<u32>,
    folded: Vec<u64>,
    sounds: Vec<u64>,
    seen: FxHashMap<char, Glyph>,
}

impl Names {
    pub fn push(&mut self, value: &str) {
        let start = self.glyphs.len();
        for c in value.chars() {
            let glyph = *self.seen.entry(c).or_insert_with(|| Glyph::of(c));
            self.glyphs.push(glyph);
        }
        self.ends.push(self.glyphs.len() as u32);
        self.folded.push(mix(self.glyphs[start..].iter().map(|g| u64::from(g.folded))));
        self.sounds.push(mix(self.glyphs[start..].iter().map(|g| u64::from(g.sounds[0]))));
    }

    pub fn glyphs(&self, id: u32) -> &[Glyph] {
        let id = id as usize;
        let start = if id == 0 { 0 } else { self.ends[id - 1] as usize };
        &self.glyphs[start..self.ends[id] as usize]
    }

    pub fn folded(&self, id: u32) -> u64 {
        self.folded[id as usize]
    }

    pub fn sound(&self, id: u32) -> u64 {
        self.sounds[id as usize]
    }

    /// The place of the first level that holds, their number where none does.
    #[inline]
    pub fn level(&self, levels: &[Level], a: u32, b: u32) -> u8 {
        let (x, y) = (self.glyphs(a), self.glyphs(b));
        let holds = |level: &Level| match level {
            _ if a == b => !matches!(level, Level::Transposed | Level::Given),
            Level::Variant => self.folded(a) == self.folded(b),
            Level::Homophone => alike(x, y),
            Level::Transposed => transposed(x, y),
            Level::OneEdit => x.len().max(y.len()) >= 3 && one_edit(x, y),
            Level::Given => x.len() >= 2 && x.len() == y.len() && alike(&x[1..], &y[1..]),
            Level::Surname => matches!((x.first(), y.first()), (Some(x), Some(y)) if x.folded == y.folded),
            _ => false,
        };
        levels.iter().position(holds).unwrap_or(levels.len()) as u8
    }
}

fn alike(x: &[Glyph], y: &[Glyph]) -> bool {
    x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.sounds_like(y))
}

/// The same characters in another order.
fn transposed(x: &[Glyph], y: &[Glyph]) -> bool {
    if x.len() != y.len() || x.len() < 2 {
        return false;
    }
    let differing = x.iter().zip(y).filter(|(x, y)| x.folded != y.folded).count();
    let count = |of: &Glyph, among: &[Glyph]| among.iter().filter(|g| g.folded == of.folded).count();
    differing >= 2 && x.iter().all(|g| count(g, x) == count(g, y))
}

/// One character is another, or one is missing.
fn one_edit(x: &[Glyph], y: &[Glyph]) -> bool {
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x.sounds_like(y)).count();
    let rest = if short.len() == long.len() { &short[(same + 1).min(short.len())..] } else { &short[same..] };
    alike(rest, &long[(same + 1).min(long.len())..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(a: &str, b: &str) -> &'static str {
        let mut names = Names::default();
        names.push(a);
        names.push(b);
        let levels = crate::Kind::Name.levels();
        let at = names.level(levels, 0, u32::from(a != b));
        levels.get(usize::from(at)).map_or("different", Level::word)
    }

    #[test]
    fn a_name_finds_its_level() {
        for (a, b, expected) in [
            ("王秀英", "王秀英", "equal"),
            ("张国强", "張國強", "variant"),
            ("闫秀兰", "阎秀兰", "variant"),
            ("王伟", "王维", "homophone"),
            ("曾志远", "增志远", "homophone"),
            ("王秀英", "王英秀", "transposed"),
            ("陈德福", "陈得富", "homophone"),
            ("陈德福", "陈德贵", "one_edit"),
            ("欧阳静", "欧阳静怡", "one_edit"),
            ("王秀英", "李秀英", "one_edit"),
            ("王伟", "李伟", "given"),
            ("王伟", "王强", "surname"),
            ("王秀英", "李桂兰", "different"),
            ("阿依古丽", "阿依古力", "homophone"),
        ] {
            assert_eq!(level(a, b), expected, "{a} {b}");
            assert_eq!(level(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn a_name_of_one_character_or_of_none_compares_without_harm() {
        for (a, b) in [("", "王"), ("王", "李"), ("", ""), ("王", "王伟"), ("𬭎", "䶮")] {
            level(a, b);
        }
    }
}
