//! Settings of the kernel, and what kind of machine it runs on.

use std::{fs, path::Path};

use super::{Known, file};
use crate::probe::{environment::Root, text};

/// Settings of the kernel.
#[derive(Debug, Clone)]
pub struct Kernel {
    /// `randomize_va_space`: 0 off, 1 without the heap, 2 full.
    pub aslr: Known<u32>,
    /// Clock source in use.
    pub clock_source: Known<String>,
    /// Clock sources that could be used.
    pub clock_sources: Known<Vec<String>>,
    /// `perf_event_paranoid`: up to 2 a user may count in his own processes.
    pub perf_event_paranoid: Known<i32>,
}

/// What the kernel runs on.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Whether the CPU says that a hypervisor is below it.
    pub is_virtual: Known<bool>,
    /// Hypervisor and container in words; `None` when neither can be seen.
    pub virtualisation: Option<String>,
    /// Whether the kernel has counters of the CPU's events.
    pub has_counters: bool,
}

impl Kernel {
    pub(super) fn read(root: &Path) -> Self {
        let clock = "sys/devices/system/clocksource/clocksource0";
        let sources = file::read(root, &format!("{clock}/available_clocksource"));
        Self {
            aslr: file::read_as(root, "proc/sys/kernel/randomize_va_space"),
            clock_source: file::read(root, &format!("{clock}/current_clocksource")),
            clock_sources: sources.map(|text| text.split_whitespace().map(str::to_owned).collect()),
            perf_event_paranoid: file::read_as(root, "proc/sys/kernel/perf_event_paranoid"),
        }
    }
}

impl Machine {
    pub(super) fn read(root: &Path) -> Self {
        Self {
            is_virtual: is_virtual(root),
            virtualisation: Root(root.to_owned()).virtualisation(),
            // The folder has another name on hybrid x86 and on ARM.
            has_counters: file::names(root, "sys/bus/event_source/devices").is_ok_and(|names| {
                names.iter().any(|name| {
                    name == "cpu" || name.starts_with("cpu_") || name.starts_with("armv")
                })
            }),
        }
    }
}

fn is_virtual(root: &Path) -> Known<bool> {
    let info = fs::read_to_string(root.join("proc/cpuinfo"))
        .map_err(|_| "there is no /proc/cpuinfo".to_owned())?;
    // ARM's list of features has no word for it.
    let flags = text::field(&info, "flags").ok_or_else(|| {
        "/proc/cpuinfo has no flags, which name a hypervisor on x86 only".to_owned()
    })?;
    Ok(flags.split_whitespace().any(|flag| flag == "hypervisor"))
}
