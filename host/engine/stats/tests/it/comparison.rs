//! Comparisons against NumPy and SciPy (`tests/golden/comparison.py` says how they were made), and properties.

use benchhost_stats::{Bounds, Decision, Paired, Round, Unpaired, decide};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    level: f64,
    tolerance: f64,
    margin: f64,
    paired: Vec<ExpectedPaired>,
    unpaired: Vec<ExpectedUnpaired>,
}

#[derive(Deserialize)]
struct ExpectedPaired {
    name: String,
    log_ratios: Vec<f64>,
    higher: f64,
    lower: f64,
    equivalent: f64,
    round_sd: f64,
    interval: [f64; 2],
}

#[derive(Deserialize)]
struct ExpectedUnpaired {
    name: String,
    baseline: Vec<f64>,
    candidate: Vec<f64>,
    log_ratio: f64,
    p_change: f64,
    interval: [f64; 2],
}

fn golden() -> Golden {
    let text = include_str!("../../../../../tests/golden/comparison.toml");
    toml::from_str(text).expect("the file was made by a program")
}

fn assert_close(found: f64, expected: f64, what: &str) {
    let close = found == expected || (found - expected).abs() <= 1e-8 * expected.abs().max(1.0);
    assert!(close, "{what}: {found}, expected {expected}");
}

fn paired(bounds: Bounds, log_ratios: &[f64]) -> Paired {
    let mut paired = Paired::new(bounds);
    for log_ratio in log_ratios {
        paired.observe(Round {
            log_ratio: *log_ratio,
            pairs: 16,
            pair_sd: 0.0,
        });
    }
    paired
}

#[test]
fn evidence_and_confidence_sequences_agree_with_numpy() {
    let golden = golden();
    let bounds = Bounds {
        tolerance: golden.tolerance,
        margin: golden.margin,
    };
    assert_eq!(golden.paired.len(), 5);
    for expected in golden.paired {
        let found = paired(bounds, &expected.log_ratios);

        assert_close(found.log_evidence_higher(), expected.higher, &expected.name);
        assert_close(found.log_evidence_lower(), expected.lower, &expected.name);
        assert_close(
            found.log_evidence_equivalent(),
            expected.equivalent,
            &expected.name,
        );
        assert_close(found.round_sd().unwrap(), expected.round_sd, &expected.name);
        let interval = found.interval(golden.level);
        assert_close(interval.low, expected.interval[0], &expected.name);
        assert_close(interval.high, expected.interval[1], &expected.name);
    }
}

#[test]
fn welch_agrees_with_scipy() {
    let golden = golden();
    let bounds = Bounds {
        tolerance: golden.tolerance,
        margin: golden.margin,
    };
    assert_eq!(golden.unpaired.len(), 2);
    for expected in golden.unpaired {
        let found = Unpaired::new(&expected.baseline, &expected.candidate, bounds).unwrap();

        assert_close(found.log_ratio(), expected.log_ratio, &expected.name);
        assert_close(found.p_change(), expected.p_change, &expected.name);
        let interval = found.interval(golden.level);
        assert_close(interval.low, expected.interval[0], &expected.name);
        assert_close(interval.high, expected.interval[1], &expected.name);
    }
}

const BOUNDS: Bounds = Bounds {
    tolerance: 0.003,
    margin: 0.01,
};

proptest! {
    #[test]
    fn swapping_the_sides_mirrors_everything(log_ratios in prop::collection::vec(-0.1..0.1, 1..40)) {
        let mirrored: Vec<f64> = log_ratios.iter().map(|x| -x).collect();
        let (one, other) = (paired(BOUNDS, &log_ratios), paired(BOUNDS, &mirrored));

        prop_assert!((one.log_evidence_higher() - other.log_evidence_lower()).abs() < 1e-9);
        prop_assert!((one.log_evidence_equivalent() - other.log_evidence_equivalent()).abs() < 1e-9);
        let (a, b) = (one.interval(0.01), other.interval(0.01));
        prop_assert!(a.low == -b.high || (a.low + b.high).abs() < 1e-9);
    }

    #[test]
    fn a_higher_centre_never_has_more_evidence_below_it(
        log_ratios in prop::collection::vec(-0.1..0.1, 2..40),
        steps in prop::collection::vec(0.0..0.02, 2..6),
    ) {
        let mut tolerance = 0.0;
        let mut last = f64::INFINITY;
        for step in steps {
            tolerance += step;
            let evidence = paired(Bounds { tolerance, ..BOUNDS }, &log_ratios).log_evidence_higher();
            prop_assert!(evidence <= last + 1e-12);
            last = evidence;
        }
    }

    #[test]
    fn twins_are_discovered_together_or_not_at_all(log_ratios in prop::collection::vec(-0.1..0.1, 12..40)) {
        let alone = paired(BOUNDS, &log_ratios);
        let twin = alone.clone();
        let one = decide(&[&alone], 0.005)[0];
        let two = decide(&[&alone, &twin], 0.005);

        prop_assert_eq!(one.decision, two[0].decision);
        prop_assert_eq!(two[0], two[1]);
        if one.decision.is_some() {
            prop_assert_eq!(one.level, two[0].level);
        }
    }

    #[test]
    fn hostile_numbers_never_become_a_verdict_by_accident(log_ratios in prop::collection::vec(any::<f64>(), 0..20)) {
        let finite: Vec<f64> = log_ratios.into_iter().filter(|x| x.is_finite()).collect();
        let found = paired(BOUNDS, &finite);
        let decided = decide(&[&found], 0.005)[0];

        prop_assert!(!found.log_evidence_higher().is_nan());
        if finite.len() < 10 {
            prop_assert_eq!(decided.decision, None);
        }
        if decided.decision == Some(Decision::Equivalent) {
            prop_assert!(found.log_ratio().unwrap().abs() < 0.01);
        }
    }
}
