//! Costs by size: how time and memory grow, over the cases of an axis and over the values that a search tried.

use benchhost_plan::Benchmark;
use benchhost_record::{
    Axis, CaseResult, Curve, CurveLaw, Direction, Metric, MetricKind, PowerLaw, Tried, UpperLaw,
    names,
};
use benchhost_stats::scaling::{Observation, power_law};

use super::{Found, Placed, axis::held_beside, fit, observations};

/// Metrics whose growth with a size is worth a law.
const COSTS: [&str; 2] = [names::TIME, names::PEAK_MEMORY];

/// Fewest distinct sizes of a law: with fewer there is none, and nobody asked for one.
const FEWEST_SIZES: usize = 3;

/// Costs by size.
pub(super) fn sizes(benchmark: &Benchmark, key: &str, group: &[Placed<'_>]) -> Vec<Found> {
    let confidence = benchmark.settings.sampling.confidence;
    if distinct(group.iter().map(|(at, _)| *at)).len() < FEWEST_SIZES {
        return Vec::new();
    }
    let found = COSTS.iter().filter_map(|name| {
        let (points, metric) = observations(group, name)?;
        Some(by_size(key, metric, &points, confidence))
    });
    found.collect()
}

/// Costs by size, out of the values that a search tried and that worked.
pub(super) fn searched(benchmark: &Benchmark, result: &CaseResult) -> Vec<Curve> {
    let Some(search) = result
        .search
        .as_ref()
        .filter(|search| search.key != "offered-load")
    else {
        return Vec::new();
    };
    let confidence = benchmark.settings.sampling.confidence;
    let held = held_beside(&result.case, &search.key);
    let working = || search.tried.iter().filter(|one| one.works());
    let curve = |name: &str, unit: &str, kind: MetricKind| {
        let point = |one: &Tried| {
            let value = *one.medians.get(name)?;
            Some(Observation {
                at: one.value,
                value,
            })
        };
        let points: Vec<Observation> = working().filter_map(point).collect();
        let metric = Metric::new(name, unit, Direction::Lower, kind);
        (points.len() >= FEWEST_SIZES).then(|| {
            by_size(&search.key, metric, &points, confidence).into_curve(benchmark, held.clone())
        })
    };
    let curves = [
        curve(names::TIME, "ns", MetricKind::Time),
        curve(names::PEAK_MEMORY, "B", MetricKind::Memory),
    ];
    curves.into_iter().flatten().collect()
}

fn by_size(key: &str, metric: Metric, points: &[Observation], confidence: f64) -> Found {
    Found {
        axis: Axis {
            key: key.to_owned(),
            growth: None,
        },
        metric,
        law: growth(points, confidence),
        doubts: Vec::new(),
    }
}

/// The law of all sizes, and of the larger ones where it does not describe all.
fn growth(points: &[Observation], confidence: f64) -> CurveLaw {
    let law = fit(power_law(points, confidence));
    let is_bent = |law: &PowerLaw| law.goodness.lacks_fit;
    let upper = law.fitted().filter(|law| is_bent(law)).and_then(|_| {
        let sizes = distinct(points.iter().map(|one| one.at));
        let starts = sizes
            .iter()
            .skip(1)
            .take(sizes.len().saturating_sub(FEWEST_SIZES));
        let mut laws = starts.filter_map(|from| {
            let larger: Vec<Observation> = points
                .iter()
                .copied()
                .filter(|one| one.at >= *from)
                .collect();
            let law = power_law(&larger, confidence).ok()?;
            Some(UpperLaw { from: *from, law })
        });
        laws.find(|upper| !is_bent(&upper.law))
    });
    CurveLaw::Size { law, upper }
}

/// The values that occur, rising.
fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}
