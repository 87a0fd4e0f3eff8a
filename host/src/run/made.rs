//! Plans and results made by hand, for tests of what is done with results.

#![allow(
    clippy::unwrap_used,
    reason = "only tests use it, and a test that cannot go on panics"
)]

use benchhost_plan::Plan;
use benchhost_record::{
    Case, CaseResult, Direction, Environment, Measurement, Metric, MetricKind, Outcome, Overhead,
    Run, RunState, SCHEMA, Samples, names,
};
use benchhost_stats::summarise;

/// A plan with one benchmark `b` of the workload `p/w`; `keys`: its further keys.
pub(super) fn plan(keys: &str) -> Plan {
    let suite = format!(
        "name = 'x'\n[plugins]\np = './p'\n\
         [[benchmark]]\nname = 'b'\nplugin = 'p'\nworkload = 'w'\n{keys}\n"
    );
    benchhost_plan::parse(&suite, "x.toml", &Default::default()).unwrap()
}

/// A run with these results.
pub(super) fn run(cases: Vec<CaseResult>) -> Run {
    Run {
        schema: SCHEMA,
        id: String::new(),
        host_version: String::new(),
        state: RunState::Finished,
        started: String::new(),
        finished: None,
        command: Vec::new(),
        seed: 7,
        suite: None,
        git: None,
        environment: Environment::default(),
        overhead: Overhead::default(),
        plugins: Vec::new(),
        planned_cases: cases.len() as u64,
        cases,
        absent_probes: Default::default(),
        probe_costs: Default::default(),
        curves: Vec::new(),
        contrasts: Vec::new(),
        gates: Vec::new(),
    }
}

/// A case that ended well and has no measurement yet.
pub(super) fn measured(case: &Case) -> CaseResult {
    CaseResult {
        case: case.clone(),
        outcome: Outcome::Ok,
        repetitions: Vec::new(),
        measurements: Vec::new(),
        work: None,
        flags: Vec::new(),
        targets: Default::default(),
        search: None,
        roofline: None,
    }
}

/// What a test adds to a case.
pub(super) trait With: Sized {
    /// A metric in its usual unit: one list of samples for each repetition.
    fn samples(self, name: &str, repetitions: &[Vec<f64>]) -> Self;
    /// A metric with one sample in each repetition.
    fn metric(self, name: &str, repetitions: &[f64]) -> Self {
        let single: Vec<Vec<f64>> = repetitions.iter().map(|value| vec![*value]).collect();
        self.samples(name, &single)
    }
}

impl With for CaseResult {
    fn samples(mut self, name: &str, repetitions: &[Vec<f64>]) -> Self {
        let (unit, kind) = match name {
            names::PEAK_MEMORY => ("B", MetricKind::Memory),
            names::THROUGHPUT => ("samples/s", MetricKind::Throughput),
            names::SERVED => ("1/s", MetricKind::Throughput),
            _ => ("ns", MetricKind::Time),
        };
        let mut samples = Samples::default();
        for (repetition, values) in repetitions.iter().enumerate() {
            for value in values {
                samples.push(repetition as u32, 1, *value);
            }
        }
        self.measurements.push(Measurement {
            metric: Metric::new(name, unit, Direction::Lower, kind),
            summary: summarise(&samples, 7, 0.95).ok(),
            samples,
        });
        self
    }
}
