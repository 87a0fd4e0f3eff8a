//! Values of the run's metrics, with their intervals, and what was expected of them.

use std::collections::{BTreeMap, HashMap};

use benchhost_record::{CaseResult, Metric, Run};

use super::{
    family::{Family, Labels},
    name::{Base, Names},
    run::of_case,
};
use crate::Report;

/// What a value is, in the order of the families: what its name begins with, and a line about it.
const ROLES: [(&str, &str); 5] = [
    (
        "",
        "Value of a metric in the last run: the median of its samples.",
    ),
    ("interval_low_", "Lower end of the interval of the median."),
    ("interval_high_", "Upper end of the interval of the median."),
    ("baseline_", "What the baseline expects."),
    ("reference_", "What the value was judged against."),
];

/// A metric of a case.
type Key<'a> = (&'a str, &'a str);

/// What was expected, by metric.
struct Expected<'a> {
    baselines: HashMap<Key<'a>, f64>,
    references: HashMap<Key<'a>, f64>,
}

/// The families of every metric; their names are none of `ours`.
pub(super) fn families(report: &Report, ours: Vec<String>) -> Vec<Family> {
    let Some(run) = &report.run else {
        return Vec::new();
    };
    let expected = expected(report, run);
    let mut names = Names::besides(ours);
    let mut families: BTreeMap<(String, String, usize), Family> = BTreeMap::new();
    // A case without a speed has no value, whatever was measured before it ended.
    for case in run.cases.iter().filter(|case| case.outcome.is_ok()) {
        for measurement in &case.measurements {
            let Some(summary) = &measurement.summary else {
                continue;
            };
            let metric = &measurement.metric;
            let key = (case.case.id.as_str(), metric.name.as_str());
            let known = |of: &HashMap<Key<'_>, f64>| of.get(&key).copied().unwrap_or(f64::NAN);
            let values = [
                summary.median,
                summary.interval.low,
                summary.interval.high,
                known(&expected.baselines),
                known(&expected.references),
            ];
            let base = Base::of(&metric.unit);
            let name = names.of(&metric.name, &base.unit);
            for (place, value) in values.into_iter().enumerate() {
                let (role, help) = ROLES[place];
                let family = families
                    .entry((name.clone(), base.unit.clone(), place))
                    .or_insert_with(|| Family::new(format!("{role}{name}"), &base.unit, help));
                family.push(labels(case, metric, run), base.convert(value));
            }
        }
    }
    families.into_values().collect()
}

fn labels(case: &CaseResult, metric: &Metric, run: &Run) -> Labels {
    let mut labels = of_case(case, run);
    labels.insert(1, ("metric", metric.name.clone()));
    labels
}

fn expected<'a>(report: &'a Report, run: &Run) -> Expected<'a> {
    let of_machine = report.series.iter();
    let of_machine = of_machine.filter(|one| one.machine == run.environment.fingerprint);
    let baselines = of_machine.filter_map(|one| {
        let band = one.baseline.as_ref()?;
        Some(((one.case.as_str(), one.metric.name.as_str()), band.value))
    });
    let references = report.judged.judged.iter();
    let references =
        references.map(|one| ((one.case.as_str(), one.metric.name.as_str()), one.reference));
    Expected {
        baselines: baselines.collect(),
        references: references.collect(),
    }
}
