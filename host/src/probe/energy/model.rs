//! What the model of energy needs to know of the machine and of the container.

use std::{collections::BTreeSet, fs, path::Path};

use benchhost_energy::CpuSeen;

use crate::probe::{Target, environment, text};

/// The CPUs below `root`, as the kernel shows them.
pub(super) fn cpu_seen(root: &Path) -> CpuSeen {
    let info = fs::read_to_string(root.join("proc/cpuinfo")).unwrap_or_default();
    let flags = text::field(&info, "flags").unwrap_or_default();
    CpuSeen {
        model: text::field(&info, "model name").map(str::to_owned),
        threads_per_socket: threads_per_socket(root, &info),
        is_virtual: flags.split_whitespace().any(|flag| flag == "hypervisor"),
    }
}

/// By the topology, else by `siblings`; both count what is online.
fn threads_per_socket(root: &Path, info: &str) -> Option<u32> {
    let topology = root.join("sys/devices/system/cpu/cpu0/topology");
    let list = ["package_cpus_list", "core_siblings_list"]
        .into_iter()
        .find_map(|file| text::cpu_list(&text::read(topology.join(file))?));
    match list {
        Some(cpus) => Some(cpus.len() as u32),
        None => text::field(info, "siblings")?.parse().ok(),
    }
}

/// How many CPUs the case may use: those it is held to, else those its workers may run on, and no more than the quota
/// of the container. `None` when the workers are gone.
pub(super) fn allowed_cpus(root: &Path, target: &Target) -> Option<f64> {
    let held_to = if target.cpus.is_empty() {
        let mut all = BTreeSet::new();
        for pid in &target.pids {
            let status = fs::read_to_string(root.join(format!("proc/{pid}/status"))).ok()?;
            all.extend(text::cpu_list(text::field(&status, "Cpus_allowed_list")?)?);
        }
        // The kernel lists CPUs that could be added one day as well.
        if let Some(online) = text::read(root.join("sys/devices/system/cpu/online")) {
            let online = text::cpu_list(&online)?;
            all.retain(|cpu| online.contains(cpu));
        }
        all.len()
    } else {
        target.cpus.iter().collect::<BTreeSet<_>>().len()
    };
    let cpus = held_to as f64;
    let quota = environment::cgroup_limits(root).cpus.unwrap_or(cpus);
    Some(cpus.min(quota)).filter(|cpus| *cpus > 0.0)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn machine(files: &[(&str, &str)]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        root
    }

    fn target(pids: &[u32], cpus: &[u32]) -> Target {
        Target {
            pids: pids.to_vec(),
            cpus: cpus.to_vec(),
        }
    }

    #[test]
    fn the_threads_of_a_socket_are_those_of_the_topology() {
        let root = machine(&[
            (
                "proc/cpuinfo",
                "model name\t: AMD EPYC 7763 64-Core Processor\nsiblings\t: 3\nflags\t\t: fpu hypervisor\n",
            ),
            (
                "sys/devices/system/cpu/cpu0/topology/package_cpus_list",
                "0-15,32-47\n",
            ),
        ]);

        let seen = cpu_seen(root.path());

        assert_eq!(seen.threads_per_socket, Some(32));
        assert!(seen.is_virtual);
        assert_eq!(
            seen.model.as_deref(),
            Some("AMD EPYC 7763 64-Core Processor")
        );
    }

    #[test]
    fn without_a_topology_siblings_count_and_without_anything_nothing_is_known() {
        let root = machine(&[("proc/cpuinfo", "siblings\t: 8\nflags\t: fpu\n")]);
        let nothing = machine(&[]);

        assert_eq!(cpu_seen(root.path()).threads_per_socket, Some(8));
        assert_eq!(cpu_seen(nothing.path()), CpuSeen::default());
    }

    #[test]
    fn a_case_may_use_what_it_is_held_to_what_it_may_run_on_and_its_quota() {
        let free = machine(&[
            ("proc/7/status", "Name:\tx\nCpus_allowed_list:\t0-3,8\n"),
            ("proc/8/status", "Cpus_allowed_list:\t8-9\n"),
        ]);
        let quota = machine(&[
            ("proc/7/status", "Cpus_allowed_list:\t0-63\n"),
            ("sys/devices/system/cpu/online", "0-31\n"),
            ("proc/self/cgroup", "0::/x.slice\n"),
            ("sys/fs/cgroup/cgroup.controllers", "memory cpu"),
            ("sys/fs/cgroup/x.slice/cpu.max", "150000 100000"),
        ]);

        let hot_plug = machine(&[
            ("proc/7/status", "Cpus_allowed_list:\t0-127\n"),
            ("sys/devices/system/cpu/online", "0-1\n"),
        ]);

        let allowed = |root: &TempDir, target| allowed_cpus(root.path(), &target);
        assert_eq!(allowed(&free, target(&[7], &[])), Some(5.0));
        // Both together: 0–3, 8, 9.
        assert_eq!(allowed(&free, target(&[7, 8], &[])), Some(6.0));
        assert_eq!(allowed(&free, target(&[7], &[2, 3, 3])), Some(2.0));
        assert_eq!(allowed(&hot_plug, target(&[7], &[])), Some(2.0));
        assert_eq!(allowed(&quota, target(&[7], &[])), Some(1.5));
        assert_eq!(allowed(&quota, target(&[7], &[5])), Some(1.0));
        assert_eq!(allowed(&free, target(&[99], &[])), None);
        assert_eq!(allowed(&free, target(&[], &[])), None);
    }
}
