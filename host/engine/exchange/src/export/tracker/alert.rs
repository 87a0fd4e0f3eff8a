//! Alerts with the tracker's own sentence.

use std::fmt;

use serde::Serialize;

use super::super::bencher::pretty;

/// How bad an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Below the threshold that warns.
    Info,
    /// Beyond the threshold.
    Warning,
    /// Beyond twice the threshold.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        })
    }
}

/// A regression as the tracker reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Name of the case.
    pub case: String,
    /// Name of the metric.
    pub metric: String,
    /// Unit of both values.
    pub unit: String,
    /// The value before; finite.
    pub previous: f64,
    /// The value now; finite.
    pub current: f64,
    /// Threshold that was passed, per cent.
    pub threshold_percent: f64,
    /// How bad it is.
    pub severity: Severity,
    /// When the value was measured, seconds since 1970-01-01 UTC.
    pub time_unix_s: f64,
}

impl Alert {
    /// Change in per cent of the previous value; 0 when that is 0, as in the tracker.
    #[must_use]
    pub fn change_percent(&self) -> f64 {
        if self.previous == 0.0 {
            0.0
        } else {
            (self.current - self.previous) / self.previous.abs() * 100.0
        }
    }

    /// The tracker's sentence:
    /// `Performance regression detected for m:k. Previous: 150.00ms, Current: 165.00ms, Change: +10.00%`.
    #[must_use]
    pub fn message(&self) -> String {
        let Self {
            case,
            metric,
            unit,
            previous,
            current,
            ..
        } = self;
        let change = self.change_percent();
        format!(
            "Performance regression detected for {case}:{metric}. Previous: {previous:.2}{unit}, \
             Current: {current:.2}{unit}, Change: {change:+.2}%"
        )
    }
}

#[derive(Serialize)]
struct WireAlert<'a> {
    metric_name: &'a str,
    model_name: &'a str,
    previous_value: f64,
    current_value: f64,
    threshold_percentage: f64,
    severity: Severity,
    timestamp: f64,
    message: String,
}

/// The alerts as the tracker's JSON, an array.
#[must_use]
pub fn tracker_alerts(alerts: &[Alert]) -> String {
    let wire = alerts.iter().map(|alert| WireAlert {
        metric_name: &alert.metric,
        model_name: &alert.case,
        previous_value: alert.previous,
        current_value: alert.current,
        threshold_percentage: alert.threshold_percent,
        severity: alert.severity,
        timestamp: alert.time_unix_s,
        message: alert.message(),
    });
    pretty(&wire.collect::<Vec<_>>())
}
