//! All rules together, and which of them speak of a metric.

use benchhost_record::Metric;

use crate::{Class, Error, Rule, read};

/// The rules that hold where the user writes none.
pub const DEFAULTS: &str = include_str!("../defaults.toml");

/// Rules of a suite, of a `gates.toml`, and the defaults.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    written: Vec<Rule>,
    defaults: Vec<Rule>,
}

impl Rules {
    /// The defaults alone.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            written: Vec::new(),
            defaults: read::file(DEFAULTS, "default").expect("a test reads the defaults"),
        }
    }

    /// No rules at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds the `[[gate]]` tables of `text`, a `gates.toml` named `file`.
    ///
    /// # Errors
    /// [`Error`] with the line.
    pub fn read_file(&mut self, text: &str, file: &str) -> Result<(), Error> {
        self.written.extend(read::file(text, file)?);
        Ok(())
    }

    /// Adds a `[[gate]]` of a suite; `place` names file and line.
    ///
    /// # Errors
    /// [`Error`] with the place.
    pub fn read_table(&mut self, table: &toml::Table, place: &str) -> Result<(), Error> {
        self.written.extend(read::table(table, place)?);
        Ok(())
    }

    /// Rules that were written, not counting the defaults.
    #[must_use]
    pub fn written(&self) -> &[Rule] {
        &self.written
    }

    /// The rules for `metric` of `case` of `benchmark`: of each kind the most specific one, the last of equals. A default
    /// speaks only where no written rule of its kind does.
    #[must_use]
    pub fn of<'a>(&'a self, case: &str, benchmark: &str, metric: &Metric) -> Vec<&'a Rule> {
        let defaults = self
            .defaults
            .iter()
            .filter(|_| Class::is_judged(metric))
            .map(|rule| (false, rule));
        let written = self.written.iter().map(|rule| (true, rule));
        let asked: Vec<(bool, &Rule)> = defaults
            .chain(written)
            .filter(|(_, rule)| rule.is_for(case, benchmark, &metric.name) && rule.suits(metric))
            .collect();
        let is_beaten = |index: usize, (is_written, rule): (bool, &Rule)| {
            let rank = (is_written, rule.specificity, index);
            asked
                .iter()
                .enumerate()
                .any(|(at, (other_is_written, other))| {
                    rank < (*other_is_written, other.specificity, at) && rule.competes_with(other)
                })
        };
        asked
            .iter()
            .enumerate()
            .filter(|(index, one)| !one.1.is_off && !is_beaten(*index, **one))
            .map(|(_, (_, rule))| *rule)
            .collect()
    }
}
