//! Receives what an instance reports: metric values go into the page, log lines to the host.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use benchhost_plugin_api::abi::host::HostSink;
use benchhost_record::names;

use super::Writer;
use crate::{
    meant::meant,
    worker::{
        frame,
        message::FromWorker,
        page::{Page, ValueRecord},
    },
};

/// Log lines kept of one instance; a plugin that logs in its hot path must not flood the host.
const MAX_LOG_LINES: usize = 200;

/// The sink of the one instance of this worker.
pub(super) struct PageSink {
    page: &'static Page,
    recording: AtomicBool,
    full: AtomicBool,
    state: Mutex<State>,
}

struct State {
    writer: Writer,
    declared: Vec<String>,
    /// Names announced so far; the index is the number used in the page.
    known: Vec<String>,
    log_lines: usize,
    violation: Option<(&'static str, String)>,
}

impl PageSink {
    pub(super) fn new(page: &'static Page, writer: Writer, declared: Vec<String>) -> Self {
        let state = State {
            writer,
            declared,
            known: Vec::new(),
            log_lines: 0,
            violation: None,
        };
        Self {
            page,
            recording: AtomicBool::new(false),
            full: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    /// Whether values are kept (samples) or only checked (warm-up).
    pub(super) fn record(&self, on: bool) {
        self.recording.store(on, Ordering::Relaxed);
    }

    /// Whether a value found no room in the page; sampling ends then.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// The first thing the instance reported that cannot be true, if any.
    pub(super) fn violation(&self) -> Option<(&'static str, String)> {
        self.lock().violation.take()
    }

    /// Keeps a value of the host's own that belongs to the sample which is kept next.
    pub(super) fn note(&self, name: &str, value: f64) {
        if self.recording.load(Ordering::Relaxed) {
            self.put(&mut self.lock(), name, "", value);
        }
    }

    /// Values are reported after the sample was taken and before it is kept, so its index is the count.
    fn put(&self, state: &mut State, name: &str, unit: &str, value: f64) {
        let record = ValueRecord {
            sample: self.page.sample_count() as u32,
            metric: state.number(name, unit),
            value,
        };
        if !self.page.push_value(record) {
            self.full.store(true, Ordering::Relaxed);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn check(&mut self, name: &str, value: f64) -> bool {
        let problem =
            if !self.declared.iter().any(|d| d == name) && !name.starts_with(names::PHASE_PREFIX) {
                Some((
                    "metric-declared",
                    format!(
                        "metric `{name}` is not declared in the description of the workload{}",
                        meant(name, &self.declared)
                    ),
                ))
            } else if names::ALL.contains(&name) {
                Some((
                    "metric-name",
                    format!("metric `{name}` is measured by the host: give yours another name"),
                ))
            } else if !value.is_finite() {
                Some((
                    "metric-finite",
                    format!("metric `{name}` is {value}, not a finite number"),
                ))
            } else {
                None
            };
        let fine = problem.is_none();
        if self.violation.is_none() {
            self.violation = problem;
        }
        fine
    }

    fn number(&mut self, name: &str, unit: &str) -> u32 {
        if let Some(id) = self.known.iter().position(|known| known == name) {
            return id as u32;
        }
        let id = self.known.len() as u32;
        self.known.push(name.to_owned());
        self.say(&FromWorker::MetricName {
            id,
            name: name.to_owned(),
            unit: unit.to_owned(),
        });
        id
    }

    fn say(&mut self, message: &FromWorker) {
        // A host that is gone is noticed by the guard's thread; here there is nothing left to do about it.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = frame::write(&mut *writer, message);
    }
}

impl HostSink for PageSink {
    fn log(&self, level: u32, _target: &str, message: &str) {
        let mut state = self.lock();
        state.log_lines += 1;
        if state.log_lines <= MAX_LOG_LINES {
            let message: String = message.chars().take(2000).collect();
            state.say(&FromWorker::Log { level, message });
        }
    }

    fn metric(&self, name: &str, unit: &str, value: f64) {
        let mut state = self.lock();
        if !state.check(name, value) || !self.recording.load(Ordering::Relaxed) {
            return;
        }
        self.put(&mut state, name, unit, value);
    }
}
