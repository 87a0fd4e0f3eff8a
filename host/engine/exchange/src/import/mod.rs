//! One file per format; here is only the way from a format to its file.

mod asv;
mod baseline_results;
mod ci_metrics;
mod criterion;
mod csv;
mod custom;
mod github_action;
mod go;
mod google_benchmark;
mod hyperfine;
mod jmh;
mod json_lines;
mod pyperf;
mod pytest_benchmark;
mod tracker;

pub use csv::CsvEntries;
pub(crate) use csv::is_formula;
pub use json_lines::{HISTORY_SCHEMA, JsonLinesEntries};
pub use tracker::tracker_direction;

pub(crate) use github_action::inside as inside_data_js;

use crate::{Error, Format, Import, SourceFile, detect, json};

/// Reads `files` as `format`: each on its own, or all together where the format is a folder.
///
/// # Errors
/// Each variant of [`Error`]; one broken file fails the whole import. When the content is plainly that of another
/// format, the error is [`Error::WrongFormat`] with the first error as its source.
pub fn import(format: Format, files: &[SourceFile<'_>]) -> Result<Import, Error> {
    let mut found = Import::new(format);
    match read(format, files, &mut found) {
        Ok(()) => Ok(found),
        Err(cause) => Err(match detect(files) {
            Some(looks_like) if looks_like != format => Error::WrongFormat {
                file: files.first().map_or("", |file| file.path).to_owned(),
                asked: format,
                looks_like,
                cause: Box::new(cause),
            },
            _ => cause,
        }),
    }
}

fn read(format: Format, files: &[SourceFile<'_>], into: &mut Import) -> Result<(), Error> {
    if files.is_empty() {
        return Err(Error::NoFile {
            format,
            given: 0,
            expected: "at least one file",
        });
    }
    match format {
        Format::Criterion => return criterion::read(files, into),
        Format::Asv => return asv::read(files, into),
        _ => {}
    }
    for file in files {
        match format {
            Format::Go => go::read(file, into)?,
            Format::Csv => csv::read(file, into)?,
            Format::Benchhost => json_lines::read(file, into)?,
            Format::GithubActionBenchmark => github_action::read(file, into)?,
            _ => {
                let json = json::parse(file.path, file.text, format)?;
                let root = json::Node::root(file.path, format, &json);
                read_json(format, file, &root, into)?;
            }
        }
    }
    Ok(())
}

fn read_json(
    format: Format,
    file: &SourceFile<'_>,
    root: &json::Node<'_>,
    into: &mut Import,
) -> Result<(), Error> {
    match format {
        Format::PytestBenchmark => pytest_benchmark::read(root, into),
        Format::GoogleBenchmark => google_benchmark::read(root, into),
        Format::Hyperfine => hyperfine::read(root, into),
        Format::Pyperf => pyperf::read(file, root, into),
        Format::Jmh => jmh::read(root, into),
        Format::SmallerIsBetter | Format::BiggerIsBetter => custom::read(root, into),
        Format::TrackerHistory => tracker::read(root, into),
        Format::CiMetrics => ci_metrics::read(root, into),
        Format::BaselineResults => baseline_results::read(root, into),
        Format::Criterion
        | Format::Asv
        | Format::Go
        | Format::Csv
        | Format::Benchhost
        | Format::GithubActionBenchmark => unreachable!("read without a single JSON value"),
    }
}
