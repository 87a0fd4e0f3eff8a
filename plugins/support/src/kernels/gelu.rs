//! The Gaussian error linear unit, x·Φ(x), and its tanh approximation, forward and backward.
//!
//! Source: Hendrycks & Gimpel (2016), arXiv:1606.08415. Where PyTorch has NaN, for −∞, this has the limit: 0.

use super::{exp::exp, vector};

/// Which formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// ½x(1 + tanh(√(2/π)(x + 0.044715·x³))): `approximate="tanh"` of PyTorch.
    Tanh,
    /// xΦ(x), Φ the distribution function of the standard normal distribution.
    Erf,
}

/// 2√(2/π).
const SLOPE: f32 = 1.595_769_2;

/// 2√(2/π)·0.044715.
const CUBE: f32 = 0.071_354_816;

/// Beyond this both forms are x or 0 in f32, and their slope 1 or 0: nothing that is computed overflows there.
const SATURATED: f32 = 15.0;

/// 1/√(2π): the density of the normal distribution at 0.
const DENSITY: f32 = 0.398_942_3;

/// Of t = 1/(1 + 0.35·|x|), the variable in which the tail of Φ is a short polynomial.
const TAIL_SCALE: f32 = 0.35;

/// Φ(−x)·exp(x²/2)/t for x from 0 to 14.5, lowest power of t first: Remez's algorithm in 50 digits, relative error
/// 3.2e-8. The form is that of Abramowitz & Stegun (1964), 7.1.26, with twice their digits.
const TAIL: [f32; 9] = [
    0.139_621_3,
    0.139_863_52,
    0.119_821_3,
    0.105_552_45,
    -0.023_212_213,
    0.159_319_48,
    -0.255_838_8,
    0.144_030_82,
    -0.029_157_864,
];

/// `out[i] ← gelu(x[i])`. `threads` 1 stays on the caller's thread, more use its pool of rayon.
///
/// # Panics
/// The lengths differ.
pub fn gelu(out: &mut [f32], x: &[f32], form: Form, threads: usize) {
    match form {
        Form::Tanh => vector::map(out, x, threads, by_tanh),
        Form::Erf => vector::map(out, x, threads, by_erf),
    }
}

/// `out[i] ← grad[i]·gelu′(x[i])`, the gradient of what [`gelu`] was given.
///
/// # Panics
/// The lengths differ.
pub fn gelu_backward(out: &mut [f32], x: &[f32], grad: &[f32], form: Form, threads: usize) {
    match form {
        Form::Tanh => vector::map_two(out, (x, grad), threads, |x, g| g * slope_by_tanh(x)),
        Form::Erf => vector::map_two(out, (x, grad), threads, |x, g| g * slope_by_erf(x)),
    }
}

/// ½(1 + tanh(u/2)) is 1/(1 + exp(−u)), which costs one exponential. That of −|u| cannot overflow, and nothing nearly
/// equal is subtracted.
#[inline(always)]
fn by_tanh(x: f32) -> f32 {
    let x = at_least(x, -SATURATED);
    let u = x * (x * x).mul_add(CUBE, SLOPE);
    let power = exp(-u.abs());
    x * (if u > 0.0 { 1.0 } else { power } / (1.0 + power))
}

#[inline(always)]
fn slope_by_tanh(x: f32) -> f32 {
    let x = at_most(at_least(x, -SATURATED), SATURATED);
    let square = x * x;
    let u = x * square.mul_add(CUBE, SLOPE);
    let power = exp(-u.abs());
    let half = 1.0 / (1.0 + power);
    let logistic = if u > 0.0 { half } else { power * half };
    let slope_of_u = square.mul_add(3.0 * CUBE, SLOPE);
    (x * (power * half * half)).mul_add(slope_of_u, logistic)
}

#[inline(always)]
fn by_erf(x: f32) -> f32 {
    let x = at_least(x, -SATURATED);
    let (_, tail) = bell_and_tail(at_most(x.abs(), SATURATED));
    x * if x > 0.0 { 1.0 - tail } else { tail }
}

#[inline(always)]
fn slope_by_erf(x: f32) -> f32 {
    let x = at_most(at_least(x, -SATURATED), SATURATED);
    let (bell, tail) = bell_and_tail(x.abs());
    let below = if x > 0.0 { 1.0 - tail } else { tail };
    (x * DENSITY).mul_add(bell, below)
}

/// exp(−x²/2) and Φ(−x) for x ≥ 0. The digits that x²/2 loses are put back: without them the tail has an error of
/// x²/2 units in the last place.
#[inline(always)]
fn bell_and_tail(x: f32) -> (f32, f32) {
    let half = 0.5 * x;
    let exponent = half * x;
    let lost = half.mul_add(x, -exponent);
    let bell = exp(-exponent);
    let bell = bell.mul_add(-lost, bell);
    let t = 1.0 / TAIL_SCALE.mul_add(x, 1.0);
    let mut polynomial = TAIL[8];
    let mut power = 8;
    while power > 0 {
        power -= 1;
        polynomial = polynomial.mul_add(t, TAIL[power]);
    }
    (bell, bell * (t * polynomial))
}

