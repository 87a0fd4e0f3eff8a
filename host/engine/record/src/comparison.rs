//! Two sides compared, case by case: one verdict type, whether the sides ran in lock-step or were stored long ago.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CaseId, Direction, Environment, Flag, Interval, Metric, MetricKind};

/// What is known about one metric of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The candidate is better by more than the tolerance.
    Better,
    /// The candidate is worse by more than the tolerance.
    Worse,
    /// The candidate's value is higher; the metric does not say whether that is good.
    Higher,
    /// The candidate's value is lower; the metric does not say whether that is good.
    Lower,
    /// The two differ by less than the margin.
    Equivalent,
    /// Nothing is known at the budget's end.
    Inconclusive,
    /// There is nothing to compare: a side could not be built, loaded, run, or gave a wrong answer.
    Failed,
}

impl Verdict {
    /// What a higher (`true`) or lower value of `metric` means.
    #[must_use]
    pub fn of_change(metric: &Metric, higher: bool) -> Self {
        match (metric.direction, higher) {
            (Direction::Lower, false) | (Direction::Higher, true) => Self::Better,
            (Direction::Lower, true) | (Direction::Higher, false) => Self::Worse,
            (Direction::Neither, true) => Self::Higher,
            (Direction::Neither, false) => Self::Lower,
        }
    }

    /// The word people and scripts read: times and rates are `faster` or `slower`, other metrics `better` or `worse`.
    #[must_use]
    pub fn word(self, metric: &Metric) -> &'static str {
        let is_speed = matches!(metric.kind, MetricKind::Time | MetricKind::Throughput);
        match self {
            Self::Better if is_speed => "faster",
            Self::Worse if is_speed => "slower",
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::Equivalent => "equivalent",
            Self::Inconclusive => "inconclusive",
            Self::Failed => "failed",
        }
    }
}

/// How a comparison was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Both sides in lock-step, rounds of fresh processes, watched after every round.
    PairedRounds,
    /// Two stored runs; repetitions are the unit, looked at once.
    StoredRuns,
}

/// One metric of one case on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The case.
    pub case: CaseId,
    /// What was compared.
    pub metric: Metric,
    /// What is known.
    pub verdict: Verdict,
    /// candidate / baseline; absent when there is none.
    pub ratio: Option<f64>,
    /// Interval of the ratio; its ends are 0 and infinity while there are too few rounds. Absent without a ratio.
    pub interval: Option<Interval>,
    /// Rounds (or repetitions of the side that has fewer).
    pub rounds: u64,
    /// Pairs of samples in all rounds; 0 for stored runs.
    pub pairs: u64,
    /// Wall-clock time spent on this case, s; for stored runs the time their samples took.
    pub seconds: f64,
    /// Standard deviation of the ratio from round to round, relative; absent for fewer than two rounds.
    pub round_sd: Option<f64>,
    /// Median of the baseline's values in the metric's unit.
    pub baseline: Option<f64>,
    /// Median of the candidate's values in the metric's unit.
    pub candidate: Option<f64>,
    /// Why it failed, or what is missing for a verdict.
    pub reason: Option<String>,
    /// What makes the numbers doubtful.
    pub flags: Vec<Flag>,
}

/// One side, and exactly which file it was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ComparedSide {
    /// As it was typed: a file, a folder, a revision, a run.
    pub name: String,
    /// The library, or the file of the stored run.
    pub path: String,
    /// Hash of the library, hexadecimal; empty for a stored run.
    pub sha256: String,
    /// Version of the plugin, or identity of the run.
    pub version: String,
    /// Why there is nothing to compare; absent when there is.
    pub failure: Option<String>,
}

/// All comparisons of one command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparisons {
    /// How they were made.
    pub method: Method,
    /// The first side.
    pub baseline: ComparedSide,
    /// The second side.
    pub candidate: ComparedSide,
    /// Level of false decisions, for the whole family.
    pub level: f64,
    /// A change must be larger than this ratio − 1.
    pub tolerance: f64,
    /// A difference within this ratio − 1 is none.
    pub margin: f64,
    /// Seed of the coins.
    pub seed: u64,
    /// Version of the host.
    pub host_version: String,
    /// The machine; for stored runs that of the candidate.
    pub environment: Environment,
    /// Whether the user ended it before its end.
    pub interrupted: bool,
    /// One for each case and metric.
    pub comparisons: Vec<Comparison>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_of_the_metric_decides_what_more_means() {
        let time = Metric::new("time", "ns", Direction::Lower, MetricKind::Time);
        let rate = Metric::new(
            "throughput",
            "items/s",
            Direction::Higher,
            MetricKind::Throughput,
        );
        let memory = Metric::new("peak-memory", "B", Direction::Lower, MetricKind::Memory);
        let count = Metric::new("epoch", "1", Direction::Neither, MetricKind::Count);
        let word = |metric: &Metric, higher| Verdict::of_change(metric, higher).word(metric);

        assert_eq!(
            (word(&time, true), word(&time, false)),
            ("slower", "faster")
        );
        assert_eq!(
            (word(&rate, true), word(&rate, false)),
            ("faster", "slower")
        );
        assert_eq!(
            (word(&memory, true), word(&memory, false)),
            ("worse", "better")
        );
        assert_eq!(
            (word(&count, true), word(&count, false)),
            ("higher", "lower")
        );
    }
}
