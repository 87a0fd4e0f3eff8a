//! The way for a plain loop to use the vector units that this CPU has, whatever the crate was compiled for.

use pulp::{Arch, Simd, WithSimd};

/// Runs a body compiled for the widest instructions of this CPU that `pulp` knows, and returns its value: loops over
/// slices in it are vectorised by the compiler. Sums are not reordered; keep several of them where that matters.
///
/// What the body calls must be `#[inline(always)]`: a function that is not inlined is compiled for the oldest CPU, where
/// `mul_add` is a call into a library.
///
/// ```
/// use benchhost_support::wide;
///
/// let mut values = [1.0f32; 100];
/// wide!(values.iter_mut().for_each(|value| *value *= 2.0));
/// assert_eq!(values[99], 2.0);
/// ```
#[macro_export]
macro_rules! wide {
    ($body:expr) => {
        $crate::kernels::run_wide(
            #[inline(always)]
            || $body,
        )
    };
}

/// What [`wide!`] calls with a closure that is `#[inline(always)]`.
#[doc(hidden)]
#[inline(always)]
pub fn run_wide<R>(body: impl FnMut() -> R) -> R {
    Arch::new().dispatch(Body(body))
}

/// `pulp` takes closures as well, but as `FnOnce`: the compiler puts a function of its own before a closure that could be
/// called twice, and that function is not inlined, whatever the closure says. Softmax of 16 × 16 took 11 µs, not 0.4.
struct Body<F>(F);

impl<R, F: FnMut() -> R> WithSimd for Body<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}
