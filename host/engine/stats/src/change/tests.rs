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
