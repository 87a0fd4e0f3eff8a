//! A case of the run: how it ended, what was measured of it, what its workers did.

use std::borrow::Cow;

use benchhost_record::{
    Bound, CaseResult, Interval, Measurement, Outcome, Quantile, Roofline, Summary, Work,
};
use serde::Serialize;

use super::{
    super::pack::figures,
    output::beginning,
    repetition::{Column, RepetitionData, life, resources},
    samples::{self, SamplesData},
    search::SearchData,
    table::Tables,
};

/// A case.
#[derive(Serialize)]
pub(super) struct CaseData<'a> {
    id: usize,
    benchmark: &'a str,
    plugin: &'a str,
    workload: &'a str,
    /// Everything that makes the case: parameters, threads, device, instances, seed.
    params: Vec<(&'a str, String)>,
    outcome: &'static str,
    class: Class,
    sentence: Cow<'a, str>,
    /// Causes or backtrace.
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: Cow<'a, str>,
    flags: Vec<(&'static str, Cow<'a, str>)>,
    targets: Vec<(&'a str, &'a str)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    work: &'a Option<Work>,
    measurements: Vec<MeasurementData>,
    repetitions: Vec<RepetitionData<'a>>,
    /// Durations of the parts of a worker's life, in their order, ns for each repetition.
    life: Vec<Column>,
    /// What a worker used, for each repetition.
    resources: Vec<Column>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<SearchData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roofline: Option<RooflineData>,
}

/// How a case counts.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Class {
    Ok,
    Wrong,
    Failed,
    Skipped,
}

/// One metric of one case.
#[derive(Serialize)]
struct MeasurementData {
    metric: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<SummaryData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<SamplesData>,
}

/// A summary with fewer digits.
#[derive(Serialize)]
struct SummaryData {
    n: u64,
    repetitions: u32,
    median: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    confidence: Option<f64>,
    mad: Option<f64>,
    mean: Option<f64>,
    sd: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    /// Which one, its value, samples that are missing until it can be stated.
    quantiles: Vec<(f64, Option<f64>, u64)>,
    outliers: u64,
}

/// A point below the roofs.
#[derive(Serialize)]
struct RooflineData {
    intensity: Option<f64>,
    bound: Bound,
    unit: &'static str,
    ceiling: Option<f64>,
    achieved: Option<f64>,
    share: Option<f64>,
    /// What its roofs are those of.
    threads: u32,
}

impl<'a> CaseData<'a> {
    /// The case of `result`, without its samples.
    pub(super) fn of(result: &'a CaseResult, tables: &mut Tables<'a>) -> Self {
        let case = &result.case;
        Self {
            id: tables.ids.place(case.id.as_str()),
            benchmark: &case.benchmark,
            plugin: &case.plugin,
            workload: &case.workload,
            params: params(result),
            outcome: result.outcome.word(),
            class: class(&result.outcome),
            sentence: beginning(&result.outcome.sentence()).into_owned().into(),
            detail: beginning(detail(&result.outcome)),
            flags: result
                .flags
                .iter()
                .map(|flag| (flag.kind.word(), beginning(&flag.message)))
                .collect(),
            targets: result
                .targets
                .iter()
                .map(|(name, bound)| (name.as_str(), bound.as_str()))
                .collect(),
            work: &result.work,
            measurements: result
                .measurements
                .iter()
                .map(|one| measurement(one, tables))
                .collect(),
            repetitions: result.repetitions.iter().map(RepetitionData::of).collect(),
            life: life(&result.repetitions),
            resources: resources(&result.repetitions),
            search: result.search.as_ref().map(SearchData::of),
            roofline: result
                .roofline
                .as_ref()
                .map(|one| roofline(one, case.all_threads())),
        }
    }

    /// Puts in samples, at most `most` of each measurement.
    pub(super) fn put_samples(&mut self, result: &CaseResult, most: usize) {
        for (data, measured) in self.measurements.iter_mut().zip(&result.measurements) {
            data.samples = samples::packed(&measured.samples, most);
        }
    }
}

fn class(outcome: &Outcome) -> Class {
    match outcome {
        Outcome::Ok => Class::Ok,
        Outcome::Wrong { .. } => Class::Wrong,
        Outcome::Skipped { .. } => Class::Skipped,
        _ => Class::Failed,
    }
}

fn detail(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::PluginError { detail, .. } | Outcome::Panic { detail, .. } => detail,
        _ => "",
    }
}

fn params(result: &CaseResult) -> Vec<(&str, String)> {
    let case = &result.case;
    let mut params: Vec<(&str, String)> = case
        .params
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_string()))
        .collect();
    params.push(("threads", case.threads.to_string()));
    params.push(("device", case.device.clone()));
    if let Some(instances) = case.instances {
        params.push((
            "instances",
            format!("{} ({})", instances.count, instances.mode.word()),
        ));
    }
    if let Some(load) = case.offered_load {
        params.push(("offered load", format!("{load} /s")));
    }
    params.push(("seed", case.seed.to_string()));
    params
}

fn measurement<'a>(one: &'a Measurement, tables: &mut Tables<'a>) -> MeasurementData {
    MeasurementData {
        metric: tables.metric(&one.metric),
        summary: one.summary.as_ref().map(summary),
        samples: None,
    }
}

fn summary(one: &Summary) -> SummaryData {
    // An interval without confidence stands for "too few samples for one".
    let Interval {
        low,
        high,
        confidence,
    } = one.interval;
    let is_known = confidence > 0.0;
    SummaryData {
        n: one.n,
        repetitions: one.repetitions,
        median: figures(one.median),
        low: figures(low).filter(|_| is_known),
        high: figures(high).filter(|_| is_known),
        confidence: figures(confidence).filter(|_| is_known),
        mad: figures(one.mad),
        mean: figures(one.mean),
        sd: figures(one.standard_deviation),
        min: figures(one.min),
        max: figures(one.max),
        quantiles: one.quantiles.iter().map(quantile).collect(),
        outliers: one.outliers,
    }
}

fn quantile(one: &Quantile) -> (f64, Option<f64>, u64) {
    (one.q, one.value.and_then(figures), one.needs_more)
}

fn roofline(one: &Roofline, threads: u32) -> RooflineData {
    RooflineData {
        intensity: one.intensity.and_then(figures),
        bound: one.bound,
        unit: one.unit.word(),
        ceiling: figures(one.ceiling),
        achieved: figures(one.achieved),
        share: figures(one.share),
        threads,
    }
}
