//! Shapes whose answer is known.

use serde::Deserialize;

use super::series::{indices, sound, white};
use benchhost_stats::{ChangeKind, changes};

#[derive(Deserialize)]
struct Nile {
    step: usize,
    flow: Vec<f64>,
}

#[test]
fn the_nile_has_one_step_at_1899() {
    let nile: Nile =
        toml::from_str(include_str!("../../../../../../tests/golden/nile.toml")).unwrap();
    assert_eq!(nile.flow.len(), 100);

    let found = sound(&nile.flow);

    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].index, found[0].kind),
        (nile.step, ChangeKind::Step)
    );
    assert!(found[0].before > 1080.0 && found[0].after < 860.0 && found[0].confidence > 0.99);
}

#[test]
fn a_drift_is_one_and_has_its_ends() {
    let mut found = 0;
    for seed in 0..50 {
        let values = white(200, seed, |i| {
            100.0 + 20.0 * (i as f64 / 80.0 - 0.75).clamp(0.0, 1.0)
        });

        let changes = sound(&values);

        // It lasts from 60 to 140.
        let drifts = changes
            .iter()
            .any(|change| change.kind == ChangeKind::Drift && (50..150).contains(&change.index));
        found += usize::from(
            drifts
                && changes
                    .iter()
                    .all(|change| (50..150).contains(&change.index)),
        );
    }
    assert!(found >= 45, "{found} of 50");
}

#[test]
fn a_trend_over_everything_is_a_drift_from_the_start() {
    for seed in 0..20 {
        let values = white(200, seed, |i| 100.0 + 0.15 * i as f64);

        let found = changes(&values);

        assert_eq!(
            (found[0].index, found[0].kind),
            (0, ChangeKind::Drift),
            "seed {seed}"
        );
        assert!(found[0].after - found[0].before > 10.0);
    }
}

#[test]
fn a_season_hides_no_step_and_is_none() {
    for seed in 0..50 {
        let season = |i: usize| 100.0 + [0.0, 6.0, 9.0, 6.0, 0.0, -8.0, -9.0][i % 7];
        assert_eq!(indices(&white(140, seed, season)), [0; 0], "seed {seed}");

        let stepped = indices(&white(140, seed, |i| {
            season(i) + if i < 77 { 0.0 } else { 8.0 }
        }));

        assert_eq!(stepped.len(), 1, "seed {seed}: {stepped:?}");
        assert!(stepped[0].abs_diff(77) <= 2, "seed {seed}: {stepped:?}");
    }
}

#[test]
fn a_burst_is_no_change() {
    for length in [1, 2, 3, 6] {
        let mut alarmed = 0;
        for seed in 0..100 {
            let values = white(120, seed, |i| {
                if (60..60 + length).contains(&i) {
                    110.0
                } else {
                    100.0
                }
            });
            alarmed += usize::from(!sound(&values).is_empty());
        }
        assert!(alarmed <= 3, "{length} points: {alarmed} of 100");
    }
}

#[test]
fn a_regime_that_lasts_is_two_changes() {
    let values = white(
        150,
        4,
        |i| if (60..90).contains(&i) { 108.0 } else { 100.0 },
    );
    assert_eq!(indices(&values), [60, 90]);
}
