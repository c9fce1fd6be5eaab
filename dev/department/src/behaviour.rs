//! What a department does with one try.

use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    Answer,
    /// Answers after so many milliseconds.
    Slow(u64),
    /// Answers with this status.
    Fail(u16),
    /// Something that is no JSON.
    Garbage,
    /// The reply breaks off.
    Cut,
    /// Answers for half of the people.
    Half,
    /// Too many questions: come back after so many seconds.
    Busy(u32),
    /// Has taken the question: come back after so many seconds.
    Later(u32),
    Decline,
    /// Answers with other figures than before.
    Other,
}

impl FromStr for Behaviour {
    type Err = String;

    fn from_str(text: &str) -> Result<Behaviour, String> {
        let (name, value) = text.split_once(':').map_or((text, ""), |(name, value)| (name, value));
        let number = |usual: u64| match value {
            "" => Ok(usual),
            value => value.parse().map_err(|_| format!("{text:?}: write a whole number after the colon")),
        };
        let small =
            |usual: u64| number(usual).and_then(|n| u32::try_from(n).map_err(|_| format!("{text:?}: too large")));
        Ok(match name {
            "answer" => Behaviour::Answer,
            "slow" => Behaviour::Slow(number(30_000)?),
            "fail" => Behaviour::Fail(u16::try_from(number(500)?).map_err(|_| format!("{text:?}: no status"))?),
            "garbage" => Behaviour::Garbage,
            "cut" => Behaviour::Cut,
            "half" => Behaviour::Half,
            "busy" => Behaviour::Busy(small(5)?),
            "later" => Behaviour::Later(small(5)?),
            "decline" => Behaviour::Decline,
            "other" => Behaviour::Other,
            _ => {
                return Err(format!(
                    "{text:?}: one of answer, slow:MS, fail:STATUS, garbage, cut, half, busy:S, later:S, decline, other"
                ));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaviours_are_read_from_the_command_line() {
        assert_eq!("slow:50".parse(), Ok(Behaviour::Slow(50)));
        assert_eq!("busy".parse(), Ok(Behaviour::Busy(5)));
        assert!("sulk".parse::<Behaviour>().is_err() && "fail:x".parse::<Behaviour>().is_err());
    }
}
