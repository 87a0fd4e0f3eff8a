//! eˣ in single precision without a branch, so that a loop over it becomes vector code.
//!
//! x = n·ln 2 + r with a whole n and |r| ≤ ½ ln 2; then eˣ = 2ⁿ·eʳ, and eʳ is a polynomial. Source: Tang (1989),
//! ACM TOMS 15(2), 144–157, without his table; ln 2 in two parts after Cody & Waite (1980).

use std::f32::consts::LOG2_E;

use super::vector;

/// Above this eˣ is infinite in f32.
const LARGEST: f32 = 89.0;

/// Below this eˣ is 0 in f32, the subnormal numbers included.
const SMALLEST: f32 = -104.0;

/// 1.5·2²³: a number of this size has no digits behind the point, so adding it rounds to a whole number.
const TO_WHOLE: f32 = 12_582_912.0;

/// ln 2 as a short number, whose product with n is exact, and the rest.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];

/// (eʳ − 1 − r)/r² for |r| ≤ ½ ln 2, lowest power first: Remez's algorithm in 50 digits, then rounded; leaves a
/// relative error of eʳ of 7e-9, an eighth of half a unit in the last place.
const REST: [f32; 5] = [
    0.5,
    0.166_665_54,
    0.041_666_325,
    0.008_365_529,
    0.001_394_417_7,
];

/// eˣ within 1 unit in the last place, subnormal results included; 0 and ∞ where f32 ends, NaN of NaN.
#[inline(always)]
#[must_use]
pub fn exp(x: f32) -> f32 {
    // Comparisons are false for NaN, which so stays what it is.
    let x = if x > LARGEST { LARGEST } else { x };
    let x = if x < SMALLEST { SMALLEST } else { x };
    let shifted = x.mul_add(LOG2_E, TO_WHOLE);
    let n = shifted - TO_WHOLE;
    let r = n.mul_add(-LN_2[0], x);
    let r = n.mul_add(-LN_2[1], r);
    let rest = REST[4].mul_add(r, REST[3]).mul_add(r, REST[2]);
    let rest = rest.mul_add(r, REST[1]).mul_add(r, REST[0]);
    let power = rest.mul_add(r * r, r) + 1.0;
    // The last bits of the shifted number are n. Two factors, because 2ⁿ alone may lie outside f32.
    let n = shifted.to_bits().wrapping_sub(TO_WHOLE.to_bits()) as i32;
    let half = n >> 1;
    power * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// 2ⁿ for −126 ≤ n ≤ 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `out[i] ← exp(x[i])`. `threads` 1 stays on the caller's thread, more use its pool of rayon.
///
/// # Panics
/// The lengths differ.
pub fn exp_all(out: &mut [f32], x: &[f32], threads: usize) {
    vector::map(out, x, threads, exp);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::test_values::{any_value, units_apart};
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn exp_is_within_two_units_in_the_last_place_from_end_to_end() {
        let mut worst = 0;
        for step in 0..=400_000 {
            let x = -104.5 + step as f32 * (194.0 / 400_000.0);
            worst = worst.max(units_apart(exp(x), f64::from(x).exp()));
        }
        assert!(worst <= 1, "{worst} units in the last place");
    }

    #[test]
    fn where_f32_ends_exp_is_zero_or_infinite() {
        for (x, expected) in [
            (f32::NEG_INFINITY, 0.0),
            (-1e30, 0.0),
            (-103.98, 0.0),
            (-103.97, f32::from_bits(1)),
            (-0.0, 1.0),
            (88.722_83, 3.402_798_5e38),
            (88.722_84, f32::INFINITY),
            (f32::MAX, f32::INFINITY),
            (f32::INFINITY, f32::INFINITY),
        ] {
            assert_eq!(exp(x), expected, "e^{x}");
        }
        assert!(exp(f32::NAN).is_nan());
        assert!(exp(-f32::NAN).is_nan());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn every_length_is_exp_of_each_value(x in vec(any_value(), 0..70)) {
            let mut out = vec![7.0; x.len()];

            exp_all(&mut out, &x, 1);

            for (x, found) in x.iter().zip(&out) {
                let plain = f64::from(*x).exp();
                prop_assert!(units_apart(*found, plain) <= 2, "e^{x} is {plain}, not {found}");
            }
        }
    }

    #[test]
    fn threads_change_nothing() {
        let x: Vec<f32> = (0..100_003)
            .map(|i| (i % 2001) as f32 * 0.1 - 100.0)
            .collect();
        let [mut alone, mut together] = [vec![0.0; x.len()], vec![1.0; x.len()]];

        exp_all(&mut alone, &x, 1);
        exp_all(&mut together, &x, 3);

        assert_eq!(alone, together);
    }
}
