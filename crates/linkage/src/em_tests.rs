use super::*;

/// A small generator for the tests, so that they draw the same pairs everywhere.
struct Draw(u64);

impl Draw {
    fn share(&mut self) -> f64 {
        self.0 = scramble(self.0);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn level(&mut self, shares: &[f64]) -> u64 {
        let mut at = self.share();
        for (level, share) in shares.iter().enumerate() {
            if at < *share {
                return level as u64;
            }
            at -= share;
        }
        shares.len() as u64 - 1
    }
}

fn drawn(draw: &mut Draw, pairs: usize, shares: &[Vec<f64>]) -> FxHashMap<u64, f64> {
    let mut counts = FxHashMap::default();
    for _ in 0..pairs {
        let pattern = shares.iter().enumerate().map(|(field, shares)| draw.level(shares) << (4 * field)).sum();
        *counts.entry(pattern).or_insert(0.0) += 1.0;
    }
    counts
}

fn known() -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let m = vec![vec![0.90, 0.06, 0.04], vec![0.85, 0.10, 0.05], vec![0.97, 0.03], vec![0.70, 0.20, 0.10]];
    let u = vec![vec![0.002, 0.008, 0.990], vec![0.004, 0.016, 0.980], vec![0.5, 0.5], vec![0.01, 0.19, 0.80]];
    (m, u)
}

#[test]
fn known_shares_are_found_again_from_pairs_whose_truth_is_hidden() {
    let (m, u) = known();
    let mut draw = Draw(7);
    let mut mixed = drawn(&mut draw, 20_000, &m);
    for (pattern, count) in drawn(&mut draw, 400_000, &u) {
        *mixed.entry(pattern).or_insert(0.0) += count;
    }
    let random = Patterns::counted(drawn(&mut draw, 400_000, &u));
    let shape = |levels: &Vec<f64>| {
        let mut start = vec![0.1 / (levels.len() - 1) as f64; levels.len()];
        start[0] = 0.9;
        start
    };
    let start = Learnt {
        prior: 0.01,
        m: m.iter().map(shape).collect(),
        u: u.clone(),
        iterations: 0,
        converged: false,
        contains: Vec::new(),
    };
    let learnt = learn(&Patterns::counted(mixed), &random, 420_000.0, start, 500);
    assert!(learnt.converged, "after {} rounds", learnt.iterations);
    assert!((learnt.prior - 20_000.0 / 420_000.0).abs() < 0.003, "{}", learnt.prior);
    for (found, expected) in learnt.m.iter().flatten().zip(m.iter().flatten()) {
        assert!((found - expected).abs() < 0.015, "m {found} for {expected}");
    }
    for (found, expected) in learnt.u.iter().flatten().zip(u.iter().flatten()) {
        assert!((found - expected).abs() < 0.003, "u {found} for {expected}");
    }
}

#[test]
fn pairs_of_one_person_among_the_random_ones_do_not_spoil_u() {
    let (m, u) = known();
    let mut draw = Draw(11);
    let mut random = drawn(&mut draw, 300_000, &u);
    // One pair in a hundred: far more than agree on the first field by chance.
    for (pattern, count) in drawn(&mut draw, 3_000, &m) {
        *random.entry(pattern).or_insert(0.0) += count;
    }
    let pairs = Patterns::counted(random.clone());
    let start =
        Learnt { prior: 0.01, m: m.clone(), u: u.clone(), iterations: 0, converged: false, contains: Vec::new() };
    let naive = u_of(&pairs, &u)[0][0];
    let learnt = learn(&pairs, &Patterns::counted(random), 303_000.0, start, 500);
    assert!(naive > 0.010, "{naive}");
    assert!((learnt.u[0][0] - 0.002).abs() < 0.0007, "{}", learnt.u[0][0]);
}

#[test]
fn shares_sum_to_one_and_a_level_never_met_stays_possible() {
    let counts = Patterns::counted([(0x00, 90.0), (0x11, 10.0)]);
    let shape = vec![vec![0.0; 3], vec![0.0; 2]];
    for levels in u_of(&counts, &shape) {
        assert!((levels.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(levels.iter().all(|share| *share > 0.0));
    }
}

#[test]
fn what_one_field_repeats_of_another_counts_once() {
    let shares = vec![vec![0.9, 0.1], vec![0.9, 0.1]];
    let u = vec![vec![0.1, 0.9], vec![0.1, 0.9]];
    let learnt =
        |contains| Learnt { prior: 0.5, m: shares.clone(), u: u.clone(), iterations: 0, converged: true, contains };
    let probability = |contains, pattern| Weights::of(&learnt(contains)).probability(pattern);
    // Odds of 9 for each that agrees, a ninth for each that differs.
    assert!((probability(vec![], 0x00) - 81.0 / 82.0).abs() < 1e-9);
    assert!((probability(vec![vec![], vec![0]], 0x00) - 9.0 / 10.0).abs() < 1e-9);
    assert!((probability(vec![vec![], vec![0]], 0x10) - 0.5).abs() < 1e-9);
    assert!((probability(vec![vec![], vec![0]], 0x01) - 0.5).abs() < 1e-9);
}

#[test]
fn sixteen_fields_of_extreme_weights_give_a_probability_and_no_overflow() {
    let levels = |a: f64, b: f64| vec![vec![a, b]; 16];
    let learnt = Learnt {
        prior: 1e-12,
        m: levels(1.0 - 1e-9, 1e-9),
        u: levels(1e-9, 1.0 - 1e-9),
        iterations: 0,
        converged: true,
        contains: Vec::new(),
    };
    let weights = Weights::of(&learnt);
    assert!(weights.probability(0) > 0.999_999);
    assert!(weights.probability(0x1111_1111_1111_1111) < 1e-30);
    assert!((0.0..=1.0).contains(&weights.probability(0xffff_ffff_ffff_ffff)));
}
