//! Several probes at once, over one case after the other: the two edges, one thread that polls in between, and what
//! all that cost.
//!
//! The probes move to the thread while it polls and come back at the end, so nothing is locked and nothing is shared
//! but the word that it is over.

mod poller;
mod slot;

use std::sync::Arc;

use benchhost_record::{Reading, Trace};
use serde::Serialize;

use self::{poller::Poller, slot::Slot};
use super::{Probe, Target};
use crate::measure::{Clock, SystemClock};

/// A clock that the thread may read as well.
type SharedClock = Arc<dyn Clock + Send + Sync>;

/// What a probe cost in the last case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// Name of the probe.
    pub probe: &'static str,
    /// The look before the first sample, ns.
    pub begin_ns: u64,
    /// One look while samples were taken, ns: the mean, 0 without any.
    pub poll_ns: f64,
    /// How many of these there were.
    pub polls: u64,
    /// The look after the last sample, ns.
    pub end_ns: u64,
}

/// Probes that look at one case after the other.
///
/// A probe that panics is dropped with a remark; the others go on.
pub struct Session {
    slots: Vec<Slot>,
    period_ns: u64,
    clock: SharedClock,
    poller: Option<Poller>,
    remarks: Vec<String>,
}

impl Session {
    /// With `probes`, which are polled every `period_ns`, each no faster than it is good for.
    #[must_use]
    pub fn new(probes: Vec<Box<dyn Probe>>, period_ns: u64) -> Self {
        Self::with_clock(probes, period_ns, Arc::new(SystemClock::start()))
    }

    /// With a clock of the caller's: it dates what is looked at and says what a look cost.
    #[must_use]
    pub fn with_clock(
        probes: Vec<Box<dyn Probe>>,
        period_ns: u64,
        clock: Arc<dyn Clock + Send + Sync>,
    ) -> Self {
        Self {
            slots: probes.into_iter().map(Slot::new).collect(),
            period_ns,
            clock,
            poller: None,
            remarks: Vec::new(),
        }
    }

    /// Looks before the first sample, and starts to poll where a probe needs it. What was begun before is given up.
    pub fn begin(&mut self, target: &Target) {
        self.stop_polling();
        let clock = &self.clock;
        self.slots
            .iter_mut()
            .for_each(|slot| slot.begin(target, &**clock));
        self.bury();
        let is_polled = |slot: &Slot| slot.period_ns(self.period_ns).is_some();
        if self.slots.iter().any(is_polled) {
            let slots = std::mem::take(&mut self.slots);
            match Poller::start(slots, self.period_ns, Arc::clone(&self.clock)) {
                Ok(poller) => self.poller = Some(poller),
                Err((slots, error)) => {
                    self.slots = slots;
                    let remark =
                        format!("probes are not polled: no thread could be started: {error}");
                    self.remarks.push(remark);
                }
            }
        }
    }

    /// Stops polling, which waits for a look that is under way and for nothing else, and looks after the last sample.
    ///
    /// Empty when nothing was begun.
    pub fn end(&mut self) -> Vec<Reading> {
        self.stop_polling();
        let clock = &self.clock;
        let readings = self.slots.iter_mut().flat_map(|slot| slot.end(&**clock));
        let readings = readings.collect();
        self.bury();
        readings
    }

    /// Levels that were polled in the last case, over time since `begin`. Empty between `begin` and `end`.
    #[must_use]
    pub fn traces(&self) -> Vec<Trace> {
        self.slots.iter().flat_map(Slot::traces).collect()
    }

    /// What each probe cost in the last case. Empty between `begin` and `end`.
    #[must_use]
    pub fn costs(&self) -> Vec<Cost> {
        self.slots.iter().map(Slot::cost).collect()
    }

    /// Names of the probes that are there. Empty between `begin` and `end`.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.slots.iter().map(Slot::name).collect()
    }

    /// Sentences about what went wrong since this was last asked.
    pub fn take_remarks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.remarks)
    }

    fn stop_polling(&mut self) {
        if let Some(poller) = self.poller.take() {
            self.slots = poller.stop();
            self.bury();
        }
    }

    /// Drops the probes that have panicked.
    fn bury(&mut self) {
        let remarks = self.slots.iter_mut().filter_map(Slot::take_remark);
        self.remarks.extend(remarks);
        self.slots.retain(Slot::is_alive);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop_polling();
    }
}

#[cfg(test)]
mod tests;
