//! One process, seen through `/proc`.

use std::{fs, io};

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
        let text = fs::read_to_string(format!("/proc/{pid}/statm"))?;
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
