//! A small seeded generator, so that what is drawn is the same on every machine.

/// SplitMix64: 64 bits of state, passes BigCrush, enough for resampling; not for secrets.
///
/// Source: Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA, 453–472.
#[derive(Debug, Clone)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// The generator that `seed` begins.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in the open interval (0, 1), 53 bits.
    pub fn uniform(&mut self) -> f64 {
        ((self.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Uniform in 0..n by multiplication (Lemire 2019); its bias of n/2⁶⁴ is far below what resampling can see.
    pub fn index(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }

    /// Standard normal (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_those_of_the_reference_program() {
        // splitmix64.c of Vigna (2015), state 1234567.
        let mut random = SplitMix64::new(1_234_567);

        assert_eq!(random.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(random.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn draws_stay_in_their_range() {
        let mut random = SplitMix64::new(7);
        for _ in 0..10_000 {
            assert!(random.index(3) < 3);
            let u = random.uniform();
            assert!(u > 0.0 && u < 1.0);
        }
    }
}
