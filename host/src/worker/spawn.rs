//! Starts a worker: descriptors, environment, CPUs and limits are set before it runs.

#![allow(
    unsafe_code,
    reason = "pre_exec and `Command` need it to prepare the child"
)]

use std::{
    io,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Instant,
};

use benchhost_plan::MemoryBy;
use rustix::{
    io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd},
    process::{Pid, PidfdFlags, Resource, Rlimit, pidfd_open, setrlimit},
    thread::{CpuSet, sched_setaffinity},
};

use super::{capture::Stream, cgroup::Cgroup, frame::Buffer, page::Page};
use crate::{
    data,
    probe::{
        process::{CpuUse, system_oom_kills},
        trace::Thinned,
    },
};

/// Inherited descriptors are moved up here, away from those that the standard library uses between fork and exec.
const FIRST_INHERITED_FD: i32 = 20;

/// Threads variables of the libraries that workloads use. candle reads `/proc/cpuinfo` on every product of matrices
/// when `RAYON_NUM_THREADS` is not set.
const THREAD_VARIABLES: [&str; 6] = [
    "RAYON_NUM_THREADS",
    "CANDLE_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
];

/// What a worker is started with.
#[derive(Debug, Clone)]
pub struct SpawnSpec {
    /// The host's own binary.
    pub exe: PathBuf,
    /// Folder that relative paths in parameters start from.
    pub folder: PathBuf,
    /// Threads the workload may use.
    pub threads: u32,
    /// CPUs to pin the process to; empty for none.
    pub cpus: Vec<u32>,
    /// Memory limit in bytes and how it is enforced.
    pub memory: Option<(u64, MemoryBy)>,
    /// Samples that fit into the page.
    pub max_samples: u64,
}

/// Metric values that fit into the page for each sample. Sampling ends when the page is full.
const VALUES_PER_SAMPLE: u64 = 32;
/// Most samples and values of one worker, whatever the plan allows: 416 MiB of address space.
const MOST_SAMPLES: u64 = 4 << 20;
const MOST_VALUES: u64 = 16 << 20;

/// Looks at a worker's threads that say something together.
const FEWEST_LOOKS: usize = 5;

/// A running worker, seen from the host.
#[derive(Debug)]
pub struct Worker {
    pub(super) child: Child,
    pub(super) pid: Pid,
    pub(super) pidfd: OwnedFd,
    pub(super) socket: UnixStream,
    pub(super) frames: Buffer,
    pub(super) page: Page,
    pub(super) stdout: Stream,
    pub(super) stderr: Stream,
    pub(super) cgroup: Option<Cgroup>,
    pub(super) limit: Option<Limit>,
    pub(super) metric_names: Vec<(String, String)>,
    pub(super) log: Vec<(u32, String)>,
    pub(super) peak_bytes: u64,
    /// Since when its memory is followed, and what was seen.
    pub(super) memory: Option<(Instant, Thinned)>,
    pub(super) runnable: Vec<u32>,
    pub(super) oom_kills_before: u64,
    pub(super) spawned: Instant,
    /// When the host last looked at its memory and its threads; requests may be shorter than the time between two looks.
    pub(super) looked: Instant,
}

/// The memory limit in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) bytes: u64,
    /// Whether the host itself has to look.
    pub(super) watched: bool,
}

impl Worker {
    /// Starts a worker process.
    ///
    /// # Errors
    /// What the kernel says: no process, no descriptor, no memory to be had.
    pub fn spawn(spec: &SpawnSpec) -> io::Result<Self> {
        let spawned = Instant::now();
        let samples = spec.max_samples.min(MOST_SAMPLES);
        let (page, page_fd) =
            Page::create(samples, (samples * VALUES_PER_SAMPLE).min(MOST_VALUES))?;
        let (ours, theirs) = UnixStream::pair()?;
        let theirs = fcntl_dupfd_cloexec(&theirs, FIRST_INHERITED_FD)?;
        let page_fd = fcntl_dupfd_cloexec(&page_fd, FIRST_INHERITED_FD)?;
        let (cgroup, limit) = memory_limit(spec.memory)?;
        let mut command = Command::new(&spec.exe);
        command
            .arg("__worker")
            .arg(theirs.as_raw_fd().to_string())
            .arg(page_fd.as_raw_fd().to_string())
            .current_dir(&spec.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        for name in THREAD_VARIABLES {
            command.env(name, spec.threads.to_string());
        }
        if let Some(folders) = data::for_workers() {
            command.env(data::DATA_VARIABLE, folders);
        }
        prepare_child(&mut command, spec, theirs, page_fd);
        let oom_kills_before = system_oom_kills();
        let mut child = command.spawn()?;
        let watched = watch(&mut child, cgroup.as_ref()).inspect_err(|_| {
            // Best effort: the worker ends by itself once its socket is closed.
            let _ = child.kill();
            let _ = child.wait();
        });
        let (pidfd, stdout, stderr) = watched?;
        let pid = Pid::from_child(&child);
        Ok(Self {
            child,
            pid,
            pidfd,
            socket: ours,
            frames: Buffer::default(),
            page,
            stdout,
            stderr,
            cgroup,
            limit,
            metric_names: Vec::new(),
            log: Vec::new(),
            peak_bytes: 0,
            memory: None,
            runnable: Vec::new(),
            oom_kills_before,
            spawned,
            looked: spawned,
        })
    }

    /// The page shared with the worker.
    #[must_use]
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// Number of the process that is measured: the worker, or that of a plugin which is one.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.page
            .measured_process()
            .unwrap_or_else(|| self.child.id())
    }

