//! Money in fen.

use serde::{Deserialize, Serialize};

/// Money in fen (1 yuan = 100 fen). Never a float; division says how it rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub i64);

impl Fen {
    pub const ZERO: Fen = Fen(0);

    pub const fn yuan(yuan: i64) -> Fen {
        Fen(yuan * 100)
    }

    /// Rounds up to whole yuan, once, at the end of a computation (programmes.md, rule 1).
    pub const fn ceil_yuan(self) -> Fen {
        Fen(-((-self.0).div_euclid(100)) * 100)
    }

    pub fn checked_add(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }
}

impl std::ops::Add for Fen {
    type Output = Fen;
    fn add(self, other: Fen) -> Fen {
        Fen(self.0 + other.0)
    }
}

impl std::ops::Sub for Fen {
    type Output = Fen;
    fn sub(self, other: Fen) -> Fen {
        Fen(self.0 - other.0)
    }
}

impl std::iter::Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(iter: I) -> Fen {
        Fen(iter.map(|f| f.0).sum())
    }
}

/// Yuan with thousands separators; fen only where there are any: `1,724` or `1,724.50`.
impl std::fmt::Display for Fen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fen = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let digits = (fen / 100).to_string();
        let first = digits.len() % 3;
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && i % 3 == first {
                f.write_str(",")?;
            }
            write!(f, "{c}")?;
        }
        match fen % 100 {
            0 => Ok(()),
            rest => write!(f, ".{rest:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_with_separators_and_fen_only_where_there_are_any() {
        assert_eq!(Fen(172_400).to_string(), "1,724");
        assert_eq!(Fen(172_450).to_string(), "1,724.50");
        assert_eq!(Fen(-5).to_string(), "-0.05");
        assert_eq!(Fen(100_000_000).to_string(), "1,000,000");
        assert_eq!(Fen(12_300).to_string(), "123");
    }

    #[test]
    fn rounding_goes_up_to_whole_yuan_and_leaves_whole_yuan_alone() {
        assert_eq!(Fen(30).ceil_yuan(), Fen(100));
        assert_eq!(Fen(100).ceil_yuan(), Fen(100));
        assert_eq!(Fen(-130).ceil_yuan(), Fen(-100));
        assert_eq!(Fen(0).ceil_yuan(), Fen(0));
    }
}
