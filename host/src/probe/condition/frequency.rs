//! Who decides how fast the CPUs run, and between which bounds.
//!
//! Source: cpufreq.rst, intel_pstate.rst and amd-pstate.rst in the kernel's documentation.

use std::{collections::BTreeMap, path::Path};

use super::{Known, file};

/// Frequency of the CPUs that may be used.
#[derive(Debug, Clone)]
pub struct Frequency {
    /// Driver that sets it.
    pub driver: Known<String>,
    /// CPUs by their governor.
    pub governors: Known<BTreeMap<String, usize>>,
    /// CPUs by their preference between energy and performance.
    pub preferences: Known<BTreeMap<String, usize>>,
    /// Lowest and highest of the hardware over all these CPUs, kHz.
    pub range_khz: Known<(u64, u64)>,
    /// What it holds with all cores busy, where the driver says so, kHz.
    pub base_khz: Known<u64>,
    /// Whether it may rise above that.
    pub turbo: Known<Turbo>,
}

/// The switch of turbo, or boost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turbo {
    /// Whether it is on.
    pub is_on: bool,
    /// The file that says so.
    pub file: String,
    /// What to write there to switch it off.
    pub off: &'static str,
}

impl Frequency {
    pub(super) fn read(root: &Path, cpus: &[u32]) -> Self {
        let first = cpus.first().copied().unwrap_or(0);
        Self {
            driver: file::read(root, &of(first, "scaling_driver")),
            governors: count(root, cpus, "scaling_governor"),
            preferences: count(root, cpus, "energy_performance_preference"),
            range_khz: range(root, cpus),
            base_khz: file::read_as(root, &of(first, "base_frequency")),
            turbo: turbo(root),
        }
    }
}

fn of(cpu: u32, name: &str) -> String {
    format!("sys/devices/system/cpu/cpu{cpu}/cpufreq/{name}")
}

/// How many of `cpus` have each content of their file `name`.
fn count(root: &Path, cpus: &[u32], name: &str) -> Known<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    for cpu in cpus {
        *counts
            .entry(file::read(root, &of(*cpu, name))?)
            .or_default() += 1;
    }
    if counts.is_empty() {
        return Err("it is not known which CPUs may be used".to_owned());
    }
    Ok(counts)
}

fn range(root: &Path, cpus: &[u32]) -> Known<(u64, u64)> {
    let mut range = (u64::MAX, 0);
    for cpu in cpus {
        range.0 = range
            .0
            .min(file::read_as(root, &of(*cpu, "cpuinfo_min_freq"))?);
        range.1 = range
            .1
            .max(file::read_as(root, &of(*cpu, "cpuinfo_max_freq"))?);
    }
    Ok(range)
}

fn turbo(root: &Path) -> Known<Turbo> {
    let folder = "sys/devices/system/cpu";
    let switches = [
        (format!("{folder}/intel_pstate/no_turbo"), "0", "1"),
        (format!("{folder}/cpufreq/boost"), "1", "0"),
    ];
    for (file, on, off) in switches {
        if let Ok(text) = file::read(root, &file) {
            return Ok(Turbo {
                is_on: text == on,
                file: format!("/{file}"),
                off,
            });
        }
    }
    Err(format!(
        "there is neither /{folder}/intel_pstate/no_turbo nor /{folder}/cpufreq/boost"
    ))
}
