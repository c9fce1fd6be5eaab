//! Objections from one address are slowed down, without asking anybody to prove that they are no machine.
//!
//! Whoever objects is protected: addresses are kept as keyed hashes, in memory, for a day.

use chrono::{DateTime, Duration, Utc};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// From one address to one notice, and to all notices: a village's shared line is not shut by one household's quarrel.
const A_NOTICE: usize = 3;
const IN_ALL: usize = 20;
const HOURS: i64 = 24;
/// More addresses than this in a day are an attack; those of the last day are kept, and if they alone are so many, none.
const ADDRESSES: usize = 10_000;

#[derive(Clone, Default)]
pub struct Pace(Arc<Mutex<HashMap<[u8; 16], Vec<Sent>>>>);

/// To which notice, and when.
type Sent = (i64, DateTime<Utc>);

impl Pace {
    /// Whether this address may object to this notice now.
    pub fn may(&self, sender: [u8; 16], notice: i64, now: DateTime<Utc>) -> bool {
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let today = sent.get(&sender).into_iter().flatten().filter(|(_, at)| now - *at < day());
        let (mut here, mut all) = (0, 0);
        for (to, _) in today {
            all += 1;
            here += usize::from(*to == notice);
        }
        here < A_NOTICE && all < IN_ALL
    }

    pub fn sent(&self, sender: [u8; 16], notice: i64, now: DateTime<Utc>) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.len() >= ADDRESSES {
            sent.retain(|_, of| of.iter().any(|(_, at)| now - *at < day()));
        }
        if sent.len() >= ADDRESSES {
            sent.clear();
        }
        let of = sent.entry(sender).or_default();
        of.retain(|(_, at)| now - *at < day());
        of.push((notice, now));
    }
}

fn day() -> Duration {
    Duration::hours(HOURS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_object_three_times_to_a_notice_and_twenty_times_in_all_a_day() {
        let (pace, start, one, other) = (Pace::default(), DateTime::<Utc>::UNIX_EPOCH, [1; 16], [2; 16]);
        for _ in 0..3 {
            assert!(pace.may(one, 7, start));
            pace.sent(one, 7, start);
        }
        assert!(!pace.may(one, 7, start) && pace.may(one, 8, start), "another notice is another matter");
        assert!(pace.may(other, 7, start), "another address is not held up");
        assert!(pace.may(one, 7, start + day()));
        for notice in 0..17 {
            pace.sent(one, 100 + notice, start);
        }
        assert!(!pace.may(one, 8, start));
    }
}
