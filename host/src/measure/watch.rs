//! Looks at the yardstick between samples, now and then, and holds samples back until it is known whether they count.

use benchhost_stats::{SHARED, StoppingRule};

use super::{Recorder, ratio};

/// Time between two looks: one costs about 15 µs, so this is less than 1 %; a neighbour stays for tenths of a second.
const PERIOD_NS: u64 = 2_000_000;

/// A neighbour that comes and goes between two looks is seen by the next ones. Beside a sample longer than this there is no need.
const REACH_NS: u64 = 3 * PERIOD_NS;

/// The samples between two looks.
#[derive(Debug, Default)]
struct Stretch {
    /// Time of an iteration of each sample, ns.
    samples: Vec<f64>,
    /// How many of them the recorder has.
    kept: usize,
    /// How long it was.
    elapsed_ns: u64,
    /// The worst that was read at its ends, and next to them.
    worst: u64,
}

/// The looks so far and the samples since.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// What is known of a core of one's own, 0 for nothing yet; `None` to look away.
    level: Option<f64>,
    /// The last two readings, the newest first.
    readings: [u64; 2],
    looked_ns: u64,
    /// Still to be judged: one more look will tell.
    last: Option<Stretch>,
    now: Stretch,
    shared_ns: u64,
}

impl Watch {
    /// Takes the first look. `level`: what is known of a core of one's own, 0 for nothing; `None` to look away.
    pub(super) fn open(level: Option<f64>, recorder: &mut impl Recorder, now_ns: u64) -> Self {
        let reading = level.map_or(0, |_| recorder.yardstick());
        Self {
            level,
            readings: [reading; 2],
            looked_ns: now_ns,
            ..Self::default()
        }
    }

    /// A sample was taken.
    pub(super) fn took(&mut self, per_iteration_ns: f64, is_kept: bool) {
        self.now.samples.push(per_iteration_ns);
        self.now.kept += usize::from(is_kept);
    }

    /// Looks again when it is time for it, or now. Samples that have been looked around are then known to the rule, or left out.
    pub(super) fn look(
        &mut self,
        recorder: &mut impl Recorder,
        rule: &mut StoppingRule,
        now_ns: u64,
        is_last: bool,
    ) {
        let Some(level) = &mut self.level else {
            let samples = std::mem::take(&mut self.now.samples);
            samples.into_iter().for_each(|ns| rule.observe(ns));
            return;
        };
        let elapsed_ns = now_ns - self.looked_ns;
        if elapsed_ns < PERIOD_NS && !is_last {
            return;
        }
        self.looked_ns = now_ns;
        let reading = recorder.yardstick();
        let [before, earlier] = self.readings;
        self.readings = [reading, before];
        // One low reading may be an accident; two in a row are not.
        let both = ratio(reading.max(before));
        if *level == 0.0 || both < *level {
            *level = both;
        }
        let mut stretch = std::mem::take(&mut self.now);
        stretch.elapsed_ns = elapsed_ns;
        stretch.worst = if elapsed_ns < REACH_NS {
            reading.max(before).max(earlier)
        } else {
            reading.max(before)
        };
        if let Some(mut last) = self.last.take() {
            if last.elapsed_ns < REACH_NS {
                last.worst = last.worst.max(reading);
            }
            self.settle(last, stretch.kept, recorder, rule);
        }
        // What takes longer needs no further look.
        if is_last || stretch.elapsed_ns >= REACH_NS {
            self.settle(stretch, 0, recorder, rule);
        } else {
            self.last = Some(stretch);
        }
    }

    /// Time that went to samples that do not count.
    pub(super) fn shared_ns(&self) -> u64 {
        self.shared_ns
    }

    /// `newer`: how many samples the recorder has kept since.
    fn settle(
        &mut self,
        stretch: Stretch,
        newer: usize,
        recorder: &mut impl Recorder,
        rule: &mut StoppingRule,
    ) {
        recorder.settle(stretch.kept, newer, stretch.worst);
        let level = self.level.unwrap_or_default();
        if ratio(stretch.worst) <= SHARED * level {
            stretch.samples.into_iter().for_each(|ns| rule.observe(ns));
        } else {
            self.shared_ns += stretch.elapsed_ns;
        }
    }
}
