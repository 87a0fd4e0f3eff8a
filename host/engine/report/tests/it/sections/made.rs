//! Runs that have curves, searches, roofs or readings.

use std::collections::BTreeMap;

use benchhost_record::{
    Amdahl, Axis, Basis, Bound, CaseResult, Curve, CurveLaw, Direction, Estimate, Extent, Fit,
    Goodness, Growth, Interval, Metric, MetricKind, Outcome, Peak, Phase, PowerLaw, Reading,
    Repetition, Roofline, RooflineUnit, Run, ScalingLevel, Search, Tried, UpperLaw, Usl,
};

use crate::fixture::{With as _, case, run};

fn interval(low: f64, high: f64) -> Interval {
    Interval {
        low,
        high,
        confidence: 0.99,
    }
}

fn estimate(low: f64, value: f64, high: f64) -> Estimate {
    Estimate {
        value,
        interval: interval(low, high),
    }
}

fn goodness(lacks_fit: bool) -> Goodness {
    Goodness {
        observations: 20,
        levels: 4,
        r_squared: 0.998_76,
        scatter: 0.01,
        freedom: 17,
        lack_of_fit_p: Some(0.3),
        lacks_fit,
    }
}

fn level(at: f64, median: f64, speedup: f64) -> ScalingLevel {
    let around = |value: f64| (at > 1.0).then(|| interval(value * 0.98, value * 1.02));
    ScalingLevel {
        at,
        repetitions: 5,
        median,
        speedup,
        speedup_interval: around(speedup),
        efficiency: speedup / at,
        efficiency_interval: around(speedup / at),
    }
}

pub(super) fn curve(key: &str, growth: Option<Growth>, metric: Metric, law: CurveLaw) -> Curve {
    Curve {
        benchmark: "b".to_owned(),
        workload: "contrastive/training".to_owned(),
        axis: Axis {
            key: key.to_owned(),
            growth,
        },
        held: "device=cpu&lr=0.1".to_owned(),
        metric,
        law,
        doubts: Vec::new(),
    }
}

fn throughput() -> Metric {
    let kind = MetricKind::Throughput;
    Metric::new("throughput", "samples/s", Direction::Higher, kind)
}

fn time() -> Metric {
    Metric::new("time", "ns", Direction::Lower, MetricKind::Time)
}

fn amdahl() -> Amdahl {
    Amdahl {
        lambda: estimate(1180.0, 1200.0, 1220.0),
        sigma: estimate(0.08, 0.0923, 0.104),
        speedup_limit: Some(estimate(9.6, 10.83, 12.5)),
        knee: Some(estimate(8.6, 9.83, 11.5)),
        goodness: goodness(true),
    }
}

pub(super) fn usl() -> Usl {
    Usl {
        lambda: estimate(1180.0, 1200.0, 1220.0),
        sigma: estimate(0.031, 0.05, 0.069),
        kappa: estimate(0.0031, 0.004, 0.0049),
        peak: Some(Peak {
            at: estimate(13.8, 15.41, 17.6),
            throughput: estimate(6700.0, 6900.0, 7100.0),
        }),
        knee: Some(estimate(7.2, 7.9, 8.8)),
        goodness: goodness(false),
    }
}

pub(super) fn workers(amdahl: Fit<Amdahl>, usl: Fit<Usl>) -> CurveLaw {
    CurveLaw::Workers {
        levels: vec![
            level(1.0, 1201.0, 1.0),
            level(2.0, 2250.0, 1.873),
            level(4.0, 3890.0, 3.239),
            level(16.0, 6890.0, 5.737),
        ],
        cpus_used: [0.998, 1.99, 3.97, 7.9].map(Some).to_vec(),
        amdahl,
        usl,
    }
}

fn with_curves(curves: Vec<Curve>) -> Run {
    let mut run = run(Vec::new());
    run.curves = curves;
    run
}

