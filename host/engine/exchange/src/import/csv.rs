//! Generic CSV, one value a line, read in bounded memory.
//!
//! Columns by the header, in any order: `series` and `value` must be there; `metric`, `time`, `unit`, `direction`,
//! `revision`, `machine`, `low`, `high` and `n` may be; any other column is a label. A series is the case, its metric is
//! what the column `metric` says; without one it is `value`, and `case::metric` names both, split at the last `::`. Values empty, `NaN`, `null`, `none`, `na` or `-` are missing.
//! Time is a number (seconds since 1970, or a plain index) or a date. Text that begins with `'` before one of `= + -
//! @` loses the `'` that our export put there.

use std::io::Read;

use benchhost_record::Direction;

use crate::{Entry, Error, Format, Import, SourceFile, json, moment, unit};

const EXPECTED: &str = "series,time,value[,metric][,unit][,direction]";

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
enum Column {
    Series,
    Metric,
    Time,
    Value,
    Unit,
    Direction,
    Revision,
    Machine,
    Low,
    High,
    N,
    Label(String),
}

/// Entries of a CSV text, one at a time; memory for one line. Ends after the first error.
///
/// ```
/// let text = "series,time,value\nparse::time,1,0.5\n";
/// let entries = benchhost_exchange::CsvEntries::new("a.csv", text.as_bytes())?;
/// let values: Vec<Option<f64>> = entries.map(|entry| Ok::<_, benchhost_exchange::Error>(entry?.value))
///     .collect::<Result<_, _>>()?;
/// assert_eq!(values, [Some(0.5)]);
/// # Ok::<(), benchhost_exchange::Error>(())
/// ```
#[derive(Debug)]
pub struct CsvEntries<R> {
    file: String,
    reader: csv::Reader<R>,
    columns: Vec<Column>,
    record: csv::ByteRecord,
    is_done: bool,
}

impl<R: Read> CsvEntries<R> {
    /// Reads the header of `file`, which is only a name for messages. Wrap no buffer around `reader`: there is one.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Binary`], [`Error::Header`] or [`Error::Read`].
    pub fn new(file: &str, reader: R) -> Result<Self, Error> {
        let mut entries = Self {
            file: file.to_owned(),
            reader: csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .buffer_capacity(1 << 16)
                .from_reader(reader),
            columns: Vec::new(),
            record: csv::ByteRecord::new(),
            is_done: false,
        };
        if !entries.next_record()? {
            return Err(Error::Empty {
                file: file.to_owned(),
                format: Format::Csv,
            });
        }
        entries.columns = entries.header()?;
        Ok(entries)
    }

