//! A run without fault, of which no rule says anything, and ways to spoil it.

use benchhost_advice::{Earlier, Facts, Recommendation, Rules, recommend};
use benchhost_gate::{BaselineValue, Judgement, Judgements, Past, Subject, Value, Verdict};
use benchhost_record::{
    Axis, Case, CaseId, CaseResult, Curve, CurveLaw, Direction, Environment, Estimate, Fit, Flag,
    FlagKind, Goodness, Interval, Measurement, Metric, MetricKind, Outcome, Overhead, ParamValue,
    Params, Repetition, Run, RunState, SCHEMA, Samples, Summary, WarmUpResult,
};

pub(crate) const MIB: f64 = 1_048_576.0;

/// Everything that rules are asked about.
pub(crate) struct World {
    pub(crate) run: Run,
    pub(crate) judged: Judgements,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) earlier_runs: usize,
    pub(crate) before: Environment,
    pub(crate) before_started: String,
    pub(crate) has_roofs: bool,
}

impl World {
    /// One case of 1 ms in five steady processes, judged by its baseline and ten runs.
    pub(crate) fn new() -> Self {
        let mut environment = Environment {
            fingerprint: "m".to_owned(),
            ..Environment::default()
        };
        environment.cpu.usable_cpus = 2;
        environment.cpu.logical_cpus = 2;
        environment.memory.total_bytes = 8 << 30;
        let mut world = Self {
            run: Run {
                schema: SCHEMA,
                id: "20261121T040512Z-kfwq".to_owned(),
                host_version: "0.1.0".to_owned(),
                state: RunState::Finished,
                started: "2026-11-21T04:00:00Z".to_owned(),
                finished: Some("2026-11-21T04:00:30Z".to_owned()),
                command: Vec::new(),
                seed: 42,
                suite: None,
                git: None,
                environment: environment.clone(),
                overhead: Overhead::default(),
                plugins: Vec::new(),
                absent_probes: Default::default(),
                probe_costs: Default::default(),
                curves: Vec::new(),
                contrasts: Vec::new(),
                planned_cases: 0,
                gates: Vec::new(),
                cases: Vec::new(),
            },
            judged: Judgements::default(),
            subjects: Vec::new(),
            earlier_runs: 10,
            before: environment,
            before_started: "2026-11-20T04:00:00Z".to_owned(),
            has_roofs: true,
        };
        world
            .add("p/w", &[], "cpu")
            .metric("time", "ns", MetricKind::Time, 1e6);
        world
    }

    /// Another case, without metrics yet.
    pub(crate) fn add(
        &mut self,
        name: &str,
        params: &[(&str, ParamValue)],
        device: &str,
    ) -> &mut CaseResult {
        let (plugin, workload) = name.split_once('/').expect("plugin/workload");
        let params: Params = params
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        let repetition = |index| Repetition {
            samples: 20,
            warm_up: Some(WarmUpResult {
                iterations: 10,
                elapsed_ns: 10_000_000,
                steady: true,
            }),
            ..Repetition::new(index, u64::from(index), Outcome::Ok)
        };
        self.run.cases.push(CaseResult {
            case: Case {
                id: CaseId::new(plugin, workload, &params, 1, device),
                benchmark: workload.to_owned(),
                plugin: plugin.to_owned(),
                workload: workload.to_owned(),
                params,
                threads: 1,
                device: device.to_owned(),
                instances: None,
                offered_load: None,
                seed: 1,
            },
            outcome: Outcome::Ok,
            repetitions: (0..5).map(repetition).collect(),
            measurements: Vec::new(),
            work: None,
            flags: Vec::new(),
            targets: Default::default(),
            search: None,
            roofline: None,
        });
        self.run.planned_cases = self.run.cases.len() as u64;
        self.run.cases.last_mut().expect("one was added")
    }

    /// The first case.
    pub(crate) fn case(&mut self) -> &mut CaseResult {
        &mut self.run.cases[0]
    }

    /// A repetition of the first case.
    pub(crate) fn worker(&mut self) -> &mut Repetition {
        &mut self.run.cases[0].repetitions[0]
    }

