//! Runs made up for a history: values are chosen, nothing is measured.

use std::path::Path;

use benchhost::store::Store;
use benchhost_record::{
    BothValues, Case, CaseId, CaseResult, Contrast, ContrastPair, Direction, Environment, Git,
    Measurement, Metric, MetricKind, Outcome, Overhead, Params, Repetition, Run, RunState, SCHEMA,
    Samples, Sharing, Verdict,
};
use benchhost_stats::{SplitMix64, summarise};

/// Samples of each repetition.
const SAMPLES: usize = 30;

/// Standard deviation of samples, as a share of the value.
const NOISE: f64 = 0.01;

/// A run number `index` (an hour apart) with a case `p/NAME?threads=1` for each name and time in ns.
pub(crate) fn made_run(index: u64, times: &[(&str, f64)]) -> Run {
    let hours = index % 24;
    let day = 1 + index / 24;
    Run {
        schema: SCHEMA,
        id: format!("202606{day:02}T{hours:02}0000Z-{index:04x}"),
        host_version: "0.1.0".to_owned(),
        state: RunState::Finished,
        started: format!("2026-06-{day:02}T{hours:02}:00:00Z"),
        finished: Some(format!("2026-06-{day:02}T{hours:02}:01:00Z")),
        command: vec![
            "benchhost".to_owned(),
            "run".to_owned(),
            "s.toml".to_owned(),
        ],
        seed: 7,
        suite: None,
        git: Some(Git {
            revision: format!("{index:040x}"),
            branch: None,
            dirty: false,
        }),
        environment: Environment {
            fingerprint: "machine-1".to_owned(),
            ..Environment::default()
        },
        overhead: Overhead::default(),
        plugins: Vec::new(),
        cases: times
            .iter()
            .map(|(name, time)| made_case(name, *time, index))
            .collect(),
        absent_probes: Default::default(),
        probe_costs: Default::default(),
        curves: Vec::new(),
        contrasts: Vec::new(),
        planned_cases: times.len() as u64,
        gates: Vec::new(),
    }
}

/// A case whose samples scatter about `time` ns in two repetitions.
fn made_case(name: &str, time: f64, seed: u64) -> CaseResult {
    let params = Params::new();
    let mut random = SplitMix64::new(seed ^ time.to_bits());
    let mut samples = Samples::default();
    for repetition in 0..2 {
        for _ in 0..SAMPLES {
            samples.push(repetition, 10, time * (1.0 + NOISE * random.normal()));
        }
    }
    let summary = summarise(&samples, seed, 0.99).unwrap();
    CaseResult {
        case: Case {
            id: CaseId::new("p", name, &params, 1, "cpu"),
            benchmark: name.to_owned(),
            plugin: "p".to_owned(),
            workload: name.to_owned(),
            params,
            threads: 1,
            device: "cpu".to_owned(),
            instances: None,
            offered_load: None,
            seed: 0,
        },
        outcome: Outcome::Ok,
        repetitions: Vec::new(),
        measurements: vec![Measurement {
            metric: Metric::new("time", "ns", Direction::Lower, MetricKind::Time),
            samples,
            summary: Some(summary),
        }],
        work: None,
        flags: Vec::new(),
        targets: std::collections::BTreeMap::new(),
        search: None,
        roofline: None,
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

/// `run`, as if another program had been on the same core all the time.
pub(crate) fn on_a_shared_core(mut run: Run) -> Run {
    run.overhead.yardstick = 1.0;
    for case in &mut run.cases {
        case.repetitions = vec![Repetition {
            samples: SAMPLES as u64,
            sharing: Some(Sharing {
                share: 1.0,
                yardstick: 1.5,
                set_aside_ns: Vec::new(),
            }),
            ..Repetition::new(0, 0, Outcome::Ok)
        }];
    }
    run
}

/// Puts runs into the history at `path`, as the host does.
pub(crate) fn store(path: &Path, runs: &[Run]) {
    let mut store = Store::open(path).unwrap();
    for run in runs {
        store.begin_run(run).unwrap();
        for case in &run.cases {
            store.put_case(&run.id, case).unwrap();
        }
        store.finish_run(run).unwrap();
    }
}
