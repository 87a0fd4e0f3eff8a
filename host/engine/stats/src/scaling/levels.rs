//! Observations put together by their place on the axis: a law only needs each level's mean and scatter.

use super::refused::Refused;

/// One repetition at one place of an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Number of workers (1 or more), or a size (above 0).
    pub at: f64,
    /// Throughput, time or bytes: the repetition's median, above 0.
    pub value: f64,
}

/// Logarithms of the observations, level by level. Depends on the observations, not on their order.
pub(super) struct Levels {
    /// Places on the axis, rising.
    pub(super) at: Vec<f64>,
    /// All values of each level, rising.
    pub(super) values: Vec<Vec<f64>>,
    /// Their logarithms.
    pub(super) logs: Vec<Vec<f64>>,
    /// Their means.
    pub(super) means: Vec<f64>,
    /// Their numbers.
    pub(super) counts: Vec<f64>,
    /// Squared distances to the level's mean, of all levels: what repetitions alone scatter.
    pub(super) pure_error: f64,
    /// Squared distances to the mean of all observations.
    pub(super) total: f64,
}

impl Levels {
    /// The levels of `points`, all finite and above 0.
    pub(super) fn new(points: &[Observation]) -> Result<Self, Refused> {
        let is_fine = |x: f64| x.is_finite() && x > 0.0;
        if let Some(index) = points
            .iter()
            .position(|point| !(is_fine(point.at) && is_fine(point.value)))
        {
            let Observation { at, value } = points[index];
            return Err(Refused::NotPositive {
                index,
                at,
                found: value,
            });
        }
        let mut sorted = points.to_vec();
        sorted.sort_unstable_by(|a, b| a.at.total_cmp(&b.at).then(a.value.total_cmp(&b.value)));
        let (mut at, mut values): (Vec<f64>, Vec<Vec<f64>>) = (Vec::new(), Vec::new());
        for level in sorted.chunk_by(|a, b| a.at == b.at) {
            at.push(level[0].at);
            values.push(level.iter().map(|point| point.value).collect());
        }
        let logs: Vec<Vec<f64>> = values
            .iter()
            .map(|level| level.iter().map(|value| value.ln()).collect())
            .collect();
        let counts: Vec<f64> = logs.iter().map(|level| level.len() as f64).collect();
        let means: Vec<f64> = logs
            .iter()
            .map(|level| level.iter().sum::<f64>() / level.len() as f64)
            .collect();
        let count = points.len() as f64;
        let mean = logs.iter().flatten().sum::<f64>() / count;
        let pure_error = logs
            .iter()
            .zip(&means)
            .map(|(level, mean)| squares_about(level, *mean))
            .sum();
        let total = logs.iter().map(|level| squares_about(level, mean)).sum();
        Ok(Self {
            at,
            values,
            logs,
            means,
            counts,
            pure_error,
            total,
        })
    }

    /// Checks that a law of `parameters` can be fitted: `needed` levels, a degree of freedom left, something to explain.
    pub(super) fn require(&self, needed: usize, parameters: usize) -> Result<(), Refused> {
        if self.at.len() < needed {
            return Err(Refused::TooFewLevels {
                found: self.at.len(),
                needed,
            });
        }
        if self.observations() <= parameters {
            return Err(Refused::NoFreedom {
                found: self.observations(),
                parameters,
            });
        }
        let value = self.values[0][0];
        if self.values.iter().flatten().all(|other| *other == value) {
            return Err(Refused::AllTheSame {
                count: self.observations(),
                value,
            });
        }
        Ok(())
    }

    /// Mean ln(value/N) of each level: the logarithm of what one worker does.
    pub(super) fn each_worker(&self) -> Vec<f64> {
        let levels = self.at.iter().zip(&self.means);
        levels.map(|(n, mean)| mean - n.ln()).collect()
    }

    /// Number of observations.
    pub(super) fn observations(&self) -> usize {
        self.logs.iter().map(Vec::len).sum()
    }
}

/// Checks that the axis counts workers: one or more everywhere.
pub(super) fn require_workers(points: &[Observation]) -> Result<(), Refused> {
    match points.iter().position(|point| point.at < 1.0) {
        Some(index) => Err(Refused::NoWorker {
            index,
            at: points[index].at,
        }),
        None => Ok(()),
    }
}

/// Checks that a confidence lies strictly between 0 and 1.
pub(super) fn require_confidence(confidence: f64) -> Result<(), Refused> {
    crate::error::check_probability(confidence)
        .map_err(|_| Refused::NotAProbability { found: confidence })
}

/// Sum of squared distances to `centre`.
fn squares_about(xs: &[f64], centre: f64) -> f64 {
    xs.iter().map(|x| (x - centre).powi(2)).sum()
}
