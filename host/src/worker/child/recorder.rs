//! Writes what is measured into the page that worker and host share.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use benchhost_record::Phase;

use super::{
    PageSink,
    counters::{self, Counters},
};
use crate::{
    measure::{Edge, Recorder, Yardstick},
    worker::page::{Page, SampleRecord},
};

/// The recorder of a worker.
#[derive(Clone)]
pub(super) struct PageRecorder {
    page: &'static Page,
    sink: Arc<PageSink>,
    /// Counters when the samples began.
    pub(super) start: Counters,
    on: bool,
    yardstick: Yardstick,
}

impl PageRecorder {
    pub(super) fn new(page: &'static Page, sink: Arc<PageSink>) -> Self {
        Self {
            page,
            sink,
            start: Counters::default(),
            on: false,
            yardstick: Yardstick::default(),
        }
    }
}

impl Recorder for PageRecorder {
    fn edge(&mut self) -> Edge {
        counters::edge()
    }

    fn recording(&mut self, on: bool) {
        self.page
            .set_phase(if on { Phase::Measure } else { Phase::WarmUp });
        self.sink.record(on);
        self.on = on;
        if on {
            counters::reset_peak_memory();
            self.start = Counters::now();
        }
    }

    fn keep(&mut self, iterations: u64, elapsed_ns: u64, used: Edge) -> bool {
        if !self.on {
            return true;
        }
        !self.sink.is_full()
            && self.page.push_sample(SampleRecord {
                iterations,
                elapsed_ns,
                cpu_ns: used.cpu_ns,
                faults: used.faults,
                preemptions: used.preemptions,
                yardstick: 0,
            })
    }

    fn note(&mut self, name: &str, value: f64) {
        self.sink.note(name, value);
    }

    fn yardstick(&mut self) -> u64 {
        self.yardstick.read()
    }

    fn settle(&mut self, samples: usize, newer: usize, yardstick: u64) {
        self.page.settle(samples, newer, yardstick);
    }

    fn should_stop(&self) -> bool {
        self.page.stop().load(Relaxed) != 0
    }

    fn beat(&mut self) {
        self.page.progress().fetch_add(1, Relaxed);
    }
}
