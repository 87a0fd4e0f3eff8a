//! What `--case` and `--metric` leave of a report. Verdicts were given before, by everything that was measured.

use std::collections::HashSet;

use benchhost_record::names;
use benchhost_report::Report;

use crate::{command::Failure, judge, store::SeriesFilter};

/// Leaves out of `report` the cases and metrics that `filter` does not mean, and says so in it; `false` when nothing at
/// all is meant.
///
/// # Errors
/// [`Failure`] when a glob is none.
pub(in crate::command) fn keep(
    report: &mut Report,
    cases: &[String],
    metrics: &[String],
) -> Result<bool, Failure> {
    if cases.is_empty() && metrics.is_empty() {
        return Ok(true);
    }
    let filter = SeriesFilter::new(cases, metrics, None)?;
    let mut said = Vec::new();
    let mut is_empty = report.series.is_empty() && report.run.is_none();
    let mut asked = 0;
    if let Some(run) = &mut report.run {
        let kept = judge::asked(run).filter(|(case, one)| {
            let metric = one.map_or(names::TIME, |one| &one.metric.name);
            filter.means_case(case.case.id.as_str()) && filter.means_metric(metric)
        });
        asked = kept.count();
        let all_cases = run.cases.len();
        run.cases
            .retain(|one| filter.means_case(one.case.id.as_str()));
        let gone = all_cases - run.cases.len();
        run.planned_cases = run.planned_cases.saturating_sub(gone as u64);
        said.extend(
            (gone > 0).then(|| format!("{gone} of {all_cases} cases are not shown: --case")),
        );
        let (mut before, mut shown) = (HashSet::new(), HashSet::new());
        for case in &mut run.cases {
            let names = case.measurements.iter().map(|one| &one.metric.name);
            before.extend(names.cloned());
            case.measurements
                .retain(|one| filter.means_metric(&one.metric.name));
            let names = case.measurements.iter().map(|one| &one.metric.name);
            shown.extend(names.cloned());
            case.targets.retain(|metric, _| filter.means_metric(metric));
        }
        let (all, gone) = (before.len(), before.len() - shown.len());
        said.extend((gone > 0).then(|| format!("{gone} of {all} metrics are not shown: --metric")));
        is_empty = all_cases > 0 && run.cases.is_empty() || all > 0 && shown.is_empty();
        let workloads: HashSet<(&str, String)> = run
            .cases
            .iter()
            .map(|one| {
                let case = &one.case;
                let workload = format!("{}/{}", case.plugin, case.workload);
                (case.benchmark.as_str(), workload)
            })
            .collect();
        run.curves.retain(|curve| {
            workloads.contains(&(curve.benchmark.as_str(), curve.workload.clone()))
                && filter.means_metric(&curve.metric.name)
        });
        for contrast in &mut run.contrasts {
            contrast
                .pairs
                .retain(|pair| filter.means_case(pair.candidate.as_str()));
            for pair in &mut contrast.pairs {
                // Their first metric is what the ratio is of.
                let ratio_of = pair.metric.name.clone();
                let both = &mut pair.both;
                both.retain(|one| {
                    one.metric.name == ratio_of || filter.means_metric(&one.metric.name)
                });
            }
        }
        run.contrasts.retain(|contrast| !contrast.pairs.is_empty());
    }
    if is_empty {
        return Ok(false);
    }
    let means = |case: &str, metric: &str| {
        filter.means_case(case) && (metric.is_empty() || filter.means_metric(metric))
    };
    let judged = &mut report.judged;
    judged
        .judged
        .retain(|one| means(&one.case, &one.metric.name));
    judged.not_judged = asked.saturating_sub(judged.judged.len());
    report.alerts.retain(|one| means(&one.case, &one.metric));
    report
        .recommendations
        .retain(|one| one.case.is_empty() || means(&one.case, &one.metric));
    report.left_out.extend(said);
    Ok(true)
}