    /// What the process that is measured had from the scheduler; of a plugin which is one, its worker worked for it too.
    #[must_use]
    pub fn cpu_use(&self) -> Option<CpuUse> {
        let measured = CpuUse::of(self.id())?;
        match self.page.measured_process() {
            None => Some(measured),
            Some(_) => Some(CpuUse {
                used_ns: measured.used_ns + CpuUse::of(self.child.id())?.used_ns,
                ..measured
            }),
        }
    }

    /// Names and units of the metrics in the page, by number.
    #[must_use]
    pub fn metric_names(&self) -> &[(String, String)] {
        &self.metric_names
    }

    /// Lines of the plugin's log with their level.
    #[must_use]
    pub fn log(&self) -> &[(u32, String)] {
        &self.log
    }

    /// Threads that were running or ready to run at once while samples were taken: the median of the host's looks,
    /// or 0 when there were too few.
    #[must_use]
    pub fn runnable_threads(&self) -> u32 {
        let mut looks = self.runnable.clone();
        looks.sort_unstable();
        if looks.len() < FEWEST_LOOKS {
            0
        } else {
            looks[looks.len() / 2]
        }
    }

    /// The memory limit, when it is the host that watches over it.
    #[must_use]
    pub fn watched_limit(&self) -> Option<u64> {
        self.limit
            .filter(|limit| limit.watched)
            .map(|limit| limit.bytes)
    }

    /// When the process was started.
    #[must_use]
    pub fn spawned(&self) -> Instant {
        self.spawned
    }
}

/// What the host watches a fresh child by: its end, its standard output, its standard error. Puts it into its group.
fn watch(child: &mut Child, group: Option<&Cgroup>) -> io::Result<(OwnedFd, Stream, Stream)> {
    let pidfd = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    if let Some(group) = group {
        group.add(child.id())?;
    }
    let pipe_gone = || io::Error::other("the worker's output is not a pipe");
    let stdout = Stream::new(child.stdout.take().ok_or_else(pipe_gone)?.into())?;
    let stderr = Stream::new(child.stderr.take().ok_or_else(pipe_gone)?.into())?;
    Ok((pidfd, stdout, stderr))
}

/// Sets what only the child itself can set, between fork and exec.
fn prepare_child(command: &mut Command, spec: &SpawnSpec, socket: OwnedFd, page: OwnedFd) {
    let mut cpus = CpuSet::new();
    for cpu in &spec.cpus {
        if (*cpu as usize) < CpuSet::MAX_CPU {
            cpus.set(*cpu as usize);
        }
    }
    let pinned = !spec.cpus.is_empty();
    let address_space = match spec.memory {
        Some((bytes, MemoryBy::AddressSpace)) => Some(bytes),
        _ => None,
    };
    let prepare = move || {
        for fd in [&socket, &page] {
            fcntl_setfd(fd, FdFlags::empty())?;
        }
        if pinned {
            sched_setaffinity(None, &cpus)?;
        }
        if let Some(bytes) = address_space {
            setrlimit(
                Resource::As,
                Rlimit {
                    current: Some(bytes),
                    maximum: Some(bytes),
                },
            )?;
        }
        Ok(())
    };
    // SAFETY: runs between fork and exec, where only async-signal-safe calls are allowed: these are three system
    // calls on values made before the fork, without allocation or locks.
    unsafe { command.pre_exec(prepare) };
}

/// The control group and the limit in force; `Auto` falls back from a group that cannot be made to watching.
fn memory_limit(asked: Option<(u64, MemoryBy)>) -> io::Result<(Option<Cgroup>, Option<Limit>)> {
    let Some((bytes, by)) = asked else {
        return Ok((None, None));
    };
    let group = match by {
        MemoryBy::Auto => Cgroup::create(bytes).ok(),
        MemoryBy::Cgroup => Some(Cgroup::create(bytes).map_err(no_group)?),
        MemoryBy::Watchdog | MemoryBy::AddressSpace => None,
    };
    let watched = group.is_none() && by != MemoryBy::AddressSpace;
    Ok((group, Some(Limit { bytes, watched })))
}

/// Of kind `Unsupported`, so that the case is skipped and not failed.
fn no_group(error: io::Error) -> io::Error {
    let message = format!(
        "memory-by = \"cgroup\", but no control group for memory can be made here ({error}); \
         memory-by = \"auto\" watches from outside instead"
    );
    io::Error::new(io::ErrorKind::Unsupported, message)
}
