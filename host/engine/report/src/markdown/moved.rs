//! What asks for attention: missed targets, what moved, alerts, and what could be done.

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::{Alert, AlertKind, AlertState};

use super::{
    escape::{cell_code, code, text},
    figures::verdict,
    section::{Section, Table},
};
use crate::{
    Report,
    facts::{because, doubtful, failing, movers as moved, quantity, said},
    terminal::severity_word,
};

/// Rows of the table of movers.
const MOVERS: usize = 20;

const NOTHING: &str = "–";

/// Targets and budgets that are missed.
pub(crate) fn missed(report: &Report) -> Option<Section> {
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
    (!rows.is_empty()).then(|| Section {
        name: "missed targets".to_owned(),
        head: "## Missed targets\n\n".to_owned(),
        table: Some(Table {
            headers: &["metric", "case", ">value", ">asked", ">away", "why"],
            rows,
        }),
        tail: String::new(),
    })
}

/// What moved against its past or baseline, the worst first; then what may have.
pub(crate) fn movers(report: &Report) -> Option<Section> {
    let moved = moved(report);
    let mut all: Vec<&Judgement> = moved.iter().copied().chain(doubtful(report)).collect();
    if all.is_empty() {
        return None;
    }
    let more = all.len().saturating_sub(MOVERS);
    all.truncate(MOVERS);
    let rows = all.iter().map(|one| {
        vec![
            verdict(Some(one), false),
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
        let mut why = Vec::new();
        if !one.metric.is_empty() {
            why.push(code(&one.metric));
        }
        if !one.case.is_empty() {
            why.push(format!("of {}", code(&one.case)));
        }
        if !one.number.is_empty() {
            why.push(format!("is {}", text(&one.number)));
        }
        let why = match why.is_empty() {
            true => String::new(),
            false => format!(" {}", why.join(" ")),
        };
        let condition = match one.condition.as_str() {
            "" => String::new(),
            condition => format!(", {}", code(condition)),
        };
        lines.push_str(&format!(
            "{}. {} —{why} (rule {}{condition})\n",
            i + 1,
            text(&one.text),
            code(&one.rule),
        ));
    }
    (!lines.is_empty())
        .then(|| Section::text("recommendations", format!("## Recommendations\n\n{lines}")))
}