/// The larger one; NaN stays.
#[inline(always)]
fn at_least(x: f32, least: f32) -> f32 {
    if x < least { least } else { x }
}

/// The smaller one; NaN stays.
#[inline(always)]
fn at_most(x: f32, most: f32) -> f32 {
    if x > most { most } else { x }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::kernels::test_values::{any_value, normal_distribution};

    const FORMS: [Form; 2] = [Form::Tanh, Form::Erf];

    /// The argument of the tanh, doubled.
    fn doubled(x: f64) -> f64 {
        2.0 * (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))
    }

    fn plain(form: Form, x: f64) -> f64 {
        match form {
            _ if x == f64::NEG_INFINITY => 0.0,
            _ if x == f64::INFINITY => x,
            Form::Tanh => x / (1.0 + (-doubled(x)).exp()),
            Form::Erf => x * normal_distribution(x),
        }
    }

    /// Relative to the value. What x loses in its square is multiplied by the exponent of the tanh form.
    fn tolerance(form: Form, x: f64) -> f64 {
        match form {
            Form::Tanh => 2.4e-7 * (2.0 + doubled(x).abs().min(110.0)),
            Form::Erf => 8e-7,
        }
    }

    fn is_near(found: f32, plain: f64, tolerance: f64) -> bool {
        // What is subnormal in f32 has few digits.
        let near = (f64::from(found) - plain).abs() <= tolerance * plain.abs() + 3e-43;
        near || (plain.is_nan() && found.is_nan()) || f64::from(found) == plain
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn every_length_is_the_definition_of_each_value(x in vec(any_value(), 0..70)) {
            for form in FORMS {
                let mut out = vec![7.0; x.len()];

                gelu(&mut out, &x, form, 1);

                for (x, found) in x.iter().map(|x| f64::from(*x)).zip(&out) {
                    let plain = plain(form, x);
                    prop_assert!(
                        is_near(*found, plain, tolerance(form, x)),
                        "{form:?} of {x} is {plain}, not {found}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_definition_holds_from_end_to_end() {
        for form in FORMS {
            for step in 0..60_000 {
                let x = -15.0 + step as f32 * 5e-4;
                let mut out = [0.0];
                gelu(&mut out, &[x], form, 1);

                let (plain, allowed) = (plain(form, f64::from(x)), tolerance(form, f64::from(x)));
                assert!(
                    is_near(out[0], plain, allowed),
                    "{form:?} of {x} is {plain}, not {}",
                    out[0]
                );
            }
        }
    }

    #[test]
    fn gradients_are_the_slopes_of_the_definition() {
        let x: Vec<f32> = (0..4001).map(|i| i as f32 * 0.01 - 20.0).collect();
        let grad: Vec<f32> = (0..4001).map(|i| (i % 7) as f32 - 3.0).collect();
        for form in FORMS {
            let mut out = vec![7.0; x.len()];

            gelu_backward(&mut out, &x, &grad, form, 1);

            for ((x, grad), found) in x.iter().zip(&grad).zip(&out) {
                let (x, step) = (f64::from(*x), 1e-5);
                let slope = (plain(form, x + step) - plain(form, x - step)) / (2.0 * step);
                let expected = f64::from(*grad) * slope;
                assert!(
                    (f64::from(*found) - expected).abs() < 4e-6,
                    "{form:?}: slope at {x} is {expected}, not {found}"
                );
            }
        }
    }

    #[test]
    fn far_out_the_slope_is_zero_or_one_and_nan_stays() {
        let x = [
            f32::NEG_INFINITY,
            f32::MIN,
            -1e3,
            1e3,
            f32::MAX,
            f32::INFINITY,
        ];
        for form in FORMS {
            let mut out = [7.0; 6];
            gelu_backward(&mut out, &x, &[1.0; 6], form, 1);
            assert_eq!(out, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0], "{form:?}");

            let mut out = [0.0];
            gelu_backward(&mut out, &[f32::NAN], &[1.0], form, 1);
            assert!(out[0].is_nan(), "{form:?}");
        }
    }

    #[test]
    fn threads_change_nothing() {
        let x: Vec<f32> = (0..70_001)
            .map(|i| (i % 2001) as f32 * 0.01 - 10.0)
            .collect();
        for form in FORMS {
            let [mut alone, mut together] = [vec![0.0; x.len()], vec![1.0; x.len()]];
            gelu_backward(&mut alone, &x, &x, form, 1);
            gelu_backward(&mut together, &x, &x, form, 2);
            assert_eq!(alone, together);
        }
    }
}
