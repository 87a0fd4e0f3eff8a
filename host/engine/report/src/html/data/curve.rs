//! Curves of the run with what is needed to draw them: the levels that were measured, and the laws as lines.

use benchhost_record::{
    Amdahl, Case, CaseResult, Curve, CurveLaw, Growth, MetricKind, PowerLaw, Run, ScalingLevel, Usl,
};
use serde::Serialize;

use super::super::pack::figures;
use crate::terminal::told_laws;

/// Points of a line: smooth at any width.
const STEPS: u32 = 48;

/// One metric along one axis.
#[derive(Serialize)]
pub(super) struct CurveData<'a> {
    benchmark: &'a str,
    workload: &'a str,
    key: &'a str,
    held: &'a str,
    metric: &'a benchhost_record::Metric,
    /// `strong`, `weak`, or the parameter that grows; absent where the axis is a size.
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<String>,
    /// Speed-up by workers; else the metric by size.
    is_workers: bool,
    levels: Vec<Level>,
    lines: Vec<Line>,
    /// Each law in words, or why there is none.
    laws: Vec<(&'static str, String)>,
    doubts: &'a [String],
}

/// What was measured at one place of the axis.
#[derive(Serialize)]
struct Level {
    at: Option<f64>,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    median: Option<f64>,
    efficiency: Option<f64>,
    cpus: Option<f64>,
    repetitions: u64,
}

/// A law, drawn.
#[derive(Serialize)]
struct Line {
    name: &'static str,
    x: Vec<Option<f64>>,
    y: Vec<Option<f64>>,
}

/// The curves of `run`.
pub(super) fn all(run: &Run) -> Vec<CurveData<'_>> {
    let each = |curve| of(curve, run);
    run.curves.iter().map(each).collect()
}

fn of<'a>(curve: &'a Curve, run: &'a Run) -> CurveData<'a> {
    let (is_workers, levels, lines) = match &curve.law {
        CurveLaw::Workers {
            levels,
            cpus_used,
            amdahl,
            usl,
        } => {
            let lines = workers_lines(curve, levels, amdahl.fitted(), usl.fitted());
            let at = |(i, level)| worker_level(level, cpus_used.get(i).copied().flatten());
            (true, levels.iter().enumerate().map(at).collect(), lines)
        }
        CurveLaw::Size { law, upper } => {
            let levels = sizes(curve, run);
            let upper = upper.as_ref().map(|upper| (upper.from, &upper.law));
            let lines = size_lines(&levels, law.fitted(), upper);
            (false, levels, lines)
        }
    };
    CurveData {
        benchmark: &curve.benchmark,
        workload: &curve.workload,
        key: &curve.axis.key,
        held: &curve.held,
        metric: &curve.metric,
        growth: curve.axis.growth.as_ref().map(|growth| match growth {
            Growth::Strong => "strong scaling: the same work is shared out".to_owned(),
            Growth::Weak(what) if *what == curve.axis.key => "each has work of its own".to_owned(),
            Growth::Weak(what) => format!("weak scaling: {what} grows along"),
        }),
        is_workers,
        levels,
        lines,
        laws: told_laws(curve),
        doubts: &curve.doubts,
    }
}

fn worker_level(level: &ScalingLevel, cpus: Option<f64>) -> Level {
    let interval = level.speedup_interval;
    Level {
        at: figures(level.at),
        value: figures(level.speedup),
        low: interval.and_then(|ends| figures(ends.low)),
        high: interval.and_then(|ends| figures(ends.high)),
        median: figures(level.median),
        efficiency: figures(level.efficiency),
        cpus: cpus.and_then(figures),
        repetitions: level.repetitions,
    }
}

/// Speed-ups that the laws say: their throughput by what was measured at the smallest level.
fn workers_lines(
    curve: &Curve,
    levels: &[ScalingLevel],
    amdahl: Option<&Amdahl>,
    usl: Option<&Usl>,
) -> Vec<Line> {
    let (Some(first), Some(last)) = (levels.first(), levels.last()) else {
        return Vec::new();
    };
    // Where a time was measured, laws are about its inverse; and where each has work of its own, about that of all.
    let base = match (&curve.metric.kind, &curve.axis.growth) {
        (MetricKind::Time, Some(Growth::Weak(_))) => first.at * 1e9 / first.median,
        (MetricKind::Time, _) => 1e9 / first.median,
        _ => first.median,
    };
    let line = |name, law: &dyn Fn(f64) -> f64| {
        let x = grid(first.at, last.at, false);
        let y = x.iter().map(|n| figures(law(*n) / base)).collect();
        Line {
            name,
            x: x.into_iter().map(figures).collect(),
            y,
        }
    };
    let mut lines = vec![line("ideal", &|n| base * n / first.at)];
    lines.extend(amdahl.map(|law| {
        line("Amdahl", &|n| {
            law.lambda.value * n / (1.0 + law.sigma.value * (n - 1.0))
        })
    }));
    lines.extend(usl.map(|law| {
        let waits = |n: f64| 1.0 + law.sigma.value * (n - 1.0) + law.kappa.value * n * (n - 1.0);
        line("USL", &move |n| law.lambda.value * n / waits(n))
    }));
    lines
}

