//! Names that expressions use, and what they stand for.

use benchhost_record::conversion;
use benchhost_stats::median;

use crate::{
    Subject, Value,
    expression::{BASES, Names, means},
};

/// Values that `median` looks at.
const WINDOW: usize = 10;

/// A subject and its value, as expressions see them.
pub(super) struct Context<'a> {
    pub(super) subject: &'a Subject,
    pub(super) value: &'a Value,
}

impl Context<'_> {
    /// What a value of the metric is multiplied by to be in ns, bytes, J or a fraction; 1 for other units.
    fn scale(&self) -> f64 {
        let unit = &self.subject.metric.unit;
        BASES
            .iter()
            .find_map(|base| conversion(unit, base))
            .unwrap_or(1.0)
    }

    /// A number of an expression in the metric's unit.
    pub(super) fn back(&self, number: f64) -> f64 {
        number / self.scale()
    }

    fn unknown(&self, name: &str) -> String {
        format!(
            "`{name}` is not known here: names are `{}`, baseline, previous, median, mean, min, max",
            self.subject.metric.name
        )
    }

    fn past(&self, last: usize) -> Vec<f64> {
        let finite: Vec<f64> = self
            .subject
            .past
            .iter()
            .map(|p| p.value)
            .filter(|v| v.is_finite())
            .collect();
        finite[finite.len().saturating_sub(last)..].to_vec()
    }
}

impl Names for Context<'_> {
    fn is_own(&self, name: &str) -> bool {
        means(name, &self.subject.metric)
    }

    fn value(&self, name: &str) -> Result<f64, String> {
        let found = match name {
            _ if self.is_own(name) => Some(self.value.value),
            "baseline" => {
                let baseline = self
                    .subject
                    .baseline
                    .as_ref()
                    .map(|baseline| baseline.value);
                return baseline
                    .map(|b| b * self.scale())
                    .ok_or_else(|| "there is no baseline".to_owned());
            }
            "previous" | "median" => {
                let last = if name == "previous" { 1 } else { WINDOW };
                let value = median(&self.past(last)).ok();
                return value
                    .map(|v| v * self.scale())
                    .ok_or_else(|| "there is no earlier value".to_owned());
            }
            "mean" | "min" | "max" => self.value.statistic(Some(name)),
            _ => None,
        };
        found
            .map(|value| value * self.scale())
            .ok_or_else(|| self.unknown(name))
    }

    fn growth(&self, name: &str, ns: f64) -> Result<f64, String> {
        if !self.is_own(name) {
            return Err(self.unknown(name));
        }
        let finite: Vec<_> = self
            .subject
            .past
            .iter()
            .filter(|past| past.value.is_finite())
            .collect();
        let newest = finite.last().map_or(f64::NAN, |past| past.time_unix_s);
        // The value that is judged is as new as the newest: its own time is not needed.
        let oldest = finite
            .iter()
            .find(|past| past.time_unix_s >= newest - ns / 1e9);
        oldest
            .map(|past| (self.value.value - past.value) * self.scale())
            .ok_or_else(|| "there is no earlier value".to_owned())
    }

    fn quantile(&self, name: &str, percent: f64) -> Result<f64, String> {
        if !self.is_own(name) {
            return Err(self.unknown(name));
        }
        let statistic = format!("p{percent}");
        self.value
            .statistic(Some(&statistic))
            .map(|value| value * self.scale())
            .ok_or_else(|| format!("`{statistic}` was not measured: too few samples"))
    }
}
