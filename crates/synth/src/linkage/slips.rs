//! What goes wrong when a person is written down.

use super::likeness::{HOMOPHONES, LOOK_ALIKES, VARIANTS};
use super::{LinkageOptions, Row};
use crate::chance::Chance;
use crate::district::District;
use crate::words;
use chrono::{Datelike, Days, NaiveDate};
use tuodi_pack::id_no::{Sex, check_character};

pub struct Slips<'a> {
    pub district: &'a District,
    pub options: &'a LinkageOptions,
    pub chance: &'a mut Chance,
}

impl Slips<'_> {
    /// One person as one clerk writes them down. Who was written down `again` was so later and with less care: twice the slips.
    pub fn write_down(&mut self, person: u32, again: bool) -> Row {
        let care = if again { 1.0 } else { 0.5 };
        let who = &self.district.people[person as usize];
        let home = self.district.household_of(person);
        let mut row = Row::default();
        who.write_name(&mut row.name);
        row.name = self.name(&row.name, care);
        row.sex = self.sex(who.sex, care);
        row.birth_date = self.birth_date(who.birth, again, care);
        let moved = again && self.chance.happens(0.06);
        let village = match moved {
            true => self.chance.below(self.district.villages.len()),
            false => usize::from(home.village),
        };
        let code = &self.district.villages[village].code;
        row.region_code = match self.chance.share() {
            x if x < 0.01 * care => String::new(),
            x if x < 0.03 * care => format!("{}000", &code[..9]),
            _ => code.clone(),
        };
        row.address = match moved {
            true => {
                let (road, house, room) = (self.chance.below(words::ROADS.len()), self.chance.between(1, 399), 101);
                self.address(village, road, house, room)
            }
            false => self.address(village, usize::from(home.road), i64::from(home.house), i64::from(home.room)),
        };
        row.members = self.members(person, care);
        if !self.options.without_numbers {
            row.id_no = who.id().to_owned();
            if self.chance.happens(self.options.broken) {
                row.id_no = self.broken(&row.id_no);
            } else if self.chance.happens(0.05) {
                row.id_no = row.id_no.to_lowercase();
            }
        }
        row
    }

    fn one_char(&mut self, name: &str, from: impl Fn(&mut Chance, char) -> Option<char>) -> String {
        let mut chars: Vec<char> = name.chars().collect();
        // The place is drawn first; where that character has no such other, the next ones are tried.
        let first = self.chance.below(chars.len());
        for step in 0..chars.len() {
            let at = (first + step) % chars.len();
            if let Some(other) = from(self.chance, chars[at]) {
                chars[at] = other;
                break;
            }
        }
        chars.into_iter().collect()
    }

    fn homophone(&mut self, name: &str) -> String {
        self.one_char(name, |chance, c| other_of(HOMOPHONES, chance, c))
    }

    fn name(&mut self, name: &str, care: f64) -> String {
        let chars: Vec<char> = name.chars().collect();
        let swap = |at: usize| {
            let mut chars = chars.clone();
            chars.swap(at, at + 1);
            chars.into_iter().collect()
        };
        let mut at = self.chance.share() / care;
        let mut slip = |share: f64| {
            at -= share;
            at < 0.0 && at >= -share
        };
        match () {
            () if slip(0.030) => self.homophone(name),
            () if slip(0.015) => self.one_char(name, |chance, c| other_of(LOOK_ALIKES, chance, c)),
            () if slip(0.020) => self.one_char(name, |_, c| {
                let found = VARIANTS.iter().find(|(common, _)| common.starts_with(c));
                found.and_then(|(_, variant)| variant.chars().next())
            }),
            () if slip(0.007) => swap(chars.len() - 2),
            () if slip(0.004) && chars.len() > 2 => chars[..chars.len() - 1].iter().collect(),
            () if slip(0.003) => format!("{name}{}", self.chance.one_of(words::GIVEN_FEMALE)),
            () if slip(0.003) => {
                let surname = *self.chance.one_of(&words::SURNAMES[..40]);
                surname.chars().chain(chars[1..].iter().copied()).collect()
            }
            () if slip(0.005) => {
                let divider = if chars.len() == 2 { "\u{3000}" } else { " " };
                chars.iter().map(char::to_string).collect::<Vec<_>>().join(divider)
            }
            () => name.to_owned(),
        }
    }

    fn sex(&mut self, sex: Sex, care: f64) -> String {
        let right = if sex == Sex::Male { "男" } else { "女" };
        let wrong = if sex == Sex::Male { "女" } else { "男" };
        match self.chance.share() / care {
            x if x < 0.004 => wrong.to_owned(),
            x if x < 0.020 => String::new(),
            _ => right.to_owned(),
        }
    }

    fn birth_date(&mut self, birth: NaiveDate, again: bool, care: f64) -> String {
        let (year, month, day) = (birth.year(), birth.month(), birth.day());
        let written = |year: i32, month: u32, day: u32| match again {
            true => format!("{year}/{month}/{day}"),
            false => format!("{year:04}-{month:02}-{day:02}"),
        };
        let digits = format!("{year:04}{month:02}{day:02}");
        match self.chance.share() / care {
            x if x < 0.012 => match day <= 12 && day != month {
                true => written(year, day, month),
                false => self.digits(&digits, written),
            },
            x if x < 0.030 => self.digits(&digits, written),
            x if x < 0.037 => {
                let at = *self.chance.one_of(&[2, 6]);
                let mut digits: Vec<char> = digits.chars().collect();
                digits.swap(at, at + 1);
                dated(&digits.into_iter().collect::<String>(), written)
            }
            x if x < 0.045 => written(year, month, 1),
            // By the lunar calendar.
            x if x < 0.055 => {
                let days = self.chance.between(17, 55) as u64;
                let other = birth.checked_sub_days(Days::new(days)).unwrap_or(birth);
                written(other.year(), other.month(), other.day())
            }
            x if x < 0.070 => String::new(),
            _ => written(year, month, day),
        }
    }

    /// One digit of year or day typed wrong.
    fn digits(&mut self, digits: &str, written: impl Fn(i32, u32, u32) -> String) -> String {
        let at = *self.chance.one_of(&[2, 3, 7]);
        let mut bytes = digits.as_bytes().to_vec();
        bytes[at] = b'0' + (bytes[at] - b'0' + self.chance.between(1, 9) as u8) % 10;
        dated(&String::from_utf8_lossy(&bytes), written)
    }

    /// As different clerks write one address.
    fn address(&mut self, village: usize, road: usize, house: i64, room: i64) -> String {
        let (road, township) = (words::ROADS[road], usize::from(self.district.villages[village].township));
        let township = &self.district.townships[township];
        match self.chance.share() {
            x if x < 0.70 => format!("{road}{house}号{room}室"),
            x if x < 0.80 => format!("{township}{road}{house}号{room}室"),
            x if x < 0.88 => format!("{road}{house}号"),
            x if x < 0.95 => format!("{road}{house}号 {room}"),
            _ => String::new(),
        }
    }

    /// The others of the household, as this file has them.
    fn members(&mut self, person: u32, care: f64) -> String {
        if self.chance.happens(0.06 * care) {
            return String::new();
        }
        let home = self.district.household_of(person);
        let mut names = Vec::new();
        for other in home.members().filter(|other| *other != person as usize) {
            let mut name = String::new();
            self.district.people[other].write_name(&mut name);
            match self.chance.share() / care {
                x if x < 0.06 => continue,
                x if x < 0.10 => name = self.homophone(&name),
                _ => {}
            }
            names.push(name);
        }
        if self.chance.happens(0.03 * care) {
            let stranger = self.chance.below(self.district.people.len());
            let mut name = String::new();
            self.district.people[stranger].write_name(&mut name);
            names.push(name);
        }
        names.join("、")
    }

    /// A number that is missing, mistyped, masked or cut short; it still begins with 99.
    fn broken(&mut self, number: &str) -> String {
        let mut bytes = number.as_bytes().to_vec();
        match self.chance.share() {
            x if x < 0.35 => return String::new(),
            x if x < 0.65 => {
                let at = 2 + self.chance.below(15);
                bytes[at] = b'0' + (bytes[at] - b'0' + self.chance.between(1, 9) as u8) % 10;
            }
            x if x < 0.80 => {
                let right = check_character(&number[..17]).unwrap_or('0');
                let wrong: Vec<u8> = b"0123456789X".iter().copied().filter(|c| *c != right as u8).collect();
                bytes[17] = *self.chance.one_of(&wrong);
            }
            x if x < 0.90 => {
                let at = 2 + self.chance.below(14);
                bytes.swap(at, at + 1);
            }
            x if x < 0.95 => bytes[6..14].fill(b'*'),
            _ => {
                let at = 2 + self.chance.below(15);
                bytes.remove(at);
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn dated(digits: &str, written: impl Fn(i32, u32, u32) -> String) -> String {
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|d| d.parse::<u32>().ok()).unwrap_or(1);
    written(number(0..4) as i32, number(4..6), number(6..8))
}

/// Another character of the group; `None` where the character is in none.
fn other_of(groups: &[&str], chance: &mut Chance, c: char) -> Option<char> {
    let group = groups.iter().find(|group| group.contains(c))?;
    let others: Vec<char> = group.chars().filter(|other| *other != c).collect();
    (!others.is_empty()).then(|| *chance.one_of(&others))
}
