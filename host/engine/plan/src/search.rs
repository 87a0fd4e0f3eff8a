//! What a benchmark looks for: the largest value of a key that works.

use std::{fmt, str::FromStr};

use benchhost_record::{Case, ParamValue, names};

use crate::{
    build::case_id,
    plan::{Benchmark, Target},
};

/// The largest value of `key` in `from..=to` for which the case ends well and every condition holds. Found by doubling and
/// then bisection, so it takes for granted that what works for a value works for smaller ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// A parameter with numbers, or `offered-load`.
    pub key: String,
    /// Where it begins; above 0.
    pub from: f64,
    /// The largest value that is tried.
    pub to: f64,
    /// Values are multiples of this; absent when they need not be whole.
    pub multiple_of: Option<i64>,
    /// How close the answer is, relative to it.
    pub resolution: f64,
    /// What must hold besides a good end.
    pub under: Vec<Condition>,
    /// Line of the suite, from 1.
    pub line: usize,
}

/// A bound that a value must keep to count as working.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Metric by name.
    pub metric: String,
    /// Which number of it.
    pub statistic: Statistic,
    /// The bound.
    pub bound: Target,
}

/// One number out of a summary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// The median.
    Median,
    /// The mean.
    Mean,
    /// A quantile, 0–1.
    Quantile(f64),
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Median => f.write_str("median"),
            Self::Mean => f.write_str("mean"),
            // Twelve digits hide the noise of binary fractions.
            Self::Quantile(q) => {
                let per_cent = format!("{:.6}", q * 100.0);
                write!(
                    f,
                    "p{}",
                    per_cent.trim_end_matches('0').trim_end_matches('.')
                )
            }
        }
    }
}

impl FromStr for Statistic {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "median" => Ok(Self::Median),
            "mean" => Ok(Self::Mean),
            _ => {
                let per_cent: f64 = text.strip_prefix('p').ok_or(())?.parse().map_err(|_| ())?;
                let is_inside = per_cent > 0.0 && per_cent < 100.0;
                is_inside
                    .then_some(Self::Quantile(per_cent / 100.0))
                    .ok_or(())
            }
        }
    }
}

/// What stands for the value of a searched key in the name of the case.
pub(crate) const LARGEST: &str = "max";

impl Search {
    /// `value` brought to what may be tried: a multiple where one is asked for, at least `from`.
    #[must_use]
    pub fn rounded(&self, value: f64) -> f64 {
        match self.multiple_of {
            Some(multiple) => {
                let multiple = multiple as f64;
                ((value / multiple).floor() * multiple).max(self.from)
            }
            None => value,
        }
    }

    /// Smallest step between two values that are worth trying around `value`.
    #[must_use]
    pub fn step(&self, value: f64) -> f64 {
        let step = self.resolution * value;
        self.multiple_of
            .map_or(step, |multiple| step.max(multiple as f64))
    }

    /// Name of the metric that holds the answer.
    #[must_use]
    pub fn metric(&self) -> String {
        format!("{}{}", names::LARGEST_PREFIX, self.key)
    }

    fn param(&self, value: f64) -> ParamValue {
        match self.multiple_of {
            Some(_) => ParamValue::Int(value as i64),
            None => ParamValue::Float(value),
        }
    }
}

impl Benchmark {
    /// Turns that a case of it has in a run: one for each repetition; a search does all it needs in one.
    #[must_use]
    pub fn turns_of_a_case(&self) -> u32 {
        if self.search.is_some() {
            1
        } else {
            self.settings.repetitions
        }
    }

    /// The case that is measured when a search tries `value`; `case` as it is when nothing is searched.
    #[must_use]
    pub fn case_at(&self, case: &Case, value: f64) -> Case {
        let Some(search) = &self.search else {
            return case.clone();
        };
        let mut tried = case.clone();
        tried.params.remove(&search.key);
        if search.key == "offered-load" {
            tried.offered_load = Some(value);
        } else {
            tried.params.insert(search.key.clone(), search.param(value));
        }
        tried.id = case_id(&tried, &self.untracked);
        tried
    }
}
