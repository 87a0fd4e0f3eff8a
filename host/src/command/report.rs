//! `benchhost report`: files made from a run and its past.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use benchhost_plot::Picture;
use benchhost_report::{Report, csv, github, html, json, junit, markdown};

use super::{Failure, gather, unmatched::Names};
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
    let formats = once(&arguments.format);
    if to_stdout && printable(&formats).is_none() {
        return Err(
            Failure::usage("`--out -` prints one form, and pictures cannot be printed")
                .hint("for example `benchhost report --format md --out -`"),
        );
    }
    let filter = SeriesFilter::new(&arguments.case, &arguments.metric, None)?;
    let (mut report, idle) = gather::report_and_idle(&gather::Asked {
        run: &arguments.run,
        source: &arguments.source,
        filter: &filter,
        points: PAGE_POINTS,
    })?;
    let names = names(&report);
    if !gather::keep(&mut report, &arguments.case, &arguments.metric)? {
        let asked = names.unmatched(&arguments.case, &arguments.metric);
        return Err(
            Failure::usage(format!("nothing of the run matches {asked}")).hint(
                "a glob matches a whole case id, `plugin/workload` or metric name: `*training*`",
            ),
        );
    }
    for sentence in idle {
        terminal::remark(&format!("note: {sentence}"));
    }
    if let (true, Some(only)) = (to_stdout, printable(&formats)) {
        for one in of_format(only, &report) {
            terminal::show(&String::from_utf8_lossy(&one.content)).context("cannot print")?;
        }
        return Ok(exit::FINE);
    }
    // Each form is written before the next is made, pictures last: one that fails takes no other with it.
    for format in formats.iter().filter(|format| !is_picture(**format)) {
        put(&arguments.out, &of_format(*format, &report))?;
    }
    if formats.iter().any(|format| is_picture(*format)) {
        let drawn = benchhost_plot::pictures(&report);
        let absent = benchhost_plot::not_drawn(&report, &drawn);
        put(&arguments.out, &pictures(&formats, drawn))?;
        absent.iter().for_each(|why| terminal::remark(why));
    }
    if formats.contains(&ReportFormat::Github) {
        append_to_step_summary(&report)?;
    }
    Ok(exit::FINE)
}

/// Each form once, in the order in which they were asked for.
fn once(formats: &[ReportFormat]) -> Vec<ReportFormat> {
    let mut once = Vec::new();
    for format in formats {
        if !once.contains(format) {
            once.push(*format);
        }
    }
    once
}

fn is_picture(format: ReportFormat) -> bool {
    matches!(format, ReportFormat::Png | ReportFormat::Svg)
}

fn put(folder: &Path, made: &[Made]) -> Result<(), Failure> {
    for one in made {
        let path = folder.join(&one.name);
        write(&path, &one.content).map_err(|error| unwritable(&path, &error))?;
        terminal::remark(&format!("written: {}", path.display()));
    }
    Ok(())
}

/// The only form, when it is one text.
fn printable(formats: &[ReportFormat]) -> Option<ReportFormat> {
    match formats {
        [ReportFormat::Png | ReportFormat::Svg] => None,
        [only] => Some(*only),
        _ => None,
    }
}

fn of_format(format: ReportFormat, report: &Report) -> Vec<Made> {
    let (name, text) = match format {
        ReportFormat::Html => ("report.html", html::page(report)),
        ReportFormat::Md => ("report.md", markdown::render(report)),
        ReportFormat::Json => ("report.json", json::report(report)),
        ReportFormat::Csv => ("report.csv", csv::metrics(report)),
        ReportFormat::Junit => ("junit.xml", junit::render(report)),
        ReportFormat::Github => ("summary.md", github::summary(report)),
        ReportFormat::Png | ReportFormat::Svg => {
            return pictures(&[format], benchhost_plot::pictures(report));
        }
    };
    vec![Made {
        name: name.into(),
        content: text.into_bytes(),
    }]
}

/// Pictures in those of `formats` that are pictures.
fn pictures(formats: &[ReportFormat], drawn: Vec<Picture>) -> Vec<Made> {
    let mut made = Vec::new();
    for picture in drawn {
        let name = |ending: &str| Path::new("plots").join(format!("{}.{ending}", picture.name));
        if formats.contains(&ReportFormat::Svg) {
            let (name, content) = (name("svg"), picture.svg.into_bytes());
            made.push(Made { name, content });
        }
        if formats.contains(&ReportFormat::Png) {
            let (name, content) = (name("png"), picture.png);
            made.push(Made { name, content });
        }
    }
    made
}

/// Writes a file in one step: what was there stays until the new one is whole.
pub(super) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
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

/// The sentence for a file that cannot be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let mut folders = path.ancestors().skip(1);
    let why = match folders.find(|folder| folder.exists()) {
        Some(file) if !file.is_dir() => format!("`{}` is no folder", file.display()),
        _ => error.to_string(),
    };
    Failure {
        message: format!("cannot write `{}`: {why}", path.display()),
        hints: Vec::new(),
        code: exit::FAILED,
    }
}

/// What `--case` and `--metric` can choose among.
fn names(report: &Report) -> Names {
    let mut names = Names::default();
    let cases = report.run.iter().flat_map(|run| &run.cases);
    for case in cases {
        for one in &case.measurements {
            names.add(case.case.id.as_str(), &one.metric.name);
        }
    }
    for series in &report.series {
        names.add(&series.case, &series.metric.name);
    }
    names
}
