//! Predictions at their rates; `examples/history` has the tables.

use benchhost_stats::{Prediction, SplitMix64};

const LEVEL: f64 = 0.005;

/// Skewed noise of 2 %, with one wild value in twenty.
fn value(random: &mut SplitMix64) -> f64 {
    let wild = if random.uniform() < 0.05 {
        30.0 * random.uniform()
    } else {
        0.0
    };
    100.0 + 2.0 * (0.5 * random.normal()).exp() + wild
}

/// Of 4000 new values `effect` slower, how many are called so after a second look.
fn slower(effect: f64) -> usize {
    let mut random = SplitMix64::new(20_261_121);
    (0..4000)
        .filter(|_| {
            let past: Vec<f64> = (0..64).map(|_| value(&mut random)).collect();
            let prediction = Prediction::new(&past).expect("64 finite values");
            let (new, again) = (value(&mut random) + effect, value(&mut random) + effect);
            prediction.suspicion(new, true) > 2.0 && prediction.p(new, Some(again), true) < LEVEL
        })
        .count()
}

#[test]
fn a_second_look_seldom_alarms_and_finds_ten_percent() {
    let (false_alarms, found) = (slower(0.0), slower(10.0));

    // 20 at the stated level, and four standard deviations.
    assert!(false_alarms <= 20 + 18, "{false_alarms} of 4000");
    assert!(found >= 3600, "{found} of 4000");
}

#[test]
fn bursts_that_were_seen_before_are_no_surprise() {
    let mut past = vec![100.0; 64];
    for (i, x) in past.iter_mut().enumerate() {
        *x += (i % 5) as f64 * 0.5;
    }
    let calm = Prediction::new(&past).unwrap();
    past[20] = 120.0;
    let lone = Prediction::new(&past).unwrap();
    past[21] = 120.0;
    let burst = Prediction::new(&past).unwrap();

    let p = |prediction: &Prediction| prediction.p(112.0, Some(112.0), true);
    assert!(p(&calm) < LEVEL && p(&lone) < LEVEL && p(&burst) > LEVEL);
    assert!(lone.p(112.0, None, true) > calm.p(112.0, None, true));
}

#[test]
fn the_unit_does_not_matter() {
    let mut random = SplitMix64::new(3);
    let past: Vec<f64> = (0..40).map(|_| value(&mut random)).collect();
    let scaled: Vec<f64> = past.iter().map(|x| x * 1024.0).collect();
    let (one, other) = (
        Prediction::new(&past).unwrap(),
        Prediction::new(&scaled).unwrap(),
    );

    for x in [90.0, 101.0, 104.0, 120.0] {
        for upwards in [true, false] {
            let (p, q) = (
                one.p(x, Some(x), upwards),
                other.p(x * 1024.0, Some(x * 1024.0), upwards),
            );
            assert!((p - q).abs() < 1e-9, "{x}: {p} and {q}");
        }
    }
}

#[test]
fn extreme_pasts_predict_or_do_not() {
    for past in [
        vec![1e300; 20],
        vec![0.0; 20],
        vec![5e-324; 20],
        vec![-1e300; 20],
    ] {
        let prediction = Prediction::new(&past).unwrap();
        assert!(prediction.p(past[0], None, true) >= 0.5);
    }
    let wide: Vec<f64> = (0..20)
        .map(|i| if i % 2 == 0 { f64::MAX } else { f64::MIN })
        .collect();
    if let Some(prediction) = Prediction::new(&wide) {
        assert!((0.0..=1.0).contains(&prediction.p(0.0, Some(1.0), true)));
    }
}
