//! What the processor counts about itself: instructions, cycles, misses. Through perf_event_open(2), by thread.
//!
//! Instructions in user mode hardly depend on what else the machine does, so they tell more work from a slower machine.

mod count;
mod refusal;

use benchhost_record::{Basis, Direction, Extent, MetricKind, Reading};
use perf_event::{Builder, Counter, events::Hardware};

use self::{
    count::{Count, Total},
    refusal::{Circumstances, refusal},
};
use super::{
    Missing, Probe, Quantity, Target,
    offer::{Offer, Offers},
    tree::Tree,
};

/// One event and the number that is made of it.
#[derive(Debug, Clone, Copy)]
struct Event {
    offer: Offer,
    make: fn() -> Builder<'static>,
}

const HARDWARE: Offer = Offer {
    source: "perf_event_open: PERF_COUNT_HW_INSTRUCTIONS, user mode, threads of the workers and all they start",
    ..Offer::count("instructions", "instructions")
};

const EVENTS: [Event; 4] = [
    Event {
        // Nearly free of noise: fewer for the same work is a gain.
        offer: Offer {
            direction: Direction::Lower,
            ..HARDWARE
        },
        make: || Builder::new(Hardware::INSTRUCTIONS),
    },
    Event {
        offer: Offer {
            name: "cycles",
            unit: "cycles",
            source: "perf_event_open: PERF_COUNT_HW_CPU_CYCLES, user mode, threads of the workers and all they start",
            ..HARDWARE
        },
        make: || Builder::new(Hardware::CPU_CYCLES),
    },
    Event {
        offer: Offer {
            name: "cache-misses",
            unit: "misses",
            source: "perf_event_open: PERF_COUNT_HW_CACHE_MISSES (last level, by most CPUs), user mode, threads of the \
                     workers and all they start",
            ..HARDWARE
        },
        make: || Builder::new(Hardware::CACHE_MISSES),
    },
    Event {
        offer: Offer {
            name: "branch-misses",
            unit: "misses",
            source: "perf_event_open: PERF_COUNT_HW_BRANCH_MISSES, user mode, threads of the workers and all they start",
            ..HARDWARE
        },
        make: || Builder::new(Hardware::BRANCH_MISSES),
    },
];

/// Made of two events.
const RATE: Offer = Offer {
    name: "instructions-per-cycle",
    unit: "1",
    direction: Direction::Neither,
    kind: MetricKind::Count,
    extent: Extent::Level,
    resolution: "that of its two counts",
    source: "perf_event_open: instructions by cycles, user mode",
    absent: "instructions or cycles are not counted here",
};

/// Counts events of the workers' threads.
#[derive(Debug)]
pub(super) struct PerfProbe {
    tree: Tree,
    /// Those that could be opened.
    events: Vec<Event>,
    offers: Offers,
    missing: Vec<Missing>,
    /// Counters of each event; `None` for one that could not be opened for a thread.
    counters: Vec<Option<Vec<Counter>>>,
}

impl PerfProbe {
    /// Opens it, trying each event on this very process.
    ///
    /// # Errors
    /// Why none can be counted, and a way out.
    pub(super) fn open(tree: Tree) -> Result<Self, String> {
        Self::with(tree, &EVENTS)
    }

    fn with(tree: Tree, events: &[Event]) -> Result<Self, String> {
        let circumstances = Circumstances::read(&tree);
        let mut here = Vec::new();
        let mut missing = Vec::new();
        for event in events {
            match (event.make)().inherit(true).build() {
                Ok(_) => here.push(*event),
                Err(error) => missing.push(Missing {
                    quantity: event.offer.name.to_owned(),
                    reason: refusal(&error, circumstances),
                }),
            }
        }
        if here.is_empty() {
            let reason = missing.into_iter().next().map(|first| first.reason);
            return Err(reason.unwrap_or_else(|| "no event was asked for".to_owned()));
        }
        let has = |name| here.iter().any(|event| event.offer.name == name);
        let mut offers: Vec<Offer> = here.iter().map(|event| event.offer).collect();
        if has("instructions") && has("cycles") {
            offers.push(RATE);
        } else {
            missing.push(Missing {
                quantity: RATE.name.to_owned(),
                reason: RATE.absent.to_owned(),
            });
        }
        let first_look = offers.iter().map(|offer| (offer.name, Some(0.0))).collect();
        Ok(Self {
            tree,
            offers: Offers::split(&offers, &first_look),
            events: here,
            missing,
            counters: Vec::new(),
        })
    }

