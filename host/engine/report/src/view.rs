//! What every form of a report is made from: a run, what was known before it, and what is made of that.
//!
//! The host gathers it once; the forms only read. Text in it comes from plugins and suites and is hostile until a form
//! has made it harmless.

mod difference;

use std::sync::Arc;

use benchhost_advice::Recommendation;
use benchhost_gate::{Judgement, Judgements};
use benchhost_record::{
    Alert, CaseResult, Environment, Git, MachinePeaks, Metric, PluginRecord, Run,
};
use benchhost_stats::ChangePoint;

pub use difference::differences;
pub(crate) use difference::facts;

/// Everything that a report tells.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// When it was made, RFC 3339 in UTC.
    pub made: String,
    /// Version of the host that made it.
    pub host_version: String,
    /// The run; absent when the history has none, only imported values.
    pub run: Option<Run>,
    /// What is said of it, the worst first; empty without a run.
    pub judged: Judgements,
    /// Exit code that `check` would end with.
    pub exit_code: u8,
    /// Alerts of the machine, newest first.
    pub alerts: Vec<Alert>,
    /// Series: those of the run's cases on its machine first, in the order of the run; then the others, by case, metric and
    /// machine.
    pub series: Vec<Series>,
    /// The run of the same suite and machine before this one.
    pub before: Option<Before>,
    /// What could be done.
    pub recommendations: Vec<Recommendation>,
    /// Roofs of the machine, where they were measured.
    pub peaks: Option<MachinePeaks>,
    /// What is not in it for the sake of its size, as sentences.
    pub left_out: Vec<String>,
}

/// The values of one metric of one case on one machine, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The case, by its id.
    pub case: String,
    /// What is measured.
    pub metric: Metric,
    /// Fingerprint of the machine; empty when unknown.
    pub machine: String,
    /// Its points, or those that are left after thinning: ends, extremes and places of change stay.
    pub points: Vec<Point>,
    /// How many points the history has.
    pub all_points: u64,
    /// Where it changed; indices count `points`.
    pub changes: Vec<ChangePoint>,
    /// What the value should be, when a baseline says so.
    pub baseline: Option<Band>,
}

/// One value of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// When, ms since 1970 in UTC.
    pub time_ms: i64,
    /// The value in the metric's unit; NaN when the case failed.
    pub value: f64,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
    /// The run it comes from.
    pub run: Option<Arc<str>>,
    /// The commit, with `-dirty` when the work tree differed from it.
    pub revision: Option<Arc<str>>,
}

/// What a baseline expects of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The value.
    pub value: f64,
    /// Lowest and highest value that is no reason for an alarm; both are the value when nothing is allowed.
    pub low: f64,
    /// See `low`.
    pub high: f64,
}

/// The run before, as far as it explains a difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Before {
    /// Its id.
    pub id: String,
    /// When it began.
    pub started: String,
    /// Version of the host.
    pub host_version: String,
    /// The machine.
    pub environment: Environment,
    /// State of the work tree.
    pub git: Option<Git>,
    /// Its plugins.
    pub plugins: Vec<PluginRecord>,
}

/// Something about the machine or the code that is not as it was in the run before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: `kernel`, `cpu.governor`, `plugin contrastive sha256`.
    pub what: String,
    /// How it was.
    pub before: String,
    /// How it is.
    pub now: String,
}

impl Report {
    /// The cases of the run.
    #[must_use]
    pub fn cases(&self) -> &[CaseResult] {
        self.run.as_ref().map_or(&[], |run| &run.cases)
    }

    /// What is said of a metric of a case.
    #[must_use]
    pub fn verdict(&self, case: &str, metric: &str) -> Option<&Judgement> {
        let mut judged = self.judged.judged.iter();
        judged.find(|one| one.case == case && one.metric.name == metric)
    }

    /// The history of a metric of a case on the machine of the run.
    #[must_use]
    pub fn series_of(&self, case: &str, metric: &str) -> Option<&Series> {
        let machine = self.run.as_ref()?.environment.fingerprint.as_str();
        let mut series = self.series.iter();
        series.find(|one| one.case == case && one.metric.name == metric && one.machine == machine)
    }
}
