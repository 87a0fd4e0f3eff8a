//! Counters of what slows or stops a CPU from outside: heat, and the quotas of control groups.

use std::{collections::BTreeMap, fs, path::Path};

use crate::probe::{
    cgroup::{ancestors, group_of},
    text,
};

/// How often heat slowed each of `cpus`, by the counter's name. Empty where the kernel does not count it, as in most
/// virtual machines and on all but Intel's CPUs.
pub(super) fn heat(root: &Path, cpus: &[u32]) -> BTreeMap<String, u64> {
    let folder = root.join("sys/devices/system/cpu");
    let names = cpus.iter().flat_map(|cpu| {
        ["core", "package"].map(|part| format!("cpu{cpu}/thermal_throttle/{part}_throttle_count"))
    });
    names
        .filter_map(|name| Some((name.clone(), text::read_as(folder.join(name))?)))
        .collect()
}

/// For how long its quota has stopped our control group, and each group that holds it, in all, ns summed over CPUs, by
/// the group's folder. Empty without a CPU controller.
///
/// Sources: cpu.stat in the kernel's cgroup-v2.rst and scheduler/sched-bwc.rst (version 1).
pub(super) fn quota_ns(root: &Path) -> BTreeMap<String, u64> {
    let own = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let base = root.join("sys/fs/cgroup");
    let (base, group) = match (group_of(&own, "cpu"), group_of(&own, "")) {
        (Some(group), _) => (base.join("cpu"), group),
        (None, Some(group)) => (base, group),
        (None, None) => return BTreeMap::new(),
    };
    ancestors(&base, group)
        .filter_map(|folder| {
            let stopped_ns = stopped_ns(&text::read(folder.join("cpu.stat"))?)?;
            Some((folder.display().to_string(), stopped_ns))
        })
        .collect()
}

/// The time in the lines of a `cpu.stat`: microseconds in version 2, nanoseconds in version 1.
fn stopped_ns(stat: &str) -> Option<u64> {
    stat.lines().find_map(|line| {
        let (key, value) = line.split_once(' ')?;
        let factor = match key {
            "throttled_usec" => 1000,
            "throttled_time" => 1,
            _ => return None,
        };
        Some(value.trim().parse::<u64>().ok()? * factor)
    })
}
