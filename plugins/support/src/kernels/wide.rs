//! The way for a plain loop to use the vector units that this CPU has, whatever the crate was compiled for.

/// Runs `body` compiled for the widest instructions of this CPU that `pulp` knows: loops over slices in it are
/// vectorised by the compiler. Sums are not reordered; keep several of them where that matters.
///
/// ```
/// let mut values = [1.0f32; 100];
/// benchhost_support::kernels::wide(|| values.iter_mut().for_each(|value| *value *= 2.0));
/// assert_eq!(values[99], 2.0);
/// ```
#[inline(always)]
pub fn wide<R>(body: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(body)
}
