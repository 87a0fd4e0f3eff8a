//! What must hold for all observations, sensible or not.

use benchhost_record::{Amdahl, Estimate, PowerLaw, Usl};
use benchhost_stats::scaling::{
    Observation, Peaks, Refused, Series, amdahl, efficiency, power_law, roofline, usl,
};
use proptest::prelude::*;

const SERIES: [Series; 3] = [Series::Throughput, Series::StrongTime, Series::WeakTime];

/// Throughputs that some law with noise might give.
fn observations() -> impl Strategy<Value = Vec<Observation>> {
    let law = (0.0_f64..0.5, 0.0_f64..0.02, 2_usize..5, 4_i32..8);
    let noise = prop::collection::vec(-0.05_f64..0.05, 64);
    (law, noise).prop_map(|((sigma, kappa, repetitions, levels), noise)| {
        let mut noise = noise.into_iter().cycle();
        let mut points = Vec::new();
        for n in (0..levels).map(|k| 2.0_f64.powi(k)) {
            for _ in 0..repetitions {
                let x = 100.0 * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0));
                let value = x * noise.next().expect("an endless cycle").exp();
                points.push(Observation { at: n, value });
            }
        }
        points
    })
}

/// Any numbers at all, those near the ends of the range and those that are none among them.
fn anything() -> impl Strategy<Value = Vec<Observation>> {
    let number = prop_oneof![
        any::<f64>(),
        (1_u32..9).prop_map(f64::from),
        0.1_f64..10.0,
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
        Just(1e150),
    ];
    let place = prop_oneof![4 => (1_u32..6).prop_map(f64::from), 1 => number.clone()];
    let point = (place, number).prop_map(|(at, value)| Observation { at, value });
    prop::collection::vec(point, 0..20)
}

/// Positive numbers of all sizes at a few places.
fn wild() -> impl Strategy<Value = Vec<Observation>> {
    let place = prop_oneof![
        4 => (1_u32..6).prop_map(f64::from),
        1 => (0.0_f64..700.0).prop_map(f64::exp),
    ];
    let point = (place, -700.0_f64..700.0).prop_map(|(at, log)| Observation {
        at,
        value: log.exp(),
    });
    prop::collection::vec(point, 3..20)
}

fn is_sound(estimate: &Estimate) -> bool {
    let interval = estimate.interval;
    interval.low.is_finite()
        && interval.high.is_finite()
        && interval.low <= estimate.value
        && estimate.value <= interval.high
}

fn estimates_of_usl(law: &Usl) -> Vec<Estimate> {
    let peak = law.peak.map(|peak| [peak.at, peak.throughput]);
    [law.lambda, law.sigma, law.kappa]
        .into_iter()
        .chain(peak.into_iter().flatten())
        .chain(law.knee)
        .collect()
}

fn estimates_of_amdahl(law: &Amdahl) -> Vec<Estimate> {
    [law.lambda, law.sigma]
        .into_iter()
        .chain(law.speedup_limit)
        .chain(law.knee)
        .collect()
}

fn estimates_of_power(law: &PowerLaw) -> Vec<Estimate> {
    vec![law.coefficient, law.exponent]
}

/// Every answer to `points` is sound.
fn check(points: &[Observation], confidence: f64) -> Result<(), TestCaseError> {
    let mut estimates = Vec::new();
    if let Ok(law) = usl(points, confidence) {
        prop_assert_eq!(law.is_coherent(), law.kappa.interval.low > 0.0);
        estimates.extend(estimates_of_usl(&law));
    }
    if let Ok(law) = amdahl(points, confidence) {
        estimates.extend(estimates_of_amdahl(&law));
    }
    if let Ok(law) = power_law(points, confidence) {
        estimates.extend(estimates_of_power(&law));
    }
    for estimate in &estimates {
        prop_assert!(is_sound(estimate), "{estimate:?}");
    }
    for series in SERIES {
        for level in efficiency(points, series, confidence).unwrap_or_default() {
            prop_assert!(level.speedup.is_finite() && level.efficiency.is_finite());
            if let Some(interval) = level.speedup_interval {
                prop_assert!(interval.low <= level.speedup && level.speedup <= interval.high);
            }
        }
    }
    Ok(())
}