    /// Counters of one event for all threads; those they start are counted by inheritance. `None` when a thread that
    /// lives cannot be counted: a part is no count.
    fn counters(&self, event: &Event, pids: &[u32]) -> Option<Vec<Counter>> {
        let mut counters = Vec::new();
        for pid in pids {
            for thread in self.tree.threads(*pid) {
                let mut builder = (event.make)();
                let builder = builder.observe_pid(i32::try_from(thread).ok()?);
                match builder.inherit(true).enabled(true).build() {
                    Ok(counter) => counters.push(counter),
                    Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {}
                    Err(_) => return None,
                }
            }
        }
        Some(counters)
    }
}

/// What all counters of an event have counted; `None` when one cannot be read or there is none.
fn total(counters: &mut [Counter]) -> Option<Total> {
    let counts = counters.iter_mut().map(|counter| {
        let read = counter.read_full().ok()?;
        Some(Count {
            count: read.count(),
            enabled_ns: u64::try_from(read.time_enabled()?.as_nanos()).ok()?,
            running_ns: u64::try_from(read.time_running()?.as_nanos()).ok()?,
        })
    });
    Total::of(&counts.collect::<Option<Vec<Count>>>()?)
}

/// Says of a reading that its counter had to share the hardware.
fn scaled(mut reading: Reading, share: f64) -> Reading {
    reading.basis = Basis::Estimated;
    let per_cent = (share * 100.0).floor();
    reading.source += &format!(", counted {per_cent} % of the time and scaled");
    reading
}

impl Probe for PerfProbe {
    fn name(&self) -> &'static str {
        "perf"
    }

    fn quantities(&self) -> Vec<Quantity> {
        self.offers.quantities.clone()
    }

    fn missing(&self) -> Vec<Missing> {
        self.missing.clone()
    }

    fn begin(&mut self, target: &Target) {
        self.counters.clear();
        let opened = self.events.iter();
        self.counters = opened
            .map(|event| self.counters(event, &target.pids))
            .collect();
    }

    fn end(&mut self, _elapsed_ns: u64) -> Vec<Reading> {
        let counters = self.counters.drain(..);
        let totals = counters.map(|counters| total(&mut counters?));
        let names = self.events.iter().map(|event| event.offer.name);
        let mut totals: Vec<(&str, Option<Total>)> = names.zip(totals).collect();
        totals.push((RATE.name, rate(&totals)));
        let values = totals.iter();
        let values = values.map(|(name, total)| (*name, total.map(|total| total.value)));
        let readings = self.offers.readings(&values.collect()).into_iter();
        readings
            .map(|reading| match of(&totals, &reading.metric.name) {
                Some(total) if total.share < 1.0 => scaled(reading, total.share),
                _ => reading,
            })
            .collect()
    }
}

fn of(totals: &[(&str, Option<Total>)], wanted: &str) -> Option<Total> {
    let (_, total) = totals.iter().find(|(name, _)| *name == wanted)?;
    *total
}

/// Instructions by cycles, as good as the worse of the two.
fn rate(totals: &[(&str, Option<Total>)]) -> Option<Total> {
    let (instructions, cycles) = (of(totals, "instructions")?, of(totals, "cycles")?);
    (cycles.value > 0.0).then(|| Total {
        value: instructions.value / cycles.value,
        share: instructions.share.min(cycles.share),
    })
}

#[cfg(test)]
mod tests;
