//! Finds the curves in the cases of a run: which of them differ along one axis only, and what law they follow.

mod axis;
mod sizes;
mod workers;

#[cfg(test)]
mod tests;

use benchhost_plan::{Benchmark, Plan};
use benchhost_record::{Axis, CaseResult, Curve, CurveLaw, Fit, Metric, Run};
use benchhost_stats::{
    median,
    scaling::{Observation, Refused},
};

/// A case and its place on the axis.
type Placed<'a> = (f64, &'a CaseResult);

/// What a group of cases says along its axis.
struct Found {
    axis: Axis,
    metric: Metric,
    law: CurveLaw,
    doubts: Vec<String>,
}

impl Found {
    fn into_curve(self, benchmark: &Benchmark, held: String) -> Curve {
        Curve {
            benchmark: benchmark.name.clone(),
            workload: format!("{}/{}", benchmark.plugin, benchmark.workload),
            axis: self.axis,
            held,
            metric: self.metric,
            law: self.law,
            doubts: self.doubts,
        }
    }
}

/// Curves of all benchmarks that have some.
pub(super) fn curves(plan: &Plan, run: &Run) -> Vec<Curve> {
    plan.benchmarks
        .iter()
        .flat_map(|benchmark| {
            let of_it = |result: &&CaseResult| result.case.benchmark == benchmark.name;
            let cases: Vec<&CaseResult> = run.cases.iter().filter(of_it).collect();
            of_benchmark(benchmark, &cases)
        })
        .collect()
}

fn of_benchmark(benchmark: &Benchmark, cases: &[&CaseResult]) -> Vec<Curve> {
    let fine: Vec<&CaseResult> = cases
        .iter()
        .copied()
        .filter(|result| result.outcome.is_ok() && result.search.is_none())
        .collect();
    let mut curves = Vec::new();
    for key in axis::axes(&fine) {
        for (held, group) in axis::groups(benchmark, &fine, &key) {
            let found = if axis::is_workers(&key) {
                workers::workers(benchmark, &key, &group)
                    .into_iter()
                    .collect()
            } else {
                sizes::sizes(benchmark, &key, &group)
            };
            let named = |one: Found| one.into_curve(benchmark, held.clone());
            curves.extend(found.into_iter().map(named));
        }
    }
    curves.extend(
        cases
            .iter()
            .flat_map(|result| sizes::searched(benchmark, result)),
    );
    curves
}

/// One observation for each repetition of each case; `None` where one of them has no such metric.
fn observations(group: &[Placed<'_>], name: &str) -> Option<(Vec<Observation>, Metric)> {
    let mut points = Vec::new();
    for (at, result) in group {
        let values = repetitions(result, name)?;
        points.extend(
            values
                .into_iter()
                .map(|value| Observation { at: *at, value }),
        );
    }
    let measurements = &group.first()?.1.measurements;
    let metric = measurements.iter().find(|m| m.metric.name == name)?;
    Some((points, metric.metric.clone()))
}

/// The median of each repetition.
pub(in crate::run) fn repetitions(result: &CaseResult, name: &str) -> Option<Vec<f64>> {
    let found = result.measurements.iter().find(|m| m.metric.name == name)?;
    let medians = found.samples.by_repetition();
    let medians: Vec<f64> = medians
        .iter()
        .filter_map(|values| median(values).ok())
        .collect();
    (!medians.is_empty()).then_some(medians)
}

fn fit<T>(law: Result<T, Refused>) -> Fit<T> {
    match law {
        Ok(law) => Fit::Fitted(law),
        Err(reason) => Fit::Refused(reason.to_string()),
    }
}
