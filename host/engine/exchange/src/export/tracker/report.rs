//! The tracker's Markdown report.

use std::fmt::Write;

use benchhost_stats::window;

use super::{
    super::Series,
    alert::{Alert, Severity},
    history::valued,
};
use crate::moment;

/// "Performance Report": counts, alerts in the order given, and for each series its latest value with mean, sample
/// standard deviation, min and max of the last `window_size` values (the tracker's default is 10) and the number of
/// all its values. `generated_unix_s`: when the report is made, seconds since 1970-01-01 UTC. "Total metrics
/// tracked" counts values, "Unique metrics" series.
///
/// Names are escaped where Markdown or HTML would take them for markup.
#[must_use]
pub fn tracker_report(
    series: &[Series],
    alerts: &[Alert],
    generated_unix_s: f64,
    window_size: usize,
) -> String {
    let histories: Vec<(&Series, Vec<f64>)> = series
        .iter()
        .map(|one| {
            (
                one,
                valued(one).map(|(_, value)| value).collect::<Vec<f64>>(),
            )
        })
        .filter(|(_, values)| !values.is_empty())
        .collect();
    let total: usize = histories.iter().map(|(_, values)| values.len()).sum();
    let critical = alerts
        .iter()
        .filter(|alert| alert.severity == Severity::Critical)
        .count();
    let mut text = String::from("# Performance Report\n\n");
    let generated = moment::iso(generated_unix_s).unwrap_or_default();
    let _ = writeln!(text, "Generated on: {generated}\n\n## Summary\n");
    let _ = writeln!(
        text,
        "- Total metrics tracked: {total}\n- Unique metrics: {}",
        histories.len()
    );
    let _ = writeln!(
        text,
        "- Regression alerts: {}\n- Critical alerts: {critical}",
        alerts.len()
    );
    text.push_str("\n## Recent Regression Alerts\n\n");
    for alert in alerts {
        let _ = writeln!(
            text,
            "- **{}**: {}",
            alert.severity,
            inert(&alert.message())
        );
    }
    if alerts.is_empty() {
        text.push_str("No regression alerts.\n");
    }
    text.push_str("\n## Metrics History\n");
    for (one, values) in histories {
        let Ok(recent) = window(&values, window_size.max(1)) else {
            continue;
        };
        let unit = inert(&one.unit);
        let with_unit = |value: f64| format!("{value:.2} {unit}").trim_end().to_owned();
        let latest = values[values.len() - 1];
        let _ = writeln!(text, "\n### {}:{}", inert(&one.case), inert(&one.metric));
        let _ = writeln!(text, "- Latest value: {}", with_unit(latest));
        let _ = writeln!(text, "- Historical mean: {}", with_unit(recent.mean));
        let _ = writeln!(text, "- Historical stdev: {}", with_unit(recent.stdev));
        let _ = writeln!(text, "- Min: {:.2}, Max: {:.2}", recent.min, recent.max);
        let _ = writeln!(text, "- Total measurements: {}", values.len());
    }
    text
}

/// Text that is neither Markdown nor HTML; control characters and line breaks become spaces.
fn inert(text: &str) -> String {
    let mut inert = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => inert.push_str("&lt;"),
            '>' => inert.push_str("&gt;"),
            '&' => inert.push_str("&amp;"),
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' => {
                inert.push('\\');
                inert.push(c);
            }
            _ if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => inert.push(' '),
            _ => inert.push(c),
        }
    }
    inert
}