fn assert_similar(one: Estimate, other: Estimate, factor: f64) -> Result<(), TestCaseError> {
    let width = factor * (one.interval.high - one.interval.low);
    for (a, b) in [
        (one.value, other.value),
        (one.interval.low, other.interval.low),
        (one.interval.high, other.interval.high),
    ] {
        prop_assert!((a * factor - b).abs() <= 1e-4 * width, "{one:?} {other:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_numbers_at_all_have_a_sound_answer_or_none(points in anything(), confidence in 0.01_f64..0.999) {
        check(&points, confidence)?;
    }

    #[test]
    fn wild_numbers_have_a_sound_answer_or_none(points in wild(), confidence in 0.5_f64..0.999) {
        check(&points, confidence)?;
    }

    #[test]
    fn any_confidence_at_all_is_one_or_refused(points in observations(), confidence in any::<f64>()) {
        if !(confidence > 0.0 && confidence < 1.0) {
            let is_refused = matches!(usl(&points, confidence), Err(Refused::NotAProbability { .. }));
            prop_assert!(is_refused);
        }
    }

    #[test]
    fn the_order_of_the_observations_changes_nothing(points in observations()) {
        let mut turned = points.clone();
        turned.reverse();
        turned.rotate_left(points.len() / 3);

        prop_assert_eq!(usl(&points, 0.95), usl(&turned, 0.95));
        prop_assert_eq!(amdahl(&points, 0.95), amdahl(&turned, 0.95));
        prop_assert_eq!(power_law(&points, 0.95), power_law(&turned, 0.95));
        prop_assert_eq!(
            efficiency(&points, Series::Throughput, 0.95),
            efficiency(&turned, Series::Throughput, 0.95)
        );
    }

    #[test]
    fn another_unit_of_throughput_scales_lambda_and_nothing_else(points in observations()) {
        let mut scaled = points.clone();
        scaled.iter_mut().for_each(|point| point.value *= 1e6);

        let (one, other) = (usl(&points, 0.95).unwrap(), usl(&scaled, 0.95).unwrap());
        assert_similar(one.lambda, other.lambda, 1e6)?;
        assert_similar(one.sigma, other.sigma, 1.0)?;
        assert_similar(one.kappa, other.kappa, 1.0)?;
        prop_assert_eq!(one.peak.is_some(), other.peak.is_some());
        if let (Some(one), Some(other)) = (one.peak, other.peak) {
            assert_similar(one.at, other.at, 1.0)?;
            assert_similar(one.throughput, other.throughput, 1e6)?;
        }
        let (one, other) = (amdahl(&points, 0.95).unwrap(), amdahl(&scaled, 0.95).unwrap());
        assert_similar(one.lambda, other.lambda, 1e6)?;
        assert_similar(one.sigma, other.sigma, 1.0)?;
    }

    #[test]
    fn more_confidence_is_a_wider_interval(points in observations()) {
        let (narrow, wide) = (usl(&points, 0.9).unwrap(), usl(&points, 0.99).unwrap());
        for (narrow, wide) in [(narrow.sigma, wide.sigma), (narrow.kappa, wide.kappa), (narrow.lambda, wide.lambda)] {
            prop_assert!(wide.interval.low < narrow.interval.low && narrow.interval.high < wide.interval.high);
        }
    }

    #[test]
    fn times_and_rates_tell_one_speedup(points in observations()) {
        let mut times = points.clone();
        times.iter_mut().for_each(|point| point.value = 1.0 / point.value);

        let rates = efficiency(&points, Series::Throughput, 0.95).unwrap();
        let strong = efficiency(&times, Series::StrongTime, 0.95).unwrap();
        let weak = efficiency(&times, Series::WeakTime, 0.95).unwrap();

        for ((rate, strong), weak) in rates.iter().zip(&strong).zip(&weak) {
            prop_assert!((rate.speedup / strong.speedup - 1.0).abs() < 1e-12);
            // The same time for N times the work is N times the speed-up.
            prop_assert!((weak.efficiency / strong.speedup - 1.0).abs() < 1e-12);
            prop_assert!((weak.speedup / (weak.efficiency * weak.at) - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_roofline_is_finite_or_refused(
        flop in prop::option::of(any::<f64>()),
        bytes in prop::option::of(any::<f64>()),
        seconds in any::<f64>(),
        flop_per_s in prop::option::of(any::<f64>()),
        bytes_per_s in prop::option::of(any::<f64>()),
    ) {
        let peaks = Peaks { flop_per_s, bytes_per_s };
        if let Ok(roofline) = roofline(flop, bytes, seconds.abs(), peaks) {
            prop_assert!(roofline.share.is_finite() && roofline.ceiling > 0.0);
        }
    }
}
