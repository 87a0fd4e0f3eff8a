//! `benchhost history import`: results of other tools, or of another history, become series of this one.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Cursor, Read as _},
    path::{Path, PathBuf},
};

use benchhost_exchange::{
    CsvEntries, Entry, Format, JsonLinesEntries, SourceFile, candidates, detect,
};
use benchhost_record::Metric;
use jiff::Timestamp;

use crate::{
    cli::ImportArguments,
    command::Failure,
    store::{ImportCounts, ImportPoint, Store},
    terminal,
};

/// Beginning of a file that is enough to know a format that is read as a stream.
const HEAD_BYTES: usize = 4096;

/// The name of standard input.
const STANDARD_INPUT: &str = "-";

/// How a remark of the exchange ends that leaves nothing out.
const NOTHING_LEFT_OUT: &str = "its times are kept";

/// Endings of files that folders are searched for.
const ENDINGS: [&str; 3] = ["json", "js", "txt"];

/// Adds what the files hold.
pub(super) fn import(path: &Path, arguments: &ImportArguments) -> Result<String, Failure> {
    let format = arguments.from.as_deref().map(named).transpose()?;
    let mut target = Target {
        store: (!arguments.dry_run)
            .then(|| Store::open(path))
            .transpose()?,
        machine: &arguments.machine,
        counts: ImportCounts::default(),
        read: 0,
    };
    let mut skipped = 0;
    for file in &arguments.files {
        skipped += target.file(file, format)?;
    }
    let (verb, counts) = if arguments.dry_run {
        ("would add up to", None)
    } else {
        ("added", Some(target.counts))
    };
    let mut text = match counts {
        Some(counts) => format!(
            "{verb} {} points of {} series, {} were known\n",
            counts.added, counts.series, counts.known
        ),
        None => format!("{verb} {} points\n", target.read),
    };
    if skipped > 0 {
        text += &format!("skipped: {skipped} entries, named above\n");
    }
    Ok(text)
}

/// When a file was written, ms since 1970: the time of values that name none. The same at every import, so that nothing is
/// added twice.
fn written_ms(path: &Path) -> i64 {
    let written = fs::metadata(path).and_then(|about| about.modified());
    written
        .ok()
        .and_then(|time| Timestamp::try_from(time).ok())
        .unwrap_or_else(Timestamp::now)
        .as_millisecond()
}

fn named(name: &str) -> Result<Format, Failure> {
    name.parse()
        .map_err(|known: String| Failure::usage(format!("--from: {known}")))
}

/// Where points go.
struct Target<'a> {
    /// Absent when nothing is written.
    store: Option<Store>,
    machine: &'a str,
    counts: ImportCounts,
    read: u64,
}

