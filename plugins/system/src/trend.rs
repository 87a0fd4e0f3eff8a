//! Whether a series of readings grows: its slope, and whether that is more than chance.

/// Most readings that are kept; beyond, every second one is dropped and the next are taken half as often.
const MOST_READINGS: usize = 128;

/// Fewest readings that are judged.
const FEWEST_READINGS: usize = 10;

/// Quantile of the normal distribution above which growth is no chance: one-sided, level 1 %.
const SIGNIFICANT_Z: f64 = 2.326;

/// Readings of a quantity over an even-numbered axis, thinned so that they always span everything seen.
#[derive(Debug, Clone)]
pub(crate) struct Readings {
    kept: Vec<(f64, f64)>,
    /// One in so many is kept.
    stride: u64,
    seen: u64,
}

impl Default for Readings {
    fn default() -> Self {
        Self {
            kept: Vec::with_capacity(MOST_READINGS),
            stride: 1,
            seen: 0,
        }
    }
}

impl Readings {
    /// Adds a reading `y` at `x`, which must grow from call to call.
    pub(crate) fn add(&mut self, x: f64, y: f64) {
        if self.seen.is_multiple_of(self.stride) {
            if self.kept.len() == MOST_READINGS {
                let mut index = 0;
                self.kept.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
                self.stride *= 2;
            }
            self.kept.push((x, y));
        }
        self.seen += 1;
    }

    /// How many readings were added, those included that are no longer kept.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// Slope in units of y by units of x, and whether it is significantly above 0; `None` while there are too few
    /// readings.
    pub(crate) fn growth(&self) -> Option<Growth> {
        if self.kept.len() < FEWEST_READINGS {
            return None;
        }
        let mut slopes = Vec::with_capacity(self.kept.len() * self.kept.len() / 2);
        let mut rises = 0_i64;
        for (index, (x1, y1)) in self.kept.iter().enumerate() {
            for (x2, y2) in &self.kept[index + 1..] {
                slopes.push((y2 - y1) / (x2 - x1));
                rises += i64::from(y2 > y1) - i64::from(y2 < y1);
            }
        }
        slopes.sort_unstable_by(f64::total_cmp);
        let per_step = (slopes[(slopes.len() - 1) / 2] + slopes[slopes.len() / 2]) / 2.0;
        let is_significant = per_step > 0.0 && z(rises, &self.kept) > SIGNIFICANT_Z;
        Some(Growth {
            per_step,
            is_significant,
        })
    }
}

/// How a series grows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Growth {
    /// Median of the slopes of all pairs of readings.
    ///
    /// Source: Sen (1968), J. Am. Stat. Assoc. 63(324), 1379–1389.
    pub(crate) per_step: f64,
    /// Whether readings rise more often than chance would have them.
    pub(crate) is_significant: bool,
}

/// Normal score of the number of rises minus falls, corrected for equal readings.
///
/// Source: Mann (1945), Econometrica 13(3), 245–259; Kendall (1975), Rank Correlation Methods, §4.
fn z(rises: i64, readings: &[(f64, f64)]) -> f64 {
    let spread = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut values: Vec<f64> = readings.iter().map(|(_, y)| *y).collect();
    values.sort_unstable_by(f64::total_cmp);
    let ties = values.chunk_by(|a, b| a == b);
    let tied: f64 = ties.map(|equal| spread(equal.len() as f64)).sum();
    let variance = (spread(values.len() as f64) - tied) / 18.0;
    if variance <= 0.0 {
        return 0.0;
    }
    (rises - rises.signum()) as f64 / variance.sqrt()
}

#[cfg(test)]
mod tests {
    use benchhost_support::random::{fill_normal, stream};

    use super::*;

    fn readings(values: impl IntoIterator<Item = f64>) -> Readings {
        let mut readings = Readings::default();
        for (x, y) in values.into_iter().enumerate() {
            readings.add(x as f64, y);
        }
        readings
    }

    #[test]
    fn a_straight_line_has_its_slope_however_long_it_is() {
        for length in [10, 128, 129, 5000] {
            let growth = readings((0..length).map(|x| 3.0 * f64::from(x))).growth();

            assert_eq!(
                growth,
                Some(Growth {
                    per_step: 3.0,
                    is_significant: true
                })
            );
        }
    }

    #[test]
    fn what_stands_still_falls_or_steps_once_is_no_growth() {
        for series in [
            vec![7.0; 50],
            (0..50).map(|x| -f64::from(x)).collect(),
            (0..50).map(|x| f64::from(u8::from(x > 4))).collect(),
        ] {
            let growth = readings(series).growth().unwrap();

            assert!(
                growth.per_step <= 0.0 && !growth.is_significant,
                "{growth:?}"
            );
        }
    }

    #[test]
    fn too_few_readings_say_nothing() {
        assert_eq!(readings((0..9).map(f64::from)).growth(), None);
    }

    #[test]
    fn noise_is_called_growth_about_as_rarely_as_promised() {
        let mut rng = stream(11, "noise");
        let mut alarms = 0;
        for _ in 0..1000 {
            let mut noise = [0.0; 40];
            fill_normal(&mut rng, &mut noise);
            let growth = readings(noise.map(f64::from)).growth().unwrap();
            alarms += u32::from(growth.is_significant);
        }

        // 1 % of 1000, and four standard deviations of that count.
        assert!(alarms <= 23, "{alarms}");
    }

    #[test]
    fn the_score_is_that_of_a_published_formula() {
        // By hand: y = 1, 2, 3, 3, 5; S = 9; variance = (5·4·15 − 2·1·9)/18; z = 8/√15.667.
        let series = [1.0, 2.0, 3.0, 3.0, 5.0].map(|y| (0.0, y));

        assert!(
            (z(9, &series) - 2.021_171).abs() < 1e-5,
            "{}",
            z(9, &series)
        );
    }
}
