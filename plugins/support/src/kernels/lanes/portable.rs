//! Lanes as plain arrays: right on every CPU, vectorised by the compiler where it sees how.

use half::f16;

use super::{LANES, Lanes};

/// Lanes of a CPU about which nothing is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

#[inline(always)]
fn each<T, R>(a: [T; LANES], with: impl FnMut(T) -> R) -> [R; LANES] {
    a.map(with)
}

#[inline(always)]
fn pairs<T: Copy, U: Copy, R: Copy + Default>(
    a: [T; LANES],
    b: [U; LANES],
    with: impl Fn(T, U) -> R,
) -> [R; LANES] {
    let mut out = [R::default(); LANES];
    for i in 0..LANES {
        out[i] = with(a[i], b[i]);
    }
    out
}

impl Lanes for Portable {
    type Floats = [f32; LANES];
    /// Four bytes in a lane, the first lowest.
    type Ints = [i32; LANES];

    #[inline(always)]
    fn splat(self, value: f32) -> Self::Floats {
        [value; LANES]
    }

    #[inline(always)]
    fn load(self, values: &[f32; LANES]) -> Self::Floats {
        *values
    }

    #[inline(always)]
    fn store(self, values: Self::Floats, to: &mut [f32; LANES]) {
        *to = values;
    }

    #[inline(always)]
    fn load_half(self, values: &[u16; LANES]) -> Self::Floats {
        each(*values, |bits| f16::from_bits(bits).to_f32())
    }

    #[inline(always)]
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        pairs(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        pairs(a, b, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        pairs(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        pairs(a, b, |a, b| a / b)
    }

    #[inline(always)]
    fn mul_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        // Not `f32::mul_add`: without the instruction it is a call of a slow function.
        pairs(pairs(a, b, |a, b| a * b), c, |product, c| product + c)
    }

    #[inline(always)]
    fn max(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        pairs(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn sum(self, mut a: Self::Floats) -> f32 {
        for half in [8, 4, 2, 1] {
            for i in 0..half {
                a[i] += a[i + half];
            }
        }
        a[0]
    }

    #[inline(always)]
    fn largest(self, mut a: Self::Floats) -> f32 {
        for half in [8, 4, 2, 1] {
            for i in 0..half {
                a[i] = a[i].max(a[i + half]);
            }
        }
        a[0]
    }

    #[inline(always)]
    fn exp(self, a: Self::Floats) -> Self::Floats {
        each(a, exp)
    }

    #[inline(always)]
    fn splat_int(self, value: i32) -> Self::Ints {
        [value; LANES]
    }

    #[inline(always)]
    fn load_bytes(self, bytes: &[u8; 4 * LANES]) -> Self::Ints {
        std::array::from_fn(|i| {
            i32::from_le_bytes([
                bytes[4 * i],
                bytes[4 * i + 1],
                bytes[4 * i + 2],
                bytes[4 * i + 3],
            ])
        })
    }

    #[inline(always)]
    fn low_nibbles(self, bytes: Self::Ints) -> Self::Ints {
        each(bytes, |lane| lane & 0x0f0f_0f0f)
    }

    #[inline(always)]
    fn high_nibbles(self, bytes: Self::Ints) -> Self::Ints {
        each(bytes, |lane| (lane >> 4) & 0x0f0f_0f0f)
    }

    #[inline(always)]
    fn dot(self, sum: Self::Ints, unsigned: Self::Ints, signed: [i8; 4]) -> Self::Ints {
        let [a, b, c, d] = signed.map(i32::from);
        pairs(sum, unsigned, |sum, lane| {
            let byte = |at: u32| (lane >> (8 * at)) & 0xff;
            sum + byte(0) * a + byte(1) * b + byte(2) * c + byte(3) * d
        })
    }

    #[inline(always)]
    fn to_floats(self, a: Self::Ints) -> Self::Floats {
        each(a, |lane| lane as f32)
    }

    #[inline(always)]
    fn to_bytes(self, a: Self::Floats, scale: f32, bytes: &mut [i8; LANES]) -> i32 {
        let mut sum = 0;
        for i in 0..LANES {
            let rounded = nearest(a[i] * scale);
            bytes[i] = rounded as i8;
            sum += rounded as i32;
        }
        sum
    }

    #[inline(always)]
    fn largest_magnitude(self, a: Self::Floats) -> f32 {
        self.largest(each(a, f32::abs))
    }
}

/// To the nearest whole number, to the even one in between; |x| < 2²². Adding 1.5·2²³ leaves no bits for a fraction.
#[inline(always)]
fn nearest(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0;
    (x + MAGIC) - MAGIC
}

/// See [`Lanes::exp`]: 2ⁿ·eʳ with |r| ≤ ½·ln 2, ln 2 in two parts, a polynomial for eʳ. Source of the coefficients: Cephes,
/// `expf` (S. Moshier, 1989).
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = if x < -87.336_54 { -87.336_54 } else { x };
    let x = if x > 88.376_26 { 88.376_26 } else { x };
    let n = nearest(x * std::f32::consts::LOG2_E);
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let mut p = 1.987_569_1e-4;
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ] {
        p = p * r + coefficient;
    }
    let value = p * r * r + r + 1.0;
    value * f32::from_bits(((n as i32 + 127) as u32) << 23)
}
