//! `benchhost history changes`: steps and drifts of the history's series, or of those in a CSV file.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use benchhost_report::{
    json::{self, ChangedSeries},
    terminal as tables,
};
use benchhost_stats::changes as changes_of;
use rayon::prelude::*;

use super::moment;
use crate::{
    cli::{ChangesArguments, HistoryFormat},
    command::{Failure, unmatched::Names},
    store::{PointRow, SeriesFilter, SeriesRow, Store, StoreError},
    terminal,
};

/// Parts of the history for each thread: small enough that none waits long for the last.
const PARTS_A_THREAD: usize = 8;

/// The changes of every series that is asked for.
pub(super) fn changes(path: &Path, arguments: &ChangesArguments) -> Result<String, Failure> {
    let found = match &arguments.input {
        Some(file) => of_file(file, &arguments.case)?,
        None => of_history(path, arguments)?,
    };
    Ok(match arguments.format {
        HistoryFormat::Json => json::changes(&found),
        HistoryFormat::Table => {
            tables::render_changes(&found, terminal::width(), terminal::colour())
        }
    })
}

fn of_history(path: &Path, arguments: &ChangesArguments) -> Result<Vec<ChangedSeries>, Failure> {
    let filter = SeriesFilter::new(&arguments.case, &arguments.metric, None)?;
    let parts = Store::open_existing(path)?.parts(PARTS_A_THREAD * rayon::current_num_threads())?;
    let found: Result<Vec<Vec<ChangedSeries>>, StoreError> = parts
        .into_par_iter()
        .map(|ids| {
            let mut found = Vec::new();
            Store::open_existing(path)?.for_each_series(ids, &filter, |series, points| {
                found.push(of_series(series, points));
            })?;
            Ok(found)
        })
        .collect();
    let mut found: Vec<ChangedSeries> = found?.into_iter().flatten().collect();
    if found.is_empty() && !(arguments.case.is_empty() && arguments.metric.is_empty()) {
        let store = Store::open_existing(path)?;
        super::remark_on_nothing(&store, &arguments.case, &arguments.metric)?;
    }
    found.sort_by(|a, b| a.series.cmp(&b.series));
    Ok(found)
}

fn of_series(series: &SeriesRow, points: &[PointRow]) -> ChangedSeries {
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    let mut name = format!("{} {}", series.case, series.metric.name);
    if !series.machine.is_empty() {
        name.push_str(&format!(" on {}", super::short(&series.machine)));
    }
    ChangedSeries {
        series: name,
        unit: series.metric.unit.clone(),
        points: points.len(),
        changes: changes_of(&values)
            .into_iter()
            .map(|change| (change, time_of(&points[change.index])))
            .collect(),
    }
}

/// When, and which commit.
fn time_of(point: &PointRow) -> String {
    let time = moment(point.time_ms);
    match &point.revision {
        Some(revision) => format!("{time} {}", super::short(revision)),
        None => time,
    }
}

/// A series of a file, in the order given.
struct Given {
    name: String,
    unit: String,
    times: Vec<String>,
    values: Vec<f64>,
}

fn of_file(path: &Path, globs: &[String]) -> Result<Vec<ChangedSeries>, Failure> {
    let given = if path == Path::new("-") {
        read("standard input", io::stdin().lock())?
    } else {
        let name = path.display().to_string();
        let file = File::open(path)
            .map_err(|error| Failure::usage(format!("cannot read `{name}`: {error}")))?;
        read(&name, file)?
    };
    let filter = SeriesFilter::new(globs, &[], None)?;
    if !globs.is_empty() && !given.iter().any(|one| filter.means_case(&one.name)) {
        let mut names = Names::default();
        given.iter().for_each(|one| names.add(&one.name, ""));
        let asked = names.unmatched(globs, &[]);
        terminal::remark(&format!("note: no series of the file matches {asked}"));
    }
    Ok(given
        .into_par_iter()
        .filter(|one| filter.matches(&one.name, "", ""))
        .map(|one| ChangedSeries {
            changes: changes_of(&one.values)
                .into_iter()
                .map(|change| (change, one.times[change.index].clone()))
                .collect(),
            points: one.values.len(),
            series: one.name,
            unit: one.unit,
        })
        .collect())
}

/// Which column holds what.
struct Columns {
    series: usize,
    metric: Option<usize>,
    time: usize,
    value: usize,
    unit: Option<usize>,
}

fn read(name: &str, source: impl Read) -> Result<Vec<Given>, Failure> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(source);
    let columns = columns(
        name,
        reader.headers().map_err(|error| broken(name, &error))?,
    )?;
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut all: Vec<Given> = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| broken(name, &error))?
    {
        let line = record.position().map_or(0, csv::Position::line);
        let field = |at: usize, what: &str| {
            record.get(at).ok_or_else(|| {
                Failure::usage(format!(
                    "{name}:{line}: {} fields found, {what} is missing",
                    record.len()
                ))
            })
        };
        let series = field(columns.series, "`series`")?;
        // What was measured of one case is as many series.
        let series = match columns.metric {
            Some(at) => Cow::Owned(format!("{series}::{}", field(at, "`metric`")?)),
            None => Cow::Borrowed(series),
        };
        let time = field(columns.time, "`time`")?;
        // A row that ends before its value has none.
        let value = number(name, line, record.get(columns.value).unwrap_or_default())?;
        let place = match places.get(&*series) {
            Some(place) => *place,
            None => {
                places.insert(series.clone().into_owned(), all.len());
                all.push(Given {
                    name: series.into_owned(),
                    unit: columns
                        .unit
                        .and_then(|at| record.get(at))
                        .unwrap_or_default()
                        .to_owned(),
                    times: Vec::new(),
                    values: Vec::new(),
                });
                all.len() - 1
            }
        };
        all[place].times.push(time.to_owned());
        all[place].values.push(value);
    }
    Ok(all)
}

fn columns(name: &str, header: &csv::StringRecord) -> Result<Columns, Failure> {
    let find = |wanted: &str| {
        header.iter().position(|column| {
            column
                .trim_start_matches('\u{feff}')
                .eq_ignore_ascii_case(wanted)
        })
    };
    let require = |wanted: &str| {
        find(wanted).ok_or_else(|| {
            let found: Vec<&str> = header.iter().take(8).collect();
            Failure::usage(format!(
                "{name}:1: no column `{wanted}` in the header {:?}, expected series,time,value[,metric][,unit][,direction]",
                found.join(",")
            ))
        })
    };
    Ok(Columns {
        series: require("series")?,
        metric: find("metric"),
        time: require("time")?,
        value: require("value")?,
        unit: find("unit"),
    })
}

/// A value; what is empty or NaN is missing.
fn number(name: &str, line: u64, text: &str) -> Result<f64, Failure> {
    if text.is_empty()
        || ["nan", "na", "null"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
    {
        return Ok(f64::NAN);
    }
    text.parse().map_err(|_| {
        Failure::usage(format!(
            "{name}:{line}: value {text:?} is no number; leave it empty or write NaN where there is none"
        ))
    })
}

fn broken(name: &str, error: &csv::Error) -> Failure {
    let line = error
        .position()
        .map_or_else(String::new, |position| format!(":{}", position.line()));
    Failure::usage(format!("{name}{line}: not readable as CSV: {error}"))
}
