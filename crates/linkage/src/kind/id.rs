//! Citizen numbers (GB 11643-1999): whole, of 15 digits, masked with `*`, cut short, mistyped.

use crate::{Level, han::half_width};
use tuodi_pack::id_no::{IdNo, check_character};

#[derive(Default)]
pub struct Ids {
    all: Vec<Id>,
}

/// Longer ones are cut: they are no citizen numbers.
const ROOM: usize = 20;

#[derive(Clone, Copy)]
struct Id {
    bytes: [u8; ROOM],
    length: u8,
    /// Passes its check and holds a real date.
    valid: bool,
    masked: bool,
}

/// Eighteen characters where it is a number, as they stand where it is not; nothing for what stands for no number.
pub fn normal(raw: &str, out: &mut String) {
    for c in raw.chars().map(half_width) {
        if let c @ ('0'..='9' | 'A'..='Z' | '*') = c.to_ascii_uppercase() {
            out.push(c);
        }
        if out.len() == ROOM {
            break;
        }
    }
    if out.len() == 15 && out.bytes().all(|b| b.is_ascii_digit()) {
        out.insert_str(6, "19");
        out.extend(check_character(&out[..17]));
    }
    // 000…, 111…, 无, N/A: typed because the form insisted on something.
    let known = out.bytes().filter(|b| b.is_ascii_digit());
    let first = known.clone().next();
    if known.clone().count() < 4 || known.take(17).all(|b| Some(b) == first) {
        out.clear();
    }
}

impl Id {
    fn text(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Ids {
    pub fn push(&mut self, value: &str) {
        let mut bytes = [0; ROOM];
        bytes[..value.len()].copy_from_slice(value.as_bytes());
        let valid = IdNo::parse(value).is_ok();
        self.all.push(Id { bytes, length: value.len() as u8, valid, masked: value.contains('*') });
    }

    #[inline]
    pub fn holds(&self, level: Level, a: u32, b: u32) -> bool {
        let (x, y) = (&self.all[a as usize], &self.all[b as usize]);
        let whole = x.length == 18 && y.length == 18 && !x.masked && !y.masked;
        match level {
            Level::Equal => a == b && !x.masked,
            Level::CheckDigit => a != b && whole && x.bytes[..17] == y.bytes[..17],
            // Two valid numbers never differ in one digit or one transposition: that is what the check is for.
            Level::OneEdit => {
                let (valid, masked) = (x.valid && y.valid, x.masked || y.masked);
                !valid && !masked && one_edit(x.text(), y.text())
            }
            Level::Transposed => !(x.valid && y.valid) && neighbours_swapped(x.text(), y.text()),
            Level::Partial(known) => partial(x, y).is_some_and(|agree| agree >= known),
            Level::BothValid => a != b && x.valid && y.valid,
            _ => false,
        }
    }

    /// Address code and birth date, where all of them are digits.
    pub fn first14(&self, id: u32) -> Option<&[u8]> {
        let id = &self.all[id as usize];
        let first = id.text().get(..14)?;
        (id.length == 18 && first.iter().all(u8::is_ascii_digit)).then_some(first)
    }
}

/// Exactly one character is another, or one is missing.
fn one_edit(x: &[u8], y: &[u8]) -> bool {
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    if short.len() == long.len() {
        same < short.len() && short[same + 1..] == long[same + 1..]
    } else {
        short[same..] == long[same + 1..]
    }
}

/// Exactly two neighbouring places are exchanged.
pub fn neighbours_swapped(x: &[u8], y: &[u8]) -> bool {
    if x.len() != y.len() {
        return false;
    }
    let at = x.iter().zip(y).take_while(|(x, y)| x == y).count();
    at + 1 < x.len() && x[at] == y[at + 1] && x[at + 1] == y[at] && x[at] != x[at + 1] && x[at + 2..] == y[at + 2..]
}

/// How many characters are known in both, where one is masked or cut short and all that are known agree.
fn partial(x: &Id, y: &Id) -> Option<u32> {
    let agree = |x: &[u8], y: &[u8]| {
        let mut known = 0;
        for (x, y) in x.iter().zip(y) {
            if *x != b'*' && *y != b'*' {
                if x != y {
                    return None;
                }
                known += 1;
            }
        }
        Some(known)
    };
    let (p, q) = (x.text(), y.text());
    match p.len().cmp(&q.len()) {
        std::cmp::Ordering::Equal => (x.masked || y.masked).then(|| agree(p, q)).flatten(),
        std::cmp::Ordering::Less => agree(p, &q[..p.len()]).or_else(|| agree(p, &q[q.len() - p.len()..])),
        std::cmp::Ordering::Greater => agree(&p[..q.len()], q).or_else(|| agree(&p[p.len() - q.len()..], q)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> String {
        let mut out = String::new();
        normal(raw, &mut out);
        out
    }

    #[test]
    fn a_number_is_read_whole_and_a_placeholder_is_none() {
        assert_eq!(read("99010219570316002８"), "990102195703160028");
        assert_eq!(read("990102570316002").len(), 18);
        assert_eq!(read(" 9901**********0028"), "9901**********0028");
        for raw in ["", "无", "000000000000000000", "11111111111111111X", "N/A", "123"] {
            assert_eq!(read(raw), "", "{raw}");
        }
    }

    #[test]
    fn a_number_finds_its_level() {
        let good = "990102195703160028";
        for (other, expected) in [
            (good, "equal"),
            ("990102195703160024", "check_digit"),
            ("990102195703100028", "one_edit"),
            ("99010219570316028", "one_edit"),
            ("990102197503160028", "transposed"),
            ("9901**********0028", "partial"),
            ("9901021957031600", "partial"),
            ("990105194912310023", "both_valid"),
            ("990105194912310021", "different"),
            ("9901**********0029", "different"),
        ] {
            let mut ids = Ids::default();
            ids.push(&read(good));
            ids.push(&read(other));
            let same = u32::from(other != good);
            for (p, q) in [(0, same), (same, 0)] {
                let levels = crate::Kind::IdNumber.levels();
                let found = levels.iter().find(|l| ids.holds(**l, p, q)).map_or("different", Level::word);
                assert_eq!(found, expected, "{other}");
            }
        }
    }
}
