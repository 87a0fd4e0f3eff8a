//! Whether every piece is done, once, by whom ever.

use super::*;

#[test]
fn every_piece_is_handed_out_once_and_at_its_place() {
    for threads in 1..4 {
        let mut team = Team::new(threads);
        for length in [1, 2, 3, 7, 64] {
            let mut values = vec![0usize; 50];

            team.chunks(&mut values, length, |index, piece| {
                for (at, value) in piece.iter_mut().enumerate() {
                    *value += index * length + at + 1;
                }
            });

            assert!(
                values
                    .iter()
                    .enumerate()
                    .all(|(at, value)| *value == at + 1),
                "{threads} {length}"
            );
        }
    }
}

#[test]
fn units_stay_whole_and_carry_the_number_of_the_first() {
    for threads in [1, 2, 3] {
        let mut team = Team::new(threads);
        let mut values = vec![0usize; 30];

        team.share(&mut values, 3, |unit, piece| {
            assert!(piece.len().is_multiple_of(3));
            for (at, value) in piece.iter_mut().enumerate() {
                *value = unit * 3 + at;
            }
        });

        assert!(values.iter().enumerate().all(|(at, value)| *value == at));
    }
}

#[test]
fn a_panic_of_a_piece_is_a_panic_of_the_caller_and_the_team_lives_on() {
    let mut team = Team::new(2);
    for bad in 0..8 {
        let mut values = [0; 8];
        let thrown = catch_unwind(AssertUnwindSafe(|| {
            team.chunks(&mut values, 1, |index, _| {
                assert!(index != bad, "piece {bad}")
            });
        }));
        assert!(thrown.is_err());
    }
    let mut values = [0; 8];

    team.chunks(&mut values, 1, |index, piece| piece[0] = index);

    assert_eq!(values, [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn helpers_that_fell_asleep_are_woken() {
    let mut team = Team::new(3);
    while team.shared.asleep.load(Ordering::SeqCst) < 2 {
        thread::yield_now();
    }
    let mut values = [0; 100];

    team.chunks(&mut values, 1, |_, piece| piece[0] = 1);

    assert_eq!(values, [1; 100]);
}
