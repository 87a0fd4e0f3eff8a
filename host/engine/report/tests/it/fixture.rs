//! Runs made by hand, with the few facts a report looks at.

use benchhost_record::{
    BothValues, Case, CaseId, CaseResult, Contrast, ContrastPair, Direction, Environment, Flag,
    FlagKind, Interval, Measurement, Metric, MetricKind, Outcome, Output, Overhead, ParamValue,
    Params, PluginRecord, Quantile, Repetition, Run, RunState, SCHEMA, Samples, Summary, Verdict,
};

/// A finished run of 23.4 s.
pub(crate) fn run(cases: Vec<CaseResult>) -> Run {
    Run {
        schema: SCHEMA,
        id: "20261121T040512Z-kfwq".to_owned(),
        host_version: "0.1.0".to_owned(),
        state: RunState::Finished,
        started: "2026-11-21T04:05:12Z".to_owned(),
        finished: Some("2026-11-21T04:05:35.4Z".to_owned()),
        command: Vec::new(),
        seed: 42,
        suite: None,
        git: None,
        environment: Environment::default(),
        overhead: Overhead::default(),
        plugins: Vec::new(),
        absent_probes: Default::default(),
        probe_costs: Default::default(),
        curves: Vec::new(),
        contrasts: Vec::new(),
        planned_cases: cases.len() as u64,
        gates: Vec::new(),
        cases,
    }
}

/// Sets all cases of `run` against the first one; every name and sentence of it is `text`. The last has no ratio.
pub(crate) fn set_against(run: &mut Run, text: &str) {
    let metric = Metric::new(text, text, Direction::Lower, MetricKind::Time);
    let baseline = run.cases.first().map(|one| one.case.id.clone());
    let last = run.cases.len().saturating_sub(1);
    let pair = |(i, one): (usize, &CaseResult)| {
        let has_ratio = i < last;
        ContrastPair {
            candidate: one.case.id.clone(),
            baseline: baseline.clone(),
            metric: metric.clone(),
            verdict: has_ratio.then_some(Verdict::Inconclusive),
            ratio: has_ratio.then_some(2.0),
            interval: None,
            baseline_repetitions: 1,
            candidate_repetitions: 1,
            reason: Some(text.to_owned()),
            both: ["", "2"]
                .map(|more| BothValues {
                    metric: Metric {
                        name: format!("{text}{more}"),
                        ..metric.clone()
                    },
                    baseline: 1.0,
                    candidate: 2.0,
                })
                .to_vec(),
            remarks: vec![text.to_owned()],
        }
    };
    run.contrasts.push(Contrast {
        benchmark: text.to_owned(),
        against: text.to_owned(),
        differ_in: vec![text.to_owned()],
        level: 0.01,
        tolerance: 0.01 / 3.0,
        margin: 0.01,
        pairs: run.cases.iter().enumerate().map(pair).collect(),
    });
}

/// A plugin that was refused.
pub(crate) fn refused(name: &str, reason: &str) -> PluginRecord {
    PluginRecord {
        name: name.to_owned(),
        path: format!("target/release/lib{name}.so"),
        sha256: String::new(),
        version: String::new(),
        api: String::new(),
        build: Default::default(),
        rejected: Some(reason.to_owned()),
    }
}

/// A case of `plugin/workload` with whole-number parameters, measured well and not at all yet.
pub(crate) fn case(name: &str, params: &[(&str, i64)]) -> CaseResult {
    let (plugin, workload) = name.split_once('/').expect("plugin/workload");
    let params: Params = params
        .iter()
        .map(|(key, value)| ((*key).to_owned(), ParamValue::Int(*value)))
        .collect();
    CaseResult {
        case: Case {
            id: CaseId::new(plugin, workload, &params, 2, "cpu"),
            benchmark: workload.to_owned(),
            plugin: plugin.to_owned(),
            workload: workload.to_owned(),
            params,
            threads: 2,
            device: "cpu".to_owned(),
            instances: None,
            offered_load: None,
            seed: 1,
        },
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
pub(crate) trait With {
    /// The time of an iteration, ns, with its relative half-width; with `tail`, enough samples for a p95.
    fn time(self, median: f64, spread: f64, tail: Option<f64>) -> Self;
    /// A metric with its median.
    fn metric(self, name: &str, unit: &str, kind: MetricKind, median: f64) -> Self;
    /// A flag.
    fn flag(self, kind: FlagKind, message: &str) -> Self;
    /// Another end, with what the worker printed.
    fn ended(self, outcome: Outcome, stderr: &str) -> Self;
}

impl With for CaseResult {
    fn time(mut self, median: f64, spread: f64, tail: Option<f64>) -> Self {
        let metric = Metric::new("time", "ns", Direction::Lower, MetricKind::Time);
        let mut summary = summary(median, spread);
        summary.quantiles = vec![Quantile {
            q: 0.95,
            value: tail,
            needs_more: u64::from(tail.is_none()) * 30,
        }];
        self.measurements.push(Measurement {
            metric,
            samples: Samples::default(),
            summary: Some(summary),
        });
        self
    }

    fn metric(mut self, name: &str, unit: &str, kind: MetricKind, median: f64) -> Self {
        self.measurements.push(Measurement {
            metric: Metric::new(name, unit, Direction::Neither, kind),
            samples: Samples::default(),
            summary: Some(summary(median, 0.01)),
        });
        self
    }

    fn flag(mut self, kind: FlagKind, message: &str) -> Self {
        self.flags.push(Flag {
            kind,
            message: message.to_owned(),
        });
        self
    }

    fn ended(mut self, outcome: Outcome, stderr: &str) -> Self {
        self.measurements.clear();
        self.outcome = outcome.clone();
        self.repetitions.push(Repetition {
            iterations_per_sample: 1,
            output: Output {
                stderr: stderr.to_owned(),
                ..Output::default()
            },
            ..Repetition::new(0, 0, outcome)
        });
        self
    }
}

fn summary(median: f64, spread: f64) -> Summary {
    let half = median.abs() * spread;
    Summary {
        n: 200,
        repetitions: 1,
        median,
        interval: Interval {
            low: median - half,
            high: median + half,
            confidence: 0.95,
        },
        mad: half,
        mean: median,
        trimmed_mean: median,
        standard_deviation: half,
        min: median - half,
        max: median + half,
        quantiles: Vec::new(),
        outliers: 0,
    }
}
