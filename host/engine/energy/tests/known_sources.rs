//! Sources of power whose integral is known, looked at by both instruments: sampled power, and a counter that wraps.

use std::f64::consts::TAU;

use benchhost_energy::EnergyCounter;
use benchhost_stats::{SplitMix64, Track};

/// Ten looks a second, ns.
const EVERY_NS: u64 = 100_000_000;
/// How long each source runs, s. No whole number of periods of any source.
const SPAN_S: f64 = 601.3;
/// What is allowed to be wrong.
const ALLOWED: f64 = 0.01;

type Source = (&'static str, fn(f64) -> f64, fn(f64) -> f64);

/// Power in W, and its integral from 0 by hand, both by time in s.
const SOURCES: [Source; 4] = [
    ("constant", |_| 65.0, |t| 65.0 * t),
    ("ramp", |t| 10.0 + 0.3 * t, |t| 10.0 * t + 0.15 * t * t),
    (
        "sine",
        |t| 100.0 + 80.0 * (TAU * t / 1.7).sin(),
        |t| 100.0 * t + 80.0 * 1.7 / TAU * (1.0 - (TAU * t / 1.7).cos()),
    ),
    // 200 W for 1.185 s, then 20 W for 1.185 s: no whole number of looks.
    (
        "square wave",
        |t| square_w(t, 1.185),
        |t| square_j(t, 1.185),
    ),
];

fn square_w(t: f64, half_s: f64) -> f64 {
    if t % (2.0 * half_s) < half_s {
        200.0
    } else {
        20.0
    }
}

fn square_j(t: f64, half_s: f64) -> f64 {
    let (whole, rest) = ((t / (2.0 * half_s)).floor(), t % (2.0 * half_s));
    whole * half_s * 220.0 + rest.min(half_s) * 200.0 + (rest - half_s).max(0.0) * 20.0
}

/// Times of looks from 0 to the end, each late by up to `jitter` of the time between two.
fn times_ns(jitter: f64, seed: u64) -> Vec<u64> {
    let mut random = SplitMix64::new(seed);
    let end_ns = (SPAN_S * 1e9) as u64;
    let mut times: Vec<u64> = (1..end_ns / EVERY_NS)
        .map(|look| look * EVERY_NS + (jitter * random.uniform() * EVERY_NS as f64) as u64)
        .collect();
    times.insert(0, 0);
    times.push(end_ns);
    times
}

#[track_caller]
fn assert_close(found_j: f64, expected_j: f64, what: &str) {
    let wrong = found_j / expected_j - 1.0;
    assert!(
        wrong.abs() < ALLOWED,
        "{what}: {found_j} J, expected {expected_j} J"
    );
}

#[test]
fn power_sampled_ten_times_a_second_is_within_one_per_cent_of_the_integral() {
    for (name, power_w, energy_j) in SOURCES {
        for seed in 0..50 {
            let jitter = if seed == 0 { 0.0 } else { 0.9 };
            let mut power = Track::default();

            for at_ns in times_ns(jitter, seed) {
                power.add(at_ns, power_w(at_ns as f64 * 1e-9));
            }

            let what = format!("{name}, seed {seed}");
            assert_close(power.integral().unwrap(), energy_j(SPAN_S), &what);
            assert_close(power.mean().unwrap(), energy_j(SPAN_S) / SPAN_S, &what);
        }
    }
}

#[test]
fn a_counter_with_an_update_every_millisecond_that_wraps_is_within_one_per_cent() {
    const UPDATE_S: f64 = 1e-3;
    // Small, so that it wraps many times: 150 J.
    const RANGE_UJ: u64 = 150_000_000;
    for (name, _, energy_j) in SOURCES {
        for seed in 0..50 {
            let first_uj = 149_999_000 - seed;
            let shown = |at_ns: u64| {
                let updated_s = (at_ns as f64 * 1e-9 / UPDATE_S).floor() * UPDATE_S;
                (first_uj + (energy_j(updated_s) * 1e6) as u64) % (RANGE_UJ + 1)
            };
            let mut counter = EnergyCounter::new(shown(0), Some(RANGE_UJ));
            let mut wraps = 0;
            let mut last_uj = shown(0);

            for at_ns in times_ns(0.9, seed) {
                counter.advance(shown(at_ns)).unwrap();
                wraps += u32::from(shown(at_ns) < last_uj);
                last_uj = shown(at_ns);
            }

            assert_close(
                counter.joules(),
                energy_j(SPAN_S),
                &format!("{name}, seed {seed}"),
            );
            assert!(wraps > 10, "{name}: wrapped {wraps} times");
        }
    }
}

#[test]
fn a_wave_in_step_with_the_looks_is_wrong_by_no_more_than_half_a_look_an_edge() {
    // 23 looks a period: 12 of them see the higher power, for ever. No rule knows better from the samples alone.
    const HALF_S: f64 = 1.15;
    let mut power = Track::default();

    for at_ns in times_ns(0.0, 0) {
        power.add(at_ns, square_w(at_ns as f64 * 1e-9, HALF_S));
    }

    let wrong_j = (power.integral().unwrap() - square_j(SPAN_S, HALF_S)).abs();
    let edges = (SPAN_S / HALF_S).ceil();
    assert!(wrong_j > ALLOWED * square_j(SPAN_S, HALF_S), "{wrong_j} J");
    assert!(wrong_j <= edges * 180.0 * 0.05, "{wrong_j} J");
}
