//! `benchhost doctor`: what would make numbers noisy here, and how to mend it.

use std::fmt::Write as _;

use anyhow::Context as _;
use benchhost_report::{harmless, wrap};
use serde::Serialize;

use super::Failure;
use crate::{
    cli::{DoctorArguments, HistoryFormat},
    doctor::{Build, Finding, Severity, counted, examine, is_unfit},
    exit,
    probe::condition::Condition,
    run::usable_cpus,
    terminal,
};

/// Width of text where there is no terminal.
const PLAIN_WIDTH: usize = 110;

/// Text is not made narrower than this.
const NARROWEST: usize = 40;

/// Columns before the second and further lines of a finding.
const INDENT: usize = 4;

/// Looks at the machine, prints what was found.
///
/// # Errors
/// When standard output cannot be written.
pub fn execute(arguments: &DoctorArguments) -> Result<u8, Failure> {
    let findings = examine(&Condition::now(&usable_cpus()), Build::own());
    let text = match arguments.format {
        HistoryFormat::Table => {
            let columns = terminal::width().map_or(PLAIN_WIDTH, usize::from);
            render(&findings, columns.clamp(NARROWEST, PLAIN_WIDTH))
        }
        HistoryFormat::Json => json(&findings),
    };
    terminal::show(&text).context("cannot print")?;
    Ok(if arguments.strict && is_unfit(&findings) {
        exit::FAILED
    } else {
        exit::FINE
    })
}

/// Heading of each group, in the order of the severities.
const GROUPS: [(Severity, &str); 5] = [
    (Severity::Problem, "Problems: numbers cannot be trusted"),
    (Severity::Warning, "Warnings: numbers scatter or shift"),
    (Severity::Note, "Notes: worth knowing"),
    (Severity::Unknown, "Cannot be read here"),
    (Severity::Fine, "Fine"),
];

/// The findings in groups, worst first, in lines of `columns`; commands are never broken.
fn render(findings: &[Finding], columns: usize) -> String {
    let mut text = String::new();
    for (severity, heading) in GROUPS {
        let group: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .collect();
        if group.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{heading} ({})", group.len());
        for finding in group {
            paragraph(&mut text, finding, columns);
        }
        text.push('\n');
    }
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let _ = writeln!(
        text,
        "{} checks: {}, {}, {}, {} unknown, {} fine",
        findings.len(),
        counted(count(Severity::Problem), "problem"),
        counted(count(Severity::Warning), "warning"),
        counted(count(Severity::Note), "note"),
        count(Severity::Unknown),
        count(Severity::Fine)
    );
    text
}

fn paragraph(text: &mut String, finding: &Finding, columns: usize) {
    let found = harmless(&finding.found);
    block(text, "  ", &format!("{}: {found}", finding.check), columns);
    let margin = " ".repeat(INDENT);
    if let Some(effect) = &finding.effect {
        block(text, &margin, &format!("effect: {effect}"), columns);
    }
    if let Some(remedy) = &finding.remedy {
        block(text, &margin, &format!("remedy: {remedy}"), columns);
    }
    if let Some(command) = &finding.command {
        let _ = writeln!(text, "{margin}{margin}{command}");
    }
}

/// `content` in lines of `columns`: the first after `margin`, the others four columns in.
fn block(text: &mut String, margin: &str, content: &str, columns: usize) {
    for (index, line) in wrap(content, columns.saturating_sub(INDENT))
        .iter()
        .enumerate()
    {
        let margin = if index == 0 {
            margin
        } else {
            &" ".repeat(INDENT)
        };
        let _ = writeln!(text, "{margin}{line}");
    }
}

#[derive(Serialize)]
struct Report<'a> {
    unfit: bool,
    findings: &'a [Finding],
}

fn json(findings: &[Finding]) -> String {
    let report = Report {
        unfit: is_unfit(findings),
        findings,
    };
    let text = serde_json::to_string_pretty(&report).expect("texts have a JSON form");
    format!("{text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Vec<Finding> {
        let bad = Finding {
            effect: Some("timings vary by up to a factor of 5".to_owned()),
            remedy: Some("hold it:".to_owned()),
            command: Some("sudo cpupower frequency-set --governor performance".to_owned()),
            ..Finding::new(
                "governor",
                Severity::Warning,
                "power\u{1b}[2Jsave on 4 of 4 CPUs",
            )
        };
        vec![bad, Finding::new("swap", Severity::Fine, "no swap space")]
    }

    #[test]
    fn groups_are_worst_first_lines_are_short_and_commands_stay_whole() {
        let text = render(&findings(), 44);

        assert_eq!(
            text,
            "Warnings: numbers scatter or shift (1)\n  \
               governor: powersave on 4 of 4 CPUs\n    \
                 effect: timings vary by up to a factor\n    \
                 of 5\n    \
                 remedy: hold it:\n        \
                     sudo cpupower frequency-set --governor performance\n\n\
             Fine (1)\n  \
               swap: no swap space\n\n\
             2 checks: 0 problems, 1 warning, 0 notes, 0 unknown, 1 fine\n"
        );
    }

    #[test]
    fn json_says_whether_the_machine_is_unfit() {
        let all: serde_json::Value = serde_json::from_str(&json(&findings())).unwrap();
        let fine: serde_json::Value = serde_json::from_str(&json(&findings()[1..])).unwrap();

        assert_eq!(
            (&all["unfit"], &fine["unfit"]),
            (&true.into(), &false.into())
        );
        assert_eq!(all["findings"][0]["severity"], "warning");
        assert_eq!(all["findings"][1]["effect"], serde_json::Value::Null);
    }
}
