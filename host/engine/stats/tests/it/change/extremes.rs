//! Numbers at the edge of what is a number, and series without noise.

use super::series::{indices, sound, white};
use benchhost_stats::{ChangeKind, SplitMix64, changes};

#[test]
fn what_never_varies_never_changes() {
    for value in [
        0.0,
        -0.0,
        1.0,
        -3.5,
        1e300,
        5e-324,
        f64::MAX,
        f64::MIN,
        1e-300,
    ] {
        for n in [8, 20, 161, 1000] {
            assert!(sound(&vec![value; n]).is_empty(), "{value} {n}");
        }
    }
}

#[test]
fn what_is_no_number_is_missing() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(sound(&vec![value; 100]).is_empty());
        let mut values = white(100, 3, |i| if i < 50 { 100.0 } else { 110.0 });
        values[10] = value;
        values[80] = value;
        assert_eq!(indices(&values), [50]);
    }
}

#[test]
fn a_step_of_an_exact_count_is_found_where_it_is() {
    // Both sides of the length from which not every place is a candidate.
    for n in [20, 100, 160, 161, 162, 200, 1000] {
        for (before, after) in [
            (100.0, 101.0),
            (4096.0, 4097.0),
            (0.0, 1.0),
            (0.0, 3e7),
            (-1.0, 1e300),
            (0.1, 0.3),
        ] {
            let at = 2 * n / 3 + 1;
            let values: Vec<f64> = (0..n)
                .map(|i| if i < at { before } else { after })
                .collect();

            let found = sound(&values);

            assert_eq!(found.len(), 1, "{n} {before} {after}: {found:?}");
            assert_eq!((found[0].index, found[0].kind), (at, ChangeKind::Step));
            assert_eq!((found[0].before, found[0].after), (before, after));
            assert_eq!((found[0].noise_before, found[0].noise_after), (0.0, 0.0));
        }
    }
}

#[test]
fn several_steps_of_an_exact_count_are_found() {
    for n in [100, 161, 300, 1000] {
        let level = |i: usize| [0.0, 1e9, 1.1e9][usize::from(i >= n / 3) + usize::from(i > n / 2)];
        let values: Vec<f64> = (0..n).map(level).collect();

        assert_eq!(indices(&values), [n / 3, n / 2 + 1]);
    }
}

#[test]
fn two_values_in_turn_are_no_change() {
    let values: Vec<f64> = (0..120)
        .map(|i| if i % 2 == 0 { 10.0 } else { 12.0 })
        .collect();
    assert!(sound(&values).is_empty());

    let mut random = SplitMix64::new(5);
    let values: Vec<f64> = (0..200)
        .map(|_| if random.uniform() < 0.4 { 10.0 } else { 12.0 })
        .collect();
    assert!(sound(&values).is_empty());
}

#[test]
fn scale_does_not_matter_to_what_is_not_positive() {
    for scale in [1e-300, 1e-18, 1.0, 1e9, 1e200, 1e300] {
        let values: Vec<f64> = white(180, 11, |i| if i < 100 { 0.0 } else { 5.0 })
            .iter()
            .map(|x| x * scale)
            .collect();

        let found = sound(&values);

        assert_eq!(found.len(), 1, "{scale}: {found:?}");
        assert!(found[0].index.abs_diff(100) <= 1);
    }
}

#[test]
fn small_noise_on_large_levels_cancels_nothing() {
    let values = white(300, 2, |i| {
        if i < 100 {
            -1e9
        } else if i < 150 {
            1.1e9
        } else {
            1.3e9
        }
    });
    assert_eq!(indices(&values), [100, 150]);

    let values: Vec<f64> = white(300, 2, |_| 0.0)
        .iter()
        .enumerate()
        .map(|(i, z)| [1.0, 1.1, 1.3][i / 100] * (1.0 + 1e-9 * z))
        .collect();
    assert_eq!(indices(&values), [100, 200]);
}

#[test]
fn a_hundred_thousand_values_have_an_answer() {
    let values = white(100_000, 9, |i| if i < 40_000 { 100.0 } else { 105.0 });

    let found = changes(&values);

    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].index.abs_diff(40_000) <= 1);
}
