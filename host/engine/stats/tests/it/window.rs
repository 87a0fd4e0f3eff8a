//! Windows and trends against Python's `statistics` (`tests/golden/window.py` says how they were made).

use benchhost_stats::{Error, trend, window};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    window: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    name: String,
    values: Vec<f64>,
    size: usize,
    mean: f64,
    stdev: f64,
    min: f64,
    max: f64,
    count: usize,
    trend: Option<f64>,
}

fn assert_close(found: f64, expected: f64, what: &str) {
    let error = (found - expected).abs();
    assert!(
        error <= 1e-12 * expected.abs(),
        "{what}: {found}, expected {expected}"
    );
}

#[test]
fn windows_agree_with_python() {
    let text = include_str!("../../../../../tests/golden/window.toml");
    let golden: Golden = toml::from_str(text).unwrap();
    assert_eq!(golden.window.len(), 14);
    for expected in golden.window {
        let name = &expected.name;

        let found = window(&expected.values, expected.size).unwrap();

        assert_close(found.mean, expected.mean, name);
        assert_close(found.stdev, expected.stdev, name);
        let rest = (found.min, found.max, found.count);
        assert_eq!(rest, (expected.min, expected.max, expected.count), "{name}");
        if let Some(percent) = expected.trend {
            let found = trend(&expected.values).unwrap().unwrap();
            assert!(
                (found - percent).abs() < 1e-9,
                "{name}: {found}, expected {percent}"
            );
        }
    }
}

#[test]
fn what_a_window_cannot_say_is_an_error() {
    assert_eq!(
        window(&[], 10),
        Err(Error::TooFew {
            found: 0,
            needed: 1
        })
    );
    assert_eq!(
        window(&[1.0, f64::NAN], 1),
        Err(Error::NotFinite { index: 1 })
    );
    assert_eq!(window(&[f64::NAN, 1.0], 1).unwrap().mean, 1.0);
    assert_eq!(
        trend(&[1.0; 9]),
        Err(Error::TooFew {
            found: 9,
            needed: 10
        })
    );
    assert_eq!(trend(&[0.0; 10]), Ok(None));
    assert_eq!(window(&[1e308, 1.2e308], 10).unwrap().mean, 1.1e308);
}
