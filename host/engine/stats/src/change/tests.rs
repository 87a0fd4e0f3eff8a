use super::*;
use crate::SplitMix64;

#[test]
fn a_step_in_noise_is_found_where_it_is() {
    let mut random = SplitMix64::new(1);
    let series: Vec<f64> = (0..200)
        .map(|i| if i < 120 { 100.0 } else { 110.0 } * (1.0 + 0.01 * random.normal()))
        .collect();

    let found = changes(&series);

    assert_eq!(found.len(), 1, "{found:?}");
    let change = found[0];
    assert_eq!((change.index, change.kind), (120, ChangeKind::Step));
    assert!((change.before - 100.0).abs() < 1.0 && (change.after - 110.0).abs() < 1.0);
    assert!(change.interval.0 <= 120 && change.interval.1 >= 120);
}

#[test]
fn a_small_step_does_not_come_back_as_a_slope() {
    // 3.5 standard deviations at 0.1 % noise: too small to be told from a machine that wanders.
    for seed in 0..100 {
        let mut random = SplitMix64::new(seed);
        let series: Vec<f64> = (0..120)
            .map(|i| if i < 60 { 1000.0 } else { 1003.5 } + random.normal())
            .collect();

        let found = changes(&series);

        assert!(
            found.iter().all(|change| change.kind == ChangeKind::Step),
            "seed {seed}: {found:?}"
        );
    }
}
