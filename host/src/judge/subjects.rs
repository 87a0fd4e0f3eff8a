//! What the engine is asked about: every metric of every case of a run, with its past and its baseline.

use std::{collections::HashMap, path::Path};

use benchhost_gate::{BaselineValue, Past, Subject, Value};
use benchhost_record::{
    CaseResult, Direction, FlagKind, Measurement, Metric, MetricKind, Outcome, Run, names,
};
use jiff::Timestamp;
use rayon::prelude::*;

use super::{
    circumstances::{calm_level, is_of_its_length, sharing, waited_share},
    value,
};
use crate::{
    baseline::Baseline,
    store::{Store, StoreError},
};

/// Points of a series that are looked at: those that history and change points use, and some that are missing.
const POINTS: usize = 320;

/// Earlier runs whose samples are read while a series is too short to speak for itself.
const RECENT_RUNS: usize = 8;

/// What is known besides the run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// File of the history, when there is one.
    pub history: Option<&'a Path>,
    /// The baseline, when there is one.
    pub baseline: Option<&'a Baseline>,
    /// A run of the suspicious cases, made to look twice.
    pub again: Option<&'a Run>,
    /// Whether the past of other machines counts too.
    pub across_machines: bool,
}

/// What earlier runs tell besides their values.
struct Before {
    bests: Bests,
    level: f64,
}

/// Best tenths of earlier runs, by run, case and metric.
type Bests = HashMap<(String, String, String), f64>;

/// Every metric of every case of `run`.
///
/// # Errors
/// [`StoreError`] when the history cannot be read.
pub fn subjects(run: &Run, known: &Known<'_>) -> Result<Vec<Subject>, StoreError> {
    let (bests, level) = match known.history {
        Some(path) => {
            let store = Store::open_existing(path)?;
            (bests(run, &store)?, calm_level(run, &store)?)
        }
        None => (Bests::new(), run.overhead.yardstick),
    };
    let before = Before { bests, level };
    let asked: Vec<(&CaseResult, Option<&Measurement>)> = asked(run).collect();
    let threads = if known.history.is_some() {
        rayon::current_num_threads()
    } else {
        1
    };
    let parts: Vec<&[_]> = asked.chunks(asked.len().div_ceil(threads).max(1)).collect();
    let found: Result<Vec<Vec<Subject>>, StoreError> = parts
        .par_iter()
        .map(|part| {
            // A connection for each thread: one cannot be shared.
            let store = known.history.map(Store::open_existing).transpose()?;
            part.iter()
                .map(|(case, one)| subject(run, case, *one, known, store.as_ref(), &before))
                .collect()
        })
        .collect();
    Ok(found?.into_iter().flatten().collect())
}

/// What rules are asked about: every measurement of every case. A case without any is asked about its time.
pub fn asked(run: &Run) -> impl Iterator<Item = (&CaseResult, Option<&Measurement>)> {
    // Of a case that was skipped there is nothing to say, good or bad.
    let cases = run.cases.iter();
    let cases = cases.filter(|case| !matches!(case.outcome, Outcome::Skipped { .. }));
    cases.flat_map(|case| {
        let measured = case.measurements.iter().map(Some);
        let nothing = case.measurements.is_empty().then_some(None);
        measured
            .chain(nothing)
            .map(move |measurement| (case, measurement))
    })
}

fn subject(
    run: &Run,
    case: &CaseResult,
    measurement: Option<&Measurement>,
    known: &Known<'_>,
    store: Option<&Store>,
    before: &Before,
) -> Result<Subject, StoreError> {
    let nameless = || Metric::new(names::TIME, "ns", Direction::Lower, MetricKind::Time);
    let metric = measurement.map_or_else(nameless, |one| one.metric.clone());
    let id = case.case.id.as_str();
    let past = match store {
        Some(store) => past(
            run,
            id,
            &metric,
            store,
            known.across_machines,
            &before.bests,
        )?,
        None => Vec::new(),
    };
    Ok(Subject {
        value: measured(case, measurement, before.level),
        again: known
            .again
            .and_then(|again| second(again, id, &metric.name, before.level)),
        target: case.targets.get(&metric.name).cloned(),
        baseline: known
            .baseline
            .and_then(|baseline| baseline_value(baseline, id, &metric)),
        past,
        case: id.to_owned(),
        benchmark: case.case.benchmark.clone(),
        metric,
    })
}

