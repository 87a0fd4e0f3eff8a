//! The state a machine is in, as far as it makes timings vary: what `benchhost doctor` judges.
//!
//! Facts only, no opinion. Every fact is known or comes with the reason why it is not; a file that is not there is
//! never taken for good news. Files are below a root, which is another folder in tests.

mod activity;
mod cores;
mod file;
mod folder;
mod frequency;
mod heat;
mod kernel;
mod memory;
mod power;

use std::{path::Path, time::Duration};

use benchhost_record::{CgroupLimits, Overhead};

pub use self::{
    activity::{Activity, WATCHED},
    cores::Cores,
    folder::Folder,
    frequency::{Frequency, Turbo},
    heat::{Heat, Temperature},
    kernel::{Kernel, Machine},
    memory::{HugePages, MemoryState, Numa},
    power::{Power, PowerLimit, Supply},
};
use super::{clock::clock_cost, environment::Root};

/// A fact, or the sentence that says why it cannot be read here.
pub type Known<T> = Result<T, String>;

/// Everything about the state of the machine that a timing can feel.
#[derive(Debug, Clone)]
pub struct Condition {
    /// CPUs that this process may use.
    pub cpus: Vec<u32>,
    /// How fast the CPUs run.
    pub frequency: Frequency,
    /// Who shares cores.
    pub cores: Cores,
    /// What else uses the CPUs.
    pub activity: Activity,
    /// Settings of the kernel.
    pub kernel: Kernel,
    /// What kind of machine this is.
    pub machine: Machine,
    /// Cost and resolution of the clock.
    pub clock: Overhead,
    /// Limits of the control group.
    pub cgroup: CgroupLimits,
    /// Temperatures, and what heat did so far.
    pub heat: Heat,
    /// Battery, profiles, limits.
    pub power: Power,
    /// Memory, swap, pages, nodes.
    pub memory: MemoryState,
    /// Where temporary files go.
    pub temporary: Folder,
}

impl Condition {
    /// Looks at this machine, for about [`WATCHED`]; `cpus`: those this process may use.
    #[must_use]
    pub fn now(cpus: &[u32]) -> Self {
        Self::read(Path::new("/"), cpus, WATCHED)
    }

    /// `root`: where `/proc` and `/sys` begin, another folder in tests; `watched`: for how long counters are watched.
    pub(crate) fn read(root: &Path, cpus: &[u32], watched: Duration) -> Self {
        // First, so that the other reads are not part of it.
        let activity = Activity::watch(root, cpus, watched);
        Self {
            frequency: Frequency::read(root, cpus),
            cores: Cores::read(root, cpus),
            kernel: Kernel::read(root),
            machine: Machine::read(root),
            clock: clock_cost(),
            cgroup: Root(root.to_owned()).cgroup(),
            heat: Heat::read(root, cpus),
            power: Power::read(root),
            memory: MemoryState::read(root),
            temporary: Folder::read(root, &std::env::temp_dir()),
            cpus: cpus.to_owned(),
            activity,
        }
    }
}
