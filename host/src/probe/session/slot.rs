//! One probe of a session: what it has cost, and whether it is still to be trusted.

use std::panic::{AssertUnwindSafe, catch_unwind};

use benchhost_record::{Metric, Reading, Trace};

use super::Cost;
use crate::{
    measure::Clock,
    probe::{Probe, Target, trace::Thinned},
};

/// A probe with its accounts.
pub(super) struct Slot {
    name: &'static str,
    /// `None` after it has panicked.
    probe: Option<Box<dyn Probe>>,
    remark: Option<String>,
    /// When `begin` returned; `None` when nothing is begun.
    begun_ns: Option<u64>,
    begin_ns: u64,
    polled_ns: u64,
    polls: u64,
    end_ns: u64,
    /// Levels since `begin`.
    courses: Vec<(Metric, Thinned)>,
}

impl Slot {
    pub(super) fn new(probe: Box<dyn Probe>) -> Self {
        Self {
            name: probe.name(),
            probe: Some(probe),
            remark: None,
            begun_ns: None,
            begin_ns: 0,
            polled_ns: 0,
            polls: 0,
            end_ns: 0,
            courses: Vec::new(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn is_alive(&self) -> bool {
        self.probe.is_some()
    }

    pub(super) fn take_remark(&mut self) -> Option<String> {
        self.remark.take()
    }

    /// Time between two polls when `wanted_ns` is asked for; `None` for a probe that needs none.
    pub(super) fn period_ns(&self, wanted_ns: u64) -> Option<u64> {
        let fastest_ns = self.probe.as_ref()?.fastest_poll_ns()?;
        Some(wanted_ns.max(fastest_ns).max(1))
    }

    pub(super) fn begin(&mut self, target: &Target, clock: &dyn Clock) {
        (self.polled_ns, self.polls, self.end_ns) = (0, 0, 0);
        self.courses.clear();
        let started_ns = clock.now_ns();
        self.guarded("beginning", |probe| probe.begin(target));
        let now_ns = clock.now_ns();
        self.begin_ns = now_ns - started_ns;
        self.follow(0);
        self.begun_ns = Some(now_ns);
    }

    pub(super) fn poll(&mut self, clock: &dyn Clock) {
        let Some(begun_ns) = self.begun_ns else {
            return;
        };
        let started_ns = clock.now_ns();
        self.guarded("polling", |probe| probe.poll(started_ns - begun_ns));
        self.polled_ns += clock.now_ns() - started_ns;
        self.polls += 1;
        self.follow(started_ns - begun_ns);
    }

    /// Levels over time since `begin`.
    pub(super) fn traces(&self) -> impl Iterator<Item = Trace> {
        let courses = self.courses.iter();
        courses.filter_map(|(metric, course)| course.trace(metric.clone()))
    }

    /// Notes the levels that the probe has just seen.
    fn follow(&mut self, at_ns: u64) {
        let levels = self.guarded("telling levels", |probe| probe.levels());
        for (metric, value) in levels.unwrap_or_default() {
            match self.courses.iter_mut().find(|(known, _)| *known == metric) {
                Some((_, course)) => course.add(at_ns, value),
                None => {
                    let mut course = Thinned::default();
                    course.add(at_ns, value);
                    self.courses.push((metric, course));
                }
            }
        }
    }

    pub(super) fn end(&mut self, clock: &dyn Clock) -> Vec<Reading> {
        let Some(begun_ns) = self.begun_ns.take() else {
            return Vec::new();
        };
        let started_ns = clock.now_ns();
        let readings = self.guarded("ending", |probe| probe.end(started_ns - begun_ns));
        self.end_ns = clock.now_ns() - started_ns;
        readings.unwrap_or_default()
    }

    pub(super) fn cost(&self) -> Cost {
        Cost {
            probe: self.name,
            begin_ns: self.begin_ns,
            poll_ns: match self.polls {
                0 => 0.0,
                polls => self.polled_ns as f64 / polls as f64,
            },
            polls: self.polls,
            end_ns: self.end_ns,
        }
    }

    /// Lets the probe look. One that panics may be in any state: it is dropped, which may panic as well.
    fn guarded<T>(&mut self, step: &str, look: impl FnOnce(&mut dyn Probe) -> T) -> Option<T> {
        let mut probe = self.probe.take()?;
        match catch_unwind(AssertUnwindSafe(|| look(&mut *probe))) {
            Ok(value) => {
                self.probe = Some(probe);
                Some(value)
            }
            Err(payload) => {
                let _ = catch_unwind(AssertUnwindSafe(|| drop(probe)));
                let words = payload.downcast_ref::<&str>().copied();
                let words = words.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
                self.remark = Some(format!(
                    "probe `{}` panicked while {step} and is left out from here on: {}",
                    self.name,
                    words.unwrap_or("it did not say why")
                ));
                None
            }
        }
    }
}