fn measured(
    case: &CaseResult,
    measurement: Option<&Measurement>,
    level: f64,
) -> Result<Value, String> {
    if !case.outcome.is_ok() {
        return Err(case.outcome.sentence());
    }
    let mut found = measurement
        .and_then(value)
        .ok_or_else(|| "nothing was measured".to_owned())?;
    found.is_disturbed = case
        .flags
        .iter()
        .any(|flag| matches!(flag.kind, FlagKind::OtherLoad | FlagKind::Throttled));
    found.sharing = sharing(case, level);
    found.waited_share = waited_share(case);
    found.is_of_its_length = measurement.is_some_and(|one| is_of_its_length(case, one));
    Ok(found)
}

fn second(again: &Run, id: &str, metric: &str, level: f64) -> Option<Value> {
    let case = again
        .cases
        .iter()
        .find(|case| case.case.id.as_str() == id && case.outcome.is_ok())?;
    let measured = case.measurements.iter();
    let mut found = value(measured.into_iter().find(|one| one.metric.name == metric)?)?;
    found.sharing = sharing(case, level);
    found.waited_share = waited_share(case);
    Some(found)
}

fn baseline_value(baseline: &Baseline, id: &str, metric: &Metric) -> Option<BaselineValue> {
    let entry = baseline.case.get(id)?;
    let one = entry.metrics.get(&metric.name)?;
    // A baseline written by hand may be in another unit of the same kind.
    let scale = if one.unit.is_empty() {
        1.0
    } else {
        benchhost_record::conversion(&one.unit, &metric.unit)?
    };
    Some(BaselineValue {
        value: one.value * scale,
        interval: one.interval.map(|[low, high]| (low * scale, high * scale)),
        tolerance: one.allowed().map(|allowed| allowed * scale),
        best: one.best.map(|best| best * scale),
        repetitions: one.repetitions.iter().map(|x| x * scale).collect(),
        run: entry.run.clone(),
    })
}

fn past(
    run: &Run,
    id: &str,
    metric: &Metric,
    store: &Store,
    across_machines: bool,
    bests: &Bests,
) -> Result<Vec<Past>, StoreError> {
    let started = milliseconds(&run.started);
    let machine = &run.environment.fingerprint;
    let mut points = Vec::new();
    for series in store.series_like(id, metric, (!across_machines).then_some(machine.as_str()))? {
        points.extend(store.points(series.id, Some(POINTS))?);
    }
    points.sort_by_key(|point| point.time_ms);
    Ok(points
        .into_iter()
        .filter(|point| point.run.as_deref() != Some(run.id.as_str()) && point.time_ms <= started)
        .map(|point| {
            let run = point.run.as_deref().unwrap_or_default().to_owned();
            let best = bests
                .get(&(run.clone(), id.to_owned(), metric.name.clone()))
                .copied();
            Past {
                run,
                time_unix_s: point.time_ms as f64 / 1000.0,
                value: point.value,
                best,
            }
        })
        .collect())
}

/// Best tenths of the last few runs, which guarded rules ask for while a series is short. A long series speaks for itself:
/// then nothing is read.
fn bests(run: &Run, store: &Store) -> Result<Bests, StoreError> {
    let rows = store.runs(Some(RECENT_RUNS + 1))?;
    let started = milliseconds(&run.started);
    let mut found = Bests::new();
    if rows.len() > RECENT_RUNS {
        return Ok(found);
    }
    for row in rows
        .iter()
        .filter(|row| row.id != run.id && row.started_ms <= started)
    {
        let earlier = store.run(&row.id)?;
        for case in &earlier.cases {
            for measurement in &case.measurements {
                if let Some(best) = value(measurement).and_then(|value| value.best) {
                    let key = (
                        row.id.clone(),
                        case.case.id.to_string(),
                        measurement.metric.name.clone(),
                    );
                    found.insert(key, best);
                }
            }
        }
    }
    Ok(found)
}

/// Start of a run, ms since 1970; the far future for what cannot be read, so that nothing counts as later.
fn milliseconds(time: &str) -> i64 {
    time.parse::<Timestamp>()
        .map_or(i64::MAX, Timestamp::as_millisecond)
}
