//! A rule: what it is about, when it speaks, what it says.

use benchhost_gate::{Expression, Verdict};
use benchhost_record::{CaseResult, FlagKind, Metric, MetricKind, Outcome, Severity};
use globset::GlobMatcher;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Each case.
    #[default]
    Case,
    /// The run as a whole.
    Run,
    /// Each axis along which cases differ.
    Curve,
}

impl Scope {
    /// All, as they are written.
    pub(crate) const ALL: [(&'static str, Self); 3] = [
        ("case", Self::Case),
        ("run", Self::Run),
        ("curve", Self::Curve),
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let (word, _) = Self::ALL[self as usize];
        word
    }
}

/// Globs of which one must match; empty ones match everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Globs {
    /// As they were written.
    pub(crate) texts: Vec<String>,
    /// Those with wildcards; others are compared as they are.
    pub(crate) matchers: Vec<GlobMatcher>,
}

impl Globs {
    pub(crate) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether one of them matches one of `texts`.
    pub(crate) fn any(&self, texts: &[&str]) -> bool {
        let is_one = |glob: &GlobMatcher| texts.iter().any(|text| glob.is_match(text));
        let is_same = |written: &String| texts.contains(&written.as_str());
        self.texts.iter().any(is_same) || self.matchers.iter().any(is_one)
    }

    fn allow(&self, texts: &[&str]) -> bool {
        self.is_empty() || self.any(texts)
    }
}

/// What stands for the file of the rules that come with benchhost.
pub(crate) const OURS: &str = "built-in";

/// The word for every outcome that is a failure.
pub(crate) const FAILED: &str = "failed";

/// The word for a regression of severity critical.
pub(crate) const CRITICAL: &str = "regressed-critical";

/// A rule as it is applied.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub scope: Scope,
    /// When it speaks, besides what it is restricted to; absent when that is all.
    pub when: Option<Expression>,
    /// What to do, with names in braces.
    pub text: String,
    /// How important it is: the lower, the sooner it is read.
    pub rank: u32,
    /// Whether it speaks at all.
    pub is_enabled: bool,
    /// File and line.
    pub place: String,
    /// Names of the number that is shown, the first that is known; empty for what is compared first.
    pub(crate) shows: Vec<String>,
    pub(crate) metrics: Globs,
    pub(crate) kinds: Vec<MetricKind>,
    pub(crate) workloads: Globs,
    pub(crate) cases: Globs,
    pub(crate) except: Globs,
    pub(crate) devices: Globs,
    pub(crate) axes: Globs,
    pub(crate) flags: Vec<FlagKind>,
    pub(crate) outcomes: Vec<String>,
    pub(crate) verdicts: Vec<String>,
}

/// `flag a or b`; nothing for none.
fn alternatives(name: &str, words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| format!("{name} {}", words.join(" or ")))
}

impl Rule {
    /// What it is about: its scope, and the cases, metrics and axes it is restricted to, as they are written.
    #[must_use]
    pub fn subject(&self) -> String {
        let parts = [
            Some(self.scope.word().to_owned()),
            alternatives("workload", &self.workloads.texts),
            alternatives("case", &self.cases.texts),
            alternatives("not", &self.except.texts),
            alternatives("device", &self.devices.texts),
            alternatives("axis", &self.axes.texts),
            alternatives("metric", &self.metrics.texts),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.join(", ")
    }

    /// The condition as it is written, with the ends, verdicts and flags it asks for.
    #[must_use]
    pub fn condition(&self) -> String {
        let flags: Vec<String> = self
            .flags
            .iter()
            .map(|kind| kind.word().to_owned())
            .collect();
        let parts = [
            alternatives("outcome", &self.outcomes),
            alternatives("verdict", &self.verdicts),
            alternatives("flag", &flags),
            self.when.as_ref().map(|when| when.text().to_owned()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.join(" and ")
    }

    /// Whether it came with benchhost.
    pub(crate) fn is_builtin(&self) -> bool {
        self.place.starts_with(OURS)
    }

    /// Whether it speaks of a case, whatever its numbers.
    /// `workload`: its plugin and workload.
    pub(crate) fn is_for_case(&self, result: &CaseResult, workload: &str) -> bool {
        let case = &result.case;
        let names = [case.id.as_str(), case.benchmark.as_str(), workload];
        let has_flag = |kind: &FlagKind| result.flags.iter().any(|flag| flag.kind == *kind);
        self.is_for_outcome(&result.outcome)
            && self.workloads.allow(&[workload])
            && self.cases.allow(&names)
            && !self.except.any(&names)
            && self.devices.allow(&[&case.device])
            && (self.flags.is_empty() || self.flags.iter().any(has_flag))
    }

    /// A case that did not end well is spoken of only where that is what the rule is about.
    fn is_for_outcome(&self, outcome: &Outcome) -> bool {
        if self.outcomes.is_empty() {
            return outcome.is_ok();
        }
        self.outcomes
            .iter()
            .any(|word| word == outcome.word() || (word == FAILED && outcome.is_failure()))
    }

    /// Whether it is asked of each metric on its own, and not of the case once.
    pub(crate) fn asks_metrics(&self) -> bool {
        !(self.metrics.is_empty() && self.kinds.is_empty() && self.verdicts.is_empty())
    }

    pub(crate) fn is_for_metric(&self, metric: &Metric, verdict: Option<Verdict>) -> bool {
        self.metrics.allow(&[&metric.name])
            && (self.kinds.is_empty() || self.kinds.contains(&metric.kind))
            && (self.verdicts.is_empty() || verdict.is_some_and(|one| self.names(one)))
    }

    fn names(&self, verdict: Verdict) -> bool {
        let is_critical = verdict == Verdict::Regressed(Severity::Critical);
        self.verdicts
            .iter()
            .any(|word| word == verdict.word() || (word == CRITICAL && is_critical))
    }
}
