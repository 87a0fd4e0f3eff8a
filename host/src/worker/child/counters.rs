//! How a worker counts what is used: by itself, or by the process that its plugin is.

#![allow(unsafe_code, reason = "getrusage has no safe form")]

use std::{
    collections::BTreeMap,
    fs,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use benchhost_record::Usage;
use rustix::process::{Pid, getpid};

use crate::{measure::Edge, probe::process::ProcessStat};

/// Share of the process' CPU time from which a thread counts as doing its work.
const BUSY_SHARE: f64 = 0.05;

/// Places in `/proc/PID/stat`, see proc(5).
const MINOR_FAULTS: usize = 10;
const MAJOR_FAULTS: usize = 12;
const USER_TICKS: usize = 14;
const SYSTEM_TICKS: usize = 15;

/// Number of the process that is measured, when it is another one; 0 for this one.
static SUBJECT: AtomicU32 = AtomicU32::new(0);

/// From here on, process `pid` is counted instead of this one.
pub(super) fn count(pid: u32) {
    SUBJECT.store(pid, Relaxed);
}

/// Number of the process that is counted.
fn counted() -> u32 {
    match SUBJECT.load(Relaxed) {
        0 => Pid::as_raw(Some(getpid())) as u32,
        pid => pid,
    }
}

/// Counters of the process that is counted, all threads.
pub(super) fn edge() -> Edge {
    if SUBJECT.load(Relaxed) != 0 {
        let field = stat_fields();
        return Edge {
            // Finer than the ticks of the process as a whole; threads that have ended are missing.
            cpu_ns: thread_times().values().sum(),
            faults: field(MINOR_FAULTS) + field(MAJOR_FAULTS),
            // The worker itself takes the CPU when an answer comes, which says nothing about the machine.
            preemptions: 0,
        };
    }
    let usage = rusage();
    Edge {
        cpu_ns: nanos(usage.ru_utime) + nanos(usage.ru_stime),
        faults: (usage.ru_minflt + usage.ru_majflt) as u64,
        preemptions: usage.ru_nivcsw as u64,
    }
}

/// Lets the kernel's high-water mark of resident memory start again from here.
pub(super) fn reset_peak_memory() {
    // Without the right to it the peak covers set-up too; it is then an upper bound.
    let _ = fs::write(format!("/proc/{}/clear_refs", counted()), "5");
}

/// Counters now, in the fields of a [`Usage`]; memory as it stands.
fn usage() -> Usage {
    let used = if SUBJECT.load(Relaxed) == 0 {
        own()
    } else {
        foreign()
    };
    let memory = ProcessStat::read(counted()).ok();
    let resident = memory.as_ref().map_or(0, |stat| stat.rss_bytes);
    Usage {
        peak_bytes: memory.as_ref().map_or(0, |stat| stat.peak_bytes),
        before_bytes: resident,
        after_bytes: resident,
        threads_seen: memory.as_ref().map_or(0, |stat| stat.threads),
        ..used
    }
}

/// What this process has used.
fn own() -> Usage {
    let usage = rusage();
    Usage {
        user_ns: nanos(usage.ru_utime),
        system_ns: nanos(usage.ru_stime),
        minor_faults: usage.ru_minflt as u64,
        major_faults: usage.ru_majflt as u64,
        voluntary_switches: usage.ru_nvcsw as u64,
        involuntary_switches: usage.ru_nivcsw as u64,
        ..Usage::default()
    }
}

/// What the process that is counted has used, by `/proc`: times in steps of the kernel's tick, switches of its living threads.
fn foreign() -> Usage {
    let field = stat_fields();
    let tick_ns = 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1);
    let (mut voluntary, mut involuntary) = (0, 0);
    for status in of_threads("status") {
        let number = |key: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|line| line.trim().parse().ok()).unwrap_or(0)
        };
        voluntary += number("voluntary_ctxt_switches:");
        involuntary += number("nonvoluntary_ctxt_switches:");
    }
    Usage {
        minor_faults: field(MINOR_FAULTS),
        major_faults: field(MAJOR_FAULTS),
        user_ns: field(USER_TICKS) * tick_ns,
        system_ns: field(SYSTEM_TICKS) * tick_ns,
        voluntary_switches: voluntary,
        involuntary_switches: involuntary,
        ..Usage::default()
    }
}

/// The numbers of `/proc/PID/stat` by their place in proc(5), from 1; 0 for one that is not there.
fn stat_fields() -> impl Fn(usize) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", counted())).unwrap_or_default();
    // The name, in brackets, may hold anything; the state behind it is the third field.
    let after_name = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let fields: Vec<u64> = after_name
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    move |number| fields.get(number - 3).copied().unwrap_or(0)
}

/// The file `name` of each living thread of the process that is counted.
fn of_threads(name: &str) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{}/task", counted()));
    threads
        .into_iter()
        .flatten()
        .filter_map(|entry| fs::read_to_string(entry.ok()?.path().join(name)).ok())
        .collect()
}

/// Counters of the process and its threads at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Counters {
    usage: Usage,
    threads: BTreeMap<u64, u64>,
}

impl Counters {
    /// The counters now.
    pub(super) fn now() -> Self {
        Self {
            threads: thread_times(),
            usage: usage(),
        }
    }

    /// What was used since then.
    pub(super) fn used(&self) -> Usage {
        Usage {
            busy_threads: busy_threads(&self.threads),
            ..usage_since(&self.usage)
        }
    }
}

/// CPU time of each live thread in ns, by its number.
fn thread_times() -> BTreeMap<u64, u64> {
    let Ok(threads) = fs::read_dir(format!("/proc/{}/task", counted())) else {
        return BTreeMap::new();
    };
    threads
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let thread = entry.file_name().to_str()?.parse().ok()?;
            // First word of schedstat: time on the CPU in ns. Absent on kernels without it: nothing is judged then.
            let text = fs::read_to_string(entry.path().join("schedstat")).ok()?;
            Some((thread, text.split_whitespace().next()?.parse().ok()?))
        })
        .collect()
}

/// Threads that used more than [`BUSY_SHARE`] of all CPU time spent since `before`.
fn busy_threads(before: &BTreeMap<u64, u64>) -> u32 {
    let used: Vec<u64> = thread_times()
        .into_iter()
        .map(|(thread, ns)| ns.saturating_sub(before.get(&thread).copied().unwrap_or(0)))
        .collect();
    let all: u64 = used.iter().sum();
    used.iter()
        .filter(|ns| **ns as f64 > BUSY_SHARE * all as f64)
        .count() as u32
}

/// What was used since `before`. Counters of another process may fall: what threads did is lost when they end.
fn usage_since(before: &Usage) -> Usage {
    let now = usage();
    Usage {
        user_ns: now.user_ns.saturating_sub(before.user_ns),
        system_ns: now.system_ns.saturating_sub(before.system_ns),
        minor_faults: now.minor_faults.saturating_sub(before.minor_faults),
        major_faults: now.major_faults.saturating_sub(before.major_faults),
        voluntary_switches: now
            .voluntary_switches
            .saturating_sub(before.voluntary_switches),
        involuntary_switches: now
            .involuntary_switches
            .saturating_sub(before.involuntary_switches),
        before_bytes: before.before_bytes,
        ..now
    }
}

fn rusage() -> libc::rusage {
    // SAFETY: `rusage` is plain data, and the call writes into a valid, exclusive place; RUSAGE_SELF cannot fail.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    }
}

fn nanos(time: libc::timeval) -> u64 {
    time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1_000
}
