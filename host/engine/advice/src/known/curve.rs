//! What is known of curves: the laws of workers and of sizes, and what cases along an axis say side by side.

use benchhost_record::{Curve, CurveLaw, Estimate, Fit, MetricKind, Run, ScalingLevel};

use super::{Known, apart, axis, in_base};
use crate::show::SHARE;

/// Every name.
pub(super) const NAMES: [&str; 27] = [
    "sigma",
    "sigma-low",
    "sigma-high",
    "kappa",
    "kappa-low",
    "peak",
    "knee",
    "speedup-limit",
    "levels",
    "largest",
    "second-largest",
    "best",
    "best-value",
    "speedup",
    "efficiency",
    "efficiency-high",
    "speedup-of-two",
    "speedup-of-two-high",
    "cpus",
    "cpus-used",
    "want-of-cpus",
    "exponent",
    "exponent-low",
    "rise",
    "rise-low",
    "memory-share",
    "memory-limit",
];

/// Two workers that do less than this many times the work of one are slow for another reason than want of CPUs.
const SLOW_PAIR: f64 = 1.8;

/// What a curve is, besides its numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct About {
    /// The entry of the suite.
    pub(crate) benchmark: String,
    /// Plugin and workload.
    pub(crate) workload: String,
    /// What varies.
    pub(crate) key: String,
    /// What is held.
    pub(crate) held: String,
    /// What other curves of this workload and key have not; empty where there are none.
    pub(crate) apart: String,
    /// The metric.
    pub(crate) metric: benchhost_record::Metric,
    /// The case at its largest level, where it is known.
    pub(crate) case: Option<String>,
    /// What makes it doubtful, as sentences.
    pub(crate) doubts: String,
}

impl About {
    /// What it is about, for people: no other curve of the run with this metric has the same title.
    pub(crate) fn title(&self) -> String {
        match self.apart.as_str() {
            "" => format!("{} by {}", self.workload, self.key),
            apart => format!("{} by {} ({apart})", self.workload, self.key),
        }
    }
}

/// Every curve of a run with its names.
pub(crate) fn curves(run: &Run) -> Vec<(About, Known<'_>)> {
    let fitted = run
        .curves
        .iter()
        .map(|curve| (about(run, curve), fitted(run, curve)));
    let mut all: Vec<(About, Known<'_>)> = fitted.chain(axis::of(run)).collect();
    let mut abouts: Vec<&mut About> = all.iter_mut().map(|(about, _)| about).collect();
    apart::tell_apart(&mut abouts);
    all
}

/// The names of any curve.
pub(super) fn named<'a>(run: &Run, about: &About) -> Known<'a> {
    let mut known = Known::default();
    known.word("key", about.key.clone());
    known.word("workload", about.workload.clone());
    known.word("held", about.held.clone());
    known.put("cpus", f64::from(run.environment.cpu.usable_cpus), "CPUs");
    known
}

fn about(run: &Run, curve: &Curve) -> About {
    let of_benchmark = run.cases.iter().filter(|case| {
        case.case.benchmark == curve.benchmark && case.outcome.is_ok() && case.search.is_none()
    });
    let at = |case: &&benchhost_record::CaseResult| axis::at(&case.case, &curve.axis.key);
    let largest = of_benchmark
        .filter(|case| axis::held(&case.case, &curve.axis.key) == curve.held)
        .filter_map(|case| Some((at(&case)?, case.case.id.to_string())))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    About {
        benchmark: curve.benchmark.clone(),
        workload: curve.workload.clone(),
        key: curve.axis.key.clone(),
        held: curve.held.clone(),
        apart: String::new(),
        metric: curve.metric.clone(),
        case: largest.map(|(_, id)| id),
        doubts: curve.doubts.join("; "),
    }
}

fn fitted<'a>(run: &'a Run, curve: &'a Curve) -> Known<'a> {
    let mut known = named(run, &about(run, curve));
    match &curve.law {
        CurveLaw::Workers {
            levels,
            cpus_used,
            amdahl,
            usl,
        } => {
            put_levels(&mut known, curve, levels, cpus_used);
            let coherent = usl.fitted().filter(|law| law.is_coherent());
            if let Some(law) = coherent {
                // Without coherence Amdahl's law says as much with one parameter less.
                share(&mut known, "sigma", &law.sigma);
                share(&mut known, "kappa", &law.kappa);
                let peak = law.peak.as_ref().map(|peak| peak.at.value);
                known.put_some("peak", peak, "1");
                known.put_some("knee", law.knee.map(|knee| knee.value), "1");
            } else if let Some(law) = amdahl.fitted() {
                share(&mut known, "sigma", &law.sigma);
                let limit = law.speedup_limit.map(|limit| limit.value);
                known.put_some("speedup-limit", limit, "1");
                known.put_some("knee", law.knee.map(|knee| knee.value), "1");
            }
        }
        CurveLaw::Size { law, upper } => {
            let whole = match law {
                Fit::Fitted(law) if !law.goodness.lacks_fit => Some(law),
                _ => None,
            };
            let law = upper.as_ref().map(|upper| &upper.law).or(whole);
            if let Some(law) = law {
                known.put("exponent", law.exponent.value, "1");
                known.put("exponent-low", law.exponent.interval.low, "1");
            }
        }
    }
    known
}

fn share(known: &mut Known<'_>, name: &str, estimate: &Estimate) {
    known.put(name, estimate.value, SHARE);
    known.put(format!("{name}-low"), estimate.interval.low, SHARE);
    known.put(format!("{name}-high"), estimate.interval.high, SHARE);
}

fn put_levels<'a>(
    known: &mut Known<'a>,
    curve: &'a Curve,
    levels: &[ScalingLevel],
    cpus_used: &[Option<f64>],
) {
    known.put("levels", levels.len() as f64, "levels");
    if let Some(last) = levels.last() {
        known.put("largest", last.at, "1");
        known.put("speedup", last.speedup, "1");
        known.put("efficiency", last.efficiency, SHARE);
        let high = last.efficiency_interval.map(|interval| interval.high);
        known.put_some("efficiency-high", high, SHARE);
        known.put_some("cpus-used", cpus_used.last().copied().flatten(), "CPUs");
    }
    let is_time = curve.metric.kind == MetricKind::Time;
    let better = |one: &&ScalingLevel, other: &&ScalingLevel| {
        let order = one.speedup.total_cmp(&other.speedup);
        // Of equals the one with fewer workers.
        order.then(other.at.total_cmp(&one.at))
    };
    if let Some(best) = levels.iter().max_by(better) {
        known.put("best", best.at, "1");
        let (value, unit) = in_base(&curve.metric, best.median);
        known.put("best-value", value, if is_time { "ns" } else { unit });
    }
    let two = levels.iter().find(|level| level.at == 2.0);
    let starts_at_one = levels.first().is_some_and(|level| level.at == 1.0);
    let two = two.filter(|_| starts_at_one);
    let high = two.and_then(|two| Some(two.speedup_interval?.high));
    known.put_some("speedup-of-two", two.map(|two| two.speedup), "1");
    known.put_some("speedup-of-two-high", high, "1");
    // A law that was fitted beyond the CPUs shows their want, unless two workers are slow already.
    let cpus = known.value("cpus").unwrap_or(0.0);
    let is_beyond = levels.last().is_some_and(|last| last.at > cpus);
    let is_slow = cpus >= 2.0 && high.is_some_and(|high| high < SLOW_PAIR);
    let is_want = is_beyond && !is_slow;
    known.put("want-of-cpus", f64::from(u8::from(is_want)), "1");
}
