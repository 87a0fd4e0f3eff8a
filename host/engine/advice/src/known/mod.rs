//! What conditions may ask about: names and their numbers, of a case, of one of its metrics, of the run, of a curve.
//!
//! A name without a number is not there; a number that is not finite is none.

mod apart;
mod axis;
mod case;
mod curve;
mod metric;
mod run;
mod siblings;
mod workers;

use std::collections::HashMap;

use benchhost_gate::{Names, unit_in_expressions, usual_unit};
use benchhost_record::{Metric, MetricKind, conversion};

pub(crate) use self::{
    case::of_case,
    curve::{About, curves},
    metric::{NAMES as METRIC, of_metric, spoken_of},
    run::of_run,
    siblings::Siblings,
};
use crate::{
    Scope,
    show::{self, SHARE},
};

/// Words besides numbers that a text may name; of runs none of them is known.
pub(crate) const WORDS: [&str; 5] = ["value", "key", "workload", "device", "held"];

/// What numbers are kept in.
const BASES: [&str; 5] = ["ns", "B", "J", "1", "B/s"];

/// Every name of a scope; `None` where metrics and parameters are names too.
pub(crate) fn vocabulary(scope: Scope) -> Option<&'static [&'static str]> {
    match scope {
        Scope::Case => None,
        Scope::Run => Some(&run::NAMES),
        Scope::Curve => Some(&curve::NAMES),
    }
}

/// The unit of a name, as conditions know it, where it is the same in every run.
pub(crate) fn fixed_unit(name: &str) -> Option<&'static str> {
    const TIMES: [&str; 6] = [
        "case-time",
        "run-time",
        "pause",
        "sample-time",
        "warm-up-time",
        "quota-stopped",
    ];
    match name {
        "memory-limit" | "memory-available" => Some("B"),
        "energy-by-model" => Some("J"),
        name if TIMES.contains(&name) || name.starts_with("poll.") => Some("ns"),
        name if name.ends_with("-share") || name.starts_with("share.") => Some("1"),
        name => usual_unit(name),
    }
}

/// A number and the unit it is shown in.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Number<'a> {
    value: f64,
    unit: &'a str,
}

/// Names with their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known<'a> {
    numbers: HashMap<String, Number<'a>>,
    /// By metric and per cent.
    quantiles: Vec<(&'a str, f64, f64)>,
    words: HashMap<&'static str, String>,
}

impl<'a> Known<'a> {
    fn put(&mut self, name: impl Into<String>, value: f64, unit: &'a str) {
        if value.is_finite() {
            self.numbers.insert(name.into(), Number { value, unit });
        }
    }

    fn put_some(&mut self, name: &str, value: Option<f64>, unit: &'a str) {
        if let Some(value) = value {
            self.put(name, value, unit);
        }
    }

    fn word(&mut self, name: &'static str, text: impl Into<String>) {
        self.words.insert(name, text.into());
    }

    /// Every name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.numbers.keys().map(String::as_str)
    }

    /// Value of a name.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.numbers.get(name).map(|number| number.value)
    }

    /// The unit of a name, as conditions know it.
    pub(crate) fn unit(&self, name: &str) -> Option<String> {
        let number = self.numbers.get(name)?;
        Some(unit_in_expressions(number.unit))
    }

    /// Number of a name, as people read it.
    pub(crate) fn shown(&self, name: &str) -> Option<String> {
        let number = self.numbers.get(name)?;
        Some(show::number(number.value, number.unit))
    }

    /// `value` in the unit of a name, as people read it.
    pub(crate) fn shown_like(&self, name: &str, value: f64) -> Option<String> {
        let number = self.numbers.get(name)?;
        Some(show::number(value, number.unit))
    }

    /// What stands in a text for a name.
    pub(crate) fn text_of(&self, name: &str) -> Option<String> {
        self.words.get(name).cloned().or_else(|| self.shown(name))
    }
}

impl Names for Known<'_> {
    fn is_own(&self, name: &str) -> bool {
        name == "value"
    }

    fn value(&self, name: &str) -> Result<f64, String> {
        self.value(name)
            .ok_or_else(|| format!("`{name}` is not known here"))
    }

    fn growth(&self, name: &str, _: f64) -> Result<f64, String> {
        Err(format!("the growth of `{name}` is not known here"))
    }

    fn quantile(&self, name: &str, percent: f64) -> Result<f64, String> {
        let found = self
            .quantiles
            .iter()
            .find(|(metric, at, _)| *metric == name && (at - percent).abs() < 1e-9);
        found
            .map(|(.., value)| *value)
            .ok_or_else(|| format!("p{percent} of `{name}` is not known here"))
    }
}

/// A value of a metric in the unit that conditions know it in, and that unit.
fn in_base(metric: &Metric, value: f64) -> (f64, &str) {
    if metric.kind == MetricKind::Ratio && metric.unit == "1" {
        return (value, SHARE);
    }
    let base = BASES
        .into_iter()
        .find_map(|base| Some((conversion(&metric.unit, base)?, base)));
    match base {
        Some((scale, base)) => (value * scale, base),
        None => (value, &metric.unit),
    }
}
