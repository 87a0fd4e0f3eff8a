//! Is a new value what its own past predicts?
//!
//! Benchmark noise has heavy tails, two modes, bursts: no normal law fits it, and 64 values cannot show what happens once
//! in 200. Hence two scales, both taken from the past itself on the side that is asked about. The strict one holds for a
//! value that stands alone: it grows with the farthest value that was ever seen. The sharp one holds for a value that
//! was measured again, where the less surprising of the two decides: it grows with the farthest that two values in a row
//! have ever been, so that lone outliers do not matter and bursts do. docs/METHODOLOGY.md has the table of false alarms
//! and power.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::robust::{MAD_SCALE, median_in_place};

/// Fewest values a prediction stands on.
pub const FEWEST_PAST: usize = 8;

/// Standard normal quantile of .95, and of the largest of 64 values with a margin for heavy tails.
const Z_95: f64 = 1.6449;
const Z_MAX: f64 = 2.5;

/// The lesser of two neighbours: the largest of 63 in normal noise, with a margin for heavy tails.
const Z_PAIR_MAX: f64 = 2.0;

/// Real noise is wider than the strict scale says, by this at one in 200.
const STRICT_WIDENING: f64 = 1.5;

/// Two values are seldom both far: the sharp scale may be smaller than that of one value by this at one in 200.
const SHARP_NARROWING: f64 = 0.71;

/// Level of a machine that runs the same code wanders by about this, as a share of the value; see `change::survive`.
const WANDER: f64 = 0.015;

/// Quiet series come from quiet machines: the wander is at most this many of their standard deviations.
const WANDER_SD: f64 = 2.0;

/// The same for series that are not positive, where no share can be taken.
const WANDER_SD_PLAIN: f64 = 0.6;

/// Smallest scale, as a share of the level: below it no benchmark of time is reproducible.
const FLOOR: f64 = 0.002;

/// The floor for a past in which no two values differ: a count, a size.
const EXACT_FLOOR: f64 = 1e-7;

/// What the past predicts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    level: f64,
    is_log: bool,
    above: Scales,
    below: Scales,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Scales {
    strict: f64,
    sharp: f64,
    farthest: f64,
}

impl Scales {
    /// Scales upwards of values `off` the level, in order of time.
    fn new(off: &[f64], mad: f64, floor: f64, wander: f64) -> Self {
        // Few values know little about the tail.
        let widening = 1.0 + 4.0 / off.len() as f64;
        let mut pairs: Vec<f64> = off.windows(2).map(|pair| pair[0].min(pair[1])).collect();
        let mut sorted = off.to_vec();
        pairs.sort_unstable_by(f64::total_cmp);
        sorted.sort_unstable_by(f64::total_cmp);
        let lone = quantile(&sorted, 0.95) / Z_95;
        let farthest = quantile(&sorted, 1.0);
        let twice = quantile(&pairs, 0.95).max(quantile(&pairs, 1.0) / Z_PAIR_MAX);
        let strict = STRICT_WIDENING * widening * mad.max(lone).max(farthest / Z_MAX).max(floor);
        let sharp = SHARP_NARROWING * widening * mad.max(twice).max(floor).hypot(wander);
        Self {
            strict,
            // A second look is never blunter than the first.
            sharp: sharp.min(strict),
            farthest: farthest.max(floor),
        }
    }
}

/// Linear between order statistics.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let (low, high) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    low + (high - low) * place.fract()
}

impl Prediction {
    /// The prediction of `past`, one regime in order of time, any unit; `None` for fewer than [`FEWEST_PAST`] finite
    /// values.
    #[must_use]
    pub fn new(past: &[f64]) -> Option<Self> {
        let mut z: Vec<f64> = past.iter().copied().filter(|x| x.is_finite()).collect();
        if z.len() < FEWEST_PAST {
            return None;
        }
        let is_log = z.iter().all(|x| *x > 0.0);
        if is_log {
            z.iter_mut().for_each(|x| *x = x.ln());
        }
        let level = median_in_place(&mut z.clone());
        let mut off: Vec<f64> = z.iter().map(|x| x - level).collect();
        if off.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let mad = MAD_SCALE * median_in_place(&mut off.iter().map(|x| x.abs()).collect::<Vec<_>>());
        let unit = if is_log { 1.0 } else { level.abs() };
        let is_exact = off.iter().all(|x| *x == off[0]);
        let share = if is_exact { EXACT_FLOOR } else { FLOOR };
        // Nothing but zeros has no share; its own value is still no surprise.
        let floor = (share * unit).max(f64::MIN_POSITIVE);
        let wander = if is_log {
            WANDER.min(WANDER_SD * mad)
        } else {
            WANDER_SD_PLAIN * mad
        };
        let above = Scales::new(&off, mad, floor, wander);
        off.iter_mut().for_each(|x| *x = -*x);
        let below = Scales::new(&off, mad, floor, wander);
        Some(Self {
            level,
            is_log,
            above,
            below,
        })
    }