fn size_lines(
    levels: &[Level],
    law: Option<&PowerLaw>,
    upper: Option<(f64, &PowerLaw)>,
) -> Vec<Line> {
    let at = || levels.iter().filter_map(|level| level.at);
    let (least, most) = (at().fold(f64::INFINITY, f64::min), at().fold(0.0, f64::max));
    if !(least > 0.0 && least < most) {
        return Vec::new();
    }
    let line = |name, from: f64, law: &PowerLaw| {
        let x = grid(from, most, true);
        let value = |x: &f64| figures(law.coefficient.value * x.powf(law.exponent.value));
        let y = x.iter().map(value).collect();
        Line {
            name,
            x: x.into_iter().map(figures).collect(),
            y,
        }
    };
    let all = law.map(|law| line("power law", least, law));
    let upper = upper.map(|(from, law)| line("law of the larger sizes", from.max(least), law));
    all.into_iter().chain(upper).collect()
}

/// Places from one end to the other, by equal steps or by equal factors.
fn grid(from: f64, to: f64, is_log: bool) -> Vec<f64> {
    let place = |i| {
        let share = f64::from(i) / f64::from(STEPS);
        if is_log {
            from * (to / from).powf(share)
        } else {
            from + share * (to - from)
        }
    };
    (0..=STEPS).map(place).collect()
}

/// What was measured along an axis that is a size: cases that differ in it alone, or what a search tried.
fn sizes(curve: &Curve, run: &Run) -> Vec<Level> {
    let key = curve.axis.key.as_str();
    let is_of_it = |result: &&CaseResult| {
        let case = &result.case;
        result.outcome.is_ok()
            && case.benchmark == curve.benchmark
            && format!("{}/{}", case.plugin, case.workload) == curve.workload
            && held(case, key) == curve.held
    };
    let mut levels: Vec<Level> = run
        .cases
        .iter()
        .filter(is_of_it)
        .flat_map(|result| match &result.search {
            Some(search) => tried(search, &curve.metric.name),
            None => measured(result, key, &curve.metric.name)
                .into_iter()
                .collect(),
        })
        .collect();
    levels.sort_by(|a, b| a.at.unwrap_or(0.0).total_cmp(&b.at.unwrap_or(0.0)));
    levels
}

fn measured(result: &CaseResult, key: &str, metric: &str) -> Option<Level> {
    let at: f64 = result.case.params.get(key)?.to_string().parse().ok()?;
    let one = result
        .measurements
        .iter()
        .find(|one| one.metric.name == metric)?;
    let summary = one.summary.as_ref()?;
    let is_known = summary.interval.confidence > 0.0;
    Some(Level {
        at: figures(at),
        value: figures(summary.median),
        low: figures(summary.interval.low).filter(|_| is_known),
        high: figures(summary.interval.high).filter(|_| is_known),
        median: figures(summary.median),
        efficiency: None,
        cpus: None,
        repetitions: u64::from(summary.repetitions),
    })
}

fn tried(search: &benchhost_record::Search, metric: &str) -> Vec<Level> {
    let works = search.tried.iter().filter(|one| one.works());
    let level = |one: &benchhost_record::Tried| {
        let median = one.medians.get(metric).copied()?;
        Some(Level {
            at: figures(one.value),
            value: figures(median),
            low: None,
            high: None,
            median: figures(median),
            efficiency: None,
            cpus: None,
            repetitions: 1,
        })
    };
    works.filter_map(level).collect()
}

/// What a curve along `key` holds of `case`: everything else that tells it from others of its workload.
fn held(case: &Case, key: &str) -> String {
    let mut pairs: Vec<(String, String)> = case
        .params
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    pairs.push(("threads".to_owned(), case.threads.to_string()));
    pairs.push(("device".to_owned(), case.device.clone()));
    if let Some(instances) = case.instances {
        pairs.push(("instances".to_owned(), instances.count.to_string()));
        pairs.push((
            "instances-mode".to_owned(),
            instances.mode.word().to_owned(),
        ));
    }
    if let Some(load) = case.offered_load {
        pairs.push(("offered-load".to_owned(), load.to_string()));
    }
    pairs.retain(|(name, _)| name != key);
    pairs.sort();
    pairs.dedup_by(|later, first| later.0 == first.0);
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}
