//! What a run in process found, and what stopped it.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use benchhost_plugin_api::{
    Work,
    abi::{PluginError, host::HostSink, status},
    meta::WorkloadMeta,
};

use crate::Done;

/// Where in the life of an instance something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before or outside the instance.
    Outside,
    /// `Workload::create`.
    Create,
    /// `Workload::setup`.
    Setup,
    /// `Workload::prepare`.
    Prepare,
    /// `Workload::iterate`.
    Iterate,
    /// `Workload::metrics`.
    Metrics,
    /// `Workload::verify`.
    Verify,
    /// `Workload::teardown` and drop.
    Teardown,
}

/// Why a run ended early.
///
/// ```
/// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
/// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
/// use benchhost_plugin_api::abi::status;
///
/// let failure = bench::<Sum>().params("length = 'many'").run().unwrap_err();
///
/// assert_eq!((failure.phase, failure.code), (Phase::Create, status::CONFIG));
/// ```
#[derive(Debug, Clone)]
pub struct Failure {
    /// Where.
    pub phase: Phase,
    /// A [`status`] word: `CONFIG`, `WRONG`, `PANIC`, …
    pub code: u32,
    /// One sentence.
    pub message: String,
    /// Causes, or location and backtrace of a panic.
    pub detail: String,
}

impl Failure {
    pub(crate) fn of(phase: Phase, error: PluginError) -> Self {
        Self {
            phase,
            code: error.code,
            message: error.message.into_string(),
            detail: error.detail.into_string(),
        }
    }

    pub(crate) fn outside(message: String) -> Self {
        Self {
            phase: Phase::Outside,
            code: status::FAILED,
            message,
            detail: String::new(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.phase, self.message)
    }
}

impl std::error::Error for Failure {}

#[derive(Debug, Default)]
pub(crate) struct Collected {
    metrics: Mutex<Vec<(String, f64)>>,
    log: Mutex<Vec<String>>,
}

impl HostSink for Collected {
    fn log(&self, _level: u32, _target: &str, message: &str) {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(message.to_owned());
    }

    fn metric(&self, name: &str, _unit: &str, value: f64) {
        self.metrics
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((name.to_owned(), value));
    }
}

/// What a run in process found.
///
/// ```
/// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
/// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
/// let report = bench::<Sum>().params("length = 8").run().unwrap();
///
/// assert_eq!(report.meta.metrics[0].name, "total");
/// assert_eq!(report.work.items, 8.0);
/// assert_eq!(report.log, ["added"]);
/// ```
#[derive(Debug, Clone)]
pub struct Report {
    /// Metadata as the plugin would publish it.
    pub meta: WorkloadMeta,
    /// Declared work of one iteration.
    pub work: Work,
    /// Digest of the last iteration.
    pub digest: u64,
    /// Iterations that were done: fewer than asked when the workload finished.
    pub iterations: u64,
    /// The workload said that it has nothing more to do.
    pub finished: bool,
    /// Metrics and phase times in the order they were reported, after each sample: one, or each iteration with
    /// `PREPARES_EACH_ITERATION`.
    pub metrics: Vec<(String, f64)>,
    /// Log lines.
    pub log: Vec<String>,
}

impl Report {
    pub(crate) fn new(
        meta: WorkloadMeta,
        work: Work,
        done: Done,
        collected: &Collected,
    ) -> Result<Self, Failure> {
        let metrics = collected
            .metrics
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let log = collected
            .log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for (name, value) in &metrics {
            let declared =
                name.starts_with("time.") || meta.metrics.iter().any(|m| m.name == *name);
            if !declared {
                return Err(Failure::outside(format!(
                    "metric `{name}` is not declared in the description of the workload"
                )));
            }
            if !value.is_finite() {
                return Err(Failure::outside(format!(
                    "metric `{name}` is {value}, not a finite number"
                )));
            }
        }
        Ok(Self {
            meta,
            work,
            digest: done.digest,
            iterations: done.iterations,
            finished: done.finished,
            metrics,
            log,
        })
    }

    /// Value of metric `name` (or phase time `time.NAME`, in ns per iteration).
    ///
    /// ```
    /// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
    /// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
    /// let report = bench::<Sum>().run().unwrap();
    ///
    /// assert_eq!(report.metric("total"), Some(6.0));
    /// assert!(report.metric("time.add").is_some());
    /// assert_eq!(report.metric("loss"), None);
    /// ```
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.metrics
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }
}
