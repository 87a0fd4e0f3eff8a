//! What is long as short text: columns of numbers, which a browser reads as typed arrays, and whole texts, which it
//! inflates.
//!
//! Columns are base64 of little-endian numbers. A point of a history takes eleven characters so, and would take thirty as JSON. Seven significant digits stay of a
//! value, two of the width of its interval.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::ZlibEncoder};

/// `text` by zlib, in base64.
pub(super) fn deflated(text: &str) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let deflated = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish())
        .expect("memory takes all that is written");
    STANDARD.encode(deflated)
}

/// 32-bit floats: seven significant digits. What is not finite, or too large for them, reads as missing.
pub(super) fn floats(values: impl IntoIterator<Item = f64>) -> String {
    let bytes: Vec<u8> = values
        .into_iter()
        .flat_map(|value| (value as f32).to_le_bytes())
        .collect();
    STANDARD.encode(bytes)
}

/// The upper halves of 32-bit floats: between two and three significant digits. NaN says that there is none.
pub(super) fn widths(values: impl IntoIterator<Item = f64>) -> String {
    let bytes: Vec<u8> = values
        .into_iter()
        .flat_map(|value| upper_half(value as f32).to_le_bytes())
        .collect();
    STANDARD.encode(bytes)
}

/// Rounded to the nearest.
fn upper_half(value: f32) -> u16 {
    const NAN: u16 = 0x7fc0;
    if !value.is_finite() {
        return NAN;
    }
    let bits = value.to_bits();
    (bits.saturating_add(0x8000) >> 16) as u16
}

/// Whole numbers from 0; those that are too large are the largest.
pub(super) fn wholes(values: impl IntoIterator<Item = u64>) -> String {
    let bytes: Vec<u8> = values
        .into_iter()
        .flat_map(|value| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes())
        .collect();
    STANDARD.encode(bytes)
}

/// Rising numbers as (how many are left out, how many follow one another), over and over.
pub(super) fn stretches(rising: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut pairs = Vec::new();
    let mut next = 0;
    for number in rising {
        match pairs.last_mut() {
            Some(length) if number == next => *length += 1,
            _ => pairs.extend([number - next, 1]),
        }
        next = number + 1;
    }
    pairs
}

/// `value` with seven significant digits; absent when it is not finite, for JSON has no such number.
pub(super) fn figures(value: f64) -> Option<f64> {
    let short = format!("{value:.6e}").parse().ok();
    short.filter(|_| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded<const N: usize>(text: &str) -> Vec<[u8; N]> {
        let bytes = STANDARD.decode(text).unwrap();
        let chunks = bytes.chunks_exact(N);
        chunks.map(|chunk| chunk.try_into().unwrap()).collect()
    }

    #[test]
    fn values_keep_seven_digits_and_what_is_missing_stays_missing() {
        let values = [209_830.4, 5.6e7, -1e-9, 0.0, f64::NAN, 1e300];

        let back: Vec<f32> = decoded(&floats(values))
            .into_iter()
            .map(f32::from_le_bytes)
            .collect();

        for (value, back) in values.iter().zip(&back).take(4) {
            let apart = (f64::from(*back) - value).abs();
            assert!(apart <= 1e-7 * value.abs(), "{value} became {back}");
        }
        assert!(back[4].is_nan() && back[5].is_infinite());
    }

    #[test]
    fn widths_are_right_to_half_a_per_cent() {
        for value in [1.0_f64, 3.999, 0.001_234, 8.7e9, 0.0] {
            let half = u16::from_le_bytes(decoded(&widths([value]))[0]);
            let back = f64::from(f32::from_bits(u32::from(half) << 16));
            assert!(
                (back - value).abs() <= 0.004 * value,
                "{value} became {back}"
            );
        }
        let none = u16::from_le_bytes(decoded(&widths([f64::NAN]))[0]);
        assert!(f32::from_bits(u32::from(none) << 16).is_nan());
    }

    #[test]
    fn places_that_follow_one_another_are_one_stretch() {
        assert_eq!(stretches([0, 1, 2, 5, 6, 9]), [0, 3, 2, 2, 2, 1]);
        assert_eq!(stretches([4]), [4, 1]);
        assert!(stretches([]).is_empty());
    }

    #[test]
    fn numbers_of_the_json_are_finite_and_short() {
        assert_eq!(figures(154_536.899_208_376_36), Some(154_536.9));
        assert_eq!(figures(f64::INFINITY), None);
        assert_eq!(figures(f64::NAN), None);
    }
}
