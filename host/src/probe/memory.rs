//! Memory of the workers: the curve of what is resident, its peak, page faults, swap.

mod offers;

use benchhost_record::Reading;
use benchhost_stats::Track;

use self::offers::ALL;
use super::{
    Missing, Probe, Quantity, Target,
    counters::{Edge, Newcomer},
    offer::{Offers, Values},
    text,
    tree::{Tree, stat_fields},
};

/// Shortest time between two polls, ns. One costs about 10 µs for each process, and the curve of a training loop has no
/// finer shape.
const FASTEST_POLL_NS: u64 = 5_000_000;

/// Reads resident memory, its peak, page faults and swap.
#[derive(Debug)]
pub(super) struct MemoryProbe {
    tree: Tree,
    page_bytes: u64,
    offers: Offers,
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    pids: Vec<u32>,
    faults: Edge<u32, 4>,
    resident: Track,
}

impl MemoryProbe {
    /// Opens it; `pid`: a process that may be looked at, to try.
    ///
    /// # Errors
    /// Why nothing can be read, and a way out.
    pub(super) fn open(tree: Tree, pid: u32) -> Result<Self, String> {
        let mut probe = Self {
            tree,
            page_bytes: rustix::param::page_size() as u64,
            offers: Offers::split(&[], &Vec::new()),
            begun: None,
        };
        let target = Target {
            pids: vec![pid],
            cpus: Vec::new(),
        };
        probe.begin(&target);
        let first_look = probe.look(1);
        probe.begun = None;
        probe.offers = Offers::split(&ALL, &first_look);
        if probe.offers.quantities.is_empty() {
            return Err(
                "nothing about memory below /proc: mount it with `mount -t proc proc /proc`"
                    .to_owned(),
            );
        }
        Ok(probe)
    }

    /// What is resident of all processes that are alive, bytes; `None` when none is. One that has ended and waits for
    /// its parent has no page.
    fn resident(&self, pids: &[u32]) -> Option<f64> {
        let of_one = |pid: &u32| {
            let text = self.tree.of_process(*pid, "statm").ok()?;
            let pages: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
            (pages > 0).then(|| (pages * self.page_bytes) as f64)
        };
        pids.iter().filter_map(of_one).reduce(|a, b| a + b)
    }

    /// Minor faults, those of children it has waited for, and the same of major ones, of each process.
    fn faults(&self, pids: &[u32]) -> Edge<u32, 4> {
        let of_one = |pid: &u32| {
            let stat = self.tree.of_process(*pid, "stat").ok()?;
            let fields = stat_fields(&stat)?;
            let count = |at: usize| fields.get(at)?.parse::<u64>().ok();
            Some((*pid, [7, 8, 9, 10].map(count)))
        };
        pids.iter().filter_map(of_one).collect()
    }

    /// Sum of a line of a file over the processes that have it, bytes.
    fn sum(&self, pids: &[u32], file: &str, key: &str) -> Option<f64> {
        let of_one = |pid: &u32| {
            let text = self.tree.of_process(*pid, file).ok()?;
            Some(text::bytes(text::field(&text, key)?)? as f64)
        };
        pids.iter().filter_map(of_one).reduce(|a, b| a + b)
    }

    fn look(&mut self, elapsed_ns: u64) -> Values {
        let Some(mut begun) = self.begun.take() else {
            return Vec::new();
        };
        let pids = &begun.pids;
        if let Some(bytes) = self.resident(pids) {
            begun.resident.add(elapsed_ns, bytes);
        }
        let grown = self
            .faults(pids)
            .growth_since(&begun.faults, Newcomer::Unknown);
        let [minor, child_minor, major, child_major] = grown;
        let together = |own: Option<u64>, children: Option<u64>| {
            own.map(|own| own.saturating_add(children.unwrap_or(0)) as f64)
        };
        vec![
            ("resident-mean", begun.resident.mean()),
            ("resident-peak", self.sum(pids, "status", "VmHWM")),
            (
                "resident-proportional",
                self.sum(pids, "smaps_rollup", "Pss"),
            ),
            ("swap", self.sum(pids, "status", "VmSwap")),
            ("page-faults-minor", together(minor, child_minor)),
            ("page-faults-major", together(major, child_major)),
        ]
    }
}

impl Probe for MemoryProbe {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn quantities(&self) -> Vec<Quantity> {
        self.offers.quantities.clone()
    }

    fn missing(&self) -> Vec<Missing> {
        self.offers.missing.clone()
    }

    fn begin(&mut self, target: &Target) {
        let mut resident = Track::default();
        if let Some(bytes) = self.resident(&target.pids) {
            resident.add(0, bytes);
        }
        self.begun = Some(Begun {
            faults: self.faults(&target.pids),
            pids: target.pids.clone(),
            resident,
        });
    }

    fn poll(&mut self, elapsed_ns: u64) {
        let Some(mut begun) = self.begun.take() else {
            return;
        };
        if let Some(bytes) = self.resident(&begun.pids) {
            begun.resident.add(elapsed_ns, bytes);
        }
        self.begun = Some(begun);
    }

    fn fastest_poll_ns(&self) -> Option<u64> {
        Some(FASTEST_POLL_NS)
    }

    fn end(&mut self, elapsed_ns: u64) -> Vec<Reading> {
        let values = self.look(elapsed_ns);
        self.offers.readings(&values)
    }
}

#[cfg(test)]
mod tests;
