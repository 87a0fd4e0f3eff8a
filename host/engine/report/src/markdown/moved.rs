//! What asks for attention: missed targets, what moved, alerts, and what could be done.

use benchhost_advice::Recommendation;
use benchhost_gate::{Judgement, Verdict};
use benchhost_record::{Alert, AlertKind, AlertState};

use super::{
    escape::{cell_code, code, prose, text},
    figures::verdict,
    section::{Section, Table},
};
use crate::{
    Report,
    facts::{Known, because, failing, movers as moved, open_targets, quantity, said},
    terminal::severity_word,
};

/// Rows of the table of movers.
const MOVERS: usize = 20;

/// Targets without a value that are named.
const OPEN: usize = 20;

const NOTHING: &str = "–";

/// Targets and budgets that are missed, and those that cannot be judged because nothing was measured.
pub(crate) fn missed(report: &Known<'_>) -> Option<Section> {
    let missed = failing(report).filter(|one| one.verdict == Verdict::TargetMissed);
    let rows: Vec<Vec<String>> = missed
        .map(|one| {
            vec![
                cell_code(&one.metric.name),
                cell_code(&one.case),
                value(one, one.value),
                value(one, one.reference),
                said(one.effect).unwrap_or_else(|| NOTHING.to_owned()),
                text(because(one)),
            ]
        })
        .collect();
    let open: Vec<String> = open_targets(report)
        .map(|one| {
            let (metric, case) = (code(one.metric), code(one.result.case.id.as_str()));
            format!(
                "- {metric} of {case} is not measured, asked is {}\n",
                code(one.written)
            )
        })
        .collect();
    let more = open.len().saturating_sub(OPEN);
    let mut tail: String = open.iter().take(OPEN).map(String::as_str).collect();
    if more > 0 {
        tail.push_str(&format!("- … and {more} more\n"));
    }
    // Without a table the list stands right below the heading.
    let (head, tail) = match rows.is_empty() {
        true => (
            format!("## Targets without a value\n\n{tail}"),
            String::new(),
        ),
        false => ("## Missed targets\n\n".to_owned(), tail),
    };
    (!rows.is_empty() || !open.is_empty()).then(|| Section {
        name: "missed targets".to_owned(),
        head,
        table: (!rows.is_empty()).then_some(Table {
            headers: &["metric", "case", ">value", ">asked", ">away", "why"],
            rows,
        }),
        tail,
    })
}

/// What moved against its past, its baseline or its target, the worst first; at the end what may have.
pub(crate) fn movers(report: &Report) -> Option<Section> {
    let mut all = moved(&report.judged.judged);
    if all.is_empty() {
        return None;
    }
    let more = all.len().saturating_sub(MOVERS);
    all.truncate(MOVERS);
    let rows = all.iter().map(|one| {
        vec![
            verdict(Some(one)),
            cell_code(&one.metric.name),
            cell_code(&one.case),
            value(one, one.reference),
            value(one, one.value),
            said(one.effect).unwrap_or_else(|| NOTHING.to_owned()),
            text(because(one)),
        ]
    });
    Some(Section {
        name: "top movers".to_owned(),
        head: "## Top movers\n\n".to_owned(),
        table: Some(Table {
            headers: &["verdict", "metric", "case", ">was", ">is", ">change", "why"],
            rows: rows.collect(),
        }),
        tail: match more {
            0 => String::new(),
            more => format!("… and {more} more; the details have all verdicts.\n"),
        },
    })
}

fn value(one: &Judgement, value: f64) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    text(&quantity(value, &one.metric.unit, one.metric.kind))
}

/// Alerts of the machine that still ask for attention.
pub(crate) fn alerts(report: &Report) -> Option<Section> {
    let alive: Vec<&Alert> = report
        .alerts
        .iter()
        .filter(|alert| alert.state.is_alive())
        .collect();
    let rows: Vec<Vec<String>> = alive.iter().map(|alert| alert_row(alert)).collect();
    (!rows.is_empty()).then(|| Section {
        name: "alerts".to_owned(),
        head: "## Alerts\n\nOf this machine, not yet resolved, accepted or expired.\n\n".to_owned(),
        table: Some(Table {
            headers: &["alert", "kind", "metric", "case", "since", ">runs", "what"],
            rows,
        }),
        tail: String::new(),
    })
}

fn alert_row(alert: &Alert) -> Vec<String> {
    let state = match alert.state {
        AlertState::Opened => "opened",
        AlertState::Confirmed => "confirmed",
        AlertState::Resolved => "resolved",
        AlertState::Accepted => "accepted",
        AlertState::Expired => "expired",
    };
    let kind = match alert.kind {
        AlertKind::Regression => format!("regression ({})", severity_word(alert.severity)),
        AlertKind::Improvement => "improvement".to_owned(),
        AlertKind::TargetMissed => "target missed".to_owned(),
    };
    vec![
        format!("{} {state}", alert.id),
        kind,
        cell_code(&alert.metric),
        cell_code(&alert.case),
        text(&alert.opened),
        alert.runs.to_string(),
        text(&alert.sentence),
    ]
}

/// What could be done, with the number that says so and the rule that speaks.
pub(crate) fn recommendations(report: &Report) -> Option<Section> {
    let mut lines = String::new();
    for (i, one) in report.recommendations.iter().enumerate() {
        let (number, sentence) = (i + 1, prose(&one.text));
        lines.push_str(&format!("{number}. {sentence} — {}\n", evidence(one)));
    }
    (!lines.is_empty())
        .then(|| Section::text("recommendations", format!("## Recommendations\n\n{lines}")))
}

/// `12 cases · `throughput` of `x/y` and 3 more · rule`: as the terminal says it. The number is not always the metric's.
fn evidence(one: &Recommendation) -> String {
    let mut parts = Vec::new();
    if !one.number.is_empty() {
        parts.push(text(&one.number));
    }
    let about = match one.about.as_str() {
        "" => &one.case,
        about => about,
    };
    if !about.is_empty() {
        let metric = match one.metric.as_str() {
            "" => String::new(),
            metric => format!("{} of ", code(metric)),
        };
        let more = match one.more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        parts.push(format!("{metric}{}{more}", code(about)));
    }
    let condition = match one.condition.as_str() {
        "" => String::new(),
        condition => format!(": {}", code(condition)),
    };
    parts.push(format!("rule {}{condition}", code(&one.rule)));
    parts.join(" · ")
}
