//! A rule: which metrics of which cases, and what is asked of them.

use benchhost_record::{Metric, Severity};
use globset::GlobMatcher;

use crate::{Bound, Class, Expression};

/// What a value is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Against {
    /// The value before.
    Previous,
    /// The baseline file.
    Baseline,
    /// The median of the last so many values.
    Median(usize),
}

/// How far on the wrong side a value may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Allowance {
    /// In the metric's unit.
    Absolute(f64),
    /// As a share of the reference.
    Relative(f64),
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleKind {
    /// A bound that must hold.
    Target(Bound),
    /// Not worse than the baseline by more than the allowance.
    Tolerance(Allowance),
    /// Not worse than the reference by more than this share; severity by multiples of it.
    Percent {
        /// The share.
        threshold: f64,
        /// The reference.
        against: Against,
        /// Also ask that the best tenth of the samples is worse: what noise rarely moves.
        guarded: bool,
    },
    /// Not significantly and relevantly different from the baseline's repetitions (or the last run's).
    Significant {
        /// Smallest difference that matters, as a share.
        margin: f64,
    },
    /// Not outside what its own past predicts.
    History {
        /// Values that are looked at.
        window: usize,
    },
    /// No step or drift in the series that this run made visible.
    Change,
    /// The expression must not be true.
    Expression(Expression),
}

impl RuleKind {
    /// Rules of one kind compete; rules of different kinds all apply.
    #[must_use]
    pub fn slot(&self) -> &'static str {
        match self {
            Self::Target(bound) if bound.is_upper() => "target-at-most",
            Self::Target(_) => "target-at-least",
            Self::Tolerance(_) => "tolerance",
            Self::Percent {
                against: Against::Previous,
                ..
            } => "percent-previous",
            Self::Percent {
                against: Against::Baseline,
                ..
            } => "percent-baseline",
            Self::Percent {
                against: Against::Median(_),
                ..
            } => "percent-median",
            Self::Significant { .. } => "significant",
            Self::History { .. } => "history",
            Self::Change => "change",
            Self::Expression(_) => "expression",
        }
    }
}

/// A rule as it is applied.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name: as written, or its kind.
    pub name: String,
    /// Globs on the case id and on the benchmark's name; empty for all.
    pub cases: Vec<GlobMatcher>,
    /// Globs on the metric; empty for all that defaults judge too (no parts, no side effects, none without a
    /// direction) and that the kind can be asked of: of a bound those in its unit, of an expression those it names.
    pub metrics: Vec<GlobMatcher>,
    /// Statistic that is looked at: `p95`, `mean`, …; the typical value without one.
    pub statistic: Option<String>,
    /// What is asked.
    pub kind: RuleKind,
    /// Severity of a violation, when it is fixed.
    pub severity: Option<Severity>,
    /// Takes the rules of this kind (or all) away instead of adding one.
    pub is_off: bool,
    /// File and line.
    pub place: String,
    /// Letters of its globs that are no wildcards: more of them win.
    pub specificity: usize,
}

impl Rule {
    /// Whether it speaks of `metric` of `case` (its id) of `benchmark`.
    #[must_use]
    pub fn is_for(&self, case: &str, benchmark: &str, metric: &str) -> bool {
        let any = |globs: &[GlobMatcher], names: &[&str]| {
            globs.is_empty()
                || globs
                    .iter()
                    .any(|glob| names.iter().any(|name| glob.is_match(name)))
        };
        // An id is plugin/workload?params: the part before the `?` may be meant.
        let short = case.split('?').next().unwrap_or(case);
        any(&self.cases, &[case, benchmark, short]) && any(&self.metrics, &[metric])
    }

    /// Whether it is one of the [`DEFAULTS`](crate::DEFAULTS).
    pub(crate) fn is_default(&self) -> bool {
        self.place == "default"
    }

    /// Whether it can be asked of `metric`: always when the user named the metric, and else by unit or name.
    pub(crate) fn suits(&self, metric: &Metric) -> bool {
        if !self.metrics.is_empty() || self.is_off {
            return true;
        }
        match &self.kind {
            RuleKind::Target(bound) => {
                Class::is_judged(metric) && bound.in_unit(&metric.unit).is_some()
            }
            RuleKind::Expression(expression) => expression.is_about(metric),
            RuleKind::Tolerance(_)
            | RuleKind::Percent { .. }
            | RuleKind::Significant { .. }
            | RuleKind::History { .. }
            | RuleKind::Change => Class::is_judged(metric),
        }
    }

    /// Whether the two cannot both speak of one metric: of one kind and statistic, and expressions of one name. What is
    /// taken away without a statistic or an expression is taken away with all of them.
    pub(crate) fn competes_with(&self, other: &Self) -> bool {
        let slot = self.kind.slot();
        let is_same =
            self.statistic == other.statistic && (slot != "expression" || self.name == other.name);
        let is_all = |rule: &Self| {
            let has_own_name = slot == "expression" && rule.name != slot;
            rule.is_off && rule.statistic.is_none() && !has_own_name
        };
        slot == other.kind.slot() && (is_same || is_all(self) || is_all(other))
    }
}
