//! What cannot be said is refused with a sentence, and what can be is said without forcing.

use benchhost_record::{Bound, RooflineUnit};
use benchhost_stats::scaling::{
    Observation, Peaks, Refused, Series, amdahl, efficiency, power_law, roofline, usl,
};

fn points(pairs: &[(f64, f64)]) -> Vec<Observation> {
    pairs
        .iter()
        .map(|(at, value)| Observation {
            at: *at,
            value: *value,
        })
        .collect()
}

#[test]
fn too_little_is_refused_with_what_is_there_and_what_is_needed() {
    let two = points(&[(1.0, 1.0), (1.0, 1.1), (2.0, 1.9), (2.0, 1.8)]);
    let three = points(&[(1.0, 1.0), (2.0, 1.9), (3.0, 2.7)]);

    let levels = usl(&two, 0.95).unwrap_err();
    let freedom = usl(&three, 0.95).unwrap_err();

    assert_eq!(
        levels.to_string(),
        "2 distinct values of the axis, at least 3 needed: add values to the sweep"
    );
    assert_eq!(
        freedom.to_string(),
        "3 observations for 3 parameters leave nothing to estimate the scatter from, at least 4 needed: \
         add repetitions"
    );
    assert_eq!(
        power_law(&two, 0.95),
        Err(Refused::TooFewLevels {
            found: 2,
            needed: 3
        })
    );
    assert!(amdahl(&two, 0.95).is_ok());
    assert_eq!(
        amdahl(&two[1..3], 0.95),
        Err(Refused::NoFreedom {
            found: 2,
            parameters: 2
        })
    );
    assert_eq!(
        efficiency(&[], Series::Throughput, 0.95),
        Err(Refused::TooFewLevels {
            found: 0,
            needed: 1
        })
    );
}

#[test]
fn values_that_are_none_are_named_by_their_index() {
    let mut bad = points(&[(1.0, 1.0), (2.0, 1.9), (3.0, 2.7), (4.0, 3.4)]);
    for value in [0.0, -1.0, f64::INFINITY] {
        bad[2].value = value;
        let expected = Err(Refused::NotPositive {
            index: 2,
            at: 3.0,
            found: value,
        });
        assert_eq!(power_law(&bad, 0.95), expected);
    }
    bad[2] = Observation {
        at: 0.5,
        value: 1.0,
    };
    assert!(power_law(&bad, 0.95).is_ok());
    assert_eq!(
        usl(&bad, 0.95),
        Err(Refused::NoWorker { index: 2, at: 0.5 })
    );
}

#[test]
fn nothing_that_changes_is_no_law() {
    let same = points(&[(1.0, 5.0), (2.0, 5.0), (4.0, 5.0), (8.0, 5.0)]);
    let expected = Refused::AllTheSame {
        count: 4,
        value: 5.0,
    };

    assert_eq!(power_law(&same, 0.95), Err(expected));
    assert_eq!(usl(&same, 0.95), Err(expected));
    assert_eq!(
        expected.to_string(),
        "all 4 observations are 5, nothing changes along the axis"
    );
}

#[test]
fn exact_counts_have_an_exact_law_and_no_contention_from_rounding() {
    let bytes: Vec<Observation> = (1..8)
        .map(|k| Observation {
            at: 2.0_f64.powi(k),
            value: 24.0 * 4.0_f64.powi(k),
        })
        .collect();
    let perfect: Vec<Observation> = (1..8)
        .map(|n| Observation {
            at: f64::from(n),
            value: 0.1 * f64::from(n),
        })
        .collect();

    let power = power_law(&bytes, 0.95).unwrap();
    let law = usl(&perfect, 0.95).unwrap();

    assert!((power.exponent.value - 2.0).abs() < 1e-9);
    assert!(power.exponent.interval.high - power.exponent.interval.low < 1e-7);
    assert!((power.goodness.r_squared - 1.0).abs() < 1e-12);
    assert!(!law.is_contended() && !law.is_coherent() && !law.is_superlinear());
    assert_eq!((law.peak, law.knee), (None, None));
}

#[test]
fn throughput_that_falls_from_the_start_has_its_peak_at_one_worker() {
    // σ = 0.8, κ = 0.5, and half a percent of noise.
    let falling = points(&[
        (1.0, 99.5),
        (1.0, 100.5),
        (2.0, 71.1),
        (2.0, 71.8),
        (4.0, 42.3),
        (4.0, 42.8),
        (8.0, 23.0),
        (8.0, 23.2),
    ]);

    let law = usl(&falling, 0.95).unwrap();

    let peak = law.peak.unwrap();
    assert_eq!((peak.at.value, peak.at.interval.low), (1.0, 1.0));
    assert!(
        (peak.throughput.value / 100.0 - 1.0).abs() < 0.01,
        "{peak:?}"
    );
    assert_eq!(law.knee.unwrap().value, 1.0);
}

#[test]
fn the_lower_roof_bounds_the_workload() {
    let peaks = Peaks {
        flop_per_s: Some(100e9),
        bytes_per_s: Some(20e9),
    };

    // A triad: 2 FLOP for 24 bytes, far below the ridge at 5 FLOP/B.
    let triad = roofline(Some(2e9), Some(24e9), 1.5, peaks).unwrap();
    let matmul = roofline(Some(80e9), Some(1e9), 1.0, peaks).unwrap();

    assert_eq!(
        (triad.bound, triad.unit),
        (Bound::Memory, RooflineUnit::FlopPerS)
    );
    assert_eq!(triad.ridge, Some(5.0));
    assert!((triad.ceiling / (2.0 / 24.0 * 20e9) - 1.0).abs() < 1e-12);
    assert!((triad.share - 0.8).abs() < 1e-12);
    assert_eq!((matmul.bound, matmul.share), (Bound::Compute, 0.8));
    assert!(!matmul.is_above_roof());
}

#[test]
fn one_kind_of_work_is_held_against_its_own_roof() {
    let both = Peaks {
        flop_per_s: Some(100e9),
        bytes_per_s: Some(20e9),
    };
    let memory_alone = Peaks {
        flop_per_s: None,
        ..both
    };

    let flop = roofline(Some(50e9), None, 1.0, both).unwrap();
    let bytes = roofline(None, Some(30e9), 1.0, both).unwrap();
    let no_flop_peak = roofline(Some(1e9), Some(1e9), 0.1, memory_alone).unwrap();

    assert_eq!((flop.bound, flop.share), (Bound::Compute, 0.5));
    assert_eq!(
        (bytes.bound, bytes.unit),
        (Bound::Memory, RooflineUnit::BytesPerS)
    );
    // From a cache: more than memory delivers.
    assert!(bytes.is_above_roof() && bytes.share == 1.5);
    assert_eq!(
        (no_flop_peak.bound, no_flop_peak.ceiling),
        (Bound::Memory, 20e9)
    );
    assert_eq!(
        roofline(Some(1.0), None, 1.0, memory_alone),
        Err(Refused::NoRoof)
    );
    assert_eq!(
        roofline(Some(1.0), Some(1.0), 0.0, both)
            .unwrap_err()
            .to_string(),
        "the time in s is 0, it must be finite and above 0"
    );
}
