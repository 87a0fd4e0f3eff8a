//! Phase times inside an iteration: a fixed table of atomics, so that opening a span allocates and locks nothing.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// Time spent in each phase since the last batch began; see [`Ctx::span`](crate::Ctx::span).
///
/// ```
/// // Names beyond these are not counted: a name for each phase, not for each layer of a network.
/// assert_eq!(benchhost_plugin_api::Spans::CAPACITY, 16);
/// ```
#[derive(Debug, Default)]
pub struct Spans {
    slots: [Slot; Spans::CAPACITY],
}

#[derive(Debug, Default)]
struct Slot {
    name: OnceLock<&'static str>,
    ns: AtomicU64,
}

/// An open phase; ends when dropped. Owns its share of the context, so that the workload stays free to be changed.
///
/// ```
/// # use benchhost_plugin_api::prelude::*;
/// struct Training {
///     ctx: Ctx,
///     steps: u64,
/// }
///
/// impl Training {
///     fn step(&mut self) {
///         let _span = self.ctx.span("forward");
///         self.steps += 1; // `self` is not borrowed
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "a span measures until it is dropped; bind it to a name"]
pub struct Span {
    spans: Arc<Spans>,
    slot: Option<usize>,
    started: Instant,
}

impl Spans {
    /// How many different names a workload may use; spans beyond it are not counted.
    pub const CAPACITY: usize = 16;

    pub(crate) fn open(self: &Arc<Self>, name: &'static str) -> Span {
        let slot = self
            .slots
            .iter()
            .position(|slot| *slot.name.get_or_init(|| name) == name);
        Span {
            spans: Arc::clone(self),
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

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            let ns = self.started.elapsed().as_nanos() as u64;
            self.spans.slots[slot].ns.fetch_add(ns, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_fills_the_same_slot_and_too_many_names_are_dropped() {
        let spans = Arc::new(Spans::default());
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
