//! One process, seen through `/proc`.

use std::{fs, io, path::Path};

use super::text;

/// A process at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessStat {
    /// Resident memory.
    pub rss_bytes: u64,
    /// High-water mark of resident memory since the start, or since it was reset.
    pub peak_bytes: u64,
    /// Threads.
    pub threads: u32,
    /// Number of the parent process.
    pub parent: u32,
}

impl ProcessStat {
    /// Reads `/proc/PID/status`.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn read(pid: u32) -> io::Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
        Self::parse(&text)
            .ok_or_else(|| io::Error::other(format!("/proc/{pid}/status is unreadable")))
    }

    /// Resident memory alone, in bytes: the cheapest look, for polling.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn read_resident(pid: u32) -> io::Result<u64> {
        Self::resident_below(Path::new("/"), pid)
    }

    /// As [`Self::read_resident`]; `root`: where `/proc` begins.
    pub(super) fn resident_below(root: &Path, pid: u32) -> io::Result<u64> {
        let text = fs::read_to_string(root.join(format!("proc/{pid}/statm")))?;
        let pages = text
            .split_whitespace()
            .nth(1)
            .and_then(|word| word.parse::<u64>().ok());
        let pages = pages.ok_or_else(|| io::Error::other("statm is unreadable"))?;
        Ok(pages * rustix::param::page_size() as u64)
    }

    fn parse(status: &str) -> Option<Self> {
        let memory = |key| text::field(status, key).and_then(text::bytes);
        // A zombie has no memory lines: nothing is resident any more.
        Some(Self {
            rss_bytes: memory("VmRSS").unwrap_or(0),
            peak_bytes: memory("VmHWM").unwrap_or(0),
            threads: text::field(status, "Threads")?.parse().ok()?,
            parent: text::field(status, "PPid")?.parse().ok()?,
        })
    }
}

/// What a process had from the scheduler, since its start or between two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CpuUse {
    /// CPU time of all threads, also ended ones, and of the children it has waited for, in steps of the kernel's tick.
    pub used_ns: u64,
    /// Time for which its threads were ready to run and had no CPU, summed over the living ones; `None` where the
    /// kernel does not keep it.
    pub waited_ns: Option<u64>,
}

impl CpuUse {
    /// Reads process `pid`; `None` when it is gone.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        Some(Self {
            used_ns: used_ns(Path::new("/"), pid)?,
            waited_ns: waited_ns(pid),
        })
    }

    /// What it had since `earlier`. Waiting of threads that ended in between is lost.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let waited = self.waited_ns.zip(earlier.waited_ns);
        Self {
            used_ns: self.used_ns.saturating_sub(earlier.used_ns),
            waited_ns: waited.map(|(now, then)| now.saturating_sub(then)),
        }
    }
}

/// CPU time of process `pid` as in [`CpuUse::used_ns`]; `root`: where `/proc` begins.
pub(super) fn used_ns(root: &Path, pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(root.join(format!("proc/{pid}/stat"))).ok()?;
    let tick_ns = 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1);
    Some(cpu_ticks(&stat)? * tick_ns)
}

fn waited_ns(pid: u32) -> Option<u64> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    threads
        // A thread may end while this looks.
        .filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("schedstat")).ok())
        .map(|text| run_delay_ns(&text))
        .try_fold(None, |sum, delay| Some(Some(sum.unwrap_or(0) + delay?)))?
}

/// Second number of `schedstat`: time spent waiting on a run queue, ns (sched-stats.rst in the kernel's documentation).
fn run_delay_ns(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().nth(1)?.parse().ok()
}

/// Sum of the fields `utime`, `stime`, `cutime` and `cstime`, the 14th to 17th, of which the name in brackets is the 2nd.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let times = fields.get(11..15)?.iter();
    times.map(|field| field.parse::<u64>().ok()).sum()
}

/// Threads of process `pid` that are running or ready to run, 0 when it is gone.
#[must_use]
pub fn runnable_threads(pid: u32) -> u32 {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return 0;
    };
    let is_runnable = |stat: String| {
        let (_, after_name) = stat.rsplit_once(')')?;
        (after_name.trim_start().starts_with('R')).then_some(())
    };
    threads
        .filter_map(|entry| is_runnable(fs::read_to_string(entry.ok()?.path().join("stat")).ok()?))
        .count() as u32
}

/// Children of process `pid`, zombies included.
#[must_use]
pub fn children(pid: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|candidate| parent(*candidate) == Some(pid))
        .collect()
}

/// Parent by `/proc/PID/stat`, whose second field is a name in brackets that may hold anything.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

/// How many processes the kernel has killed on this machine for want of memory.
#[must_use]
pub fn system_oom_kills() -> u64 {
    let text = fs::read_to_string("/proc/vmstat").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_is_alive_and_has_memory() {
        let own = ProcessStat::read(std::process::id()).unwrap();

        assert!(own.rss_bytes > 100_000 && own.peak_bytes >= own.rss_bytes && own.threads >= 1);
        assert_eq!(parent(std::process::id()), Some(own.parent));
        assert!(ProcessStat::read_resident(std::process::id()).unwrap() > 100_000);
    }

    #[test]
    fn cpu_time_is_that_of_the_process_and_of_its_waited_children() {
        let stat = "7 (a ) b) R 1 7 7 0 -1 4194304 5 6 7 8 100 20 3 4 20 0 1 0 99 1000 10";

        assert_eq!(cpu_ticks(stat), Some(127));
        assert_eq!(cpu_ticks("7 (a) R 1 7 7"), None);
        assert!(CpuUse::of(std::process::id()).is_some());
    }

    #[test]
    fn waiting_is_the_second_number_and_never_shrinks() {
        let at = |used_ns, waited_ns| CpuUse { used_ns, waited_ns };

        assert_eq!(run_delay_ns("506651318 1076638 64\n"), Some(1_076_638));
        assert_eq!(run_delay_ns("1"), None);
        assert_eq!(at(9, Some(5)).since(&at(4, Some(2))), at(5, Some(3)));
        assert_eq!(at(9, Some(1)).since(&at(9, Some(2))), at(0, Some(0)));
        assert_eq!(at(9, None).since(&at(9, Some(2))), at(0, None));
    }

    #[test]
    fn a_zombie_has_no_memory() {
        let stat = ProcessStat::parse("Name:\tx\nState:\tZ\nPPid:\t7\nThreads:\t1\n").unwrap();

        assert_eq!((stat.rss_bytes, stat.parent), (0, 7));
    }

    #[test]
    fn a_child_is_found_among_the_children() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();

        assert!(children(std::process::id()).contains(&child.id()));

        child.kill().unwrap();
        child.wait().unwrap();
    }
}
