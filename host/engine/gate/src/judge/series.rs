//! The past of a subject: its current regime, and changes that the new value made visible.

use benchhost_stats::{ChangePoint, FEWEST_PAST, changes};

use crate::Subject;

/// Values of a series that are looked at for changes: older ones say nothing about the newest.
const LONGEST: usize = 256;

/// A change this many values back is old news.
const FRESH: usize = 12;

/// Two places this far apart are one change.
const SAME_PLACE: usize = 5;

/// Past and new value, with changes.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// Finite past values, the oldest first, at most [`LONGEST`].
    past: Vec<f64>,
    value: f64,
    changes: Vec<ChangePoint>,
}

impl Series {
    pub(super) fn of(subject: &Subject) -> Self {
        let mut past: Vec<f64> = subject
            .past
            .iter()
            .map(|p| p.value)
            .filter(|v| v.is_finite())
            .collect();
        past.drain(..past.len().saturating_sub(LONGEST));
        let value = subject.value.as_ref().map_or(f64::NAN, |value| value.value);
        let mut all = past.clone();
        all.push(value);
        let changes = changes(&all);
        Self {
            past,
            value,
            changes,
        }
    }

    /// The last `window` values of the regime that holds: what came before a change predicts nothing. A change so young
    /// that too few values stand after it does not begin a regime yet.
    pub(super) fn regime(&self, window: usize) -> &[f64] {
        let start = self
            .changes
            .iter()
            .map(|change| change.index)
            .filter(|index| index + FEWEST_PAST <= self.past.len())
            .max()
            .unwrap_or(0);
        let start = start.max(self.past.len().saturating_sub(window));
        &self.past[start..]
    }

    /// The change that this value made visible: fresh, and not seen without it.
    pub(super) fn new_change(&self) -> Option<&ChangePoint> {
        let fresh = self
            .changes
            .iter()
            .rfind(|change| change.index > 0 && change.index + FRESH > self.past.len())?;
        let before = changes(&self.past);
        let was_known = before
            .iter()
            .any(|change| change.index.abs_diff(fresh.index) <= SAME_PLACE);
        (!was_known && self.value.is_finite()).then_some(fresh)
    }

    /// How many past values there are.
    pub(super) fn len(&self) -> usize {
        self.past.len()
    }
}
