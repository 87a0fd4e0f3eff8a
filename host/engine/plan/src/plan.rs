//! What will happen: the third of the three shapes (typed, written, planned). Nothing here is a default in waiting.

use std::collections::BTreeMap;

use benchhost_record::{Case, Params};

use crate::{against::Against, search::Search, settings::Settings};

/// What was typed on the command line and concerns the plan; the strongest layer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// Only benchmarks of this tier, with the tier's settings.
    pub tier: Option<String>,
    /// Globs; a case stays if any of them matches the benchmark's name, `plugin/workload` or the whole id of the
    /// case. `*` matches `/` too. Empty keeps everything.
    pub filter: Vec<String>,
    /// Seed instead of the suite's.
    pub seed: Option<u64>,
    /// Repetitions of every benchmark.
    pub repetitions: Option<u32>,
    /// Time budget of every benchmark in ns.
    pub max_time_ns: Option<u64>,
    /// `(name, reference)` of plugins that replace those of the suite or are added to them.
    /// [`crate::plugin_name`] makes the name from a reference that came without one.
    pub plugins: Vec<(String, String)>,
    /// Parameters of every workload, where there is no suite.
    pub params: Params,
}

/// What will happen in a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// File the plan came from, as it was given; named in errors.
    pub file: String,
    /// Name of the suite.
    pub name: String,
    /// The question its numbers answer.
    pub question: Option<String>,
    /// The tier that was asked for.
    pub tier: Option<String>,
    /// Seed of every case, and of the order in which they run.
    pub seed: u64,
    /// Plugins that the benchmarks use, sorted by name.
    pub plugins: Vec<PluginSource>,
    /// Benchmarks in the order of the file, each with at least one case.
    pub benchmarks: Vec<Benchmark>,
    /// Rules for the regression engine, in the order of the file.
    pub gates: Vec<GateTable>,
}

impl Plan {
    /// How many cases there are.
    #[must_use]
    pub fn case_count(&self) -> usize {
        self.benchmarks.iter().map(|b| b.cases.len()).sum()
    }
}

/// Where a plugin comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginSource {
    /// Name that the benchmarks use.
    pub name: String,
    /// A crate directory, a `.so` or a name to look for. A relative path starts at the suite's folder, or at the
    /// current one when `line` is `None`.
    pub reference: String,
    /// Line of the suite, from 1; `None` when it was given on the command line.
    pub line: Option<usize>,
}

/// A workload with its cases and its rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Benchmark {
    /// Name, unique in the suite.
    pub name: String,
    /// Plugin by its name in [`Plan::plugins`].
    pub plugin: String,
    /// Workload of that plugin.
    pub workload: String,
    /// Line of its `[[benchmark]]`, from 1; 0 when it was not written.
    pub line: usize,
    /// How its cases are measured.
    pub settings: Settings,
    /// Bounds by metric, for the regression engine.
    pub targets: BTreeMap<String, Target>,
    /// Parameter that grows with the threads and instances of a case, so that each has as much to do (weak scaling); absent when
    /// the same work is shared out (strong scaling).
    pub grows: Option<String>,
    /// The benchmark whose cases its own are set against, with the ratio of their times.
    pub against: Option<Against>,
    /// What is looked for; each case then stands for a search of its own.
    pub search: Option<Search>,
    /// Its cases: the product of axes and zips (the last varies fastest) without the excluded, then the included.
    pub cases: Vec<Case>,
    /// Tiers it belongs to; empty means all.
    pub tiers: Vec<String>,
    /// Parameters that are no part of a case's name: a series goes on when they change.
    pub untracked: Vec<String>,
    /// Line of each parameter, from 1, for errors found once the workload is known.
    pub param_lines: BTreeMap<String, usize>,
    /// Parameters that come from `[defaults]` or a tier, and so hold only for workloads that have them.
    /// [`crate::check_params`] settles them and leaves this empty.
    pub inherited: Vec<String>,
}

/// A bound of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// As written: `<= 200ms`.
    pub text: String,
    /// Which side is good.
    pub op: Comparison,
    /// The bound, in `unit`.
    pub value: f64,
    /// `ns` for durations, `B` for sizes, `B/s` and `FLOP/s` for their rates, `1` for plain numbers and per cent
    /// (as ratio), otherwise as written.
    pub unit: String,
    /// Line of the suite, from 1.
    pub line: usize,
}

/// Which side of a bound is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// The sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether `value` is on the good side of `bound`. Never true for NaN.
    #[must_use]
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Below => value < bound,
            Self::AtMost => value <= bound,
            Self::Above => value > bound,
            Self::AtLeast => value >= bound,
        }
    }
}

/// A `[[gate]]` as it was written; the regression engine reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct GateTable {
    /// Its keys.
    pub table: toml::Table,
    /// Line of its heading, from 1.
    pub line: usize,
}
