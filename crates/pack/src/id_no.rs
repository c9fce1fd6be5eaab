//! Citizen numbers (公民身份号码, GB 11643-1999; check character by ISO 7064 MOD 11-2).

use chrono::NaiveDate;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
}

/// A number with 18 characters and a right check character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdNo(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdNoError {
    #[error("a citizen number has 18 characters (old ones 15)")]
    Length,
    #[error("a citizen number has digits only; the last may be X")]
    Characters,
    #[error("digits 7 to 14 are not a date of birth")]
    BirthDate,
    #[error("the check character does not fit")]
    CheckCharacter,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// The check character that follows these 17 digits; `None` unless they are 17 ASCII digits.
pub fn check_character(first17: &str) -> Option<char> {
    let digits = first17.as_bytes();
    if digits.len() != 17 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    Some(char::from(CHECKS[(sum % 11) as usize]))
}

impl IdNo {
    /// Reads a number as files and people write it: full-width digits, spaces, a lower-case x, the old 15 digits.
    pub fn parse(raw: &str) -> Result<IdNo, IdNoError> {
        let mut text = String::with_capacity(18);
        for c in raw.chars() {
            match c {
                '0'..='9' | 'X' => text.push(c),
                'x' | 'ｘ' | 'Ｘ' => text.push('X'),
                '０'..='９' => text.push(char::from(b'0' + (c as u32 - '０' as u32) as u8)),
                c if c.is_whitespace() || c == '\u{feff}' => {}
                _ => return Err(IdNoError::Characters),
            }
        }
        match text.len() {
            15 => {
                text.insert_str(6, "19");
                let check = check_character(&text).ok_or(IdNoError::Characters)?;
                text.push(check);
            }
            18 => {
                let check = check_character(&text[..17]).ok_or(IdNoError::Characters)?;
                if !text.ends_with(check) {
                    return Err(IdNoError::CheckCharacter);
                }
            }
            _ => return Err(IdNoError::Length),
        }
        let id = IdNo(text);
        if id.birth().is_none() {
            return Err(IdNoError::BirthDate);
        }
        Ok(id)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn birth(&self) -> Option<NaiveDate> {
        let number = |from: usize, to: usize| self.0[from..to].parse::<u32>().ok();
        NaiveDate::from_ymd_opt(i32::try_from(number(6, 10)?).ok()?, number(10, 12)?, number(12, 14)?)
    }

    pub fn birth_date(&self) -> NaiveDate {
        self.birth().expect("a parsed number holds a real date")
    }

    /// The 17th digit is odd for men.
    pub fn sex(&self) -> Sex {
        if self.0.as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// `9901**********0028`: how lists show it (data-sources.md 0.4).
    pub fn masked(&self) -> String {
        format!("{}**********{}", &self.0[..4], &self.0[14..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_test_values_are_accepted() {
        // GB 11643-1999, appendix A: numbers of nobody.
        assert!(IdNo::parse("11010519491231002X").is_ok());
        assert!(IdNo::parse("440524188001010014").is_ok());
    }

    #[test]
    fn a_lower_case_x_and_full_width_digits_are_the_same_number() {
        let plain = IdNo::parse("99010219740112002X").unwrap();
        assert_eq!(IdNo::parse("99010219740112002x").unwrap(), plain);
        assert_eq!(IdNo::parse(" ９９０１０２１９７４０１１２００２Ｘ ").unwrap(), plain);
    }

    #[test]
    fn fifteen_digits_become_eighteen() {
        let id = IdNo::parse("990102570316002").unwrap();
        assert_eq!(&id.as_str()[..17], "99010219570316002");
        assert_eq!(id.birth_date(), NaiveDate::from_ymd_opt(1957, 3, 16).unwrap());
    }

    #[test]
    fn a_wrong_check_character_and_an_impossible_date_are_told_apart() {
        assert_eq!(IdNo::parse("990102195703160029"), Err(IdNoError::CheckCharacter));
        let base = "99010219570230002";
        let number = format!("{base}{}", check_character(base).unwrap());
        assert_eq!(IdNo::parse(&number), Err(IdNoError::BirthDate));
        assert_eq!(IdNo::parse("9901"), Err(IdNoError::Length));
        assert_eq!(IdNo::parse("99010219570316002A"), Err(IdNoError::Characters));
    }

    use proptest::prelude::*;

    /// Any valid number: a region that begins with 99, a real date, any sequence.
    fn any_number() -> impl Strategy<Value = String> {
        (0u32..10_000, 0i64..36_500, 0u32..1000).prop_map(|(region, day, sequence)| {
            let birth = NaiveDate::from_ymd_opt(1920, 1, 1).unwrap() + chrono::Duration::days(day);
            let base = format!("99{region:04}{}{sequence:03}", birth.format("%Y%m%d"));
            format!("{base}{}", check_character(&base).unwrap())
        })
    }

    fn full_width(text: &str) -> String {
        text.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect()
    }

    proptest! {
        #[test]
        fn a_number_is_the_same_in_every_way_of_writing_it(number in any_number()) {
            let id = IdNo::parse(&number).unwrap();
            prop_assert_eq!(id.as_str(), &number);
            prop_assert_eq!(&IdNo::parse(&number.to_lowercase()).unwrap(), &id);
            prop_assert_eq!(&IdNo::parse(&full_width(&number)).unwrap(), &id);
            prop_assert_eq!(&IdNo::parse(&full_width(&number.to_lowercase())).unwrap(), &id);
            let spaced = format!("\u{feff} {} {}\u{3000}", &number[..6], &number[6..]);
            prop_assert_eq!(&IdNo::parse(&spaced).unwrap(), &id);
            if &number[6..8] == "19" {
                let old = format!("{}{}", &number[..6], &number[8..17]);
                prop_assert_eq!(&IdNo::parse(&old).unwrap(), &id);
            }
        }

        #[test]
        fn one_wrong_digit_is_always_found(number in any_number(), at in 0usize..18, other in 0u8..10) {
            let mut wrong = number.clone().into_bytes();
            wrong[at] = b'0' + other;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assume!(wrong != number);
            prop_assert_eq!(IdNo::parse(&wrong), Err(IdNoError::CheckCharacter));
        }

        #[test]
        fn two_neighbours_swapped_are_found(number in any_number(), at in 0usize..16) {
            let mut wrong = number.clone().into_bytes();
            wrong.swap(at, at + 1);
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assume!(wrong != number);
            prop_assert_eq!(IdNo::parse(&wrong), Err(IdNoError::CheckCharacter));
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".{0,40}") {
            let _ = IdNo::parse(&text);
        }
    }

    #[test]
    fn the_mask_keeps_four_at_each_end() {
        assert_eq!(IdNo::parse("990102195703160028").unwrap().masked(), "9901**********0028");
    }
}