    /// The value that is expected, in the unit of the past.
    #[must_use]
    pub fn level(&self) -> f64 {
        if self.is_log {
            self.level.exp()
        } else {
            self.level
        }
    }

    /// Interval that holds a lone new value in all but `level` of the cases, half of them on each side.
    #[must_use]
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let z = Normal::standard().inverse_cdf(1.0 - level / 2.0);
        let back = |x: f64| if self.is_log { x.exp() } else { x };
        (
            back(self.level - z * self.below.strict),
            back(self.level + z * self.above.strict),
        )
    }

    /// Probability of a value as high (`upwards`) or as low as `value`, alone or with a second one measured `again`.
    #[must_use]
    pub fn p(&self, value: f64, again: Option<f64>, upwards: bool) -> f64 {
        let Some(off) = self.off(value, upwards) else {
            return 1.0;
        };
        let scales = if upwards { self.above } else { self.below };
        let z = match again {
            None => off / scales.strict,
            Some(again) => match self.off(again, upwards) {
                Some(second) => off.min(second) / scales.sharp,
                None => return 1.0,
            },
        };
        Normal::standard().sf(z)
    }

    /// How far `value` is from the level, in distances of the farthest earlier value on that side.
    #[must_use]
    pub fn farther(&self, value: f64, upwards: bool) -> f64 {
        let scales = if upwards { self.above } else { self.below };
        self.off(value, upwards)
            .map_or(0.0, |off| off / scales.farthest)
    }

    /// How surprising a lone value is for the sharp scale, in standard deviations towards the asked side: what a re-run
    /// should look at again.
    #[must_use]
    pub fn suspicion(&self, value: f64, upwards: bool) -> f64 {
        let scales = if upwards { self.above } else { self.below };
        self.off(value, upwards)
            .map_or(0.0, |off| off / scales.sharp)
    }

    fn off(&self, value: f64, upwards: bool) -> Option<f64> {
        if !value.is_finite() || (self.is_log && value <= 0.0) {
            return None;
        }
        let z = if self.is_log { value.ln() } else { value };
        Some(if upwards {
            z - self.level
        } else {
            self.level - z
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past() -> Vec<f64> {
        (0..64).map(|i| 100.0 + f64::from(i % 9) * 0.25).collect()
    }

    #[test]
    fn the_usual_is_no_surprise_and_the_far_is() {
        let prediction = Prediction::new(&past()).unwrap();

        assert!((prediction.level() - 101.0).abs() < 1e-9);
        assert!(prediction.p(101.5, None, true) > 0.2);
        assert!(prediction.p(110.0, None, true) < 1e-6);
        assert!(prediction.p(110.0, None, false) > 0.999);
        assert!(prediction.p(92.0, None, false) < 1e-6);
    }

    #[test]
    fn a_second_look_decides_by_the_lesser_surprise() {
        let mut past = past();
        past[30] = 106.0;
        let prediction = Prediction::new(&past).unwrap();

        let alone = prediction.p(103.0, None, true);
        assert!(prediction.p(103.0, Some(103.1), true) < alone);
        assert!(prediction.p(103.0, Some(101.0), true) > 0.4);
    }

    #[test]
    fn what_never_varied_may_not_vary() {
        let prediction = Prediction::new(&[4096.0; 20]).unwrap();

        assert!(prediction.p(4096.0, None, true) >= 0.5);
        assert!(prediction.p(4097.0, None, true) < 1e-9);
    }

    #[test]
    fn what_was_always_zero_may_be_zero() {
        let prediction = Prediction::new(&[0.0; 20]).unwrap();

        assert_eq!(prediction.p(0.0, None, true), 0.5);
        assert_eq!(prediction.p(0.0, Some(0.0), false), 0.5);
        assert_eq!(prediction.suspicion(0.0, true), 0.0);
        assert_eq!(prediction.p(1.0, Some(1.0), true), 0.0);
    }

    #[test]
    fn too_few_values_predict_nothing() {
        assert_eq!(Prediction::new(&[1.0; 7]), None);
        assert_eq!(Prediction::new(&[f64::NAN; 64]), None);
    }
}
