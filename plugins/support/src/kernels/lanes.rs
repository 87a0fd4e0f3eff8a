//! Sixteen numbers at a time: the vector operations that the kernels of this folder are written in.
//!
//! Two sorts of lanes: [`Avx512`] with the instructions of that name (VNNI for products of bytes), and [`Portable`],
//! plain arrays, which the compiler vectorises as far as it can. A kernel is one generic function; [`with_lanes`]
//! chooses the sort when it runs.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
pub(crate) use portable::Portable;

/// How many lanes there are.
pub const LANES: usize = 16;

/// Sixteen lanes of f32, or of i32, or of four bytes each.
pub(crate) trait Lanes: Copy {
    /// Sixteen f32.
    type Floats: Copy;
    /// Sixteen i32, or sixty-four bytes.
    type Ints: Copy;

    fn splat(self, value: f32) -> Self::Floats;
    fn load(self, values: &[f32; LANES]) -> Self::Floats;
    fn store(self, values: Self::Floats, to: &mut [f32; LANES]);
    /// From IEEE half precision.
    fn load_half(self, values: &[u16; LANES]) -> Self::Floats;
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn sub(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn div(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a·b + c`, rounded once where the CPU can.
    fn mul_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    fn max(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// Sum of the lanes.
    fn sum(self, a: Self::Floats) -> f32;
    /// Largest of the lanes.
    fn largest(self, a: Self::Floats) -> f32;
    /// `eˣ` within 2 units in the last place; the smallest normal number where that would be less.
    fn exp(self, a: Self::Floats) -> Self::Floats;

    fn splat_int(self, value: i32) -> Self::Ints;
    fn load_bytes(self, bytes: &[u8; 4 * LANES]) -> Self::Ints;
    /// The lower four bits of each byte.
    fn low_nibbles(self, bytes: Self::Ints) -> Self::Ints;
    /// The upper four bits of each byte.
    fn high_nibbles(self, bytes: Self::Ints) -> Self::Ints;
    /// Each lane of `sum` plus the product of its four bytes in `unsigned` with the four `signed` ones.
    fn dot(self, sum: Self::Ints, unsigned: Self::Ints, signed: [i8; 4]) -> Self::Ints;
    fn to_floats(self, a: Self::Ints) -> Self::Floats;
    /// `a · scale`, rounded to the nearest whole number, as bytes; and the sum of these. `|a · scale|` ≤ 127.
    fn to_bytes(self, a: Self::Floats, scale: f32, bytes: &mut [i8; LANES]) -> i32;
    /// Largest magnitude of the lanes.
    fn largest_magnitude(self, a: Self::Floats) -> f32;
}

/// A kernel that waits for its lanes.
pub(crate) trait Kernel {
    /// Runs it. Must be `#[inline(always)]`, so that it is compiled for the instructions of `lanes`.
    fn run(self, lanes: impl Lanes);
}

/// Runs `kernel` with the best lanes of this CPU.
pub(crate) fn with_lanes(kernel: impl Kernel) {
    #[cfg(target_arch = "x86_64")]
    if let Some(lanes) = Avx512::detect() {
        return lanes.run(kernel);
    }
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || kernel.run(Portable),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every operation on numbers that depend on `seed`, written into a row of results.
    struct Everything<'a> {
        seed: u32,
        found: &'a mut Vec<f32>,
    }

    impl Kernel for Everything<'_> {
        #[inline(always)]
        fn run(self, lanes: impl Lanes) {
            let value = |i: usize| ((i as u32 * 37 + self.seed * 11) % 101) as f32 / 8.0 - 6.0;
            let (a, b): ([f32; 16], [f32; 16]) = (
                std::array::from_fn(value),
                std::array::from_fn(|i| value(i + 50) + 0.01),
            );
            let (x, y) = (lanes.load(&a), lanes.load(&b));
            let bytes: [u8; 64] = std::array::from_fn(|i| (i as u32 * 29 + self.seed) as u8);
            let ints = lanes.load_bytes(&bytes);
            let mut put = |floats| {
                let mut row = [0.0; 16];
                lanes.store(floats, &mut row);
                self.found.extend(row);
            };
            put(lanes.add(x, y));
            put(lanes.sub(x, y));
            put(lanes.mul(x, y));
            put(lanes.div(x, y));
            put(lanes.mul_add(x, y, lanes.splat(0.5)));
            put(lanes.max(x, y));
            put(lanes.exp(x));
            put(lanes.load_half(&std::array::from_fn(|i| 0x3000 + 0x101 * i as u16)));
            let nibbles = [lanes.low_nibbles(ints), lanes.high_nibbles(ints), ints];
            for part in nibbles {
                put(lanes.to_floats(lanes.dot(lanes.splat_int(-7), part, [3, -128, 127, -5])));
            }
            let mut rounded = [0; 16];
            let total = lanes.to_bytes(x, 19.3, &mut rounded);
            self.found.extend(rounded.map(f32::from));
            self.found.extend([
                total as f32,
                lanes.sum(x),
                lanes.largest(x),
                lanes.largest_magnitude(x),
            ]);
        }
    }

    #[test]
    fn the_lanes_of_this_cpu_and_the_portable_ones_agree() {
        for seed in 0..50 {
            let (mut best, mut plain) = (Vec::new(), Vec::new());
            with_lanes(Everything {
                seed,
                found: &mut best,
            });
            Everything {
                seed,
                found: &mut plain,
            }
            .run(Portable);

            for (index, (a, b)) in best.iter().zip(&plain).enumerate() {
                assert!(
                    (a - b).abs() <= 1e-5 * b.abs().max(1e-3),
                    "seed {seed}, value {index}: {a} {b}"
                );
            }
        }
    }

    struct Exp<'a>(&'a mut [f32; 16]);

    impl Kernel for Exp<'_> {
        #[inline(always)]
        fn run(self, lanes: impl Lanes) {
            lanes.store(lanes.exp(lanes.load(self.0)), self.0);
        }
    }

    #[test]
    fn the_exponential_does_not_hide_what_is_not_a_number() {
        let (mut best, mut plain) = ([f32::NAN; 16], [f32::NAN; 16]);
        with_lanes(Exp(&mut best));
        Exp(&mut plain).run(Portable);

        assert!(
            best.iter().chain(&plain).all(|x| x.is_nan()),
            "{best:?} {plain:?}"
        );
    }

    #[test]
    fn the_exponential_is_that_of_the_library() {
        for step in -1000..=880 {
            let x = step as f32 / 10.0;
            let (mut best, mut plain) = ([x; 16], [x; 16]);
            with_lanes(Exp(&mut best));
            Exp(&mut plain).run(Portable);

            let expected = f64::from(x).exp();
            for found in [best[3], plain[3]] {
                let error = (f64::from(found) - expected).abs();
                assert!(
                    error <= 3e-7 * expected + 1e-37,
                    "exp({x}) is {found}, expected {expected}"
                );
            }
        }
    }
}
