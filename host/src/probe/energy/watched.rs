//! The workers of a case while their energy is counted: CPU time, their part of the machine's, memory.

use std::path::{Path, PathBuf};

use benchhost_energy::memory_power_w;
use benchhost_stats::Track;

use super::model::allowed_cpus;
use crate::probe::{
    Target, machine,
    process::{self, ProcessStat},
};

/// Shorter cases get no energy, ns. CPU time is counted in ticks of 10 ms: two of them are a tenth of this.
const SHORTEST_NS: u64 = 200_000_000;

/// Workers from one look to the next.
pub(super) struct Watched {
    root: PathBuf,
    pids: Vec<u32>,
    /// CPUs that they may use.
    pub(super) cpus: Option<f64>,
    /// CPU time before the first sample.
    used_ns: Option<u64>,
    /// Busy time of the machine before the first sample.
    busy_ns: Option<u64>,
    /// Power of their memory, W.
    memory: Track,
    /// The last look in between.
    mark: Mark,
}

/// What was read at one look.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    at_ns: u64,
    used_ns: Option<u64>,
    busy_ns: Option<u64>,
    /// Power of the memory, W.
    memory_w: Option<f64>,
}

/// What the workers had.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Had {
    /// CPU time of all of them, s.
    pub(super) cpu_s: Option<f64>,
    /// Their part of the time in which any CPU of the machine was busy, 0–1.
    pub(super) share: Option<f64>,
    /// Energy of their memory by the model, J.
    pub(super) memory_j: Option<f64>,
}

impl Had {
    /// CPU time and share from one look to another.
    fn between(first: &Mark, last: &Mark) -> Self {
        let since = |now: Option<u64>, then: Option<u64>| now?.checked_sub(then?);
        let used_ns = since(last.used_ns, first.used_ns);
        let busy_ns = since(last.busy_ns, first.busy_ns).filter(|busy| *busy >= SHORTEST_NS);
        // The machine's time was read around the workers': they may be a tick ahead.
        let share = |(used, busy): (u64, u64)| (used as f64 / busy as f64).min(1.0);
        Self {
            cpu_s: used_ns.map(|ns| ns as f64 * 1e-9),
            share: used_ns.zip(busy_ns).map(share),
            memory_j: None,
        }
    }
}

impl Watched {
    pub(super) fn begin(root: &Path, target: &Target) -> Self {
        let mut watched = Self {
            root: root.to_owned(),
            pids: target.pids.clone(),
            cpus: allowed_cpus(root, target),
            used_ns: None,
            busy_ns: None,
            memory: Track::default(),
            mark: Mark::default(),
        };
        watched.look(0);
        watched.busy_ns = machine::busy_ns(root);
        watched.used_ns = watched.used_ns();
        watched.mark.used_ns = watched.used_ns;
        watched.mark.busy_ns = watched.busy_ns;
        watched
    }

    /// Looks at the memory.
    pub(super) fn look(&mut self, elapsed_ns: u64) {
        let resident = |pid: &u32| ProcessStat::resident_below(&self.root, *pid).ok();
        let bytes = self.pids.iter().map(resident).sum::<Option<u64>>();
        self.mark.memory_w = bytes.map(|bytes| memory_power_w(bytes as f64));
        if let Some(memory_w) = self.mark.memory_w {
            self.memory.add(elapsed_ns, memory_w);
        }
    }

    /// Looks in between: the time since the last such look, or since `begin`, ns, and what the workers had in it. `None`
    /// for a time that is too short.
    pub(super) fn stretch(&mut self, elapsed_ns: u64) -> Option<(u64, Had)> {
        let before = self.mark;
        self.look(elapsed_ns);
        let span_ns = elapsed_ns.saturating_sub(before.at_ns);
        if span_ns < SHORTEST_NS {
            return None;
        }
        self.mark.at_ns = elapsed_ns;
        self.mark.used_ns = self.used_ns();
        self.mark.busy_ns = machine::busy_ns(&self.root);
        let had = Had::between(&before, &self.mark);
        let mean_w = before.memory_w.zip(self.mark.memory_w);
        let memory_j = mean_w.map(|(a, b)| f64::midpoint(a, b) * span_ns as f64 * 1e-9);
        Some((span_ns, Had { memory_j, ..had }))
    }

    /// Looks for the last time. All is `None` for a case that is too short to be judged by ticks.
    pub(super) fn end(&mut self, elapsed_ns: u64) -> Had {
        let used_ns = self.used_ns();
        let busy_ns = machine::busy_ns(&self.root);
        self.look(elapsed_ns);
        if elapsed_ns < SHORTEST_NS {
            return Had::default();
        }
        let first = Mark {
            used_ns: self.used_ns,
            busy_ns: self.busy_ns,
            ..Mark::default()
        };
        let last = Mark {
            used_ns,
            busy_ns,
            ..Mark::default()
        };
        Had {
            memory_j: self.memory.integral(),
            ..Had::between(&first, &last)
        }
    }

    /// CPU time of all workers; `None` when one is gone, whose time would be missing.
    fn used_ns(&self) -> Option<u64> {
        let used = |pid: &u32| process::used_ns(&self.root, *pid);
        self.pids.iter().map(used).sum()
    }
}
