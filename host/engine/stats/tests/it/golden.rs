//! Numbers against those of NumPy and SciPy (`tests/golden/stats.py` says how they were made).

use benchhost_record::Samples;
use benchhost_stats::{median_interval, quantile, summarise};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    summary: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    name: String,
    values: Vec<f64>,
    median: f64,
    mad: f64,
    mean: f64,
    trimmed_mean: f64,
    standard_deviation: f64,
    p95: f64,
    p99: f64,
    interval: [f64; 2],
}

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs(),
        "{what}: {found}, expected {expected}"
    );
}

#[test]
fn summaries_agree_with_numpy_and_scipy() {
    let text = include_str!("../../../../../tests/golden/stats.toml");
    let golden: Golden = toml::from_str(text).unwrap();
    assert_eq!(golden.summary.len(), 7);
    for expected in golden.summary {
        let name = &expected.name;
        let mut samples = Samples::default();
        for value in &expected.values {
            samples.push(0, 1, *value);
        }

        let found = summarise(&samples, 1, 0.95).unwrap();

        assert_close(found.median, expected.median, name);
        assert_close(found.mad, expected.mad, name);
        assert_close(found.mean, expected.mean, name);
        assert_close(found.trimmed_mean, expected.trimmed_mean, name);
        assert_close(found.standard_deviation, expected.standard_deviation, name);
        assert_eq!(
            [found.interval.low, found.interval.high],
            expected.interval,
            "{name}"
        );
        assert_eq!(
            found.interval,
            median_interval(&expected.values, 0.95).unwrap()
        );
        for (q, value, needed) in [(0.95, expected.p95, 130), (0.99, expected.p99, 662)] {
            assert_close(quantile(&expected.values, q).unwrap(), value, name);
            let stated = found.quantiles.iter().find(|one| one.q == q).unwrap();
            let missing = u64::saturating_sub(needed, expected.values.len() as u64);
            assert_eq!(stated.needs_more, missing, "{name} {q}");
            assert_eq!(stated.value.is_some(), missing == 0, "{name} {q}");
        }
    }
}