pub(super) fn contended() -> Run {
    let law = workers(Fit::Fitted(amdahl()), Fit::Fitted(usl()));
    let mut curve = curve("threads", Some(Growth::Strong), throughput(), law);
    curve.doubts = vec!["levels beyond the 8 CPUs here show the want of CPUs as well".to_owned()];
    with_curves(vec![curve])
}

pub(super) fn refused() -> Run {
    let too_few = "2 distinct values of the axis, at least 3 needed: add values to the sweep";
    let scatter = "2 observations for 2 parameters leave nothing to estimate the scatter from, at least 3 needed: add repetitions";
    let single = |at, median, speedup| ScalingLevel {
        repetitions: 1,
        speedup_interval: None,
        efficiency_interval: None,
        ..level(at, median, speedup)
    };
    let law = CurveLaw::Workers {
        levels: vec![single(1.0, 1e6, 1.0), single(2.0, 1.1e6, 1.818)],
        cpus_used: vec![Some(1.0), Some(1.99)],
        amdahl: Fit::Refused(scatter.to_owned()),
        usl: Fit::Refused(too_few.to_owned()),
    };
    let growth = Some(Growth::Weak("instances".to_owned()));
    let mut weak = curve(
        "threads",
        Some(Growth::Weak("batch".to_owned())),
        time(),
        law.clone(),
    );
    weak.held = "batch-each=8&device=cpu".to_owned();
    with_curves(vec![curve("instances", growth, time(), law), weak])
}

/// Times stand in for rates: what the laws say is in iterations a second.
pub(super) fn by_time() -> Run {
    let law = workers(
        Fit::Fitted(Amdahl {
            speedup_limit: None,
            knee: None,
            sigma: estimate(-0.02, -0.01, -0.005),
            ..amdahl()
        }),
        Fit::Fitted(usl()),
    );
    with_curves(vec![curve("threads", Some(Growth::Strong), time(), law)])
}

fn power(exponent: Estimate, lacks_fit: bool) -> PowerLaw {
    PowerLaw {
        coefficient: estimate(10.0, 11.0, 12.0),
        exponent,
        goodness: goodness(lacks_fit),
    }
}

pub(super) fn sizes() -> Run {
    let bytes = Metric::new("peak-memory", "B", Direction::Lower, MetricKind::Memory);
    let plain = CurveLaw::Size {
        law: Fit::Fitted(power(estimate(0.98, 1.012, 1.04), false)),
        upper: None,
    };
    let bent = CurveLaw::Size {
        law: Fit::Fitted(power(estimate(0.31, 0.45, 0.59), true)),
        upper: Some(UpperLaw {
            from: 64.0,
            law: power(estimate(0.93, 0.981, 1.03), false),
        }),
    };
    let none = CurveLaw::Size {
        law: Fit::Refused("all 5 observations are 4096, nothing changes along the axis".to_owned()),
        upper: None,
    };
    with_curves(vec![
        curve("batch", None, time(), plain),
        curve("batch", None, bytes.clone(), bent),
        curve("window", None, bytes, none),
    ])
}

pub(super) fn tried(value: f64, outcome: Outcome, missed: Option<&str>) -> Tried {
    Tried {
        value,
        outcome,
        missed: missed.map(str::to_owned),
        medians: BTreeMap::new(),
    }
}

pub(super) fn searched(
    key: &str,
    largest: Option<f64>,
    smallest_failing: Option<f64>,
    tried: Vec<Tried>,
) -> CaseResult {
    let mut result = case("contrastive/training", &[("window", 1024)]);
    result.search = Some(Search {
        key: key.to_owned(),
        largest,
        smallest_failing,
        tried,
    });
    result
}

