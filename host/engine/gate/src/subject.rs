//! What is judged: one metric of one case of one run, with everything that is known about it from before.

use benchhost_record::{Metric, Summary};

/// One metric of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// [`CaseId`](benchhost_record::CaseId) as text.
    pub case: String,
    /// Name of the benchmark; empty for imported series.
    pub benchmark: String,
    /// The metric.
    pub metric: Metric,
    /// What was measured, or why there is nothing.
    pub value: Result<Value, String>,
    /// The same after a re-run, when there was one.
    pub again: Option<Value>,
    /// Bound the suite asks for, as written.
    pub target: Option<String>,
    /// What the baseline file says.
    pub baseline: Option<BaselineValue>,
    /// Values of the same series before this one, the oldest first; missing ones are NaN.
    pub past: Vec<Past>,
}

/// A measured value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Value {
    /// The typical value: the median for times, in the metric's unit.
    pub value: f64,
    /// Interval of the typical value.
    pub interval: Option<(f64, f64)>,
    /// The least disturbed tenth: the value that the best tenth of the samples of the best repetition reaches. Noise of the machine rarely moves
    /// it, slower code always does.
    pub best: Option<f64>,
    /// Other statistics by name: `p95`, `mean`, `min`, `max`.
    pub statistics: Vec<(String, f64)>,
    /// Samples behind it.
    pub n: u64,
    /// Medians of its repetitions (processes).
    pub repetitions: Vec<f64>,
    /// Whether other programs or the hypervisor disturbed it.
    pub is_disturbed: bool,
    /// The case went on for as long as time allowed, and the value changes with how long that is: a loss that still falls.
    pub is_of_its_length: bool,
    /// Share of its time for which the case was ready to run and had no CPU, where that is known.
    pub waited_share: Option<f64>,
    /// How many times slower than on a core of one's own wide work was while it was measured; absent when nobody looked.
    pub sharing: Option<f64>,
}

/// An earlier value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Past {
    /// Run it comes from; empty for imported points.
    pub run: String,
    /// When, Unix seconds.
    pub time_unix_s: f64,
    /// The value; NaN when the case failed.
    pub value: f64,
    /// Its best tenth, where known.
    pub best: Option<f64>,
}

/// What a baseline file says about one metric of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineValue {
    /// The value.
    pub value: f64,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
    /// How far a value may be on the wrong side, in the metric's unit; absent: by class.
    pub tolerance: Option<f64>,
    /// Best tenth of the samples.
    pub best: Option<f64>,
    /// Medians of repetitions, for the test of significance.
    pub repetitions: Vec<f64>,
    /// Run it was taken from.
    pub run: String,
}

impl Value {
    /// A value without samples.
    #[must_use]
    pub fn plain(value: f64) -> Self {
        Self {
            value,
            n: 1,
            ..Self::default()
        }
    }

    /// The value with what a summary knows. `lower_is_better`: which end of the samples is the best one.
    #[must_use]
    pub fn of_summary(
        summary: &Summary,
        value: f64,
        best: Option<f64>,
        repetitions: Vec<f64>,
    ) -> Self {
        let mut statistics: Vec<(String, f64)> = summary
            .quantiles
            .iter()
            .filter_map(|q| Some((format!("p{}", trimmed(q.q * 100.0)), q.value?)))
            .collect();
        statistics.extend([
            ("median".to_owned(), summary.median),
            ("mean".to_owned(), summary.mean),
            ("min".to_owned(), summary.min),
            ("max".to_owned(), summary.max),
        ]);
        Self {
            value,
            interval: Some((summary.interval.low, summary.interval.high)),
            best,
            statistics,
            n: summary.n,
            repetitions,
            is_disturbed: false,
            is_of_its_length: false,
            waited_share: None,
            sharing: None,
        }
    }

    /// A statistic by name; the value itself without one.
    #[must_use]
    pub fn statistic(&self, name: Option<&str>) -> Option<f64> {
        let Some(name) = name else {
            return Some(self.value);
        };
        self.statistics
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }
}

fn trimmed(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