    fn next_record(&mut self) -> Result<bool, Error> {
        self.reader
            .read_byte_record(&mut self.record)
            .map_err(|error| {
                let line = error
                    .position()
                    .map_or(self.reader.position().line(), csv::Position::line);
                let source = match error.into_kind() {
                    csv::ErrorKind::Io(source) => source,
                    other => std::io::Error::other(format!("{other:?}")),
                };
                Error::Read {
                    file: self.file.clone(),
                    line,
                    source,
                }
            })
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    fn header(&self) -> Result<Vec<Column>, Error> {
        let mut columns = Vec::new();
        for (index, name) in self.record.iter().enumerate() {
            let name = text(&self.file, 1, name)?;
            let name = if index == 0 {
                name.trim_start_matches('\u{feff}')
            } else {
                name
            };
            let refused = |problem| Error::Header {
                file: self.file.clone(),
                column: name.chars().take(60).collect(),
                problem,
                expected: EXPECTED,
            };
            let column = match name.trim().to_ascii_lowercase().as_str() {
                "series" => Column::Series,
                "metric" => Column::Metric,
                "time" => Column::Time,
                "value" => Column::Value,
                "unit" => Column::Unit,
                "direction" => Column::Direction,
                "revision" => Column::Revision,
                "machine" => Column::Machine,
                "low" => Column::Low,
                "high" => Column::High,
                "n" => Column::N,
                "" => return Err(refused("has no name")),
                _ => Column::Label(name.trim().to_owned()),
            };
            if columns.contains(&column) {
                return Err(refused("stands there twice"));
            }
            columns.push(column);
        }
        for (needed, name) in [(Column::Series, "series"), (Column::Value, "value")] {
            if !columns.contains(&needed) {
                return Err(Error::Header {
                    file: self.file.clone(),
                    column: name.to_owned(),
                    problem: "is missing",
                    expected: EXPECTED,
                });
            }
        }
        Ok(columns)
    }

    fn entry(&self) -> Result<Entry, Error> {
        let line = self.line();
        if self.record.len() != self.columns.len() {
            return Err(Error::Fields {
                file: self.file.clone(),
                line,
                found: self.record.len() as u64,
                expected: self.columns.len() as u64,
            });
        }
        let mut entry = Entry::new(String::new(), String::new(), None);
        let (mut low, mut high) = (None, None);
        let has_metric = self.columns.contains(&Column::Metric);
        for (column, bytes) in self.columns.iter().zip(&self.record) {
            let field = text(&self.file, line, bytes)?.trim();
            let wrong = |column: &str, expected| Error::Row {
                file: self.file.clone(),
                line,
                column: column.to_owned(),
                found: field.chars().take(60).collect(),
                expected,
            };
            let optional = || Some(plain(field)).filter(|field| !field.is_empty());
            let number = |column: &str| match field {
                "" => Ok(None),
                _ => number(field)
                    .map(Some)
                    .ok_or_else(|| wrong(column, "a finite number")),
            };
            match column {
                Column::Series if field.is_empty() => {
                    return Err(wrong("series", "the name of a series"));
                }
                Column::Series if has_metric => entry.case.push_str(plain(field)),
                Column::Series => {
                    let (case, metric) = plain(field)
                        .rsplit_once("::")
                        .unwrap_or((plain(field), "value"));
                    entry.case.push_str(case);
                    entry.metric.push_str(metric);
                }
                Column::Metric if field.is_empty() => {
                    return Err(wrong("metric", "the name of a metric"));
                }
                Column::Metric => entry.metric.push_str(plain(field)),
                Column::Value if is_missing(field) => {}
                Column::Value => entry.value = number("value")?,
                Column::Time if field.is_empty() => {}
                Column::Time => {
                    let time = number_or_date(field);
                    let expected =
                        "seconds since 1970, an index or a date like 2026-01-31T12:00:00Z";
                    entry.time_unix_s = Some(time.ok_or_else(|| wrong("time", expected))?);
                }
                Column::Unit => {
                    entry.unit.push_str(plain(field));
                    entry.kind = unit::kind(&entry.unit);
                }
                Column::Direction => {
                    let expected = "lower, higher or neither";
                    entry.direction =
                        direction(field).ok_or_else(|| wrong("direction", expected))?;
                }
                Column::Revision => entry.revision = optional().map(str::to_owned),
                Column::Machine => entry.machine = optional().map(str::to_owned),
                Column::Low => low = number("low")?,
                Column::High => high = number("high")?,
                Column::N if field.is_empty() => {}
                Column::N => {
                    let n = field.parse().ok().filter(|n| *n > 0);
                    entry.n = n.ok_or_else(|| wrong("n", "a whole number above 0"))?;
                }
                Column::Label(name) => entry.label(name, optional().map(str::to_owned)),
            }
        }
        entry.interval = low.zip(high);
        Ok(entry)
    }
}

impl<R: Read> Iterator for CsvEntries<R> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let entry = match self.next_record() {
            Ok(false) => None,
            Ok(true) => Some(self.entry()),
            Err(error) => Some(Err(error)),
        };
        self.is_done = !matches!(entry, Some(Ok(_)));
        entry
    }
}

pub(super) fn read(file: &SourceFile<'_>, into: &mut Import) -> Result<(), Error> {
    json::check_text(file.path, file.text, Format::Csv)?;
    for entry in CsvEntries::new(file.path, file.text.as_bytes())? {
        into.entries.push(entry?);
    }
    Ok(())
}

fn text<'a>(file: &str, line: u64, bytes: &'a [u8]) -> Result<&'a str, Error> {
    std::str::from_utf8(bytes).map_err(|error| Error::Binary {
        file: file.to_owned(),
        line,
        byte: bytes.get(error.valid_up_to()).copied().unwrap_or_default(),
    })
}

/// Without the `'` that keeps a spreadsheet from taking the cell for a formula.
fn plain(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => field,
    }
}

/// Whether a spreadsheet may take the text for a formula.
pub(crate) fn is_formula(text: &str) -> bool {
    text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r'])
}

fn number(field: &str) -> Option<f64> {
    field.parse().ok().filter(|number: &f64| number.is_finite())
}

fn number_or_date(field: &str) -> Option<f64> {
    number(field).or_else(|| moment::parse(field))
}

fn is_missing(field: &str) -> bool {
    let words = ["nan", "null", "none", "na", "n/a", "-"];
    field.is_empty()
        || (field.len() <= 4 && words.iter().any(|word| field.eq_ignore_ascii_case(word)))
}

fn direction(field: &str) -> Option<Direction> {
    let is = |words: &[&str]| words.iter().any(|word| field.eq_ignore_ascii_case(word));
    if is(&["lower", "smaller", "less", "low", "down", "min", "decrease"]) {
        Some(Direction::Lower)
    } else if is(&[
        "higher", "larger", "bigger", "greater", "more", "high", "up", "max", "increase",
    ]) {
        Some(Direction::Higher)
    } else if is(&["", "neither", "none", "unknown"]) {
        Some(Direction::Neither)
    } else {
        None
    }
}
