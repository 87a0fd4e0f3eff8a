//! Noise of unchanged code: 64 past values, a new one, and one measured again.

use benchhost_stats::SplitMix64;

/// Past values of a window.
pub(crate) const PAST: usize = 64;

/// What the noise is like; each has mean 0 and standard deviation 1 before it is scaled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Noise {
    Normal,
    /// Skewed to the slow side: exp(0.8 z).
    LogNormal,
    /// Student's t with three degrees of freedom.
    HeavyTail,
    /// One value in twenty is slower, by up to 12 standard deviations of the others.
    Contaminated,
    /// Three in ten runs are of a slower mode, 5 standard deviations away.
    Bimodal,
    /// AR(1), φ = .5; the value measured again is the next one.
    Autoregressive,
    /// Two levels, 4 standard deviations apart, that last for 40 values in the mean; measured again is the next one.
    SlowModes,
    /// Gamma with shape 2: a floor and a tail.
    Gamma,
}

/// All of them.
pub(crate) const NOISES: [Noise; 8] = [
    Noise::Normal,
    Noise::LogNormal,
    Noise::HeavyTail,
    Noise::Contaminated,
    Noise::Bimodal,
    Noise::Autoregressive,
    Noise::SlowModes,
    Noise::Gamma,
];

/// Past values, the new one and the one measured again, in order of time.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) past: Vec<f64>,
    pub(crate) new: f64,
    pub(crate) again: f64,
}

impl Window {
    /// The window that `values` are: [`PAST`], the new one, the one measured again.
    pub(crate) fn of(values: &[f64]) -> Self {
        Self {
            past: values[..PAST].to_vec(),
            new: values[PAST],
            again: values[PAST + 1],
        }
    }

    /// The same with the last `length` past values.
    pub(crate) fn shortened(mut self, length: usize) -> Self {
        self.past.drain(..PAST - length);
        self
    }

    /// A window of `noise` with the relative standard deviation `sd` about 100.
    pub(crate) fn draw(noise: Noise, sd: f64, random: &mut SplitMix64) -> Self {
        let mut source = Source::new(noise, random);
        let values: Vec<f64> = (0..PAST + 2)
            .map(|_| 100.0 * (1.0 + sd * source.next(random)))
            .collect();
        Self::of(&values)
    }
}

struct Source {
    noise: Noise,
    memory: f64,
    is_slow: bool,
}

impl Source {
    fn new(noise: Noise, random: &mut SplitMix64) -> Self {
        Self {
            noise,
            memory: random.normal(),
            is_slow: random.uniform() < 0.5,
        }
    }

    /// The next value; of mean 0 and standard deviation 1.
    fn next(&mut self, random: &mut SplitMix64) -> f64 {
        let z = random.normal();
        match self.noise {
            Noise::Normal => z,
            Noise::LogNormal => {
                let spread = 0.64_f64;
                let mean = (spread / 2.0).exp();
                ((0.8 * z).exp() - mean) / (mean * spread.exp_m1().sqrt())
            }
            Noise::HeavyTail => {
                let squares: f64 = (0..3).map(|_| random.normal().powi(2)).sum();
                z / squares.sqrt()
            }
            Noise::Contaminated => {
                // Mean .05 · 6 and variance 1 + .05 · 48 - .3² before scaling.
                let slow = if random.uniform() < 0.05 {
                    12.0 * random.uniform()
                } else {
                    0.0
                };
                (z + slow - 0.3) / 3.31_f64.sqrt()
            }
            Noise::Bimodal => {
                let slow = if random.uniform() < 0.3 { 5.0 } else { 0.0 };
                (z + slow - 1.5) / 6.25_f64.sqrt()
            }
            Noise::Autoregressive => {
                self.memory = 0.5 * self.memory + 0.75_f64.sqrt() * z;
                self.memory
            }
            Noise::SlowModes => {
                self.is_slow ^= random.uniform() < 1.0 / 40.0;
                let level = if self.is_slow { 2.0 } else { -2.0 };
                (z + level) / 5.0_f64.sqrt()
            }
            Noise::Gamma => {
                let waiting = -(random.uniform() * random.uniform()).ln();
                (waiting - 2.0) / 2.0_f64.sqrt()
            }
        }
    }
}
