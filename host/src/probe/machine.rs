//! What others took from the measured CPUs between two moments: the hypervisor, other programs, heat, a CPU quota.
//!
//! The kernel's counters are read at the two edges of a measurement and never between them, so watching disturbs
//! nothing. The kernel counts in ticks of 10 ms or so: short measurements get no shares.

mod stat;
mod throttle;

use std::{collections::BTreeMap, fs, path::Path, time::Instant};

use benchhost_record::MachineNoise;

use self::stat::{CpuTimes, parse_stat};
use super::process::CpuUse;

/// Below this time there are no shares, ns. The time of a CPU and that of a process are each known to about two
/// ticks of 10 ms, which is a tenth of this.
const SHORTEST_JUDGED_NS: u64 = 200_000_000;

/// The kernel's own count of a CPU's time must come this close to the clock's, as a share of it. Some containers show
/// counters that stand still, and a CPU may have been offline for a part of the time.
const PLAUSIBLE: f64 = 0.8;

/// Time that all CPUs together were busy since the machine started, ns; `root`: where `/proc` begins. `None` where the
/// kernel does not show it.
pub(super) fn busy_ns(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/stat")).ok()?;
    let all = parse_stat(&text, rustix::param::clock_ticks_per_second());
    (!all.is_empty()).then(|| all.values().map(|times| times.busy_ns).sum())
}

/// Counters of some CPUs at one moment.
#[derive(Debug, Clone)]
pub struct MachineCounters {
    taken: Instant,
    /// Times of each CPU; `None` when one of them is not known.
    times: Option<BTreeMap<u32, CpuTimes>>,
    /// Throttling counters by file.
    heat: BTreeMap<String, u64>,
    /// Time for which each control group above us was stopped by its quota, ns, by folder.
    quota_ns: BTreeMap<String, u64>,
}

impl MachineCounters {
    /// Reads the counters of `cpus`, by the kernel's numbers. Takes some tens of microseconds.
    #[must_use]
    pub fn now(cpus: &[u32]) -> Self {
        Self::read(Path::new("/"), cpus)
    }

    /// `root`: where `/proc` and `/sys` begin; another folder in tests.
    pub(super) fn read(root: &Path, cpus: &[u32]) -> Self {
        let text = fs::read_to_string(root.join("proc/stat")).unwrap_or_default();
        let all = parse_stat(&text, rustix::param::clock_ticks_per_second());
        let times = cpus.iter().map(|cpu| Some((*cpu, *all.get(cpu)?)));
        Self {
            taken: Instant::now(),
            times: times.collect(),
            heat: throttle::heat(root, cpus),
            quota_ns: throttle::quota_ns(root),
        }
    }

    /// What happened since `earlier`, which must be of the same CPUs.
    ///
    /// `ours`: what the measured processes had on these CPUs since then; whatever else kept the CPUs busy was others.
    /// The host's own part, a look twenty times a second, counts among the others, and is far below what a tick shows.
    #[must_use]
    pub fn since(&self, earlier: &Self, ours: Option<CpuUse>) -> MachineNoise {
        let elapsed = self.taken.saturating_duration_since(earlier.taken);
        self.over(earlier, elapsed.as_nanos() as u64, ours)
    }

    /// The same, when `elapsed_ns` went by another clock.
    pub(super) fn over(
        &self,
        earlier: &Self,
        elapsed_ns: u64,
        ours: Option<CpuUse>,
    ) -> MachineNoise {
        let spent = self.spent(earlier, elapsed_ns);
        let share = |ns: u64, all: CpuTimes| ns as f64 / all.total_ns() as f64;
        MachineNoise {
            elapsed_ns,
            steal_share: spent.and_then(|all| Some(share(all.steal_ns?, all))),
            other_share: spent
                .zip(ours)
                .map(|(all, ours)| share(all.busy_ns.saturating_sub(ours.used_ns), all)),
            waited_ns: ours.and_then(|ours| ours.waited_ns),
            throttle_events: largest_increase(&self.heat, &earlier.heat),
            quota_stopped_ns: largest_increase(&self.quota_ns, &earlier.quota_ns),
        }
    }

    /// Whether the kernel says for each of the CPUs what the hypervisor took.
    pub(super) fn know_steal(&self) -> bool {
        let times = self.times.as_ref();
        times.is_some_and(|times| {
            !times.is_empty() && times.values().all(|one| one.steal_ns.is_some())
        })
    }

    /// Times of all CPUs together since `earlier`, when they can be believed.
    fn spent(&self, earlier: &Self, elapsed_ns: u64) -> Option<CpuTimes> {
        let (now, then) = (self.times.as_ref()?, earlier.times.as_ref()?);
        let spent = now
            .iter()
            .map(|(cpu, times)| times.since(then.get(cpu)?))
            .try_fold(None, |sum: Option<CpuTimes>, one| {
                let one = one?;
                Some(Some(sum.map_or(one, |sum| sum.plus(one))))
            })??;
        let by_clock = elapsed_ns as f64 * now.len() as f64;
        (elapsed_ns >= SHORTEST_JUDGED_NS && spent.total_ns() as f64 >= PLAUSIBLE * by_clock)
            .then_some(spent)
    }
}

/// Share of the time of `cpus` since the machine started that the hypervisor gave to something else, 0–1; `None` when
/// one of them is not known, or the kernel does not count it.
pub(super) fn steal_since_start(root: &Path, cpus: &[u32]) -> Option<f64> {
    let now = MachineCounters::read(root, cpus);
    let all = now.times?.into_values().reduce(CpuTimes::plus)?;
    (all.total_ns() > 0).then(|| Some(all.steal_ns? as f64 / all.total_ns() as f64))?
}

/// Times since the machine started at which heat slowed one of `cpus`, by the counter that moved most; `None` where it is
/// not counted.
pub(super) fn heat_events(root: &Path, cpus: &[u32]) -> Option<u64> {
    throttle::heat(root, cpus).into_values().max()
}

/// The largest increase of any counter that both have; `None` when there is none, or one went backwards, as those of a
/// control group do that was made anew.
///
/// Not the sum: CPUs of one package count the same event each, and groups stop at the same time as those inside them.
fn largest_increase(now: &BTreeMap<String, u64>, then: &BTreeMap<String, u64>) -> Option<u64> {
    let increases = now
        .iter()
        .filter_map(|(name, value)| Some(value.checked_sub(*then.get(name)?)));
    increases.collect::<Option<Vec<u64>>>()?.into_iter().max()
}

#[cfg(test)]
mod tests;
