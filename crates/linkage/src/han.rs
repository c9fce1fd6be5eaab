//! Characters as names use them: one form for variant and traditional characters, and how a character sounds.

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use pinyin::{ToPinyin, ToPinyinMulti};
use rustc_hash::FxHashMap;
use std::{cell::RefCell, sync::LazyLock};

/// Forms that names use, with the character they are compared as; sources stand in the file.
static VARIANTS: LazyLock<FxHashMap<char, char>> = LazyLock::new(|| {
    let mut map = FxHashMap::default();
    for line in include_str!("../data/variants.txt").lines() {
        let mut chars = line.chars();
        if let (Some(from), Some(to), None) = (chars.next(), chars.next(), chars.next()) {
            map.insert(from, to);
        }
    }
    map
});

/// Traditional characters to simplified ones. Its dictionaries are part of the library: that they load is tested.
static SIMPLIFIED: LazyLock<Option<OpenCC>> = LazyLock::new(|| OpenCC::from_config(BuiltinConfig::T2s).ok());

/// Readings kept of one character; more than three are rare in names.
pub const SOUNDS: usize = 3;

/// A character with what comparing it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    /// The character in its common form.
    pub folded: u32,
    /// Toneless syllables, five bits a letter; 0 where there are fewer. A character without a reading sounds like itself.
    pub sounds: [u32; SOUNDS],
}

impl Glyph {
    pub fn of(c: char) -> Glyph {
        let folded = fold(c);
        let mut sounds = [0; SOUNDS];
        if let Some(readings) = folded.to_pinyin_multi() {
            let mut at = 0;
            for reading in readings {
                let code = syllable(reading.plain());
                if at < SOUNDS && !sounds[..at].contains(&code) {
                    sounds[at] = code;
                    at += 1;
                }
            }
        } else {
            sounds[0] = match folded.to_pinyin() {
                Some(reading) => syllable(reading.plain()),
                None => 1 << 31 | folded as u32,
            };
        }
        Glyph { folded: folded as u32, sounds }
    }

    /// The same character, or one that can be read alike.
    pub fn sounds_like(&self, other: &Glyph) -> bool {
        self.folded == other.folded || self.sounds.iter().any(|sound| *sound != 0 && other.sounds.contains(sound))
    }

    /// First letter of the commonest reading.
    pub fn initial(&self) -> u32 {
        let mut sound = self.sounds[0];
        if sound & 1 << 31 != 0 {
            return sound;
        }
        while sound >= 32 {
            sound >>= 5;
        }
        sound
    }
}

/// The common form of a character: simplified, standard, half-width, lower case.
pub fn fold(c: char) -> char {
    let c = half_width(c);
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    // The library makes a string of each character; a table of people asks for the same few thousand again and again.
    FOLDED.with_borrow_mut(|folded| *folded.entry(c).or_insert_with(|| look_up(c)))
}

thread_local! {
    static FOLDED: RefCell<FxHashMap<char, char>> = RefCell::default();
}

fn look_up(c: char) -> char {
    let simplified = SIMPLIFIED.as_ref().and_then(|t2s| t2s.convert(c.encode_utf8(&mut [0; 4])).chars().next());
    let c = simplified.unwrap_or(c);
    VARIANTS.get(&c).copied().unwrap_or(c)
}

/// Full-width letters and digits as the half-width ones.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

/// Six letters of five bits each; `ü` is typed and kept as `v`.
fn syllable(plain: &str) -> u32 {
    plain.chars().fold(0, |code, c| {
        let letter = match c {
            'a'..='z' => c as u32 - 'a' as u32 + 1,
            'ü' => 22,
            _ => return code,
        };
        (code << 5 | letter) & 0x3fff_ffff
    })
}

/// Whether a character of a name counts: blanks, dots between the parts of a name and invisible signs do not.
pub fn counts(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || matches!(c, '·' | '•' | '・' | '．' | '.' | '\u{feff}' | '\u{200b}' | '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyph(c: char) -> Glyph {
        Glyph::of(c)
    }

    #[test]
    fn traditional_and_variant_characters_are_their_common_form() {
        for (variant, common) in [('張', '张'), ('昇', '升'), ('峯', '峰'), ('闫', '阎'), ('Ａ', 'a')] {
            assert_eq!(fold(variant), common, "{variant}");
        }
        assert_eq!(fold('䶮'), fold('䶮'));
    }

    #[test]
    fn homophones_share_a_reading_and_a_character_of_two_readings_sounds_like_both() {
        assert!(glyph('伟').sounds_like(&glyph('维')));
        assert!(glyph('曾').sounds_like(&glyph('层')));
        assert!(glyph('曾').sounds_like(&glyph('增')));
        assert!(!glyph('伟').sounds_like(&glyph('强')));
        assert_eq!(glyph('王').initial(), 23);
    }

    #[test]
    fn what_has_no_reading_sounds_only_like_itself() {
        assert!(glyph('@').sounds_like(&glyph('@')));
        assert!(!glyph('@').sounds_like(&glyph('#')));
    }
}