impl Target<'_> {
    /// Adds a file or a folder; says what was skipped and how much that was.
    fn file(&mut self, path: &Path, format: Option<Format>) -> Result<usize, Failure> {
        if path == Path::new(STANDARD_INPUT) {
            return self.standard_input(format);
        }
        let name = path.display().to_string();
        let unreadable = |error: std::io::Error| {
            Failure::usage(format!("cannot read `{name}`: {error}")).hint(
                "name a result file, a folder of them like target/criterion, or - for standard input",
            )
        };
        if path.is_dir() {
            let files = folder(path).map_err(unreadable)?;
            return self.texts(&name, &files, format, written_ms(path));
        }
        let written_ms = written_ms(path);
        let mut head = Vec::new();
        File::open(path)
            .and_then(|file| file.take(HEAD_BYTES as u64).read_to_end(&mut head))
            .map_err(unreadable)?;
        let open = || File::open(path).map_err(unreadable);
        match format.or_else(|| streamed(&head)) {
            Some(format @ (Format::Csv | Format::Benchhost)) => {
                self.rows(&name, format, BufReader::new(open()?), written_ms)
            }
            _ => {
                let text = fs::read(path).map_err(unreadable)?;
                let text = String::from_utf8(text).map_err(|_| {
                    Failure::usage(format!("`{name}` is no text: its bytes are no UTF-8"))
                })?;
                self.texts(&name, &[(path.to_owned(), text)], format, written_ms)
            }
        }
    }

    /// Adds what comes on standard input: only formats whose rows have times, so that nothing is added twice.
    fn standard_input(&mut self, format: Option<Format>) -> Result<usize, Failure> {
        let name = "standard input";
        let mut input = std::io::stdin().lock();
        let mut head = Vec::new();
        input
            .by_ref()
            .take(HEAD_BYTES as u64)
            .read_to_end(&mut head)
            .map_err(|error| Failure::usage(format!("cannot read {name}: {error}")))?;
        match format.or_else(|| streamed(&head)) {
            Some(format @ (Format::Csv | Format::Benchhost)) => {
                let now_ms = Timestamp::now().as_millisecond();
                self.rows(name, format, Cursor::new(head).chain(input), now_ms)
            }
            _ => Err(
                Failure::usage(format!("{name} is neither CSV nor JSON lines of benchhost"))
                    .hint("name a file for other formats"),
            ),
        }
    }

    /// Adds the rows of CSV, or else of JSON lines.
    fn rows(
        &mut self,
        name: &str,
        format: Format,
        input: impl BufRead,
        written_ms: i64,
    ) -> Result<usize, Failure> {
        if format == Format::Csv {
            let entries = CsvEntries::new(name, input).map_err(failure)?;
            self.stream(entries, written_ms)
        } else {
            let entries = JsonLinesEntries::new(name, input).map_err(failure)?;
            self.stream(entries, written_ms)
        }
    }

    /// Adds what is read as a stream: memory stays small however many rows there are.
    fn stream(
        &mut self,
        entries: impl Iterator<Item = Result<Entry, benchhost_exchange::Error>>,
        written_ms: i64,
    ) -> Result<usize, Failure> {
        let mut wrong = None;
        let machine = self.machine.to_owned();
        let mut read = 0;
        let points = entries
            .map_while(|entry| match entry {
                Ok(entry) => Some(entry),
                Err(error) => {
                    wrong = Some(error);
                    None
                }
            })
            .map(|entry| {
                read += 1;
                point(entry, &machine, written_ms)
            });
        let counts = match &mut self.store {
            Some(store) => store.import(points)?,
            None => {
                points.for_each(drop);
                ImportCounts::default()
            }
        };
        self.count(counts, read);
        match wrong {
            // What came before is kept: the import can be repeated once the file is mended.
            Some(error) => Err(failure(error).hint(format!(
                "{read} points before it were added; importing again adds none twice"
            ))),
            None => Ok(0),
        }
    }

    fn texts(
        &mut self,
        name: &str,
        files: &[(PathBuf, String)],
        format: Option<Format>,
        written_ms: i64,
    ) -> Result<usize, Failure> {
        let paths: Vec<String> = files
            .iter()
            .map(|(path, _)| path.display().to_string())
            .collect();
        let sources: Vec<SourceFile<'_>> = files
            .iter()
            .zip(&paths)
            .map(|((_, text), path)| SourceFile { path, text })
            .collect();
        let format = match format.or_else(|| detect(&sources)) {
            Some(format) => format,
            None => return Err(unknown(name, &sources)),
        };
        let found = benchhost_exchange::import(format, &sources).map_err(failure)?;
        let mut left_out = 0;
        for skipped in &found.skipped {
            let kept = skipped.reason.ends_with(NOTHING_LEFT_OUT);
            let word = if kept { "note" } else { "skipped" };
            terminal::remark(&format!("{word}: {}: {}", skipped.place, skipped.reason));
            left_out += usize::from(!kept);
        }
        if !found.baselines.is_empty() {
            terminal::remark(&format!(
                "note: `{name}` holds {} baselines; `benchhost baseline save --from {name}` takes them",
                found.baselines.len()
            ));
        }
        let read = found.entries.len() as u64;
        let machine = self.machine.to_owned();
        let points = found
            .entries
            .into_iter()
            .map(|entry| point(entry, &machine, written_ms));
        let counts = match &mut self.store {
            Some(store) => store.import(points)?,
            None => ImportCounts::default(),
        };
        self.count(counts, read);
        Ok(left_out)
    }

    fn count(&mut self, counts: ImportCounts, read: u64) {
        self.counts.added += counts.added;
        self.counts.known += counts.known;
        self.counts.series += counts.series;
        self.read += read;
    }
}

fn failure(error: benchhost_exchange::Error) -> Failure {
    Failure::usage(format!("{:#}", anyhow::Error::from(error)))
}

fn unknown(name: &str, sources: &[SourceFile<'_>]) -> Failure {
    let possible: Vec<&str> = candidates(sources).into_iter().map(Format::name).collect();
    let failure = Failure::usage(format!("`{name}` is of no format that is known"));
    if possible.is_empty() {
        failure.hint("--from names the format; `benchhost history import --help` lists them")
    } else {
        failure.hint(format!(
            "--from says which of {} it is",
            possible.join(", ")
        ))
    }
}

/// A format that is read as a stream, by the beginning of the file.
fn streamed(head: &[u8]) -> Option<Format> {
    let text = String::from_utf8_lossy(head);
    let first = text.trim_start_matches('\u{feff}').lines().next()?;
    let columns: Vec<&str> = first.split(',').map(str::trim).collect();
    if ["series", "time", "value"]
        .iter()
        .all(|wanted| columns.contains(wanted))
    {
        Some(Format::Csv)
    } else if first.contains(r#""benchhost""#) && first.contains("history") {
        Some(Format::Benchhost)
    } else {
        None
    }
}

/// Text files of a folder and the folders in it, by name.
fn folder(path: &Path) -> std::io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?.path();
            let ending = entry
                .extension()
                .and_then(|end| end.to_str())
                .unwrap_or_default();
            if entry.is_dir() {
                folders.push(entry);
            } else if ENDINGS.contains(&ending)
                && let Ok(text) = fs::read_to_string(&entry)
            {
                found.push((entry, text));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn point(entry: Entry, machine: &str, written_ms: i64) -> ImportPoint {
    let time_ms = entry
        .time_unix_s
        .map_or(written_ms, |s| (s * 1000.0).round() as i64);
    ImportPoint {
        case: entry.case,
        metric: Metric::new(entry.metric, entry.unit, entry.direction, entry.kind),
        machine: entry.machine.unwrap_or_else(|| machine.to_owned()),
        time_ms,
        revision: entry.revision,
        value: entry.value.unwrap_or(f64::NAN),
        low: entry.interval.map(|(low, _)| low),
        high: entry.interval.map(|(_, high)| high),
        n: entry.n,
        samples: entry.samples,
    }
}
