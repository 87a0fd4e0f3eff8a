//! The threads of one instance: as many as the case asks for, each on its own CPU, parked between iterations.
//!
//! A team belongs to its instance and not to the process, so that two instances do not share threads and their number
//! is that of the case whatever the environment says.

use benchhost_plugin_api::{Ctx, Error};
use rayon::{ThreadPool, ThreadPoolBuilder};
use rustix::thread::{CpuSet, sched_setaffinity};

/// Threads that do a piece of work together.
#[derive(Debug)]
pub(crate) struct Team {
    pool: ThreadPool,
}

impl Team {
    /// As many threads as the case asks for. When the process is pinned to just as many CPUs, thread i stays on the
    /// i-th of them; else the kernel places them.
    pub(crate) fn new(ctx: &Ctx) -> Result<Self, Error> {
        let threads = ctx.threads();
        let cpus = ctx.cpus();
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("team-{index}"))
            .start_handler(move |index| {
                if cpus.len() == threads {
                    stay_on(cpus[index]);
                }
            })
            .build()?;
        Ok(Self { pool })
    }

    /// How many threads there are.
    pub(crate) fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Runs `work` once on every thread, with the number of the thread, and returns the answers in that order. The same
    /// number means the same thread each time. A team of one works on the calling thread, which saves the hand-over.
    pub(crate) fn each<R: Send>(&self, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
        match self.threads() {
            1 => vec![work(0)],
            _ => self.pool.broadcast(|on| work(on.index())),
        }
    }

    /// Runs `work` on one of the threads; what it does in parallel is done by the team.
    pub(crate) fn together<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }
}

/// Binds the calling thread to CPU number `cpu`.
pub(crate) fn stay_on(cpu: usize) {
    if cpu < CpuSet::MAX_CPU {
        let mut set = CpuSet::new();
        set.set(cpu);
        // The process may already run on this CPU; if the kernel refuses all the same, the thread just moves about.
        let _ = sched_setaffinity(None, &set);
    }
}
