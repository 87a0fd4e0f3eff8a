//! Memory: is there enough, and does it behave the same each time?

use benchhost_record::CgroupLimits;

use super::finding::{Finding, Severity, bytes, percent};
use crate::probe::condition::{HugePages, MemoryState};

/// Below this nothing of size can be measured.
const SCARCE_BYTES: u64 = 256 << 20;

/// Below this, or this share of the whole, the kernel begins to take back cached pages.
const LOW_BYTES: u64 = 1 << 30;
const LOW_SHARE: f64 = 0.1;

/// Swap in use above this share of the memory: something is being pushed out.
const SWAPPED_SHARE: f64 = 0.05;

pub(super) fn room(memory: &MemoryState, cgroup: &CgroupLimits) -> Finding {
    const CHECK: &str = "memory";
    let (total, available) = match (&memory.total_bytes, &memory.available_bytes) {
        (Ok(total), Ok(available)) => (*total, *available),
        (Err(why), _) | (_, Err(why)) => return Finding::unknown(CHECK, why),
    };
    // Of a limit it is not known here how much others in the group use of it.
    let limit = cgroup.memory_bytes.unwrap_or(u64::MAX);
    let (total, available) = (total.min(limit), available.min(limit));
    let found = format!("{} of {} to be had", bytes(available), bytes(total));
    let severity = if available < SCARCE_BYTES {
        Severity::Problem
    } else if available < LOW_BYTES || (available as f64) < LOW_SHARE * total as f64 {
        Severity::Warning
    } else {
        return Finding::fine(CHECK, found);
    };
    Finding::new(CHECK, severity, found)
        .effect(
            "allocation waits while the kernel takes back cached pages, and files leave the cache: ms for single samples; large \
             cases are killed",
        )
        .remedy("end what holds memory; this shows who it is:")
        .command("ps -eo rss,comm --sort=-rss | head")
}

