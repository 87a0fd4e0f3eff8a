//! Lanes of AVX-512 with VNNI.

use std::arch::x86_64::*;

use super::{Kernel, LANES, Lanes};

/// Proof that this CPU has the instructions; made by [`Avx512::detect`] alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(());

impl Avx512 {
    /// The lanes, where the CPU has them.
    pub(crate) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        has.then_some(Self(()))
    }

    /// Runs `kernel`, compiled for these instructions.
    pub(crate) fn run(self, kernel: impl Kernel) {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma,f16c")]
        fn inside(kernel: impl Kernel, lanes: Avx512) {
            kernel.run(lanes);
        }
        // SAFETY: `self` exists only where `detect` has found the features; every CPU with AVX-512 has FMA and F16C.
        unsafe { inside(kernel, self) }
    }
}

/// Wraps an intrinsic: `self` is the proof that the CPU has it.
macro_rules! intrinsic {
    ($body:expr) => {
        // SAFETY: `Avx512` exists only where the CPU has the instructions; loads and stores go through references to
        // arrays of the full size and ask for no alignment.
        unsafe { $body }
    };
}

impl Lanes for Avx512 {
    type Floats = __m512;
    type Ints = __m512i;

    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        intrinsic!(_mm512_set1_ps(value))
    }

    #[inline(always)]
    fn load(self, values: &[f32; LANES]) -> __m512 {
        intrinsic!(_mm512_loadu_ps(values.as_ptr()))
    }

    #[inline(always)]
    fn store(self, values: __m512, to: &mut [f32; LANES]) {
        intrinsic!(_mm512_storeu_ps(to.as_mut_ptr(), values));
    }

    #[inline(always)]
    fn load_half(self, values: &[u16; LANES]) -> __m512 {
        intrinsic!(_mm512_cvtph_ps(_mm256_loadu_si256(values.as_ptr().cast())))
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_add_ps(a, b))
    }

    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_sub_ps(a, b))
    }

    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_mul_ps(a, b))
    }

    #[inline(always)]
    fn div(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_div_ps(a, b))
    }

    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        intrinsic!(_mm512_fmadd_ps(a, b, c))
    }

    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_max_ps(a, b))
    }

    #[inline(always)]
    fn sum(self, a: __m512) -> f32 {
        intrinsic!(_mm512_reduce_add_ps(a))
    }

    #[inline(always)]
    fn largest(self, a: __m512) -> f32 {
        intrinsic!(_mm512_reduce_max_ps(a))
    }

    /// As in [`super::Portable`], with the power of two applied by one instruction.
    #[inline(always)]
    fn exp(self, a: __m512) -> __m512 {
        // Of two operands of which one is not a number, these instructions give the second.
        let x = intrinsic!(_mm512_max_ps(_mm512_set1_ps(-87.336_54), a));
        let x = intrinsic!(_mm512_min_ps(_mm512_set1_ps(88.376_26), x));
        let n = self.mul(x, self.splat(std::f32::consts::LOG2_E));
        let n = intrinsic!(_mm512_roundscale_ps::<
            { _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC },
        >(n));
        let r = self.mul_add(n, self.splat(-0.693_359_4), x);
        let r = self.mul_add(n, self.splat(2.121_944_4e-4), r);
        let mut p = self.splat(1.987_569_1e-4);
        for coefficient in [
            1.398_199_9e-3,
            8.333_452e-3,
            4.166_579_6e-2,
            1.666_666_5e-1,
            0.5,
        ] {
            p = self.mul_add(p, r, self.splat(coefficient));
        }
        let value = self.add(self.mul_add(self.mul(p, r), r, r), self.splat(1.0));
        intrinsic!(_mm512_scalef_ps(value, n))
    }

    #[inline(always)]
    fn splat_int(self, value: i32) -> __m512i {
        intrinsic!(_mm512_set1_epi32(value))
    }

    #[inline(always)]
    fn load_bytes(self, bytes: &[u8; 4 * LANES]) -> __m512i {
        intrinsic!(_mm512_loadu_si512(bytes.as_ptr().cast()))
    }

    #[inline(always)]
    fn low_nibbles(self, bytes: __m512i) -> __m512i {
        intrinsic!(_mm512_and_si512(bytes, _mm512_set1_epi8(0x0f)))
    }

    #[inline(always)]
    fn high_nibbles(self, bytes: __m512i) -> __m512i {
        intrinsic!(_mm512_and_si512(
            _mm512_srli_epi16::<4>(bytes),
            _mm512_set1_epi8(0x0f)
        ))
    }

    #[inline(always)]
    fn dot(self, sum: __m512i, unsigned: __m512i, signed: [i8; 4]) -> __m512i {
        let signed = i32::from_le_bytes(signed.map(i8::cast_unsigned));
        intrinsic!(_mm512_dpbusd_epi32(
            sum,
            unsigned,
            _mm512_set1_epi32(signed)
        ))
    }

    #[inline(always)]
    fn to_floats(self, a: __m512i) -> __m512 {
        intrinsic!(_mm512_cvtepi32_ps(a))
    }

    #[inline(always)]
    fn to_bytes(self, a: __m512, scale: f32, bytes: &mut [i8; LANES]) -> i32 {
        let rounded = intrinsic!(_mm512_cvtps_epi32(_mm512_mul_ps(a, _mm512_set1_ps(scale))));
        intrinsic!(_mm_storeu_si128(
            bytes.as_mut_ptr().cast(),
            _mm512_cvtepi32_epi8(rounded)
        ));
        intrinsic!(_mm512_reduce_add_epi32(rounded))
    }

    #[inline(always)]
    fn largest_magnitude(self, a: __m512) -> f32 {
        intrinsic!(_mm512_reduce_max_ps(_mm512_abs_ps(a)))
    }
}
