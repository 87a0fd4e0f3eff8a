//! `benchhost report`: files made from a run and its past.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use benchhost_report::{Report, csv, github, html, json, junit, markdown};

use super::{Failure, gather};
use crate::{
    cli::{ReportArguments, ReportFormat},
    exit,
    store::SeriesFilter,
    terminal,
};

/// Points of all series that a page holds: two hundred series of a thousand.
pub(super) const PAGE_POINTS: usize = 200_000;

/// Where a step of a GitHub workflow puts its summary.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A file of a report.
struct Made {
    /// Its name below the folder.
    name: PathBuf,
    content: Vec<u8>,
}

/// Writes the reports that are asked for.
///
/// # Errors
/// [`Failure`] when there is nothing to report of, or a file cannot be written.
pub fn execute(arguments: &ReportArguments) -> Result<u8, Failure> {
    let to_stdout = arguments.out == Path::new("-");
    if to_stdout && printable(&arguments.format).is_none() {
        return Err(
            Failure::usage("`--out -` prints one form, and pictures cannot be printed")
                .hint("for example `benchhost report --format md --out -`"),
        );
    }
    let filter = SeriesFilter::new(&arguments.case, &arguments.metric, None)?;
    let report = gather::report(&gather::Asked {
        run: &arguments.run,
        source: &arguments.source,
        filter: &filter,
        points: PAGE_POINTS,
    })?;
    let mut made = Vec::new();
    for format in &arguments.format {
        made.extend(of_format(*format, &report)?);
    }
    if let (true, [only]) = (to_stdout, made.as_slice()) {
        let text = String::from_utf8_lossy(&only.content);
        terminal::show(&text).context("cannot print")?;
        return Ok(exit::FINE);
    }
    for one in &made {
        let path = arguments.out.join(&one.name);
        write(&path, &one.content).map_err(|error| unwritable(&path, &error))?;
        terminal::remark(&format!("written: {}", path.display()));
    }
    if arguments.format.contains(&ReportFormat::Github) {
        append_to_step_summary(&report)?;
    }
    Ok(exit::FINE)
}

/// The only form, when it is one text.
fn printable(formats: &[ReportFormat]) -> Option<ReportFormat> {
    match formats {
        [ReportFormat::Png | ReportFormat::Svg] => None,
        [only] => Some(*only),
        _ => None,
    }
}

fn of_format(format: ReportFormat, report: &Report) -> Result<Vec<Made>, Failure> {
    let text = |name: &str, text: String| {
        vec![Made {
            name: name.into(),
            content: text.into_bytes(),
        }]
    };
    Ok(match format {
        ReportFormat::Html => text("report.html", html::page(report)),
        ReportFormat::Md => text("report.md", markdown::render(report)),
        ReportFormat::Json => text("report.json", json::report(report)),
        ReportFormat::Csv => text("report.csv", csv::metrics(report)),
        ReportFormat::Junit => text("junit.xml", junit::render(report)),
        ReportFormat::Github => text("summary.md", github::summary(report)),
        ReportFormat::Png | ReportFormat::Svg => pictures(format, report),
    })
}

fn pictures(format: ReportFormat, report: &Report) -> Vec<Made> {
    let made = benchhost_plot::pictures(report).into_iter().map(|picture| {
        let (ending, content) = match format {
            ReportFormat::Svg => ("svg", picture.svg.into_bytes()),
            _ => ("png", picture.png),
        };
        Made {
            name: Path::new("plots").join(format!("{}.{ending}", picture.name)),
            content,
        }
    });
    made.collect()
}

/// Writes a file in one step: what was there stays until the new one is whole.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)?;
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn append_to_step_summary(report: &Report) -> Result<(), Failure> {
    let Some(path) = std::env::var_os(STEP_SUMMARY).map(PathBuf::from) else {
        return Ok(());
    };
    let append = || {
        let mut file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)?;
        file.write_all(github::summary(report).as_bytes())
    };
    append().map_err(|error| unwritable(&path, &error))?;
    terminal::show(&github::annotations(report)).context("cannot print")?;
    Ok(())
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure {
        message: format!("cannot write `{}`: {error}", path.display()),
        hints: Vec::new(),
        code: exit::FAILED,
    }
}
