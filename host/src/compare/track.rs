//! One metric of a contest: its evidence, and what has been decided.

use benchhost_record::{Interval, Metric};
use benchhost_stats::{Decided, Paired, Round};

use super::{Terms, metric, round::Played};

/// One metric of a contest.
#[derive(Debug)]
pub struct Track {
    /// What is compared.
    pub metric: Metric,
    /// Evidence so far.
    pub paired: Paired,
    /// What is known.
    pub decided: Decided,
    /// The interval when it became known.
    at_decision: Option<Interval>,
    /// Median values of the rounds: baseline, candidate.
    pub values: [Vec<f64>; 2],
    /// Why it cannot be compared.
    pub failure: Option<String>,
}

impl Track {
    pub(super) fn new(metric: Metric, terms: &Terms) -> Self {
        Self {
            metric,
            paired: Paired::new(terms.bounds()),
            decided: Decided {
                decision: None,
                level: terms.level,
            },
            at_decision: None,
            values: [Vec::new(), Vec::new()],
            failure: None,
        }
    }

    /// Learns what the family's judgement says. What is decided stays decided.
    pub(super) fn learn(&mut self, now: Decided) {
        if self.decided.decision.is_none() && now.decision.is_some() {
            self.at_decision = Some(self.paired.interval(now.level));
            self.decided = now;
        }
    }

    /// Interval of the log-ratio at `level`, never wider than it was when the decision fell: a confidence sequence holds
    /// for all its intervals together, so also for what they have in common.
    pub(super) fn interval(&self, level: f64) -> Interval {
        let now = self.paired.interval(level);
        let Some(then) = self.at_decision else {
            return now;
        };
        let common = Interval {
            low: now.low.max(then.low),
            high: now.high.min(then.high),
            ..then
        };
        if common.low <= common.high {
            common
        } else {
            then
        }
    }

    /// Whether another round could tell something.
    pub(super) fn is_open(&self) -> bool {
        self.failure.is_none() && self.decided.decision.is_none()
    }

    /// Takes what a round has for this metric.
    pub(super) fn take(&mut self, played: &Played) {
        let mut pairs = metric::pairs(&self.metric, played);
        let Some(round) = Round::of(&pairs) else {
            self.failure = Some(no_ratio(&self.metric, &pairs));
            return;
        };
        self.paired.observe(round);
        for (side, values) in self.values.iter_mut().enumerate() {
            let of_side = |pair: &(f64, f64)| if side == 0 { pair.0 } else { pair.1 };
            pairs.sort_by(|a, b| of_side(a).total_cmp(&of_side(b)));
            values.push(of_side(&pairs[pairs.len() / 2]));
        }
    }
}

fn no_ratio(metric: &Metric, pairs: &[(f64, f64)]) -> String {
    if pairs.is_empty() {
        return format!(
            "the metric `{}` was not reported by both sides",
            metric.name
        );
    }
    let (base, candidate) = pairs
        .iter()
        .copied()
        .find(|(b, c)| b != c && (*b <= 0.0 || *c <= 0.0 || !(b + c).is_finite()))
        .unwrap_or(pairs[0]);
    format!(
        "the metric `{}` has no ratio: {base} in the baseline and {candidate} in the candidate, only positive values have one",
        metric.name
    )
}
