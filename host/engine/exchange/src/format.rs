//! The formats that can be imported, and their names.

use std::{fmt, str::FromStr};

/// A format of result files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// JSON of pytest-benchmark.
    PytestBenchmark,
    /// Folder `target/criterion` of criterion.
    Criterion,
    /// JSON of Google Benchmark.
    GoogleBenchmark,
    /// JSON of hyperfine.
    Hyperfine,
    /// Results folder of asv, results file version 1 or 2.
    Asv,
    /// JSON of pyperf.
    Pyperf,
    /// Text of `go test -bench`.
    Go,
    /// JSON of JMH.
    Jmh,
    /// `data.js` of github-action-benchmark.
    GithubActionBenchmark,
    /// `customSmallerIsBetter` JSON of github-action-benchmark.
    SmallerIsBetter,
    /// `customBiggerIsBetter` JSON of github-action-benchmark.
    BiggerIsBetter,
    /// CSV with the columns `series,time,value[,metric][,unit][,direction]`.
    Csv,
    /// Metrics history JSON of the Inference-PIO tracker.
    TrackerHistory,
    /// `ci-metrics.json` of the Fast VLM automation.
    CiMetrics,
    /// `baseline_results.json` of MEP, or the results file it is compared with.
    BaselineResults,
    /// Our own JSON lines.
    Benchhost,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 16] = [
        Self::PytestBenchmark,
        Self::Criterion,
        Self::GoogleBenchmark,
        Self::Hyperfine,
        Self::Asv,
        Self::Pyperf,
        Self::Go,
        Self::Jmh,
        Self::GithubActionBenchmark,
        Self::SmallerIsBetter,
        Self::BiggerIsBetter,
        Self::Csv,
        Self::TrackerHistory,
        Self::CiMetrics,
        Self::BaselineResults,
        Self::Benchhost,
    ];

    /// Name as typed and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PytestBenchmark => "pytest-benchmark",
            Self::Criterion => "criterion",
            Self::GoogleBenchmark => "google-benchmark",
            Self::Hyperfine => "hyperfine",
            Self::Asv => "asv",
            Self::Pyperf => "pyperf",
            Self::Go => "go",
            Self::Jmh => "jmh",
            Self::GithubActionBenchmark => "github-action-benchmark",
            Self::SmallerIsBetter => "smaller-is-better",
            Self::BiggerIsBetter => "bigger-is-better",
            Self::Csv => "csv",
            Self::TrackerHistory => "tracker-history",
            Self::CiMetrics => "ci-metrics",
            Self::BaselineResults => "baseline-results",
            Self::Benchhost => "benchhost",
        }
    }

    /// Whether several files make up one result: a folder is given as a whole.
    #[must_use]
    pub const fn is_folder(self) -> bool {
        matches!(self, Self::Criterion | Self::Asv)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    /// Reads a name; the error lists all names.
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|format| format.name()).collect();
            format!("unknown format `{text}`, known are {}", names.join(", "))
        })
    }
}
