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
    let upper = law.fitted().and_then(|all| {
        let freed = all.goodness.lacks_fit.then(|| freed(points, confidence));
        freed.flatten().or_else(|| steeper(points, confidence))
    });
    CurveLaw::Size { law, upper }
}

/// The law of what is left when the smallest sizes are taken away until it describes the rest, as far as repetitions can tell.
fn freed(points: &[Observation], confidence: f64) -> Option<UpperLaw> {
    let sizes = distinct(points.iter().map(|one| one.at));
    let starts = sizes.len().saturating_sub(FEWEST_SIZES);
    let mut laws = sizes.iter().skip(1).take(starts).filter_map(|from| {
        let law = law_of(points, confidence, |at| at >= *from)?;
        Some(UpperLaw { from: *from, law })
    });
    laws.find(|upper| !upper.law.goodness.lacks_fit)
}

/// The law of the larger half, where it is certainly steeper than that of the smaller half: a cost that all sizes share flattens
/// the small ones. Needs no repetitions.
fn steeper(points: &[Observation], confidence: f64) -> Option<UpperLaw> {
    let sizes = distinct(points.iter().map(|one| one.at));
    if sizes.len() < 2 * FEWEST_SIZES - 1 {
        return None;
    }
    let middle = sizes[sizes.len() / 2];
    let lower = law_of(points, confidence, |at| at <= middle)?;
    let upper = law_of(points, confidence, |at| at >= middle)?;
    let is_steeper = upper.exponent.interval.low > lower.exponent.interval.high;
    is_steeper.then_some(UpperLaw {
        from: middle,
        law: upper,
    })
}

fn law_of(
    points: &[Observation],
    confidence: f64,
    belongs: impl Fn(f64) -> bool,
) -> Option<PowerLaw> {
    let own = points.iter().copied().filter(|one| belongs(one.at));
    let own: Vec<Observation> = own.collect();
    power_law(&own, confidence).ok()
}

/// The values that occur, rising.
fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use benchhost_stats::SplitMix64;

    use super::*;

    /// One value a size, with 2 % of noise.
    fn single(floor: f64, exponent: f64, seed: u64) -> Vec<Observation> {
        let mut random = SplitMix64::new(seed);
        let sizes = (2..12).map(|doubling| f64::from(1 << doubling));
        let point = |at: f64| Observation {
            at,
            value: (floor + at.powf(exponent)) * (0.02 * random.normal()).exp(),
        };
        sizes.map(point).collect()
    }

    #[test]
    fn without_repetitions_the_larger_half_shows_what_a_floor_hides() {
        for seed in 1..=20 {
            let CurveLaw::Size {
                upper: Some(upper), ..
            } = growth(&single(300.0, 1.0, seed), 0.99)
            else {
                panic!("seed {seed}: no law of the larger half");
            };
            assert_eq!(upper.from, 128.0);
            assert!(upper.law.exponent.value > 0.6, "seed {seed}: {upper:?}");
        }
    }

    #[test]
    fn a_straight_line_is_seldom_taken_for_a_bent_one() {
        let is_bent = |seed: &u64| {
            let law = growth(&single(0.0, 1.0, *seed), 0.99);
            matches!(law, CurveLaw::Size { upper: Some(_), .. })
        };

        let bent = (1..=1000_u64).filter(is_bent).count();

        // Two intervals of .99 that do not even touch: far below one in a hundred.
        assert!(bent <= 5, "{bent} of 1000 seeds");
    }
}
