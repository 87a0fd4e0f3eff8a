//! Sums that give the least-squares fit of any piece in constant time.

/// Running sums of values, squares and index times value.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    values: Vec<f64>,
    squares: Vec<f64>,
    moments: Vec<f64>,
}

/// A fitted line, flat or not, over a piece.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    /// Sum of squared residuals.
    pub(super) rss: f64,
    /// Mean over the piece.
    pub(super) mean: f64,
    /// Change from one value to the next.
    pub(super) slope: f64,
    /// Middle of the piece, as an index.
    middle: f64,
}

impl Line {
    /// The fit at index `t`.
    pub(super) fn at(&self, t: f64) -> f64 {
        self.mean + self.slope * (t - self.middle)
    }
}

impl Sums {
    /// Sums of `z`, which should lie around 0 so that nothing cancels.
    pub(super) fn new(z: &[f64]) -> Self {
        let mut sums = Self {
            values: Vec::with_capacity(z.len() + 1),
            squares: Vec::with_capacity(z.len() + 1),
            moments: Vec::with_capacity(z.len() + 1),
        };
        let (mut value, mut square, mut moment) = (0.0, 0.0, 0.0);
        for (t, x) in z.iter().enumerate() {
            sums.values.push(value);
            sums.squares.push(square);
            sums.moments.push(moment);
            value += x;
            square += x * x;
            moment += t as f64 * x;
        }
        sums.values.push(value);
        sums.squares.push(square);
        sums.moments.push(moment);
        sums
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.values.len() - 1
    }

    /// Mean of values `from..to`, which are not empty.
    pub(super) fn mean(&self, from: usize, to: usize) -> f64 {
        (self.values[to] - self.values[from]) / (to - from) as f64
    }

    /// Sum of squares of values `from..to` about their mean.
    pub(super) fn flat_rss(&self, from: usize, to: usize) -> f64 {
        let sum = self.values[to] - self.values[from];
        (self.squares[to] - self.squares[from] - sum * sum / (to - from) as f64).max(0.0)
    }

    /// The mean of values `from..to` as a line.
    pub(super) fn flat(&self, from: usize, to: usize) -> Line {
        Line {
            rss: self.flat_rss(from, to),
            mean: self.mean(from, to),
            slope: 0.0,
            middle: 0.0,
        }
    }

    /// The least-squares line through values `from..to`.
    pub(super) fn sloped(&self, from: usize, to: usize) -> Line {
        let n = (to - from) as f64;
        let sum = self.values[to] - self.values[from];
        let middle = (from + to - 1) as f64 / 2.0;
        let covered = self.moments[to] - self.moments[from] - middle * sum;
        let spread = n * (n * n - 1.0) / 12.0;
        let slope = if spread > 0.0 { covered / spread } else { 0.0 };
        Line {
            rss: (self.flat_rss(from, to) - slope * covered).max(0.0),
            mean: sum / n,
            slope,
            middle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SplitMix64;

    /// Mean, slope and sum of squared residuals, by their definitions.
    fn naive(z: &[f64], from: usize, to: usize) -> (f64, f64, f64, f64) {
        let n = (to - from) as f64;
        let mean = z[from..to].iter().sum::<f64>() / n;
        let middle = (from + to - 1) as f64 / 2.0;
        let of = |f: &dyn Fn(f64, f64) -> f64| {
            (from..to).map(|t| f(t as f64 - middle, z[t])).sum::<f64>()
        };
        let spread = of(&|t, _| t * t);
        let slope = if spread > 0.0 {
            of(&|t, x| t * (x - mean)) / spread
        } else {
            0.0
        };
        let flat = of(&|_, x| (x - mean).powi(2));
        (
            mean,
            slope,
            flat,
            of(&|t, x| (x - mean - slope * t).powi(2)),
        )
    }

    #[test]
    fn fits_are_those_of_least_squares() {
        let mut random = SplitMix64::new(1);
        let z: Vec<f64> = (0..200)
            .map(|t| 0.03 * t as f64 + random.normal())
            .collect();
        let sums = Sums::new(&z);
        for _ in 0..500 {
            let from = random.index(199);
            let to = from + 1 + random.index(200 - from);
            let (mean, slope, flat, sloped) = naive(&z, from, to);
            let line = sums.sloped(from, to);

            for (found, expected) in [
                (sums.mean(from, to), mean),
                (sums.flat_rss(from, to), flat),
                (line.rss, sloped),
                (line.slope, slope),
                (
                    line.at(from as f64),
                    mean - slope * (to - from - 1) as f64 / 2.0,
                ),
                (sums.flat(from, to).at(7.0), mean),
            ] {
                assert!(
                    (found - expected).abs() < 1e-9,
                    "{from}..{to}: {found}, expected {expected}"
                );
            }
        }
    }

    #[test]
    fn one_value_has_no_residual() {
        let sums = Sums::new(&[3.0, 5.0]);

        assert_eq!(
            (sums.len(), sums.flat_rss(1, 2), sums.sloped(1, 2).rss),
            (2, 0.0, 0.0)
        );
        assert_eq!((sums.sloped(0, 2).slope, sums.sloped(0, 2).rss), (2.0, 0.0));
    }
}
