//! What a worker does to itself before it touches a plugin, and how it counts what it uses.

#![allow(
    unsafe_code,
    reason = "inherited descriptors, `_exit` and getrusage have no safe form"
)]

use std::{
    collections::BTreeMap,
    fs, io,
    os::{
        fd::{AsFd, FromRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    thread,
};

use benchhost_record::Usage;
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, Resource, Rlimit, Signal, getpid, kill_process_group, setrlimit},
};

use crate::{measure::Edge, probe::process::ProcessStat};

/// Makes the kernel prefer the worker over everything else when memory runs out.
const OOM_SCORE_ADJUSTMENT: &str = "800";

/// Share of the process' CPU time from which a thread counts as doing its work.
const BUSY_SHARE: f64 = 0.05;

/// Takes over the descriptors the host left open for this process.
///
/// # Errors
/// When they are not open.
pub(super) fn inherited(socket: i32, page: i32) -> io::Result<(UnixStream, OwnedFd)> {
    for fd in [socket, page] {
        // SAFETY: only asks whether the number is an open descriptor.
        if fd < 3 || unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            let message = "`__worker` is started by benchhost itself, not by hand";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
    }
    // SAFETY: both are open (checked), were put there by the host for this process alone, and are taken once.
    let (socket, page) = unsafe { (UnixStream::from_raw_fd(socket), OwnedFd::from_raw_fd(page)) };
    for fd in [socket.as_fd(), page.as_fd()] {
        // What the plugin starts must not hold on to them.
        rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC)?;
    }
    Ok((socket, page))
}

/// No core files, first in line when memory runs out, and gone when the host is gone.
///
/// # Errors
/// When the thread that watches the host cannot be started.
pub(super) fn protect_host(socket: &UnixStream) -> io::Result<()> {
    // Best effort: both only matter when something else has already gone wrong.
    let _ = fs::write("/proc/self/oom_score_adj", OOM_SCORE_ADJUSTMENT);
    if std::env::var_os("BENCHHOST_CORE").is_none() {
        let _ = setrlimit(
            Resource::Core,
            Rlimit {
                current: Some(0),
                maximum: Some(0),
            },
        );
    }
    let socket = socket.try_clone()?;
    // Blocked in poll while measuring: costs nothing. `PR_SET_PDEATHSIG` would fire when the spawning thread ends.
    thread::Builder::new()
        .name("benchhost-guard".into())
        .stack_size(64 << 10)
        .spawn(move || {
            loop {
                let mut fds = [PollFd::new(&socket, PollFlags::RDHUP)];
                let polled = poll(&mut fds, None);
                let gone = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
                if polled.is_ok() && fds[0].revents().intersects(gone) {
                    let _ = kill_process_group(getpid(), Signal::KILL);
                    exit_now(1);
                }
            }
        })?;
    Ok(())
}

/// Ends the process at once, running nobody's destructors.
pub(super) fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` takes any code and does not return.
    unsafe { libc::_exit(code) }
}

/// Counters of this process, all threads.
pub(super) fn edge() -> Edge {
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
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Counters now, in the fields of a [`Usage`]; memory as it stands.
fn usage() -> Usage {
    let usage = rusage();
    let memory = ProcessStat::read(Pid::as_raw(Some(getpid())) as u32).ok();
    let resident = memory.as_ref().map_or(0, |stat| stat.rss_bytes);
    Usage {
        user_ns: nanos(usage.ru_utime),
        system_ns: nanos(usage.ru_stime),
        minor_faults: usage.ru_minflt as u64,
        major_faults: usage.ru_majflt as u64,
        voluntary_switches: usage.ru_nvcsw as u64,
        involuntary_switches: usage.ru_nivcsw as u64,
        peak_bytes: memory.as_ref().map_or(0, |stat| stat.peak_bytes),
        before_bytes: resident,
        after_bytes: resident,
        threads_seen: memory.as_ref().map_or(0, |stat| stat.threads),
        busy_threads: 0,
        runnable_threads: 0,
    }
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
    let Ok(threads) = fs::read_dir("/proc/self/task") else {
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

/// What was used since `before`.
fn usage_since(before: &Usage) -> Usage {
    let now = usage();
    Usage {
        user_ns: now.user_ns - before.user_ns,
        system_ns: now.system_ns - before.system_ns,
        minor_faults: now.minor_faults - before.minor_faults,
        major_faults: now.major_faults - before.major_faults,
        voluntary_switches: now.voluntary_switches - before.voluntary_switches,
        involuntary_switches: now.involuntary_switches - before.involuntary_switches,
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
