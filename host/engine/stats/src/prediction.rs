//! Is a new value what its own past predicts?
//!
//! Benchmark noise has heavy tails, two modes, bursts: no normal law fits it, and 64 values cannot show what happens once
//! in 200. Hence two scales, both taken from the past itself on the side that is asked about. The strict one holds for a
//! value that stands alone: it grows with the farthest value that was ever seen. The sharp one holds for a value that
//! was measured again: two bursts in a row are rare, so that the ordinary spread is enough and the less surprising of
//! the two values decides. docs/METHODOLOGY.md has the table of false alarms and power.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::robust::{MAD_SCALE, median_in_place};

/// Fewest values a prediction stands on.
pub const FEWEST_PAST: usize = 8;

/// Standard normal quantiles of .9 and .95, and of the largest of 64 values with a margin for heavy tails.
const Z_90: f64 = 1.2816;
const Z_95: f64 = 1.6449;
const Z_MAX: f64 = 2.5;

/// Share of the upper tenth's scale that enters the sharp scale.
const SHARP_TAIL: f64 = 0.75;

/// Real noise is wider than the strict scale says, by this at one in 200.
const STRICT_WIDENING: f64 = 1.5;

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
}

impl Prediction {
    /// The prediction of `past`, one regime in any order and unit; `None` for fewer than [`FEWEST_PAST`] finite values.
    #[must_use]
    pub fn new(past: &[f64]) -> Option<Self> {
        let finite: Vec<f64> = past.iter().copied().filter(|x| x.is_finite()).collect();
        if finite.len() < FEWEST_PAST {
            return None;
        }
        let is_log = finite.iter().all(|x| *x > 0.0);
        let mut z: Vec<f64> = if is_log {
            finite.iter().map(|x| x.ln()).collect()
        } else {
            finite
        };
        let level = median_in_place(&mut z);
        z.sort_unstable_by(f64::total_cmp);
        let mut off: Vec<f64> = z.iter().map(|x| (x - level).abs()).collect();
        let mad = MAD_SCALE * median_in_place(&mut off);
        let unit = if is_log { 1.0 } else { level.abs() };
        let is_exact = z.first() == z.last();
        let floor = if is_exact { EXACT_FLOOR } else { FLOOR } * unit;
        // Few values know little about the tail.
        let widening = 1.0 + 4.0 / z.len() as f64;
        let scales = |quantile: &dyn Fn(f64) -> f64| {
            let ninety = (quantile(0.9) - level).abs() / Z_90;
            let ninety_five = (quantile(0.95) - level).abs() / Z_95;
            let farthest = (quantile(1.0) - level).abs() / Z_MAX;
            Scales {
                strict: STRICT_WIDENING * widening * mad.max(ninety_five).max(farthest).max(floor),
                sharp: widening * mad.max(SHARP_TAIL * ninety).max(floor),
            }
        };
        let at = |q: f64| {
            let place = q * (z.len() - 1) as f64;
            let (low, high) = (z[place.floor() as usize], z[place.ceil() as usize]);
            low + (high - low) * place.fract()
        };
        Some(Self {
            level,
            is_log,
            above: scales(&at),
            below: scales(&|q| at(1.0 - q)),
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

        assert_eq!(prediction.level(), 101.0);
        assert!(prediction.p(101.5, None, true) > 0.2);
        assert!(prediction.p(110.0, None, true) < 1e-6);
        assert!(prediction.p(110.0, None, false) > 0.999);
        assert!(prediction.p(92.0, None, false) < 1e-6);
    }

    #[test]
    fn a_second_look_decides_by_the_lesser_surprise() {
        let prediction = Prediction::new(&past()).unwrap();

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
    fn too_few_values_predict_nothing() {
        assert_eq!(Prediction::new(&[1.0; 7]), None);
        assert_eq!(Prediction::new(&[f64::NAN; 64]), None);
    }
}
