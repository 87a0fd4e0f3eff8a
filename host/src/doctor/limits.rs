//! Limits of the control group.

use benchhost_record::CgroupLimits;

use super::finding::{Finding, Severity, bytes, cpus};

/// A limit below this is met by ordinary training.
const TIGHT_BYTES: u64 = 1 << 30;

pub(super) fn cpu_quota(cgroup: &CgroupLimits, usable: usize) -> Finding {
    const CHECK: &str = "cpu-quota";
    if cgroup.version.is_none() {
        return Finding::unknown(CHECK, "/proc/self/cgroup names no control group");
    }
    let Some(quota) = cgroup.cpus else {
        return Finding::fine(CHECK, "no limit of the control group");
    };
    let found = format!("{quota:.1} of {} by the control group", cpus(usable));
    let finding = |severity| {
        Finding::new(CHECK, severity, &found).effect(
            "what uses more is stopped for the rest of each period of (usually) 100 ms: single samples are longer by tens of ms",
        )
    };
    if quota >= usable as f64 {
        return finding(Severity::Note);
    }
    finding(Severity::Warning).remedy(format!(
        "measure with at most {} busy threads (threads = … in the suite), or lift the quota (docker run --cpuset-cpus instead of --cpus)",
        quota.floor().max(1.0)
    ))
}

pub(super) fn memory_limit(cgroup: &CgroupLimits) -> Finding {
    const CHECK: &str = "memory-limit";
    if cgroup.version.is_none() {
        return Finding::unknown(CHECK, "/proc/self/cgroup names no control group");
    }
    let Some(limit) = cgroup.memory_bytes else {
        return Finding::fine(CHECK, "no limit of the control group");
    };
    let found = format!("{} by the control group", bytes(limit));
    let severity = if limit < TIGHT_BYTES {
        Severity::Warning
    } else {
        Severity::Note
    };
    Finding::new(CHECK, severity, found)
        .effect(
            "near the limit the kernel takes back cached pages, which makes file access and allocation slow; beyond it, it \
             kills",
        )
        .remedy("keep the cases well below it (limits = { memory = … } in the suite), or raise it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tree::{assert_says, finding};

    const GROUP1: (&str, &str) = ("proc/self/cgroup", "4:memory:/a\n3:cpu,cpuacct:/a\n");
    const GROUP2: (&str, &str) = ("proc/self/cgroup", "0::/x.slice\n");
    const IS2: (&str, &str) = ("sys/fs/cgroup/cgroup.controllers", "cpu memory");

    #[test]
    fn a_quota_of_either_version_is_weighed_against_the_cpus() {
        let version1 = finding(
            "cpu-quota",
            &[
                GROUP1,
                ("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "150000"),
                ("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000"),
            ],
        );
        let version2 = finding(
            "cpu-quota",
            &[
                GROUP2,
                IS2,
                ("sys/fs/cgroup/x.slice/cpu.max", "400000 100000"),
            ],
        );

        assert_says(&version1, Severity::Warning, "1.5 of 2 CPUs");
        assert!(version1.remedy.unwrap().contains("at most 1 busy"));
        assert_says(&version2, Severity::Note, "4.0 of 2 CPUs");
        assert_says(
            &finding("cpu-quota", &[GROUP2, IS2]),
            Severity::Fine,
            "no limit",
        );
        assert_says(
            &finding("cpu-quota", &[]),
            Severity::Unknown,
            "no control group",
        );
    }

    #[test]
    fn a_tight_memory_limit_is_worse_than_a_wide_one() {
        let of = |limit: &'static str| {
            finding(
                "memory-limit",
                &[GROUP2, IS2, ("sys/fs/cgroup/x.slice/memory.max", limit)],
            )
        };
        let version1 = finding(
            "memory-limit",
            &[
                GROUP1,
                ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "4294967296"),
            ],
        );

        assert_says(&of("536870912"), Severity::Warning, "512.0 MiB");
        assert_says(&of("max"), Severity::Fine, "no limit");
        assert_says(&version1, Severity::Note, "4.0 GiB");
        assert_says(
            &finding("memory-limit", &[]),
            Severity::Unknown,
            "no control group",
        );
    }
}
