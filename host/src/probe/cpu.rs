//! The processor as the workers use it: time, switches, waiting, clock frequency, what the hypervisor took.

mod frequency;
mod offers;

use benchhost_record::{Metric, Reading};

use self::{
    frequency::{Frequency, Mean},
    offers::ALL,
};
use super::{
    Missing, Probe, Quantity, Target,
    counters::{Edge, Newcomer},
    machine::MachineCounters,
    offer::{Offers, Values},
    text,
    tree::{Tree, stat_fields},
};

/// The exact time, which loses threads that end, and the time in ticks, which does not, belong to the same threads
/// when they differ by less than the ticks at the two edges can explain.
const AGREEMENT_TICKS: u64 = 2;

/// The one number of it that is polled.
const FREQUENCY: &str = "cpu-frequency";

/// Reads CPU time, switches, waiting, frequency and steal.
#[derive(Debug)]
pub(super) struct CpuProbe {
    tree: Tree,
    tick_ns: u64,
    frequency: Option<Frequency>,
    offers: Offers,
    begun: Option<Begun>,
}

/// What was seen before the first sample.
#[derive(Debug)]
struct Begun {
    pids: Vec<u32>,
    cpus: Vec<u32>,
    times: Edge<u32, 4>,
    threads: Edge<(u32, u32), 4>,
    machine: MachineCounters,
    megahertz: Mean,
    /// Mean of the CPUs at the last poll.
    now: Mean,
}

impl CpuProbe {
    /// Opens it; `pid`: a process that may be looked at, to try.
    ///
    /// # Errors
    /// Why nothing can be read, and a way out.
    pub(super) fn open(tree: Tree, pid: u32) -> Result<Self, String> {
        let mut probe = Self {
            frequency: Frequency::find(&tree),
            tick_ns: 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1),
            offers: Offers::split(&[], &Vec::new()),
            begun: None,
            tree,
        };
        let target = Target {
            pids: vec![pid],
            cpus: Vec::new(),
        };
        probe.begin(&target);
        probe.poll(0);
        let first_look = probe.look(1);
        probe.begun = None;
        probe.offers = Offers::split(&ALL, &first_look);
        if probe.offers.quantities.is_empty() {
            return Err(
                "nothing about CPU time below /proc: mount it with `mount -t proc proc /proc`"
                    .to_owned(),
            );
        }
        Ok(probe)
    }

    /// User, system, and the same of children it has waited for, ns, of each process.
    fn times(&self, pids: &[u32]) -> Edge<u32, 4> {
        let of_one = |pid: &u32| {
            let stat = self.tree.of_process(*pid, "stat").ok()?;
            let fields = stat_fields(&stat)?;
            let ns = |at: usize| Some(fields.get(at)?.parse::<u64>().ok()? * self.tick_ns);
            Some((*pid, [11, 12, 13, 14].map(ns)))
        };
        pids.iter().filter_map(of_one).collect()
    }

    /// Time on a CPU and time waiting for one, ns, and switches, voluntary and not, of each thread.
    fn threads(&self, pids: &[u32]) -> Edge<(u32, u32), 4> {
        let of_one = |pid: u32, thread: u32| {
            let schedule = self.tree.of_thread(pid, thread, "schedstat");
            let schedule = schedule.unwrap_or_default();
            let mut times = schedule.split_ascii_whitespace().map(str::parse::<u64>);
            let mut time = || times.next()?.ok();
            let status = self.tree.of_thread(pid, thread, "status");
            let status = status.unwrap_or_default();
            let switches = |key| text::field(&status, key)?.parse::<u64>().ok();
            [
                time(),
                time(),
                switches("voluntary_ctxt_switches"),
                switches("nonvoluntary_ctxt_switches"),
            ]
        };
        let mut counters = Vec::new();
        for pid in pids {
            let threads = self.tree.threads(*pid).into_iter();
            counters.extend(threads.map(|thread| ((*pid, thread), of_one(*pid, thread))));
        }
        counters.into_iter().collect()
    }

    fn look(&self, elapsed_ns: u64) -> Values {
        let Some(begun) = &self.begun else {
            return Vec::new();
        };
        let times = self.times(&begun.pids);
        let threads = self.threads(&begun.pids);
        let machine = MachineCounters::read(self.tree.root(), &begun.cpus);
        let [user, system, child_user, child_system] =
            times.growth_since(&begun.times, Newcomer::Unknown);
        let [on_cpu, waited, voluntary, involuntary] =
            threads.growth_since(&begun.threads, Newcomer::Began);
        let together = |own: Option<u64>, children: Option<u64>| {
            own.map(|own| own.saturating_add(children.unwrap_or(0)))
        };
        let own = user.zip(system).map(|(user, system)| user + system);
        let leeway_ns = AGREEMENT_TICKS * self.tick_ns * begun.pids.len() as u64;
        let own = own.map(|ticks| match on_cpu {
            Some(exact) if exact.abs_diff(ticks) <= leeway_ns => exact,
            _ => ticks,
        });
        let children = together(child_user, child_system);
        let utilisation = together(own, children)
            .filter(|_| elapsed_ns > 0 && !begun.cpus.is_empty())
            .map(|used| used as f64 / (elapsed_ns as f64 * begun.cpus.len() as f64));
        let number = |value: Option<u64>| value.map(|value| value as f64);
        vec![
            ("cpu-utilisation", utilisation),
            ("cpu-user", number(together(user, child_user))),
            ("cpu-system", number(together(system, child_system))),
            ("context-switches-voluntary", number(voluntary)),
            ("context-switches-involuntary", number(involuntary)),
            ("run-queue-wait", number(waited)),
            (FREQUENCY, begun.megahertz.value()),
            ("cpu-steal", self.steal(begun, &machine, elapsed_ns)),
        ]
    }

    /// Share of the CPUs' time. When this is opened, only whether there is one matters: nothing has passed yet.
    fn steal(&self, begun: &Begun, machine: &MachineCounters, elapsed_ns: u64) -> Option<f64> {
        let is_trial = self.offers.quantities.is_empty();
        if is_trial {
            return machine.know_steal().then_some(0.0);
        }
        machine.over(&begun.machine, elapsed_ns, None).steal_share
    }
}

