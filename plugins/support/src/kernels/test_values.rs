//! What the tests of the kernels share: values of every kind, and distances in units in the last place.

use proptest::prelude::*;

/// Any f32: mostly of a size that occurs, sometimes an extreme.
pub(super) fn any_value() -> impl Strategy<Value = f32> {
    let extremes = [
        f32::NEG_INFINITY,
        f32::INFINITY,
        f32::NAN,
        f32::MIN,
        f32::MAX,
        0.0,
        -0.0,
        f32::MIN_POSITIVE,
        1e-45,
    ];
    prop_oneof![
        6 => -20.0f32..20.0,
        2 => -110.0f32..110.0,
        1 => proptest::sample::select(extremes.to_vec()),
    ]
}

/// How many numbers of f32 lie between `found` and the f32 next to `plain`; 0 for two NaN.
pub(super) fn units_apart(found: f32, plain: f64) -> u32 {
    let plain = plain as f32;
    if found.is_nan() && plain.is_nan() {
        return 0;
    }
    // In this order neighbours differ by 1, and both zeros are 0.
    let ordered = |x: f32| {
        let bits = x.to_bits() as i32;
        i64::from(if bits < 0 {
            i32::MIN.wrapping_sub(bits)
        } else {
            bits
        })
    };
    u32::try_from(ordered(found).abs_diff(ordered(plain))).unwrap_or(u32::MAX)
}

/// Φ(x) in f64, with 14 correct digits also where it is small.
///
/// Source: Marsaglia (2004), Journal of Statistical Software 11(4): the series around 0; Laplace's continued fraction
/// for the tail.
pub(super) fn normal_distribution(x: f64) -> f64 {
    let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    if x < -3.0 {
        let fraction = (1..200).rev().fold(-x, |tail, k| -x + f64::from(k) / tail);
        return density / fraction;
    }
    if x > 3.0 {
        return 1.0 - normal_distribution(-x);
    }
    let (mut sum, mut term, mut odd) = (x, x, 1.0);
    while term.abs() > 1e-18 {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
    }
    0.5 + density * sum
}
