//! How far two assessors agree: the share of equal answers, and Cohen's weighted kappa, which takes off what chance alone
//! would give and counts a near answer as less of a difference than a far one.
//!
//! J. Cohen, Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial credit,
//! Psychological Bulletin 70 (1968) 213–220. The weight of a disagreement is the distance of the two answers' scores. Whole
//! numbers throughout, so that any machine prints the same figure.

/// How far the pairs of one question agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Pairs that both answered.
    pub pairs: u32,
    /// Of these the same answer.
    pub same: u32,
    /// Parts per 1000; none where both always gave one and the same answer, or nobody answered: there is nothing by which
    /// chance could be told from skill.
    pub kappa: Option<i32>,
}

impl Agreement {
    /// Parts per 1000 of the pairs.
    pub fn share(&self) -> Option<u32> {
        (self.same * 1000).checked_div(self.pairs)
    }
}

/// `pairs` are positions in `scores`, the first assessor's before the second's.
pub(super) fn agree(pairs: &[(usize, usize)], scores: &[u32]) -> Agreement {
    let (mut rows, mut columns) = (vec![0i64; scores.len()], vec![0i64; scores.len()]);
    let far = |a: usize, b: usize| i64::from(scores[a].abs_diff(scores[b]));
    let (mut same, mut observed) = (0, 0i64);
    for &(first, second) in pairs {
        rows[first] += 1;
        columns[second] += 1;
        same += u32::from(first == second);
        observed += far(first, second);
    }
    let mut by_chance = 0i64;
    for (a, first) in rows.iter().enumerate() {
        for (b, second) in columns.iter().enumerate() {
            by_chance += far(a, b) * first * second;
        }
    }
    // 1 - Σ v·o / Σ v·e with e = row × column / n.
    let off = (observed * pairs.len() as i64 * 1000).checked_div(by_chance);
    Agreement { pairs: pairs.len() as u32, same, kappa: off.and_then(|off| i32::try_from(1000 - off).ok()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(counts: &[&[usize]]) -> Vec<(usize, usize)> {
        let cells = counts.iter().enumerate().flat_map(|(a, row)| row.iter().enumerate().map(move |(b, n)| (a, b, *n)));
        cells.flat_map(|(a, b, n)| std::iter::repeat_n((a, b), n)).collect()
    }

    #[test]
    fn two_answers_give_the_plain_kappa() {
        // Observed 0.70, by chance 0.50: (0.70 - 0.50) / 0.50 = 0.40.
        let found = agree(&table(&[&[20, 5], &[10, 15]]), &[0, 100]);
        assert_eq!((found.pairs, found.same, found.share(), found.kappa), (50, 35, Some(700), Some(400)));
    }

    #[test]
    fn a_near_miss_weighs_less_than_a_far_one() {
        let near = agree(&table(&[&[10, 5, 0], &[0, 10, 0], &[0, 0, 10]]), &[0, 50, 100]);
        let far = agree(&table(&[&[10, 0, 5], &[0, 10, 0], &[0, 0, 10]]), &[0, 50, 100]);
        assert_eq!((near.share(), far.share()), (Some(857), Some(857)), "as often the same");
        // Rows 15 10 10, columns 10 15 10 (near): 250 of 35 pairs; by chance 50·(225+100+100+150)+100·(150+100) = 53750.
        assert_eq!(near.kappa, Some(1000 - 250 * 35 * 1000 / 53_750));
        assert!(far.kappa < near.kappa, "{far:?} {near:?}");
    }

    #[test]
    fn nothing_is_said_where_chance_cannot_be_told_from_skill() {
        assert_eq!(agree(&[(1, 1); 9], &[0, 100]), Agreement { pairs: 9, same: 9, kappa: None });
        assert_eq!(agree(&[], &[0, 100]), Agreement::default());
        assert_eq!(agree(&[], &[0, 100]).share(), None);
        let against = agree(&table(&[&[0, 10], &[10, 0]]), &[0, 100]);
        assert_eq!(against.kappa, Some(-1000), "worse than chance is told too");
    }
}
