//! Names once, and their numbers wherever they occur.

use std::collections::HashMap;

use benchhost_record::Metric;

/// Names in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Table<'a> {
    places: HashMap<&'a str, usize>,
    pub(super) items: Vec<&'a str>,
}

impl<'a> Table<'a> {
    /// Number of `name`.
    pub(super) fn place(&mut self, name: &'a str) -> usize {
        let next = self.items.len();
        let place = *self.places.entry(name).or_insert(next);
        if place == next {
            self.items.push(name);
        }
        place
    }

    /// Number of `name` counted from 1; 0 for none.
    pub(super) fn place_of(&mut self, name: Option<&'a str>) -> u64 {
        name.map_or(0, |name| self.place(name) as u64 + 1)
    }
}

/// All tables of the page.
#[derive(Debug, Default)]
pub(super) struct Tables<'a> {
    pub(super) ids: Table<'a>,
    pub(super) metrics: Vec<&'a Metric>,
    pub(super) machines: Table<'a>,
    pub(super) runs: Table<'a>,
    pub(super) revisions: Table<'a>,
    /// Where metrics of a name stand: two of one name may differ in their unit.
    named: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Tables<'a> {
    /// Number of `metric`, by all that makes it.
    pub(super) fn metric(&mut self, metric: &'a Metric) -> usize {
        let known = self.named.entry(&metric.name).or_default();
        if let Some(place) = known.iter().find(|place| self.metrics[**place] == metric) {
            return *place;
        }
        known.push(self.metrics.len());
        self.metrics.push(metric);
        self.metrics.len() - 1
    }
}
