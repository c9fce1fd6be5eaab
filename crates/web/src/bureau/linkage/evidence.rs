//! The evidence as a waterfall: from the odds before anything was compared, field by field, to the sum.

use super::bits;
use crate::Cx;
use tuodi_registry::linkage::Evidence;

/// One field of the waterfall.
pub struct Step {
    pub title: String,
    /// How far both agree, in words.
    pub level: String,
    pub bits: String,
    /// The bar: where it begins and how wide it is, in the drawing's thousandths.
    pub x: u32,
    pub width: u32,
    /// Colour: `up`, `down`, or `sum` for the last line.
    pub kind: &'static str,
}

pub struct Waterfall {
    pub steps: Vec<Step>,
    pub sum: Step,
    /// Where zero lies: even odds.
    pub zero: u32,
}

/// A field's name in the reader's words.
pub fn field(cx: &Cx, name: &str) -> String {
    crate::words::find(cx.lang, &format!("linkage.field.{name}")).map_or_else(|| name.to_owned(), str::to_owned)
}

/// `within_days:55` in words.
fn level(cx: &Cx, field: &str, level: &str) -> String {
    let (word, number) = level.split_once(':').unwrap_or((level, ""));
    // Some levels mean another thing of another field.
    let own = crate::words::find(cx.lang, &format!("linkage.level_of.{field}.{word}"));
    match own.or_else(|| crate::words::find(cx.lang, &format!("linkage.level.{word}"))) {
        Some(words) => words.replace("{0}", number),
        None => level.to_owned(),
    }
}

/// Where bars lie.
struct Bars {
    /// Begin and width of each.
    steps: Vec<(u32, u32)>,
    sum: (u32, u32),
    zero: u32,
}

/// Each bar begins where the one before ended; all of them fill a thousand.
fn bars(weights: &[f64]) -> Bars {
    let mut reached = 0.0_f64;
    let mut spans: Vec<(f64, f64)> = Vec::with_capacity(weights.len());
    for weight in weights {
        spans.push((reached, reached + weight));
        reached += weight;
    }
    let least = spans.iter().map(|(from, to)| from.min(*to)).fold(0.0, f64::min);
    let most = spans.iter().map(|(from, to)| from.max(*to)).fold(0.0, f64::max);
    let scale = 1000.0 / (most - least).max(1.0);
    let at = |bits: f64| ((bits - least) * scale).round() as u32;
    // A bar of nothing is still seen.
    let bar = |from: f64, to: f64| (at(from.min(to)), at(from.max(to)).saturating_sub(at(from.min(to))).max(3));
    Bars { steps: spans.iter().map(|(from, to)| bar(*from, *to)).collect(), sum: bar(0.0, reached), zero: at(0.0) }
}

pub fn waterfall(cx: &Cx, evidence: &[Evidence]) -> Waterfall {
    let weights: Vec<f64> = evidence.iter().map(|one| one.weight).collect();
    let sum: f64 = weights.iter().sum();
    let bars = bars(&weights);
    let step = |(one, (x, width)): (&Evidence, &(u32, u32))| {
        let (title, level) = match one.field.as_str() {
            "" => (cx.t("linkage.before").to_owned(), cx.t("linkage.before_means").to_owned()),
            // What a number agrees in is not said a second time by the birth date that stands in it.
            name if one.weight == 0.0 && one.level != "missing" => {
                (field(cx, name), cx.t1("linkage.counted", level(cx, name, &one.level)))
            }
            name => (field(cx, name), level(cx, name, &one.level)),
        };
        let kind = if one.weight < 0.0 { "down" } else { "up" };
        Step { title, level, bits: bits(one.weight), x: *x, width: *width, kind }
    };
    Waterfall {
        steps: evidence.iter().zip(&bars.steps).map(step).collect(),
        sum: Step {
            title: cx.t("linkage.sum").to_owned(),
            level: cx.t1("linkage.sum_means", super::probability(sum)),
            bits: bits(sum),
            x: bars.sum.0,
            width: bars.sum.1,
            kind: "sum",
        },
        zero: bars.zero,
    }
}

#[cfg(test)]
mod tests {
    use super::bars;

    #[test]
    fn bars_follow_each_other_from_the_odds_before_to_the_sum() {
        let bars = bars(&[-10.0, 15.0, -1.0]);
        // From -10 to 5: fifteen bits are a thousand.
        assert_eq!(bars.zero, 667);
        assert_eq!(bars.steps, [(0, 667), (0, 1000), (933, 67)]);
        assert_eq!(bars.sum, (667, 266));
    }

    #[test]
    fn evidence_of_nothing_draws_nothing_outside() {
        let bars = bars(&[]);
        assert_eq!((bars.zero, bars.sum), (0, (0, 3)));
    }
}
