//! Codes whose beginning is the larger unit: a region's twelve digits, a trade's four.

use crate::Level;

/// Characters that are kept.
const ROOM: usize = 16;

#[derive(Default)]
pub struct Codes {
    all: Vec<[u8; ROOM]>,
}

impl Codes {
    pub fn push(&mut self, value: &str) {
        let mut bytes = [0; ROOM];
        for (place, byte) in bytes.iter_mut().zip(value.bytes()) {
            *place = byte;
        }
        self.all.push(bytes);
    }

    #[inline]
    pub fn holds(&self, level: Level, a: u32, b: u32) -> bool {
        let (x, y) = (&self.all[a as usize], &self.all[b as usize]);
        match level {
            Level::Equal => a == b,
            Level::Prefix(length) => {
                let length = (length as usize).min(ROOM);
                x[..length] == y[..length] && (a == b || x[length - 1] != 0)
            }
            _ => false,
        }
    }

    /// The first so many characters; `None` where there are fewer.
    pub fn prefix(&self, id: u32, length: usize) -> Option<&[u8]> {
        self.all[id as usize].get(..length).filter(|prefix| !prefix.contains(&0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_agrees_as_far_as_its_beginning_does() {
        let mut codes = Codes::default();
        for code in ["990102001001", "990102001002", "990102002001", "990121101203", "9901"] {
            codes.push(code);
        }
        let levels = crate::Kind::Code.usual_levels();
        let level = |a, b| levels.iter().position(|level| codes.holds(*level, a, b));
        assert_eq!(
            [level(0, 0), level(0, 1), level(0, 2), level(0, 3), level(0, 4)],
            [Some(0), Some(1), Some(2), Some(3), Some(3)]
        );
    }
}