    /// What is said of the time of the first case.
    pub(crate) fn verdict(&mut self, verdict: Verdict, effect: f64) {
        let case = &self.run.cases[0];
        self.judged.judged.push(Judgement {
            case: case.case.id.to_string(),
            metric: case.measurements[0].metric.clone(),
            verdict,
            rule: "history".to_owned(),
            place: "default".to_owned(),
            value: 1e6 * (1.0 + effect),
            reference: 1e6,
            effect,
            interval: None,
            p: None,
            n: 10,
            runs: Vec::new(),
            is_suspicious: false,
            sentence: "time of p/w is what it is".to_owned(),
        });
    }

    /// The time of the first case with its past.
    pub(crate) fn past(&mut self, values: &[f64], has_baseline: bool) {
        let case = &self.run.cases[0];
        self.subjects.push(Subject {
            case: case.case.id.to_string(),
            benchmark: case.case.benchmark.clone(),
            metric: case.measurements[0].metric.clone(),
            value: Ok(Value::plain(1e6)),
            again: None,
            target: None,
            baseline: has_baseline.then(|| BaselineValue {
                value: 1e6,
                interval: None,
                tolerance: None,
                best: None,
                repetitions: Vec::new(),
                run: String::new(),
            }),
            past: values
                .iter()
                .map(|value| Past {
                    value: *value,
                    ..Past::default()
                })
                .collect(),
        });
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            run: &self.run,
            judged: &self.judged,
            subjects: &self.subjects,
            earlier_runs: Some(self.earlier_runs),
            before: Some(Earlier {
                started: &self.before_started,
                environment: &self.before,
            }),
            has_roofs: self.has_roofs,
        }
    }

    /// What the rules that come with benchhost say.
    pub(crate) fn advice(&self) -> Vec<Recommendation> {
        recommend(&Rules::builtin(), &self.facts())
    }
}

/// What tests add to a case.
pub(crate) trait With {
    fn metric(&mut self, name: &str, unit: &str, kind: MetricKind, median: f64) -> &mut Self;
    fn flag(&mut self, kind: FlagKind) -> &mut Self;
}

impl With for CaseResult {
    fn metric(&mut self, name: &str, unit: &str, kind: MetricKind, median: f64) -> &mut Self {
        self.measurements.push(Measurement {
            metric: Metric::new(name, unit, Direction::Lower, kind),
            samples: Samples::default(),
            summary: Some(Summary {
                n: 100,
                repetitions: 5,
                median,
                interval: Interval {
                    low: median * 0.995,
                    high: median * 1.005,
                    confidence: 0.99,
                },
                mad: 0.0,
                mean: median,
                trimmed_mean: median,
                standard_deviation: 0.0,
                min: median,
                max: median,
                quantiles: Vec::new(),
                outliers: 0,
            }),
        });
        self
    }

    fn flag(&mut self, kind: FlagKind) -> &mut Self {
        self.flags.push(Flag {
            kind,
            message: format!("the sentence of {}", kind.word()),
        });
        self
    }
}

pub(crate) fn goodness() -> Goodness {
    Goodness {
        observations: 20,
        levels: 4,
        r_squared: 0.99,
        scatter: 0.01,
        freedom: 17,
        lack_of_fit_p: None,
        lacks_fit: false,
    }
}

/// A number between two bounds.
pub(crate) fn between(low: f64, high: f64) -> Estimate {
    Estimate {
        value: (low + high) / 2.0,
        interval: Interval {
            low,
            high,
            confidence: 0.99,
        },
    }
}

pub(crate) fn curve(key: &str, metric: Metric, law: CurveLaw) -> Curve {
    Curve {
        benchmark: "w".to_owned(),
        workload: "p/w".to_owned(),
        axis: Axis {
            key: key.to_owned(),
            growth: None,
        },
        held: "device=cpu".to_owned(),
        metric,
        law,
        doubts: Vec::new(),
    }
}

/// No law, and why.
pub(crate) fn no_law<T>() -> Fit<T> {
    Fit::Refused("too few levels".to_owned())
}
