//! The machine a run is made on, read once at its start.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use benchhost_record::{CgroupLimits, Cpu, Environment, Memory};
use sha2::{Digest as _, Sha256};
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use super::{
    cgroup::{ancestors, group_of},
    gpu, text,
};

/// Variables that change how workloads run.
const VARIABLES: [&str; 12] = [
    "CANDLE_NUM_THREADS",
    "CUDA_VISIBLE_DEVICES",
    "GLIBC_TUNABLES",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "MALLOC_ARENA_MAX",
    "MALLOC_CONF",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "RUSTFLAGS",
];

/// Reads the machine.
#[must_use]
pub fn environment() -> Environment {
    let root = Root(PathBuf::from("/"));
    let cpu = root.cpu();
    let cgroup = root.cgroup();
    let memory = memory(&cgroup);
    let (gpus, gpu_note) = match gpu::gpus() {
        Ok(gpus) => (gpus, None),
        Err(note) => (Vec::new(), Some(note)),
    };
    let mut environment = Environment {
        fingerprint: String::new(),
        host_name: System::host_name().ok(),
        os: System::long_os_version().ok(),
        kernel: System::kernel_version().ok(),
        architecture: std::env::consts::ARCH.to_owned(),
        virtualisation: root.virtualisation(),
        cpu,
        memory,
        cgroup,
        gpus,
        gpu_note,
        clock_source: root.sys("devices/system/clocksource/clocksource0/current_clocksource"),
        aslr: text::read_as(root.path("proc/sys/kernel/randomize_va_space")),
        load_average_1min: System::load_average().ok().map(|load| load.one),
        variables: variables(),
    };
    environment.fingerprint = fingerprint(&environment);
    environment
}

fn variables() -> BTreeMap<String, String> {
    VARIABLES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
        .collect()
}

/// Memory of the machine, or of the container when that is less.
fn memory(cgroup: &CgroupLimits) -> Memory {
    let kind = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
    let Ok(system) = System::new_with_specifics(kind) else {
        return Memory::default();
    };
    let limit = cgroup.memory_bytes.unwrap_or(u64::MAX);
    Memory {
        total_bytes: system.total_memory().min(limit),
        available_bytes: system.available_memory().min(limit),
        swap_bytes: system.total_swap(),
    }
}