pub(super) fn searches() -> Run {
    let works = |value| tried(value, Outcome::Ok, None);
    let oom = |value| {
        let outcome = Outcome::OomLimit {
            phase: Phase::FirstIteration,
            limit_bytes: 512_000_000,
            peak_bytes: 511_000_000,
        };
        tried(value, outcome, None)
    };
    let slow = |value, why| tried(value, Outcome::Ok, Some(why));
    let latency = "p99(latency) is 34.1 ms, <= 20ms was asked";
    run(vec![
        searched(
            "batch",
            Some(176.0),
            Some(184.0),
            vec![
                works(128.0),
                oom(256.0),
                oom(192.0),
                works(160.0),
                works(176.0),
                oom(184.0),
            ],
        ),
        searched("batch", Some(64.0), None, vec![works(32.0), works(64.0)]),
        searched(
            "offered-load",
            Some(312.5),
            Some(318.75),
            vec![works(312.5), slow(318.75, latency)],
        ),
    ])
}

/// Searches without an answer.
pub(super) fn fruitless() -> Run {
    let wrong = Outcome::Wrong {
        rule: "search".to_owned(),
        message: "not even batch=8 works: time is high".to_owned(),
    };
    let stopped = |reason: &str| Outcome::Skipped {
        reason: reason.to_owned(),
    };
    let works = |value| tried(value, Outcome::Ok, None);
    let mut first = searched(
        "batch",
        None,
        Some(8.0),
        vec![tried(8.0, Outcome::Ok, Some("time is high"))],
    );
    first.outcome = wrong;
    let mut half = searched("batch", Some(16.0), None, vec![works(8.0), works(16.0)]);
    half.outcome = stopped("stopped after 2 values: batch=16 works, larger ones may");
    let mut nothing = searched("batch", None, None, Vec::new());
    nothing.outcome = stopped("stopped before anything was known");
    run(vec![first, half, nothing])
}

pub(super) fn roofs() -> Run {
    let roof = |intensity, bound, unit, ceiling: f64, share: f64| Roofline {
        intensity,
        ridge: Some(3.2),
        bound,
        unit,
        ceiling,
        achieved: ceiling * share,
        share,
    };
    let mut cases = vec![
        case("system/gemm", &[("size", 512)]),
        case("system/stream", &[("elements", 8_000_000)]),
        case("system/stream", &[("elements", 1000)]),
        case("noop/noop", &[]),
    ];
    let (flops, bytes) = (RooflineUnit::FlopPerS, RooflineUnit::BytesPerS);
    cases[0].roofline = Some(roof(Some(85.3), Bound::Compute, flops, 98.4e9, 0.871));
    cases[1].roofline = Some(roof(Some(0.083_333), Bound::Memory, bytes, 12.3e9, 0.942));
    for result in &mut cases {
        *result = result.clone().time(1e6, 0.01, None);
    }
    cases[2].roofline = Some(roof(None, Bound::Memory, bytes, 12.3e9, 4.8));
    run(cases)
}

pub(super) fn reading(name: &str, basis: Basis, source: &str) -> Reading {
    Reading {
        metric: Metric::new(name, "J", Direction::Lower, MetricKind::Energy),
        value: 1.0,
        extent: Extent::Amount,
        basis,
        source: source.to_owned(),
    }
}

pub(super) fn read() -> Run {
    let model = "model: 65 W TDP of AMD Ryzen 5 3600 (2019), 50 % load; 2 of 12 CPUs";
    let carbon = "475 g/kWh (world, 2019), PUE 1.58";
    let repetition = Repetition {
        readings: vec![
            reading("energy", Basis::Estimated, model),
            reading("power", Basis::Estimated, model),
            reading("carbon", Basis::Estimated, carbon),
            reading("gpu-power", Basis::Measured, "NVML"),
            reading("instructions", Basis::Measured, "perf"),
        ],
        ..Repetition::new(0, 0, Outcome::Ok)
    };
    let mut result = case("noop/noop", &[]).time(1000.0, 0.01, None);
    result.repetitions = vec![repetition.clone(), repetition];
    let mut run = run(vec![result]);
    run.absent_probes.insert(
        "perf".to_owned(),
        "the kernel allows no counters here (perf_event_paranoid is 4): ask for 2".to_owned(),
    );
    run
}
