//! The noise about the pieces: its variance, and how much its memory adds to the error of a mean.

use super::{partition::Piece, prepare::Prepared};

/// Longest lag that is looked at, values.
const LONGEST_LAG: usize = 20;

/// A piece shows correlations up to this share of its length.
const LAG_SHARE: usize = 8;

/// Largest lag-1 correlation that is believed; beyond it a mean means nothing.
const MOST_CORRELATED: f64 = 0.97;

/// The variance is at least that of this share of the fine noise: pieces may fit noise too well.
const LEAST_FINE: f64 = 0.3;

/// Smallest variance, for series that do not vary at all.
const LEAST_VARIANCE: f64 = 1e-24;

/// Noise about pieces.
#[derive(Debug, Clone)]
pub(super) struct Noise {
    /// Variance of one value.
    pub(super) variance: f64,
    /// Long-run variance over variance: the error of a mean is larger by its root. At least 1.
    pub(super) inflation: f64,
    /// What the inflation was taken from.
    pub(super) lags: Lags,
}

impl Noise {
    /// White noise of standard deviation `sd`.
    pub(super) fn white(sd: f64) -> Self {
        Self {
            variance: (sd * sd).max(LEAST_VARIANCE),
            inflation: 1.0,
            lags: Lags::new(&[], &[]),
        }
    }

    /// The noise of `series` about `pieces`.
    pub(super) fn of(series: &Prepared, pieces: &[Piece]) -> Self {
        let residuals = residuals(series, pieces);
        let lengths: Vec<usize> = pieces.iter().map(Piece::len).collect();
        let n = residuals.len() as f64;
        let parameters: f64 = pieces.iter().map(Piece::parameters).sum();
        let rss: f64 = residuals.iter().map(|x| x * x).sum();
        let lags = Lags::new(&residuals, &lengths);
        Self {
            variance: (rss / (n - parameters).max(n / 2.0))
                .max((LEAST_FINE * series.fine).powi(2))
                .max(LEAST_VARIANCE),
            inflation: lags.inflation(None),
            lags,
        }
    }
}

/// What is left of `z` when the fit of each piece is taken off.
pub(super) fn residuals(series: &Prepared, pieces: &[Piece]) -> Vec<f64> {
    let mut residuals = Vec::with_capacity(series.len());
    for piece in pieces {
        let line = piece.line(&series.sums);
        residuals.extend((piece.start..piece.end).map(|t| series.z[t] - line.at(t as f64)));
    }
    residuals
}

/// Sums of products of residuals, by the distance between them, within pieces.
#[derive(Debug, Clone)]
pub(super) struct Lags {
    products: [f64; LONGEST_LAG + 1],
    values: f64,
    pieces: f64,
    longest: usize,
}

impl Lags {
    /// Products of residuals that stand piece after piece, `lengths` long.
    pub(super) fn new(residuals: &[f64], lengths: &[usize]) -> Self {
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut products = [0.0; LONGEST_LAG + 1];
        let mut rest = residuals;
        for length in lengths {
            let (piece, later) = rest.split_at(*length);
            let reach = (longest / 4).clamp(1, LONGEST_LAG).min(length - 1);
            for (lag, product) in products.iter_mut().enumerate().take(reach + 1) {
                *product += piece
                    .iter()
                    .zip(&piece[lag..])
                    .map(|(x, y)| x * y)
                    .sum::<f64>();
            }
            rest = later;
        }
        Self {
            products,
            values: residuals.len() as f64,
            pieces: lengths.len() as f64,
            longest,
        }
    }

    /// Long-run variance over variance: that of an autoregression of first order, or of a Bartlett window if one is
    /// larger. Each piece's own mean biases correlations down, which is added back. `prior`: other lags that count
    /// as so many values.
    ///
    /// Sources: Kendall (1954), Biometrika 41, 403–404 (bias); Newey & West (1987), Econometrica 55, 703–708.
    pub(super) fn inflation(&self, prior: Option<(&Self, f64)>) -> f64 {
        if self.products[0] <= 0.0 {
            return 1.0;
        }
        let prior = prior.filter(|(lags, _)| lags.products[0] > 0.0);
        let (other, weight) = prior.map_or((self, 0.0), |(lags, w)| (lags, w.min(lags.values)));
        let total = self.values + weight;
        let bias = (self.pieces + weight * other.pieces / other.values) / total;
        let correlation = |lag: usize| {
            let own = self.values * self.products[lag] / self.products[0];
            let others = weight * other.products[lag] / other.products[0];
            (own + others) / total
        };
        let longest = self.longest.max(other.longest.min(4 * weight as usize));
        let first = correlation(1);
        let first = first + bias * (1.0 + 3.0 * first.max(0.0));
        let first = first.clamp(0.0, MOST_CORRELATED);
        let mut largest = (1.0 + first) / (1.0 - first);
        for bandwidth in 2..=(longest / LAG_SHARE).clamp(1, LONGEST_LAG) {
            let weighted: f64 = (1..=bandwidth)
                .map(|lag| {
                    let weight = 1.0 - lag as f64 / (bandwidth + 1) as f64;
                    weight * (correlation(lag) + bias)
                })
                .sum();
            largest = largest.max(1.0 + 2.0 * weighted);
        }
        largest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SplitMix64;

    fn autoregressive(phi: f64, n: usize, seed: u64) -> Vec<f64> {
        let mut random = SplitMix64::new(seed);
        let mut memory = random.normal() / (1.0 - phi * phi).sqrt();
        let values: Vec<f64> = (0..n)
            .map(|_| {
                memory = phi * memory + random.normal();
                memory
            })
            .collect();
        let mean = values.iter().sum::<f64>() / n as f64;
        values.iter().map(|x| x - mean).collect()
    }

    #[test]
    fn inflation_is_that_of_an_autoregression() {
        for phi in [0.0, 0.3, 0.6, 0.9] {
            let theory = (1.0 + phi) / (1.0 - phi);

            let found = Lags::new(&autoregressive(phi, 100_000, 1), &[100_000]).inflation(None);

            assert!(
                found > 0.97 * theory && found < 1.06 * theory,
                "{phi}: {found}"
            );
        }
    }

    #[test]
    fn the_bias_of_short_pieces_is_added_back() {
        let phi = 0.5;
        let mean = (0..2000)
            .map(|seed| {
                Lags::new(&autoregressive(phi, 40, seed), &[40])
                    .inflation(None)
                    .ln()
            })
            .sum::<f64>()
            / 2000.0;

        // Without the bias it would be near 2.2; a tail to the right is welcome, as too little inflation alarms.
        assert!(mean.exp() > 2.7 && mean.exp() < 3.9, "{}", mean.exp());
    }

    #[test]
    fn alternating_noise_is_not_deflated() {
        let residuals: Vec<f64> = (0..50)
            .map(|i| if i % 2 == 0 { 1.0 } else { -1.0 })
            .collect();

        assert_eq!(Lags::new(&residuals, &[50]).inflation(None), 1.0);
        assert_eq!(Lags::new(&[0.0; 50], &[50]).inflation(None), 1.0);
        assert_eq!(Lags::new(&[], &[]).inflation(None), 1.0);
    }

    #[test]
    fn a_prior_draws_the_inflation_to_its_own() {
        let long = Lags::new(&autoregressive(0.8, 5000, 3), &[5000]);
        let short = Lags::new(&autoregressive(0.0, 20, 4), &[20]);

        let alone = short.inflation(None);
        let drawn = short.inflation(Some((&long, 20.0)));

        assert!(
            alone < drawn && drawn < long.inflation(None),
            "{alone} {drawn}"
        );
    }
}
