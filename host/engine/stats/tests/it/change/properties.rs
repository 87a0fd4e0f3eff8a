//! What must hold for all series.

use proptest::prelude::*;

use super::series::{NOISES, Noise, indices, noise, sound, white};
use benchhost_stats::SplitMix64;

/// A series of any noise with up to three steps.
fn series() -> impl Strategy<Value = Vec<f64>> {
    let steps = prop::collection::vec((0.0..1.0, -20.0..20.0), 0..4);
    (any::<u64>(), 0..NOISES.len(), 8_usize..220, steps).prop_map(|(seed, kind, n, steps)| {
        let values = noise(NOISES[kind], n, &mut SplitMix64::new(seed));
        let level = |i: usize| -> f64 {
            let before = steps.iter().filter(|(at, _)| at * n as f64 <= i as f64);
            before.map(|(_, size)| size).sum()
        };
        let values = values.iter().enumerate();
        values.map(|(i, z)| 200.0 + level(i) + z).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_series_has_a_sound_answer(values in series()) {
        sound(&values);
    }

    #[test]
    fn any_numbers_at_all_have_a_sound_answer(values in prop::collection::vec(any::<f64>(), 0..80)) {
        sound(&values);
    }

    #[test]
    fn few_different_numbers_have_a_sound_answer(picks in prop::collection::vec(0_usize..6, 0..120)) {
        let numbers = [0.0, 1.0, -1.0, 1e300, 5e-324, f64::NAN];
        let values: Vec<f64> = picks.into_iter().map(|k| numbers[k]).collect();
        sound(&values);
    }

    #[test]
    fn another_unit_changes_no_index(values in series(), power in -40_i32..40) {
        let scaled: Vec<f64> = values.iter().map(|x| x * 2.0_f64.powi(power)).collect();
        prop_assert_eq!(indices(&values), indices(&scaled));

        let plain: Vec<f64> = values.iter().map(|x| x - 200.0).collect();
        let scaled: Vec<f64> = plain.iter().map(|x| x * 2.0_f64.powi(power)).collect();
        prop_assert_eq!(indices(&plain), indices(&scaled));
    }

    #[test]
    fn the_other_direction_changes_no_index(values in series()) {
        let plain: Vec<f64> = values.iter().map(|x| x - 200.0).collect();
        // Values that are all positive are judged by their logarithms; those of the other sign cannot be.
        prop_assume!(plain.iter().any(|x| *x < 0.0) && plain.iter().any(|x| *x > 0.0));
        let turned: Vec<f64> = plain.iter().map(|x| -x).collect();
        prop_assert_eq!(indices(&plain), indices(&turned));
    }

    #[test]
    fn missing_points_only_move_indices(values in series(), every in 2_usize..9) {
        let finite: Vec<f64> = values.into_iter().filter(|x| x.is_finite()).collect();
        let mut with_holes = Vec::new();
        let mut places = Vec::new();
        for (i, x) in finite.iter().enumerate() {
            if i % every == 0 {
                with_holes.push(f64::NAN);
            }
            places.push(with_holes.len());
            with_holes.push(*x);
        }
        let moved: Vec<usize> = indices(&finite).into_iter().map(|i| places[i]).collect();
        prop_assert_eq!(moved, indices(&with_holes));
    }
}

#[test]
fn a_shift_of_a_series_that_is_not_positive_changes_no_index() {
    for seed in 0..40 {
        let values = white(120, seed, |i| if i < 70 { 0.0 } else { 5.0 });
        // Sums with a power of two of this size are rounded a little, not more.
        let shifted: Vec<f64> = values.iter().map(|x| x - 1024.0).collect();

        assert_eq!(indices(&values), indices(&shifted), "seed {seed}");
    }
}

#[test]
fn a_ratio_turned_over_changes_no_index() {
    for seed in 0..40 {
        let values = white(120, seed, |i| if i < 70 { 100.0 } else { 105.0 });
        let turned: Vec<f64> = values.iter().map(|x| 1e4 / x).collect();

        assert_eq!(indices(&values), indices(&turned), "seed {seed}");
    }
}

#[test]
fn a_further_point_keeps_old_changes_in_most_series() {
    let mut kept = 0;
    let mut all = 0;
    for seed in 0..60 {
        let values = white(130, seed, |i| 100.0 + [0.0, 5.0, -2.0][i / 45]);
        for n in 110..130 {
            let (before, after) = (indices(&values[..n]), indices(&values[..=n]));
            all += 1;
            kept += usize::from(before.iter().all(|index| after.contains(index)));
        }
    }
    assert!(kept * 100 >= all * 97, "{kept} of {all}");
}

#[test]
fn noise_of_each_kind_has_an_answer_at_every_length() {
    for n in 0..=20 {
        for kind in NOISES {
            sound(&noise(kind, n, &mut SplitMix64::new(n as u64)));
        }
        assert!(n >= 8 || indices(&noise(Noise::White, n, &mut SplitMix64::new(1))).is_empty());
    }
}
