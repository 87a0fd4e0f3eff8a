//! Rows divided by their length, forward and backward.

use crate::wide;

use super::rows::dot;

/// Smallest length a row is divided by; below it the length counts as this constant.
pub const FLOOR: f32 = 1e-8;

/// `units ← x/‖x‖` row by row, `[rows, width]`; `inverse_norms` (`[rows]`) receives 1/max(‖x‖, [`FLOOR`]).
pub fn normalise(units: &mut [f32], inverse_norms: &mut [f32], x: &[f32]) {
    let width = x.len() / inverse_norms.len();
    wide!({
        let rows = units.chunks_exact_mut(width).zip(x.chunks_exact(width));
        for ((unit, x), inverse) in rows.zip(inverse_norms.iter_mut()) {
            *inverse = 1.0 / dot(x, x).sqrt().max(FLOOR);
            for (unit, x) in unit.iter_mut().zip(x) {
                *unit = x * *inverse;
            }
        }
    });
}

/// The gradient with respect to x, from `units` and `inverse_norms` of [`normalise`] and the gradient with respect to
/// the units: (g − u·(u·g))/‖x‖.
pub fn normalise_gradient(out: &mut [f32], gradient: &[f32], units: &[f32], inverse_norms: &[f32]) {
    let width = units.len() / inverse_norms.len();
    wide!({
        let rows = units
            .chunks_exact(width)
            .zip(gradient.chunks_exact(width))
            .zip(out.chunks_exact_mut(width));
        for (((unit, gradient), out), inverse) in rows.zip(inverse_norms) {
            // At the floor the divisor is a constant.
            let along = if *inverse < 1.0 / FLOOR {
                dot(unit, gradient)
            } else {
                0.0
            };
            for ((out, unit), gradient) in out.iter_mut().zip(unit).zip(gradient) {
                *out = (gradient - unit * along) * inverse;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn units_and_gradients_are_the_plain_ones(rows in 1usize..9, width in 1usize..150) {
            let value = |i: usize, step: usize| ((i * step) % 97) as f32 / 40.0 - 1.21;
            let x: Vec<f32> = (0..rows * width).map(|i| value(i, 31)).collect();
            let g: Vec<f32> = (0..rows * width).map(|i| value(i, 53)).collect();
            let (mut units, mut inverse) = (vec![9.0; x.len()], vec![9.0; rows]);
            let mut out = vec![9.0; x.len()];

            normalise(&mut units, &mut inverse, &x);
            normalise_gradient(&mut out, &g, &units, &inverse);

            for row in 0..rows {
                let at = |v: &[f32], j: usize| f64::from(v[row * width + j]);
                let norm = (0..width).map(|j| at(&x, j).powi(2)).sum::<f64>().sqrt();
                let along = (0..width).map(|j| at(&x, j) * at(&g, j)).sum::<f64>() / norm;
                for j in 0..width {
                    let unit = at(&x, j) / norm;
                    prop_assert!((at(&units, j) - unit).abs() < 1e-5);
                    let plain = (at(&g, j) - unit * along) / norm;
                    prop_assert!((at(&out, j) - plain).abs() < 1e-5 * (1.0 + 1.0 / norm));
                }
            }
        }
    }

    #[test]
    fn a_row_of_zeros_stays_finite() {
        let (mut units, mut inverse, mut out) = ([9.0; 3], [9.0], [9.0; 3]);
        normalise(&mut units, &mut inverse, &[0.0; 3]);
        normalise_gradient(&mut out, &[1e-9; 3], &units, &inverse);
        assert_eq!(units, [0.0; 3]);
        assert!(out.iter().all(|g| (g - 0.1).abs() < 1e-6), "{out:?}");
    }
}
