//! Keeps the samples of a batch of all processes; each worker keeps its own besides.

use std::{
    cell::Cell,
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    measure::{Edge, Recorder},
    worker::SampleRecord,
};

/// Keeps the samples of all together.
pub(super) struct HostRecorder<'a> {
    /// Each with its fairness.
    pub(super) samples: Vec<(SampleRecord, f64)>,
    fairness: f64,
    pub(super) on: Rc<Cell<bool>>,
    interrupted: &'a AtomicBool,
}

impl<'a> HostRecorder<'a> {
    pub(super) fn new(interrupted: &'a AtomicBool) -> Self {
        Self {
            samples: Vec::new(),
            fairness: 1.0,
            on: Rc::new(Cell::new(false)),
            interrupted,
        }
    }
}

impl Recorder for HostRecorder<'_> {
    fn edge(&mut self) -> Edge {
        // Each worker reads its own.
        Edge::default()
    }

    fn recording(&mut self, on: bool) {
        self.on.set(on);
    }

    fn keep(&mut self, iterations: u64, elapsed_ns: u64, _used: Edge) -> bool {
        let sample = SampleRecord {
            iterations,
            elapsed_ns,
            ..SampleRecord::default()
        };
        self.samples.push((sample, self.fairness));
        true
    }

    fn note(&mut self, _name: &str, value: f64) {
        self.fairness = value;
    }

    fn yardstick(&mut self) -> u64 {
        0
    }

    fn settle(&mut self, _samples: usize, _newer: usize, _yardstick: u64) {}

    fn should_stop(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    fn beat(&mut self) {}
}

#[cfg(test)]
mod tests {
    use benchhost_record::names;

    use super::*;

    #[test]
    fn each_sample_has_the_fairness_that_was_noted_before_it() {
        let interrupted = AtomicBool::new(false);
        let mut recorder = HostRecorder::new(&interrupted);

        for (fairness, elapsed_ns) in [(0.5, 100), (0.75, 200)] {
            recorder.note(names::FAIRNESS, fairness);
            assert!(recorder.keep(3, elapsed_ns, Edge::default()));
        }

        let kept: Vec<(u64, u64, f64)> = recorder
            .samples
            .iter()
            .map(|(sample, fairness)| (sample.iterations, sample.elapsed_ns, *fairness))
            .collect();
        assert_eq!(kept, [(3, 100, 0.5), (3, 200, 0.75)]);
        assert!(!recorder.should_stop());
        interrupted.store(true, Ordering::Relaxed);
        assert!(recorder.should_stop());
    }
}
