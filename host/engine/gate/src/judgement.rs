//! Verdicts and what they stand on.

use benchhost_record::{Metric, Severity};

/// What is known about one metric of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The case ended badly: it has no speed.
    Failed,
    /// A target or budget of the user is missed.
    TargetMissed,
    /// Worse, and how bad.
    Regressed(Severity),
    /// Better.
    Improved,
    /// Changed, in a metric that does not say which direction is good.
    Changed,
    /// Nothing that matters.
    Unchanged,
    /// A target of the user is met, and nothing is compared with an earlier value.
    TargetMet,
    /// Looks worse, and could be noise.
    Inconclusive,
    /// Too few values to say anything.
    InsufficientData,
}

impl Verdict {
    /// The word people and scripts read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::TargetMissed => "target-missed",
            Self::Regressed(_) => "regressed",
            Self::Improved => "improved",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::TargetMet => "target-met",
            Self::Inconclusive => "inconclusive",
            Self::InsufficientData => "insufficient-data",
        }
    }

    /// Whether a gate must fail because of it. A remark of severity info does not.
    #[must_use]
    pub fn fails(self) -> bool {
        matches!(
            self,
            Self::TargetMissed | Self::Regressed(Severity::Warning | Severity::Critical)
        )
    }

    /// 0 for what must be seen first. Words that say something come before words that say nothing.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Regressed(Severity::Critical) => 1,
            Self::TargetMissed => 2,
            Self::Regressed(Severity::Warning) => 3,
            Self::Regressed(Severity::Info) => 4,
            Self::Changed => 5,
            Self::Improved => 6,
            Self::Inconclusive => 7,
            Self::Unchanged => 8,
            Self::TargetMet => 9,
            Self::InsufficientData => 10,
        }
    }
}

/// A verdict with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The case.
    pub case: String,
    /// The metric.
    pub metric: Metric,
    /// What is known.
    pub verdict: Verdict,
    /// Name of the rule that decided.
    pub rule: String,
    /// Where the rule stands: a file and a line, or `default`.
    pub place: String,
    /// What was measured; NaN when there is nothing.
    pub value: f64,
    /// What it was judged against; NaN when there is nothing.
    pub reference: f64,
    /// (value − reference) / |reference|; NaN when it cannot be said.
    pub effect: f64,
    /// Interval of the effect.
    pub interval: Option<(f64, f64)>,
    /// Probability of such a value by chance, before the family is counted; absent for rules that are no test.
    pub p: Option<f64>,
    /// Values the reference stands on.
    pub n: usize,
    /// Runs the reference stands on, the newest last, at most eight.
    pub runs: Vec<String>,
    /// Whether a re-run should be asked before anybody is woken: what was seen once may be noise.
    pub is_suspicious: bool,
    /// One sentence for people.
    pub sentence: String,
}

/// All verdicts of a run, the worst first, and what was not judged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judgements {
    /// Worst first; within a verdict the largest effect first.
    pub judged: Vec<Judgement>,
    /// Metrics that no rule speaks of, by case.
    pub not_judged: usize,
    /// Places and names of written rules that speak of nothing that was measured.
    pub idle: Vec<String>,
}

impl Judgements {
    /// How many there are of each word, in the order of [`Verdict::rank`].
    #[must_use]
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for judgement in &self.judged {
            let word = judgement.verdict.word();
            match counts.iter_mut().find(|(known, _)| *known == word) {
                Some((_, n)) => *n += 1,
                None => counts.push((word, 1)),
            }
        }
        counts
    }

    /// Whether any verdict must fail a gate.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.judged.iter().any(|one| one.verdict.fails())
    }

    /// Whether any case ended badly.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.judged.iter().any(|one| one.verdict == Verdict::Failed)
    }
}
