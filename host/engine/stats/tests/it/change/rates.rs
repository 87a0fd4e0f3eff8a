//! Promises that are rates: false alarms, finds, intervals. Seeded, so that a failure stays one.

use super::series::{NOISES, Noise, about, noise, sound, white};
use benchhost_stats::{SplitMix64, changes};

/// More than 1 % of 1000 by four standard deviations is no chance.
const MOST_ALARMS: usize = 10 + 4 * 3 + 1;

#[test]
fn unchanged_series_seldom_alarm() {
    for (k, kind) in NOISES.into_iter().enumerate() {
        let mut alarmed = 0;
        for seed in 0..1000 {
            let mut random = SplitMix64::new(seed * 31 + k as u64);
            let n = 24 + random.index(60);
            // Noise of half a percent to ten.
            let level = 10.0 * (random.uniform() * 20.0_f64.ln()).exp();
            let values = about(|_| level, &noise(kind, n, &mut random));
            alarmed += usize::from(!changes(&values).is_empty());
        }
        println!("{kind:?}: {alarmed} of 1000");
        assert!(alarmed <= MOST_ALARMS, "{kind:?}: {alarmed} of 1000");
    }
}

#[test]
fn clear_steps_are_found_where_they_are() {
    let (mut found, mut covered, mut extra) = (0, 0, 0);
    for seed in 0..300 {
        let mut random = SplitMix64::new(seed);
        let (before, after) = (15 + random.index(60), 15 + random.index(60));
        let up = if random.uniform() < 0.5 { 5.0 } else { -5.0 };
        let values = white(before + after, seed + 1000, |i| {
            if i < before { 100.0 } else { 100.0 + up }
        });

        let changes = sound(&values);

        let near = changes
            .iter()
            .find(|change| change.index.abs_diff(before) <= 2);
        found += usize::from(near.is_some());
        covered += usize::from(
            near.is_some_and(|change| (change.interval.0..=change.interval.1).contains(&before)),
        );
        extra += changes.len() - usize::from(near.is_some());
    }
    println!("{found} found, {covered} covered, {extra} more");
    assert!(
        found >= 285 && covered * 100 >= found * 95 && extra <= 3,
        "{found} {covered} {extra}"
    );
}

#[test]
fn intervals_of_faint_steps_hold_the_place() {
    for kind in [Noise::White, Noise::LogNormal, Noise::Autoregressive(0.3)] {
        let (mut found, mut covered) = (0, 0);
        for seed in 0..300 {
            let mut random = SplitMix64::new(seed);
            let values = about(
                |i| if i < 60 { 100.0 } else { 103.5 },
                &noise(kind, 120, &mut random),
            );
            if let [change] = changes(&values)[..] {
                found += 1;
                covered += usize::from((change.interval.0..=change.interval.1).contains(&60));
            }
        }
        println!("{kind:?}: {covered} of {found}");
        assert!(
            found > 100 && covered * 100 >= found * 95,
            "{kind:?}: {covered} of {found}"
        );
    }
}