/// Hash of what makes numbers of two machines comparable; nothing that changes between two boots.
fn fingerprint(environment: &Environment) -> String {
    let cpu = &environment.cpu;
    let gpus: Vec<&str> = environment
        .gpus
        .iter()
        .map(|gpu| gpu.name.as_str())
        .collect();
    // Whole GiB: kernels of different versions keep slightly different amounts for themselves.
    let memory_gib = (environment.memory.total_bytes as f64 / f64::from(1 << 30)).round();
    let text = format!(
        "{}|{}|{}|{}|{memory_gib}|{}",
        environment.architecture,
        cpu.model.as_deref().unwrap_or("unknown"),
        cpu.physical_cores.unwrap_or(0),
        cpu.logical_cpus,
        gpus.join(",")
    );
    Sha256::digest(text.as_bytes())[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Limits of our own control group; `root`: where `/proc` and `/sys` begin.
pub(super) fn cgroup_limits(root: &Path) -> CgroupLimits {
    Root(root.to_owned()).cgroup()
}

/// Where `/proc` and `/sys` begin; another folder in tests.
pub(super) struct Root(pub(super) PathBuf);

impl Root {
    fn path(&self, below: &str) -> PathBuf {
        self.0.join(below)
    }

    fn sys(&self, below: &str) -> Option<String> {
        text::read(self.0.join("sys").join(below))
    }

    fn cpu(&self) -> Cpu {
        let info = fs::read_to_string(self.path("proc/cpuinfo")).unwrap_or_default();
        let logical = info
            .lines()
            .filter(|line| line.starts_with("processor"))
            .count() as u32;
        let siblings = self.sys("devices/system/cpu/cpu0/topology/thread_siblings_list");
        let smt = siblings.map(|list| list.contains([',', '-']));
        Cpu {
            model: text::field(&info, "model name").map(str::to_owned),
            physical_cores: smt.map(|smt| if smt { logical / 2 } else { logical }),
            logical_cpus: logical,
            usable_cpus: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
            smt,
            governor: self.sys("devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            turbo: self.turbo(),
            cache_bytes: self.caches(),
            numa_nodes: self.numa_nodes(),
        }
    }

    fn turbo(&self) -> Option<bool> {
        let no_turbo = self
            .sys("devices/system/cpu/intel_pstate/no_turbo")
            .map(|text| text == "0");
        no_turbo.or_else(|| {
            self.sys("devices/system/cpu/cpufreq/boost")
                .map(|text| text == "1")
        })
    }

    /// Data and unified caches of the first CPU by level.
    fn caches(&self) -> BTreeMap<String, u64> {
        let base = "devices/system/cpu/cpu0/cache";
        (0..8)
            .filter_map(|index| {
                let read = |name| self.sys(&format!("{base}/index{index}/{name}"));
                let kind = read("type")?;
                let size = text::bytes(&read("size")?)?;
                (kind != "Instruction").then_some((format!("L{}", read("level")?), size))
            })
            .collect()
    }

    fn numa_nodes(&self) -> Option<u32> {
        let entries = fs::read_dir(self.path("sys/devices/system/node")).ok()?;
        let nodes = entries.filter_map(Result::ok).filter(|entry| {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("node"));
            number.is_some_and(|number| number.parse::<u32>().is_ok())
        });
        Some(nodes.count() as u32)
    }

    pub(super) fn virtualisation(&self) -> Option<String> {
        let container = [("run/.containerenv", "podman"), (".dockerenv", "docker")]
            .into_iter()
            .find(|(file, _)| self.path(file).exists())
            .map(|(_, name)| name.to_owned());
        let info = fs::read_to_string(self.path("proc/cpuinfo")).unwrap_or_default();
        let guest = text::field(&info, "flags")
            .is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"));
        let machine = guest.then(|| {
            let product = self.sys("class/dmi/id/product_name");
            product.map_or_else(
                || "virtual machine".to_owned(),
                |name| format!("virtual machine ({name})"),
            )
        });
        match (machine, container) {
            (Some(machine), Some(container)) => Some(format!("{container} in {machine}")),
            (machine, container) => machine.or(container),
        }
    }

    /// Limits of our own control group, either version; a limit of an ancestor counts as well.
    pub(super) fn cgroup(&self) -> CgroupLimits {
        let own = fs::read_to_string(self.path("proc/self/cgroup")).unwrap_or_default();
        let group = |controller| group_of(&own, controller);
        let base = self.path("sys/fs/cgroup");
        if let Some(memory) = group("memory") {
            return CgroupLimits {
                version: Some(1),
                memory_bytes: ancestors(&base.join("memory"), memory)
                    .filter_map(|dir| text::read_as(dir.join("memory.limit_in_bytes")))
                    // "No limit" is written as the largest multiple of a page.
                    .filter(|bytes: &u64| *bytes < 1 << 60)
                    .min(),
                cpus: group("cpu").and_then(|cpu| {
                    ancestors(&base.join("cpu"), cpu)
                        .filter_map(|dir| quota_v1(&dir))
                        .reduce(f64::min)
                }),
            };
        }
        match group("") {
            Some(path) if base.join("cgroup.controllers").exists() => CgroupLimits {
                version: Some(2),
                memory_bytes: ancestors(&base, path)
                    .filter_map(|dir| text::read_as(dir.join("memory.max")))
                    .min(),
                cpus: ancestors(&base, path)
                    .filter_map(|dir| quota_v2(&dir))
                    .reduce(f64::min),
            },
            _ => CgroupLimits::default(),
        }
    }
}

fn quota_v1(dir: &Path) -> Option<f64> {
    let quota: f64 = text::read_as(dir.join("cpu.cfs_quota_us"))?;
    let period: f64 = text::read_as(dir.join("cpu.cfs_period_us"))?;
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

fn quota_v2(dir: &Path) -> Option<f64> {
    let text = text::read(dir.join("cpu.max"))?;
    let (quota, period) = text.split_once(' ')?;
    Some(quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fake machine: files by path.
    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let root = Root(folder.path().to_owned());
        (folder, root)
    }

    #[test]
    fn a_machine_with_everything_is_read_completely() {
        let (_keep, root) = machine(&[
            (
                "proc/cpuinfo",
                "processor\t: 0\nmodel name\t: X 9000\nflags\t: fpu hypervisor\n\nprocessor\t: 1\n",
            ),
            (
                "sys/devices/system/cpu/cpu0/topology/thread_siblings_list",
                "0-1\n",
            ),
            (
                "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                "powersave\n",
            ),
            ("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n"),
            ("sys/devices/system/cpu/cpu0/cache/index0/type", "Data\n"),
            ("sys/devices/system/cpu/cpu0/cache/index0/level", "1\n"),
            ("sys/devices/system/cpu/cpu0/cache/index0/size", "32K\n"),
            (
                "sys/devices/system/cpu/cpu0/cache/index1/type",
                "Instruction\n",
            ),
            ("sys/devices/system/cpu/cpu0/cache/index1/level", "1\n"),
            ("sys/devices/system/cpu/cpu0/cache/index1/size", "64K\n"),
            ("sys/devices/system/node/node0/x", ""),
            ("sys/devices/system/node/possible", "0"),
            (".dockerenv", ""),
        ]);

        let cpu = root.cpu();

        assert_eq!(cpu.model.as_deref(), Some("X 9000"));
        assert_eq!(
            (cpu.logical_cpus, cpu.physical_cores, cpu.smt),
            (2, Some(1), Some(true))
        );
        assert_eq!(
            (cpu.governor.as_deref(), cpu.turbo),
            (Some("powersave"), Some(false))
        );
        assert_eq!(
            cpu.cache_bytes,
            BTreeMap::from([("L1".to_owned(), 32 << 10)])
        );
        assert_eq!(cpu.numa_nodes, Some(1));
        assert_eq!(
            root.virtualisation().as_deref(),
            Some("docker in virtual machine")
        );
    }

    #[test]
    fn limits_of_both_cgroup_versions_and_of_ancestors_are_read() {
        let (_keep, v1) = machine(&[
            (
                "proc/self/cgroup",
                "4:memory:/a/b\n3:cpu,cpuacct:/a\n0::/\n",
            ),
            ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1048576"),
            (
                "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes",
                "9223372036854771712",
            ),
            ("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "150000"),
            ("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000"),
        ]);
        let (_keep, v2) = machine(&[
            ("proc/self/cgroup", "0::/x.slice\n"),
            ("sys/fs/cgroup/cgroup.controllers", "memory cpu"),
            ("sys/fs/cgroup/x.slice/memory.max", "2097152"),
            ("sys/fs/cgroup/x.slice/cpu.max", "max 100000"),
        ]);

        let limits = |version, memory, cpus| CgroupLimits {
            version: Some(version),
            memory_bytes: Some(memory),
            cpus,
        };
        assert_eq!(v1.cgroup(), limits(1, 1 << 20, Some(1.5)));
        assert_eq!(v2.cgroup(), limits(2, 2 << 20, None));
    }

    #[test]
    fn a_machine_without_anything_is_no_error() {
        let (_keep, root) = machine(&[]);

        assert_eq!(root.cpu().model, None);
        assert_eq!(root.cgroup(), CgroupLimits::default());
        assert_eq!(root.virtualisation(), None);
    }

    #[test]
    fn the_fingerprint_ignores_what_changes_from_day_to_day() {
        let mut one = environment();
        let first = fingerprint(&one);
        one.load_average_1min = Some(99.0);
        one.memory.available_bytes = 1;
        one.kernel = Some("other".to_owned());

        assert_eq!(fingerprint(&one), first);
        one.cpu.logical_cpus += 1;
        assert_ne!(fingerprint(&one), first);
    }
}
