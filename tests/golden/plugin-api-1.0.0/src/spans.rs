//! Phase times inside an iteration: a fixed table of atomics, so that opening a span allocates and locks nothing.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// Time spent in each phase since the last batch began.
#[derive(Debug, Default)]
pub struct Spans {
    slots: [Slot; Spans::CAPACITY],
}

#[derive(Debug, Default)]
struct Slot {
    name: OnceLock<&'static str>,
    ns: AtomicU64,
}

/// An open phase; ends when dropped.
#[derive(Debug)]
#[must_use = "a span measures until it is dropped; bind it to a name"]
pub struct Span<'a> {
    slot: Option<&'a Slot>,
    started: Instant,
}

impl Spans {
    /// How many different names a workload may use; spans beyond it are not counted.
    pub const CAPACITY: usize = 16;

    pub(crate) fn open(&self, name: &'static str) -> Span<'_> {
        let slot = self
            .slots
            .iter()
            .find(|slot| *slot.name.get_or_init(|| name) == name);
        Span {
            slot,
            started: Instant::now(),
        }
    }

    pub(crate) fn clear(&self) {
        for slot in &self.slots {
            slot.ns.store(0, Ordering::Relaxed);
        }
    }

    /// Names and nanoseconds of the phases seen so far.
    pub(crate) fn totals(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.slots
            .iter()
            .filter_map(|slot| Some((*slot.name.get()?, slot.ns.load(Ordering::Relaxed))))
    }
}

impl Drop for Span<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            slot.ns
                .fetch_add(self.started.elapsed().as_nanos() as u64, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_fills_the_same_slot_and_too_many_names_are_dropped() {
        let spans = Spans::default();
        let names: Vec<&'static str> = (0..20)
            .map(|i| &*Box::leak(format!("p{i}").into_boxed_str()))
            .collect();

        for name in &names {
            drop(spans.open(name));
            drop(spans.open(name));
        }

        assert_eq!(spans.totals().count(), Spans::CAPACITY);
        assert_eq!(spans.totals().next().map(|(name, _)| name), Some("p0"));
    }
}
