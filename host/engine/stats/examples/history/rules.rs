//! What says "slower": ours, alone and confirmed, and what others do with the same values.

use benchhost_stats::Prediction;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::noise::Window;

/// Level of a claim.
const LEVEL: f64 = 0.005;

/// A value is measured again when it is this surprising, in standard deviations of the sharp scale.
const SUSPICIOUS: f64 = 2.0;

/// How a new value is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rule {
    /// [`Prediction`] of a lone value.
    Alone,
    /// The same with one re-run of what is suspicious.
    Confirmed,
    /// Conbench: more than five standard deviations from the mean.
    Conbench,
    /// Student's t of one value against the past, .99 two-sided.
    TTest,
    /// The same, and the value measured again as well.
    TTestTwice,
    /// More than 5 % above the median of the past.
    Percent5,
    /// More than 10 % above the median of the past.
    Percent10,
}

/// All of them, with their headings.
pub(crate) const RULES: [(Rule, &str); 7] = [
    (Rule::Alone, "benchhost, alone"),
    (Rule::Confirmed, "benchhost, confirmed"),
    (Rule::Conbench, "conbench z > 5"),
    (Rule::TTest, "t-test .99"),
    (Rule::TTestTwice, "t-test .99, twice"),
    (Rule::Percent5, "5 %"),
    (Rule::Percent10, "10 %"),
];

/// What the past says to each rule; made once for all effects.
pub(crate) struct Judge {
    prediction: Prediction,
    mean: f64,
    sd: f64,
    median: f64,
    n: f64,
    t: f64,
}

impl Judge {
    /// Nothing for a past that says nothing.
    pub(crate) fn new(past: &[f64]) -> Option<Self> {
        let n = past.len() as f64;
        let mean = past.iter().sum::<f64>() / n;
        let squares: f64 = past.iter().map(|x| (x - mean).powi(2)).sum();
        Some(Self {
            prediction: Prediction::new(past)?,
            mean,
            sd: (squares / (n - 1.0)).sqrt(),
            median: benchhost_stats::median(past).ok()?,
            n,
            t: StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(0.995),
        })
    }

    /// Whether `rule` calls the new value of `window`, slowed down by `factor`, slower than the past.
    pub(crate) fn is_slower(&self, rule: Rule, window: &Window, factor: f64) -> bool {
        let (new, again) = (window.new * factor, window.again * factor);
        let t = |value: f64| (value - self.mean) / (self.sd * (1.0 + 1.0 / self.n).sqrt());
        match rule {
            Rule::Alone => self.prediction.p(new, None, true) < LEVEL,
            Rule::Confirmed => {
                self.prediction.suspicion(new, true) > SUSPICIOUS
                    && self.prediction.p(new, Some(again), true) < LEVEL
            }
            Rule::Conbench => new - self.mean > 5.0 * self.sd,
            Rule::TTest => t(new) > self.t,
            Rule::TTestTwice => t(new).min(t(again)) > self.t,
            Rule::Percent5 => new > 1.05 * self.median,
            Rule::Percent10 => new > 1.1 * self.median,
        }
    }

    /// Whether our rule calls the new value faster: no false alarm of a regression, but an announcement.
    pub(crate) fn is_faster(&self, window: &Window) -> bool {
        self.prediction.suspicion(window.new, false) > SUSPICIOUS
            && self.prediction.p(window.new, Some(window.again), false) < LEVEL
    }

    /// Whether our rule measures the new value again.
    pub(crate) fn is_suspicious(&self, window: &Window) -> bool {
        [true, false]
            .into_iter()
            .any(|upwards| self.prediction.suspicion(window.new, upwards) > SUSPICIOUS)
    }
}