pub(super) fn swap(memory: &MemoryState) -> Finding {
    const CHECK: &str = "swap";
    let (total, used) = match &memory.swap_bytes {
        Ok((0, _)) => return Finding::fine(CHECK, "no swap space"),
        Ok(swap) => *swap,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    let willing = match memory.swappiness {
        Ok(swappiness) => format!(", swappiness {swappiness}"),
        Err(_) => String::new(),
    };
    let found = format!("{} of {} in use{willing}", bytes(used), bytes(total));
    if used == 0 {
        return Finding::fine(CHECK, found);
    }
    let is_much = memory
        .total_bytes
        .as_ref()
        .is_ok_and(|all| used as f64 > SWAPPED_SHARE * *all as f64);
    let severity = if is_much {
        Severity::Warning
    } else {
        Severity::Note
    };
    Finding::new(CHECK, severity, found)
        .effect("a page that was swapped out costs 0.1 to 10 ms at its next use, in whatever sample that is")
        .remedy("where memory suffices, bring everything back and swap less:")
        .command("sudo sysctl vm.swappiness=1 && sudo swapoff -a && sudo swapon -a")
}

pub(super) fn huge_pages(memory: &MemoryState) -> Finding {
    const CHECK: &str = "huge-pages";
    match &memory.huge_pages {
        Err(why) => Finding::unknown(CHECK, why),
        Ok(HugePages::Madvise) => Finding::fine(CHECK, "for programs that ask (madvise)"),
        Ok(HugePages::Never) => Finding::fine(CHECK, "never"),
        Ok(HugePages::Always) => Finding::new(CHECK, Severity::Note, "always, for everybody")
            .effect(
                "one process gets large pages and the next does not, by how fragmented memory is, and a kernel thread merges pages \
                 meanwhile: code that touches much memory differs between processes, and memory use is larger",
            )
            .remedy("give them only to programs that ask:")
            .command("echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"),
    }
}

pub(super) fn numa(memory: &MemoryState) -> Finding {
    const CHECK: &str = "numa";
    let numa = match &memory.numa {
        Ok(numa) if numa.nodes <= 1 => return Finding::fine(CHECK, "one memory node"),
        Ok(numa) => numa,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    let balancing = match &numa.balancing {
        Ok(true) => "balanced by the kernel",
        Ok(false) => "not balanced by the kernel",
        Err(_) => "whether the kernel balances them is not known",
    };
    let effect = format!(
        "memory of another node is up to {} farther away by the firmware's table; where a process gets its memory differs from start \
         to start",
        percent(numa.farthest - 1.0)
    );
    let found = format!("{} memory nodes, {balancing}", numa.nodes);
    if matches!(numa.balancing, Ok(true)) {
        return Finding::new(CHECK, Severity::Warning, found)
            .effect(format!("{effect}, and pages are moved in the middle of samples"))
            .remedy("switch balancing off and stay on one node (numactl --cpunodebind=0 --membind=0 benchhost …):")
            .command("sudo sysctl kernel.numa_balancing=0");
    }
    Finding::new(CHECK, Severity::Note, found)
        .effect(effect)
        .remedy("stay on one node: numactl --cpunodebind=0 --membind=0 benchhost …")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tree::{assert_says, finding};

    const ENABLED: &str = "sys/kernel/mm/transparent_hugepage/enabled";

    fn with_info(check: &str, info: &str) -> Finding {
        finding(
            check,
            &[("proc/meminfo", info), ("proc/sys/vm/swappiness", "60\n")],
        )
    }

    #[test]
    fn little_memory_is_weighed_against_the_whole_and_the_limit() {
        let of = |total_mib: u64, available_mib: u64| {
            with_info(
                "memory",
                &format!(
                    "MemTotal: {} kB\nMemAvailable: {} kB\n",
                    total_mib << 10,
                    available_mib << 10
                ),
            )
        };
        let limited = finding(
            "memory",
            &[
                (
                    "proc/meminfo",
                    "MemTotal: 8388608 kB\nMemAvailable: 8388608 kB\n",
                ),
                ("proc/self/cgroup", "0::/x\n"),
                ("sys/fs/cgroup/cgroup.controllers", "memory"),
                ("sys/fs/cgroup/x/memory.max", "134217728"),
            ],
        );

        assert_says(&of(8192, 4096), Severity::Fine, "4.0 GiB of 8.0 GiB");
        assert_says(&of(65536, 4096), Severity::Warning, "4.0 GiB of 64.0 GiB");
        assert_says(&of(4096, 900), Severity::Warning, "900.0 MiB");
        assert_says(&of(4096, 100), Severity::Problem, "100.0 MiB");
        assert_says(&limited, Severity::Problem, "128.0 MiB of 128.0 MiB");
        assert_says(
            &with_info("memory", "MemTotal: 1 kB\n"),
            Severity::Unknown,
            "/proc/meminfo has no MemAvailable",
        );
        assert_says(
            &finding("memory", &[]),
            Severity::Unknown,
            "there is no /proc/meminfo",
        );
    }

    #[test]
    fn used_swap_is_weighed_against_the_memory() {
        let of = |swap: u64, free: u64| {
            with_info(
                "swap",
                &format!("MemTotal: 8388608 kB\nSwapTotal: {swap} kB\nSwapFree: {free} kB\n"),
            )
        };

        assert_says(&of(0, 0), Severity::Fine, "no swap space");
        assert_says(
            &of(2_097_152, 2_097_152),
            Severity::Fine,
            "0 B of 2.0 GiB in use, swappiness 60",
        );
        assert_says(
            &of(2_097_152, 2_000_000),
            Severity::Note,
            "94.9 MiB of 2.0 GiB",
        );
        assert_says(&of(2_097_152, 0), Severity::Warning, "2.0 GiB of 2.0 GiB");
        assert_says(
            &finding("swap", &[]),
            Severity::Unknown,
            "there is no /proc/meminfo",
        );
    }

    #[test]
    fn huge_pages_for_everybody_are_a_note() {
        let of = |text| finding("huge-pages", &[(ENABLED, text)]);

        assert_says(&of("[always] madvise never\n"), Severity::Note, "always");
        assert_says(&of("always [madvise] never\n"), Severity::Fine, "madvise");
        assert_says(&of("always madvise [never]\n"), Severity::Fine, "never");
        assert_says(&of("often\n"), Severity::Unknown, "not understood");
        assert_says(
            &finding("huge-pages", &[]),
            Severity::Unknown,
            "there is no /sys",
        );
    }

    #[test]
    fn several_nodes_matter_most_when_the_kernel_moves_pages() {
        let node = |distance| ("sys/devices/system/node/node0/distance", distance);
        let second = ("sys/devices/system/node/node1/distance", "21 10\n");
        let balancing = |value| ("proc/sys/kernel/numa_balancing", value);

        let moved = finding("numa", &[node("10 21\n"), second, balancing("1\n")]);
        let still = finding("numa", &[node("10 21\n"), second, balancing("0\n")]);

        assert_says(&moved, Severity::Warning, "2 memory nodes, balanced");
        assert!(moved.effect.unwrap().contains("up to 110 % farther away"));
        assert_says(&still, Severity::Note, "not balanced");
        assert_says(
            &finding("numa", &[node("10\n")]),
            Severity::Fine,
            "one memory node",
        );
        assert_says(
            &finding("numa", &[]),
            Severity::Unknown,
            "there is no folder",
        );
    }
}