impl Probe for CpuProbe {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn quantities(&self) -> Vec<Quantity> {
        self.offers.quantities.clone()
    }

    fn missing(&self) -> Vec<Missing> {
        self.offers.missing.clone()
    }

    fn begin(&mut self, target: &Target) {
        let cpus = if target.cpus.is_empty() {
            self.tree.cpus_allowed(&target.pids)
        } else {
            target.cpus.clone()
        };
        let threads = self.threads(&target.pids);
        let machine = MachineCounters::read(self.tree.root(), &cpus);
        let times = self.times(&target.pids);
        self.begun = Some(Begun {
            pids: target.pids.clone(),
            cpus,
            times,
            threads,
            machine,
            megahertz: Mean::default(),
            now: Mean::default(),
        });
    }

    fn poll(&mut self, _elapsed_ns: u64) {
        if let Some((begun, frequency)) = self.begun.as_mut().zip(self.frequency) {
            let clocks = frequency.megahertz(&self.tree, &begun.cpus);
            begun.megahertz.add(&clocks);
            begun.now = Mean::default();
            begun.now.add(&clocks);
        }
    }

    fn fastest_poll_ns(&self) -> Option<u64> {
        self.frequency.map(Frequency::fastest_poll_ns)
    }

    fn levels(&self) -> Vec<(Metric, f64)> {
        let now = self.begun.as_ref().and_then(|begun| begun.now.value());
        let mut offered = self.offers.quantities.iter().map(|one| &one.metric);
        let metric = offered.find(|metric| metric.name == FREQUENCY);
        metric.cloned().zip(now).into_iter().collect()
    }

    fn end(&mut self, elapsed_ns: u64) -> Vec<Reading> {
        let readings = self.offers.readings(&self.look(elapsed_ns));
        self.begun = None;
        readings
    }
}

#[cfg(test)]
mod tests;
