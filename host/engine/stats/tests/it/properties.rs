//! What must hold for all samples.

use benchhost_record::{Samples, Summary};
use benchhost_stats::{Error, is_bimodal, summarise};
use proptest::prelude::*;

/// Samples of one to four repetitions, as (repetition, value).
fn samples() -> impl Strategy<Value = Vec<(u32, f64)>> {
    prop::collection::vec((0_u32..4, 0.001_f64..1e6), 1..200)
}

fn collect(pairs: &[(u32, f64)]) -> Samples {
    let mut samples = Samples::default();
    for (repetition, value) in pairs {
        samples.push(*repetition, 1, *value);
    }
    samples
}

fn summary(pairs: &[(u32, f64)]) -> Summary {
    summarise(&collect(pairs), 7, 0.95).expect("finite samples")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn figures_lie_where_they_must(pairs in samples()) {
        let s = summary(&pairs);
        prop_assert!(s.min <= s.median && s.median <= s.max);
        prop_assert!(s.min <= s.mean * (1.0 + 1e-12) && s.mean <= s.max * (1.0 + 1e-12));
        prop_assert!(s.interval.low <= s.median && s.median <= s.interval.high);
        prop_assert!(s.mad >= 0.0 && s.standard_deviation >= 0.0);
        prop_assert_eq!(s.n, pairs.len() as u64);
        prop_assert!(s.outliers <= s.n / 2);
    }

    #[test]
    fn the_order_within_a_repetition_changes_nothing(pairs in samples()) {
        let mut shuffled = pairs.clone();
        // Sorting by value keeps the repetitions apart but makes another order of first appearance likely; a stable
        // sort by repetition on both sides leaves only the order within.
        shuffled.sort_by(|a, b| b.1.total_cmp(&a.1));
        shuffled.sort_by_key(|pair| pair.0);
        let mut ordered = pairs;
        ordered.sort_by_key(|pair| pair.0);
        prop_assert_eq!(summary(&ordered), summary(&shuffled));
    }

    #[test]
    fn other_units_scale_the_summary(pairs in samples()) {
        // A power of two, so that scaling is exact.
        let scaled: Vec<(u32, f64)> = pairs.iter().map(|(r, x)| (*r, x * 1024.0)).collect();
        let (one, other) = (summary(&pairs), summary(&scaled));
        prop_assert_eq!(one.median * 1024.0, other.median);
        prop_assert_eq!(one.interval.low * 1024.0, other.interval.low);
        prop_assert_eq!(one.interval.high * 1024.0, other.interval.high);
        prop_assert_eq!(one.mad * 1024.0, other.mad);
        prop_assert_eq!(one.trimmed_mean * 1024.0, other.trimmed_mean);
        prop_assert_eq!(one.outliers, other.outliers);
        let values = |pairs: &[(u32, f64)]| -> Vec<f64> { pairs.iter().map(|pair| pair.1).collect() };
        prop_assert_eq!(is_bimodal(&values(&pairs)), is_bimodal(&values(&scaled)));
    }

    #[test]
    fn a_value_that_is_none_is_found(pairs in samples(), at in any::<prop::sample::Index>()) {
        let mut samples = collect(&pairs);
        let index = at.index(pairs.len());
        samples.value[index] = f64::NAN;
        prop_assert_eq!(summarise(&samples, 7, 0.95), Err(Error::NotFinite { index }));
    }
}

#[test]
fn the_seed_decides_the_interval_and_nothing_else_does() {
    let pairs: Vec<(u32, f64)> = (0..300_u32)
        .map(|i| (i % 5, f64::from((i * 7919) % 1009).sqrt()))
        .collect();
    let samples = collect(&pairs);

    let summaries: Vec<Summary> = (1..9)
        .map(|seed| summarise(&samples, seed, 0.95).unwrap())
        .collect();

    assert_eq!(summaries[0], summarise(&samples, 1, 0.95).unwrap());
    assert!(
        summaries
            .iter()
            .any(|other| other.interval != summaries[0].interval)
    );
    assert!(
        summaries
            .iter()
            .all(|other| other.median == summaries[0].median)
    );
    assert_eq!(summaries[0].repetitions, 5);
}

#[test]
fn a_million_samples_of_ten_repetitions_have_a_summary() {
    let mut samples = Samples::default();
    for i in 0..1_000_000_u64 {
        samples.push(
            (i % 10) as u32,
            1,
            (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64,
        );
    }

    let summary = summarise(&samples, 1, 0.95).unwrap();

    assert_eq!(summary.n, 1_000_000);
    assert!(summary.interval.relative_half_width(summary.median) < 0.01);
    assert_eq!(
        summary
            .quantiles
            .iter()
            .filter(|q| q.value.is_some())
            .count(),
        3
    );
}

#[test]
fn nothing_and_impossible_confidence_are_refused() {
    assert_eq!(
        summarise(&Samples::default(), 1, 0.95),
        Err(Error::TooFew {
            found: 0,
            needed: 1
        })
    );
    let one = collect(&[(0, 1.0)]);
    assert_eq!(
        summarise(&one, 1, 95.0),
        Err(Error::NotAProbability { found: 95.0 })
    );
    assert_eq!(summarise(&one, 1, 0.95).unwrap().interval.confidence, 0.0);
}
