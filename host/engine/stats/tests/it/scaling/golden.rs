//! Fits against direct minimisation by SciPy (`tests/golden/scaling.py` says how), published data among them.

use benchhost_record::{Estimate, Interval};
use benchhost_stats::scaling::{Observation, Refused, Series, amdahl, efficiency, power_law, usl};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    usl: Vec<Fit>,
    amdahl: Vec<Fit>,
    power: Vec<Power>,
    efficiency: Vec<Efficiency>,
}

#[derive(Deserialize)]
struct Fit {
    name: String,
    at: Vec<f64>,
    value: Vec<f64>,
    parameters: Vec<f64>,
    scatter: f64,
    freedom: u64,
    lack_of_fit_p: Option<f64>,
    lambda: [f64; 2],
    sigma: [f64; 2],
    kappa: Option<[f64; 2]>,
    peak: Option<[f64; 3]>,
    throughput: Option<[f64; 3]>,
    knee: Option<f64>,
}

#[derive(Deserialize)]
struct Power {
    name: String,
    at: Vec<f64>,
    value: Vec<f64>,
    exponent: [f64; 3],
    coefficient: [f64; 3],
    r_squared: f64,
    lack_of_fit_p: f64,
    freedom: u64,
}

#[derive(Deserialize)]
struct Efficiency {
    at: Vec<f64>,
    value: Vec<f64>,
    speedup: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

fn golden() -> Golden {
    toml::from_str(include_str!("../../../../../../tests/golden/scaling.toml")).expect("a table")
}

fn points(at: &[f64], value: &[f64]) -> Vec<Observation> {
    let pairs = at.iter().zip(value);
    pairs
        .map(|(at, value)| Observation {
            at: *at,
            value: *value,
        })
        .collect()
}

/// `size`: what an error is relative to; parameters near 0 are as good as their interval is wide.
fn assert_close(found: f64, expected: f64, size: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 1e-5 * size,
        "{what}: {found}, expected {expected}"
    );
}

fn assert_estimate(found: Estimate, value: f64, [low, high]: [f64; 2], what: &str) {
    let Interval {
        low: a, high: b, ..
    } = found.interval;
    assert_close(found.value, value, high - low, what);
    assert_close(a, low, high - low, what);
    assert_close(b, high, high - low, what);
}

#[test]
fn the_universal_scalability_law_agrees_with_scipy() {
    for expected in golden().usl {
        let name = &expected.name;

        let found = usl(&points(&expected.at, &expected.value), 0.95).unwrap();

        let [lambda, sigma, kappa] = expected.parameters[..] else {
            panic!("{name}: three parameters")
        };
        assert_estimate(found.lambda, lambda, expected.lambda, name);
        assert_estimate(found.sigma, sigma, expected.sigma, name);
        assert_estimate(found.kappa, kappa, expected.kappa.unwrap(), name);
        assert_eq!(found.is_contended(), expected.sigma[0] > 0.0, "{name}");
        assert_eq!(found.is_superlinear(), expected.sigma[1] < 0.0, "{name}");
        assert_eq!(found.is_coherent(), expected.peak.is_some(), "{name}");
        assert_eq!(found.goodness.freedom, expected.freedom, "{name}");
        assert_close(found.goodness.scatter, expected.scatter, 1.0, name);
        assert_eq!(
            found.goodness.lack_of_fit_p.is_some(),
            expected.lack_of_fit_p.is_some(),
            "{name}"
        );
        if let Some(p) = expected.lack_of_fit_p {
            assert_close(found.goodness.lack_of_fit_p.unwrap(), p, p, name);
            assert_eq!(found.goodness.lacks_fit, p < 0.05, "{name}");
        }
        let pair = expected.peak.zip(expected.throughput);
        assert_eq!(found.peak.is_some(), pair.is_some(), "{name}");
        if let (Some(found), Some((at, throughput))) = (found.peak, pair) {
            assert_estimate(found.at, at[0], [at[1], at[2]], name);
            let [value, low, high] = throughput;
            assert_estimate(found.throughput, value, [low, high], name);
        }
        if let Some(knee) = expected.knee {
            assert_close(found.knee.unwrap().value, knee, knee, name);
        }
    }
}

#[test]
fn amdahls_law_agrees_with_scipy() {
    for expected in golden().amdahl {
        let name = &expected.name;

        let found = amdahl(&points(&expected.at, &expected.value), 0.95).unwrap();

        assert_estimate(found.lambda, expected.parameters[0], expected.lambda, name);
        assert_estimate(found.sigma, expected.parameters[1], expected.sigma, name);
        assert_eq!(found.goodness.freedom, expected.freedom, "{name}");
        assert_eq!(found.is_contended(), expected.sigma[0] > 0.0, "{name}");
        assert_eq!(found.speedup_limit.is_some(), found.is_contended());
        if let Some(limit) = found.speedup_limit {
            let ends = [1.0 / expected.sigma[1], 1.0 / expected.sigma[0]];
            assert_estimate(limit, 1.0 / expected.parameters[1], ends, name);
        }
    }
}

#[test]
fn a_law_that_bounds_nothing_is_refused() {
    let from_two = golden().usl.into_iter().find(|fit| fit.name == "from two");
    let from_two = from_two.unwrap();

    let found = amdahl(&points(&from_two.at, &from_two.value), 0.95);

    assert_eq!(found, Err(Refused::Unbounded { parameter: "σ" }));
}

#[test]
fn power_laws_agree_with_scipy() {
    for expected in golden().power {
        let name = &expected.name;

        let found = power_law(&points(&expected.at, &expected.value), 0.95).unwrap();

        let [value, low, high] = expected.exponent;
        assert_estimate(found.exponent, value, [low, high], name);
        let [value, low, high] = expected.coefficient;
        assert_estimate(found.coefficient, value, [low, high], name);
        let goodness = found.goodness;
        assert_eq!(goodness.freedom, expected.freedom, "{name}");
        assert_eq!(goodness.lacks_fit, expected.lack_of_fit_p < 0.05, "{name}");
        let p = expected.lack_of_fit_p;
        assert_close(goodness.lack_of_fit_p.unwrap(), p, p.max(1e-9), name);
        if !goodness.lacks_fit {
            assert_close(goodness.r_squared, expected.r_squared, 1e-3, name);
        }
    }
}

#[test]
fn speedups_agree_with_scipy() {
    let expected = &golden().efficiency[0];

    let found = efficiency(
        &points(&expected.at, &expected.value),
        Series::Throughput,
        0.95,
    )
    .unwrap();

    assert_eq!(found.len(), 4);
    assert_eq!((found[0].speedup, found[0].speedup_interval), (1.0, None));
    for (k, level) in found[1..].iter().enumerate() {
        let ends = level.speedup_interval.unwrap();
        assert_close(level.speedup, expected.speedup[k], 1e-3, "speed-up");
        assert_close(ends.low, expected.low[k], 1e-3, "low");
        assert_close(ends.high, expected.high[k], 1e-3, "high");
        assert_close(
            level.efficiency * level.at,
            level.speedup,
            1e-3,
            "efficiency",
        );
    }
}
