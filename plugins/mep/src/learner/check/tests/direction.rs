//! Falsified low-rank directions, Fisher matrices and answers of its equation.

use benchhost_support::random::{fill_normal, stream};

use super::{
    super::{direction::check_low_rank, natural::Solved},
    update::updated,
    *,
};
use crate::{
    network::shape,
    update::{Direction, LowRank},
};

#[test]
fn a_low_rank_direction_that_is_none_or_another_ones() {
    let right = updated(OptimizerKind::Sdmep);
    right.check().unwrap();
    let with = |change: &dyn Fn(&mut [f32], &[f32])| {
        let mut other = right.clone();
        let (gradient, _) = right.before.layer_of(&right.gradients, 0);
        change(&mut other.matrices[0].direction, gradient);
        other.check()
    };

    wrong(
        with(&|d, _| d.fill(0.0)),
        "layer 0: the direction has rank 0.00, expected ",
    );
    // UVᵀ of something else: two units of the identity, 25 of them, the right one with a row too much.
    let columns = shape(&right.before, 0).1;
    wrong(
        with(&|d, _| {
            d.fill(0.0);
            (0..25).for_each(|i| d[i * columns + i] = 1.0);
        }),
        "layer 0: the direction is none of this gradient: DᵀG on a vector",
    );
    wrong(
        with(&|d, _| {
            d.fill(0.0);
            (0..26).for_each(|i| d[i * columns + i] = 1.0);
        }),
        "layer 0: the direction has rank 26.00, expected ",
    );
    wrong(
        with(&|d, _| d.iter_mut().for_each(|d| *d = -*d)),
        "layer 0: the direction has -",
    );
    wrong(
        with(&|d, g| d.copy_from_slice(g)),
        "layer 0: D is no UVᵀ: D·Dᵀ·D",
    );
    wrong(
        with(&|d, _| d.rotate_right(columns)),
        "layer 0: the direction is none of this gradient",
    );
}

/// Of a random matrix all singular values are alike: the worst case of a randomised decomposition.
#[test]
fn a_low_rank_direction_of_noise_is_right() {
    for (seed, shape) in (1..).zip([(120, 90), (90, 120), (300, 40), (64, 64)]) {
        for share in [0.01, 0.05, 0.2, 0.5] {
            let mut gradient = vec![0.0; shape.0 * shape.1];
            fill_normal(&mut stream(seed, "gradient"), &mut gradient);
            let mut direction = vec![0.0; gradient.len()];
            LowRank::new(shape, share, 1).direction(&gradient, &mut direction);

            let rank = (share * shape.0.min(shape.1) as f64) as usize;
            check_low_rank(&direction, &gradient, shape, rank.max(1))
                .unwrap_or_else(|error| panic!("{shape:?}, {share}, seed {seed}: {error}"));
        }
    }
}

#[test]
fn a_low_rank_direction_of_the_wrong_singular_values_is_wrong() {
    let (rows, columns, rank) = (30, 20, 4);
    let diagonal = |value: &dyn Fn(usize) -> f32| {
        let mut matrix = vec![0.0; rows * columns];
        (0..columns).for_each(|i| matrix[i * columns + i] = value(i));
        matrix
    };
    let gradient = diagonal(&|i| 20.0 * 0.8f32.powi(i as i32));
    let check = |from: usize| {
        let direction = diagonal(&|i| f32::from((from..from + rank).contains(&i)));
        check_low_rank(&direction, &gradient, (rows, columns), rank)
    };

    check(0).unwrap();
    // 20 + 16 + 12.8 + 10.24 is 59.04.
    wrong(check(1), "the direction has 4.723200e1 of the gradient");
    wrong(check(16), "the direction has 1.661");
}

#[test]
fn a_fisher_matrix_or_an_answer_of_its_equation() {
    let right = updated(OptimizerKind::NaturalEp);
    right.check().unwrap();
    let with = |layer: usize, change: &dyn Fn(&mut Solved)| {
        let mut other = right.clone();
        change(other.matrices[layer].solved.as_mut().unwrap());
        other.check()
    };

    for layer in 0..3 {
        for which in [0, 1] {
            wrong(
                with(layer, &|solved| nudge(&mut solved.fisher[which])),
                &format!("layer {layer}: the Fisher matrix is "),
            );
        }
        wrong(
            with(layer, &|solved| solved.fisher[0].fill(0.0)),
            &format!("layer {layer}: the Fisher matrix is "),
        );
        wrong(
            with(layer, &|solved| {
                solved.answer.iter_mut().for_each(|x| *x *= 1.01);
            }),
            &format!("layer {layer}: (F + λI)·X differs from the gradient"),
        );
        wrong(
            with(layer, &|solved| double(&mut solved.answer)),
            &format!("layer {layer}: (F + λI)·X differs from the gradient"),
        );
    }
    for direction in [
        Direction::Natural {
            decay: 0.95,
            damping: 1.1e-3,
        },
        Direction::Natural {
            decay: 0.9,
            damping: 1e-3,
        },
    ] {
        let mut other = right.clone();
        other.rule.direction = direction;
        wrong(other.check(), "layer 0: ");
    }
}
