//! Guessing passwords is made slow: after some wrong tries an account rests.

use chrono::{DateTime, Duration, Utc};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

const TRIES: u32 = 5;
const REST_MINUTES: i64 = 10;
/// More names than this at once are an attack; the oldest are dropped with those whose rest is over.
const NAMES: usize = 10_000;

/// Wrong tries by account name, in memory: a restart forgives them.
#[derive(Clone, Default)]
pub struct Tries(Arc<Mutex<HashMap<String, Wrong>>>);

/// How often, and when last.
type Wrong = (u32, DateTime<Utc>);

impl Tries {
    pub fn must_rest(&self, account: &str, now: DateTime<Utc>) -> bool {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.get(account).is_some_and(|(count, last)| *count >= TRIES && now - *last < rest())
    }

    pub fn wrong(&self, account: &str, now: DateTime<Utc>) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= NAMES {
            tries.retain(|_, (_, last)| now - *last < rest());
        }
        if tries.len() >= NAMES {
            tries.clear();
        }
        let entry = tries.entry(account.to_owned()).or_insert((0, now));
        let count = if now - entry.1 < rest() { entry.0 + 1 } else { 1 };
        *entry = (count, now);
    }

    pub fn right(&self, account: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}

fn rest() -> Duration {
    Duration::minutes(REST_MINUTES)
}

pub fn rest_minutes() -> i64 {
    REST_MINUTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_rests_after_five_wrong_tries_and_may_try_again_later() {
        let (tries, start) = (Tries::default(), DateTime::<Utc>::UNIX_EPOCH);
        for _ in 0..4 {
            tries.wrong("a", start);
        }
        assert!(!tries.must_rest("a", start));
        tries.wrong("a", start);
        assert!(tries.must_rest("a", start));
        assert!(!tries.must_rest("b", start), "others are not held up");
        assert!(!tries.must_rest("a", start + rest()));
    }

    #[test]
    fn the_right_password_forgives_the_wrong_ones() {
        let (tries, start) = (Tries::default(), DateTime::<Utc>::UNIX_EPOCH);
        for _ in 0..4 {
            tries.wrong("a", start);
        }
        tries.right("a");
        tries.wrong("a", start);
        assert!(!tries.must_rest("a", start));
    }
}
