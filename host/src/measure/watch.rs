//! Looks at the yardstick between samples, now and then, and holds samples back until it is known whether they count.

use benchhost_stats::{SHARED, StoppingRule};

use super::{Recorder, ratio};

/// Time between two looks: one costs about 15 µs, so this is less than 1 %; a neighbour stays for tenths of a second.
const PERIOD_NS: u64 = 2_000_000;

/// The looks so far and the samples since the last one.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// What is known of a core of one's own, 0 for nothing yet; `None` to look away.
    level: Option<f64>,
    reading: u64,
    looked_ns: u64,
    /// Time of an iteration of each sample since the last look, ns.
    waiting: Vec<f64>,
    /// How many of them the recorder has.
    kept: usize,
    shared_ns: u64,
}

impl Watch {
    /// Takes the first look. `level`: what is known of a core of one's own, 0 for nothing; `None` to look away.
    pub(super) fn open(level: Option<f64>, recorder: &mut impl Recorder, now_ns: u64) -> Self {
        Self {
            level,
            reading: level.map_or(0, |_| recorder.yardstick()),
            looked_ns: now_ns,
            ..Self::default()
        }
    }

    /// A sample was taken.
    pub(super) fn took(&mut self, per_iteration_ns: f64, is_kept: bool) {
        self.waiting.push(per_iteration_ns);
        self.kept += usize::from(is_kept);
    }

    /// Looks again when it is time for it, or now; the samples since the last look are then known to the rule, or left out.
    pub(super) fn look(
        &mut self,
        recorder: &mut impl Recorder,
        rule: &mut StoppingRule,
        now_ns: u64,
        is_last: bool,
    ) {
        let Some(level) = &mut self.level else {
            self.waiting.drain(..).for_each(|ns| rule.observe(ns));
            return;
        };
        if now_ns - self.looked_ns < PERIOD_NS && !is_last {
            return;
        }
        // A sample lies between two looks: the worse one speaks.
        let before = self.reading;
        self.reading = recorder.yardstick();
        let worse = before.max(self.reading);
        recorder.settle(self.kept, worse);
        // One low reading may be an accident; two in a row are not.
        if *level == 0.0 || ratio(worse) < *level {
            *level = ratio(worse);
        }
        if ratio(worse) <= SHARED * *level {
            self.waiting.drain(..).for_each(|ns| rule.observe(ns));
        } else {
            self.waiting.clear();
            self.shared_ns += now_ns - self.looked_ns;
        }
        self.kept = 0;
        self.looked_ns = now_ns;
    }

    /// Time that went to samples that do not count.
    pub(super) fn shared_ns(&self) -> u64 {
        self.shared_ns
    }
}
