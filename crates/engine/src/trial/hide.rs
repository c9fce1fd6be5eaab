//! Keeping small groups out of what is told: nobody may be known by a figure, nor by what remains when the others are
//! taken off the sum.

use tuodi_pack::trial::{Count, LEAST};

/// A count by itself.
pub(crate) fn count(n: u64) -> Count {
    (n == 0 || n >= LEAST).then_some(n)
}

/// Which counts of a list whose sum is known must not be told: those from 1 to 9, and as many more, the smallest first,
/// as it takes that at least two are kept back which come to ten or more.
pub(crate) fn hidden(counts: &[u64]) -> Vec<bool> {
    let mut hide: Vec<bool> = counts.iter().map(|n| count(*n).is_none()).collect();
    if !hide.contains(&true) {
        return hide;
    }
    loop {
        let kept_back = counts.iter().zip(&hide).filter(|(_, hide)| **hide);
        let (cells, sum) = kept_back.fold((0, 0_u64), |(cells, sum), (n, _)| (cells + 1, sum + n));
        if cells >= 2 && sum >= LEAST {
            return hide;
        }
        let open = (0..counts.len()).filter(|i| !hide[*i] && counts[*i] > 0);
        match open.min_by_key(|i| counts[*i]) {
            Some(next) => hide[next] = true,
            None => return hide,
        }
    }
}

/// The rows of a table, each a list of positions in `sizes`: a group of fewer than ten households is put together with
/// others, and empty groups are left out. The last row is that of the groups put together, where there are any.
pub(crate) fn merged(sizes: &[u64]) -> (Vec<usize>, Vec<usize>) {
    let mut small: Vec<usize> = (0..sizes.len()).filter(|i| (1..LEAST).contains(&sizes[*i])).collect();
    let mut large: Vec<usize> = (0..sizes.len()).filter(|i| sizes[*i] >= LEAST).collect();
    while !small.is_empty() && small.iter().map(|i| sizes[*i]).sum::<u64>() < LEAST {
        let Some(next) = large.iter().copied().min_by_key(|i| sizes[*i]) else { break };
        large.retain(|i| *i != next);
        small.push(next);
    }
    (large, small)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_count_cannot_be_found_by_subtraction() {
        assert_eq!(hidden(&[12, 10, 3, 0]), [false, true, true, false]);
        assert_eq!(hidden(&[5, 5, 40]), [true, true, false]);
        assert_eq!(hidden(&[4, 4, 40, 50]), [true, true, true, false]);
        assert_eq!(hidden(&[10, 0, 900]), [false; 3]);
        assert_eq!(hidden(&[7]), [true]);
    }

    #[test]
    fn small_groups_are_told_together_and_only_when_they_are_ten() {
        assert_eq!(merged(&[30, 6, 7, 0]), (vec![0], vec![1, 2]));
        assert_eq!(merged(&[30, 6, 20]), (vec![0], vec![1, 2]));
        assert_eq!(merged(&[30, 20]), (vec![0, 1], vec![]));
    }
}
