//! Subjects and rules in one line each.

use benchhost_gate::{
    BaselineValue, Judgement, Judgements, Past, Rules, Subject, Terms, Value, Verdict, judge,
};
use benchhost_record::{Direction, Metric, MetricKind, Severity};
use benchhost_stats::SplitMix64;

pub(crate) const INFO: Verdict = Verdict::Regressed(Severity::Info);
pub(crate) const WARNING: Verdict = Verdict::Regressed(Severity::Warning);
pub(crate) const CRITICAL: Verdict = Verdict::Regressed(Severity::Critical);

/// The rules of a `gates.toml`, without the defaults.
pub(crate) fn rules(text: &str) -> Rules {
    let mut rules = Rules::none();
    rules
        .read_file(text, "gates.toml")
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    rules
}

/// The same beside the defaults.
pub(crate) fn and_defaults(text: &str) -> Rules {
    let mut rules = Rules::defaults();
    rules
        .read_file(text, "gates.toml")
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    rules
}

pub(crate) fn time() -> Metric {
    Metric::new("time", "ns", Direction::Lower, MetricKind::Time)
}

pub(crate) fn throughput(unit: &str) -> Metric {
    Metric::new(
        "throughput",
        unit,
        Direction::Higher,
        MetricKind::Throughput,
    )
}

pub(crate) fn memory() -> Metric {
    Metric::new("peak-memory", "B", Direction::Lower, MetricKind::Memory)
}

pub(crate) fn accuracy() -> Metric {
    Metric::new("accuracy", "1", Direction::Higher, MetricKind::Quality)
}

pub(crate) fn named(name: &str, unit: &str, direction: Direction, kind: MetricKind) -> Metric {
    Metric::new(name, unit, direction, kind)
}

/// A subject that is built word by word.
pub(crate) trait Words: Sized {
    fn of(self, case: &str, benchmark: &str) -> Self;
    fn after(self, past: &[f64]) -> Self;
    fn baseline(self, value: f64) -> Self;
    fn again(self, value: f64) -> Self;
}

pub(crate) fn measured(metric: Metric, value: f64) -> Subject {
    Subject {
        case: "contrastive/training?batch=16&threads=1&window=512".to_owned(),
        benchmark: "training-small".to_owned(),
        metric,
        value: Ok(Value::plain(value)),
        again: None,
        target: None,
        baseline: None,
        past: Vec::new(),
    }
}

impl Words for Subject {
    fn of(mut self, case: &str, benchmark: &str) -> Self {
        self.case = case.to_owned();
        self.benchmark = benchmark.to_owned();
        self
    }

    fn after(mut self, past: &[f64]) -> Self {
        let point = |(index, value): (usize, &f64)| Past {
            run: format!("run-{index}"),
            time_unix_s: 1_700_000_000.0 + 600.0 * index as f64,
            value: *value,
            best: None,
        };
        self.past = past.iter().enumerate().map(point).collect();
        self
    }

    fn baseline(mut self, value: f64) -> Self {
        self.baseline = Some(BaselineValue {
            value,
            interval: None,
            tolerance: None,
            best: None,
            repetitions: Vec::new(),
            run: "base".to_owned(),
        });
        self
    }

    fn again(mut self, value: f64) -> Self {
        self.again = Some(Value::plain(value));
        self
    }
}

pub(crate) fn judged(subjects: &[Subject], rules: &Rules) -> Judgements {
    judge(subjects, rules, &Terms::default())
}

/// The judgement of one subject that a rule speaks of.
pub(crate) fn one(subject: &Subject, rules: &Rules) -> Judgement {
    let mut found = judged(std::slice::from_ref(subject), rules).judged;
    assert_eq!(found.len(), 1, "no rule speaks of {subject:?}");
    found.remove(0)
}

pub(crate) fn verdict(subject: &Subject, rules: &Rules) -> Verdict {
    one(subject, rules).verdict
}

/// `n` values of log-normal noise about `level`.
pub(crate) fn noise(random: &mut SplitMix64, n: usize, level: f64, spread: f64) -> Vec<f64> {
    (0..n)
        .map(|_| level * (spread * random.normal()).exp())
        .collect()
}
