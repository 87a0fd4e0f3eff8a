//! `benchhost history export`: series for other tools.

use std::{fs, io::Write as _, path::Path};

use benchhost_exchange::{
    Entry, Skipped,
    export::{self, Alert, Point, Series},
};
use benchhost_record::{AlertKind, Severity};
use jiff::Timestamp;

use crate::{
    cli::{ExportArguments, ExportForm},
    command::Failure,
    store::{PointRow, SeriesFilter, SeriesRow, Store},
    terminal,
};

/// Threshold that the tracker's alerts name when nobody set another, per cent.
const TRACKER_THRESHOLD: f64 = 5.0;

/// The export, or where it was written to.
pub(super) fn export(path: &Path, arguments: &ExportArguments) -> Result<String, Failure> {
    let store = Store::open_existing(path)?;
    let filter = SeriesFilter::new(&arguments.case, &arguments.metric, None)?;
    let is_filtered = !(arguments.case.is_empty() && arguments.metric.is_empty());
    if is_filtered && store.series(&filter)?.is_empty() {
        super::remark_on_nothing(&store, &arguments.case, &arguments.metric)?;
    }
    let text = match arguments.form {
        ExportForm::Benchhost => return lines(&store, &filter, arguments.out.as_deref()),
        form => rendered(&store, form, &series(&store, &filter)?, arguments)?,
    };
    match &arguments.out {
        None => Ok(text),
        Some(file) => {
            fs::write(file, text).map_err(|error| unwritable(file, error))?;
            Ok(format!("exported: {}\n", file.display()))
        }
    }
}

fn unwritable(file: &Path, error: std::io::Error) -> Failure {
    let what = format!("cannot write `{}`", file.display());
    anyhow::Error::new(error).context(what).into()
}

/// JSON lines, series by series: a history may be larger than memory.
fn lines(store: &Store, filter: &SeriesFilter, out: Option<&Path>) -> Result<String, Failure> {
    let mut sink: Box<dyn std::io::Write> = match out {
        Some(file) => Box::new(std::io::BufWriter::new(
            fs::File::create(file).map_err(|error| unwritable(file, error))?,
        )),
        None => Box::new(std::io::BufWriter::new(std::io::stdout().lock())),
    };
    let mut failure = sink.write_all(export::history_header().as_bytes()).err();
    let mut samples: Vec<(i64, Vec<f64>)> = Vec::new();
    store.for_each_series(i64::MIN..=i64::MAX, filter, |series, points| {
        samples = store.imported_samples(series.id).unwrap_or_default();
        for point in points {
            if failure.is_none() {
                let entry = entry(series, point, &samples);
                failure = sink
                    .write_all(export::history_line(&entry).as_bytes())
                    .err();
            }
        }
    })?;
    let failure = failure.or_else(|| sink.flush().err());
    match (failure, out) {
        (Some(error), _) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(String::new()),
        (Some(error), Some(file)) => Err(unwritable(file, error)),
        (Some(error), None) => Err(anyhow::Error::new(error).context("cannot print").into()),
        (None, Some(file)) => Ok(format!("exported: {}\n", file.display())),
        (None, None) => Ok(String::new()),
    }
}

fn entry(series: &SeriesRow, point: &PointRow, samples: &[(i64, Vec<f64>)]) -> Entry {
    let value = point.value.is_finite().then_some(point.value);
    let mut entry = Entry::new(series.case.clone(), series.metric.name.clone(), value);
    entry.unit.clone_from(&series.metric.unit);
    entry.direction = series.metric.direction;
    entry.kind = series.metric.kind;
    entry.machine = (!series.machine.is_empty()).then(|| series.machine.clone());
    entry.time_unix_s = Some(point.time_ms as f64 / 1000.0);
    entry.revision = point.revision.as_deref().map(str::to_owned);
    entry.interval = point.low.zip(point.high);
    entry.n = point.n;
    let own = samples.iter().find(|(time, _)| *time == point.time_ms);
    entry.samples = own.map_or_else(Vec::new, |(_, samples)| samples.clone());
    entry
}

fn series(store: &Store, filter: &SeriesFilter) -> Result<Vec<Series>, Failure> {
    let mut all = Vec::new();
    store.for_each_series(i64::MIN..=i64::MAX, filter, |row, points| {
        all.push(Series {
            case: row.case.clone(),
            metric: row.metric.name.clone(),
            unit: row.metric.unit.clone(),
            direction: row.metric.direction,
            kind: row.metric.kind,
            machine: (!row.machine.is_empty()).then(|| row.machine.clone()),
            points: points.iter().map(point).collect(),
        });
    })?;
    all.sort_by(|a, b| (&a.case, &a.metric, &a.machine).cmp(&(&b.case, &b.metric, &b.machine)));
    Ok(all)
}

fn point(row: &PointRow) -> Point {
    Point {
        time_unix_s: Some(row.time_ms as f64 / 1000.0),
        revision: row.revision.as_deref().map(str::to_owned),
        value: row.value.is_finite().then_some(row.value),
        interval: row.low.zip(row.high),
        n: row.n,
        ..Point::default()
    }
}

fn rendered(
    store: &Store,
    form: ExportForm,
    series: &[Series],
    arguments: &ExportArguments,
) -> Result<String, Failure> {
    let left_out = |all: &[Skipped]| {
        for one in all {
            terminal::remark(&format!("left out: {}: {}", one.place, one.reason));
        }
    };
    Ok(match form {
        ExportForm::Benchhost => export::json_lines(series),
        ExportForm::Csv => export::csv(series),
        ExportForm::SmallerIsBetter | ExportForm::BiggerIsBetter => {
            let found = export::custom_benchmarks(series);
            left_out(&found.left_out);
            if form == ExportForm::SmallerIsBetter {
                found.smaller_is_better
            } else {
                found.bigger_is_better
            }
        }
        ExportForm::Bencher => {
            let found = export::bencher_metric_format(series);
            left_out(&found.left_out);
            found.json
        }
        ExportForm::Openmetrics => export::openmetrics(series),
        ExportForm::TrackerHistory => export::tracker_history(series),
        ExportForm::TrackerCsv => export::tracker_csv(series),
        ExportForm::TrackerReport => {
            let now = Timestamp::now().as_millisecond() as f64 / 1000.0;
            export::tracker_report(
                series,
                &alerts(store, series)?,
                now,
                arguments.window as usize,
            )
        }
    })
}

/// Alerts of the history in the tracker's words; improvements are none there.
fn alerts(store: &Store, series: &[Series]) -> Result<Vec<Alert>, Failure> {
    let unit = |case: &str, metric: &str| {
        let found = series
            .iter()
            .find(|one| one.case == case && one.metric == metric);
        found.map_or_else(String::new, |one| one.unit.clone())
    };
    Ok(store
        .alerts(true)?
        .into_iter()
        .filter(|alert| alert.kind != AlertKind::Improvement)
        .map(|alert| Alert {
            unit: unit(&alert.case, &alert.metric),
            previous: alert.reference,
            current: alert.value,
            threshold_percent: TRACKER_THRESHOLD,
            severity: match alert.severity {
                Severity::Info => export::Severity::Info,
                Severity::Warning => export::Severity::Warning,
                Severity::Critical => export::Severity::Critical,
            },
            time_unix_s: alert
                .updated
                .parse::<Timestamp>()
                .map_or(0.0, |time| time.as_millisecond() as f64 / 1000.0),
            case: alert.case,
            metric: alert.metric,
        })
        .collect())
}
