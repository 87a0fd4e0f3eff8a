//! The comment of a pull request: whether it is fine, the figures that matter, what changed, what failed; the rest folded.

use crate::{
    Report,
    facts::{Figure, Head, Known, Status, figures, groups, quantity, said},
    markdown::{
        alerts, contrasts,
        escape::{cell_code, code, text},
        executive, facts_line, failures, mark, missed, movers, recommendations,
        section::{Section, Table, within},
        skipped,
    },
};

/// Bytes of a comment; GitHub refuses more than 65 536 characters.
pub const COMMENT_LIMIT: usize = 65_536 - 1024;

/// Rows of the table of figures: a comment is read in a minute.
const FIGURES: usize = 60;

/// Longest address, in bytes.
const LINK: usize = 2000;

/// What the comment says besides the report.
#[derive(Debug, Clone, Copy, Default)]
pub struct CommentOptions<'a> {
    /// Address of the workflow run; one that is not `https://` or `http://` is left out.
    pub link: Option<&'a str>,
    /// What tells this comment from others of benchhost; the name of the suite when absent.
    pub name: Option<&'a str>,
}

/// What the comment begins with, and by which it is found again: `<!-- benchhost:NAME -->`.
///
/// Letters, digits, `.` and `_` of the name stay, everything else is a `-`, and no two of them stand together: nothing in a
/// name ends the remark.
///
/// ```
/// assert_eq!(benchhost_report::github::marker("quick"), "<!-- benchhost:quick -->");
/// assert_eq!(benchhost_report::github::marker("a --> b"), "<!-- benchhost:a-b -->");
/// ```
#[must_use]
pub fn marker(name: &str) -> String {
    let mut kept = String::new();
    for c in name.chars().take(200) {
        let c = if c.is_alphanumeric() || matches!(c, '.' | '_') {
            c
        } else {
            '-'
        };
        if c != '-' || !kept.ends_with('-') {
            kept.push(c);
        }
    }
    let kept = kept.trim_matches('-');
    let kept = if kept.is_empty() { "run" } else { kept };
    format!("<!-- benchhost:{kept} -->")
}

/// The comment, at most [`COMMENT_LIMIT`] bytes, with the [`marker`] on its first line.
#[must_use]
pub fn comment(report: &Report, options: &CommentOptions<'_>) -> String {
    let report = &Known::of(report);
    let head = Head::of(report);
    let marker = marker(options.name.unwrap_or(&head.suite));
    let mut sections = vec![opening(report, &head)];
    sections.extend(missed(report).map(smaller));
    sections.extend(movers(report).map(smaller));
    sections.extend(failures(report).into_iter().map(smaller));
    sections.push(smaller(executive(report)));
    sections.extend(contrasts(report).into_iter().map(smaller));
    sections.extend(key(report));
    sections.extend(recommendations(report).map(|one| folded("Recommendations", one)));
    sections.extend(alerts(report).map(|one| folded("Alerts", one)));
    sections.extend(skipped(report).map(|one| folded("Skipped", one)));
    let footer = footer(report, options);
    let room = COMMENT_LIMIT.saturating_sub(marker.len() + footer.len() + 4);
    let body = within(&sections, room, "The reports of the run have everything.");
    format!("{marker}\n{body}\n{footer}")
}

fn opening(report: &Report, head: &Head) -> Section {
    let status = Status::of(report);
    let suite = match head.suite.as_str() {
        "" => String::new(),
        suite => format!(": {}", text(suite)),
    };
    let mut lines = format!(
        "## {} Benchmarks{suite}\n\n**Status**: **{}**, {}\n",
        mark(status.grade),
        status.grade.word(),
        status.reason
    );
    if !head.unfinished.is_empty() {
        lines.push_str(&format!("\n> **{}**\n", head.unfinished));
    }
    Section::text("the status", lines)
}

/// A heading of one level less: the comment has a title of its own.
fn smaller(mut section: Section) -> Section {
    if section.head.starts_with("## ") {
        section.head.insert(0, '#');
    }
    section
}

fn folded(title: &str, mut section: Section) -> Section {
    let body = section.head.split_once("\n\n").map_or("", |(_, body)| body);
    section.head = format!("<details><summary>{title}</summary>\n\n{body}");
    if !section.tail.is_empty() {
        section.tail.push('\n');
    }
    section.tail.push_str("</details>\n");
    section
}

/// Latency, throughput, memory of each case, folded. No figure is over several cases.
fn key(report: &Known<'_>) -> Option<Section> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for cases in groups(report.cases()) {
        for result in cases.into_iter().filter(|one| one.outcome.is_ok()) {
            let name = cell_code(result.case.id.as_str());
            let names = std::iter::once(name).chain(std::iter::repeat(String::new()));
            let figures = figures(report, result);
            rows.extend(names.zip(&figures).map(|(name, figure)| row(name, figure)));
        }
    }
    let more = rows.len().saturating_sub(FIGURES);
    rows.truncate(FIGURES);
    (!rows.is_empty()).then(|| Section {
        name: "the figures".to_owned(),
        head: "<details><summary>Figures of each case</summary>\n\n".to_owned(),
        table: Some(Table {
            headers: &["case", "metric", ">value", ">change"],
            rows,
        }),
        tail: match more {
            0 => "</details>\n".to_owned(),
            more => format!("… and {more} more figures in the report.\n\n</details>\n"),
        },
    })
}

fn row(name: String, figure: &Figure<'_>) -> Vec<String> {
    let metric = &figure.measurement.metric;
    let change = figure
        .reference
        .and_then(|reference| said(reference.effect));
    vec![
        name,
        cell_code(&metric.name),
        text(&quantity(figure.value, &metric.unit, metric.kind)),
        change.unwrap_or_else(|| "–".to_owned()),
    ]
}

fn footer(report: &Known<'_>, options: &CommentOptions<'_>) -> String {
    let mut footer = format!("<sub>{}</sub>\n", facts_line(report));
    if let Some(link) = options.link.and_then(address) {
        footer = format!("[Workflow run]({link})\n\n{footer}");
    } else if let Some(link) = options.link {
        footer = format!("Workflow run: {}\n\n{footer}", code(link));
    }
    footer
}

/// The address between angle brackets, where only they and line breaks mean something; none when it is no web address.
fn address(link: &str) -> Option<String> {
    let is_web = link.starts_with("https://") || link.starts_with("http://");
    let is_plain = link
        .chars()
        .all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '\\'));
    (is_web && is_plain && link.len() < LINK).then(|| format!("<{link}>"))
}
