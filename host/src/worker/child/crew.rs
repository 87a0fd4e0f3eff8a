//! The instances of a worker: one on the worker's own thread, or several driven by a rayon pool with a thread for each.

use std::{
    sync::{Barrier, Mutex, PoisonError},
    time::Instant,
};

use rayon::{ThreadPool, ThreadPoolBuilder};
use rustix::thread::{CpuSet, sched_setaffinity};

use super::{Failure, member::Member};
use crate::measure::{AtOnce, Batch, Subject, equal};

/// Times the start of nothing is measured to know what it costs.
const HANDOVERS: usize = 32;

/// All instances of a worker.
pub(super) struct Crew {
    members: Vec<Mutex<Member>>,
    pool: Option<Pool>,
    /// What each did in the last batch.
    last: Vec<Batch>,
}

/// Threads that start together.
struct Pool {
    threads: ThreadPool,
    barrier: Barrier,
    clock: Instant,
}

impl Crew {
    /// One instance on the thread that asks.
    pub(super) fn alone(member: Member) -> Self {
        Self {
            members: vec![Mutex::new(member)],
            pool: None,
            last: Vec::new(),
        }
    }

    /// Instances that are started together, each on a thread of its own. `cpus`: those of each, where there are enough for all. A
    /// thread whose instance has a single one is held to it; others are not, because pools that a plugin starts later would be
    /// held to the same few.
    pub(super) fn at_once(members: Vec<Member>, cpus: &[Vec<u32>]) -> Result<Self, Failure> {
        let count = members.len();
        let threads = ThreadPoolBuilder::new()
            .num_threads(count)
            .thread_name(|index| format!("instance-{index}"))
            .start_handler(hold_to(cpus))
            .build()
            .map_err(|error| Failure::order(&format!("cannot start {count} threads: {error}")))?;
        Ok(Self {
            members: members.into_iter().map(Mutex::new).collect(),
            pool: Some(Pool {
                threads,
                barrier: Barrier::new(count),
                clock: Instant::now(),
            }),
            last: Vec::new(),
        })
    }

    /// Does `step` with each instance, one after the other.
    pub(super) fn each(
        &mut self,
        mut step: impl FnMut(&mut Member) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.members
            .iter_mut()
            .try_for_each(|member| step(member.get_mut().unwrap_or_else(PoisonError::into_inner)))
    }

    /// How far apart the instances start and end when they have nothing to do, ns: samples must be long against it.
    pub(super) fn handover_ns(&self) -> Option<f64> {
        let pool = self.pool.as_ref()?;
        let mut spans: Vec<u64> = (0..HANDOVERS)
            .map(|_| {
                let times = pool.threads.broadcast(|_| pool.timed(|| ()).0);
                AtOnce::of(&times).map_or(0, |times| times.span_ns)
            })
            .collect();
        spans.sort_unstable();
        Some(spans[HANDOVERS / 2] as f64)
    }
}

/// Holds each thread to the CPU of its instance, where that has one of its own.
fn hold_to(cpus: &[Vec<u32>]) -> impl Fn(usize) + Send + Sync + 'static {
    let only = |own: &Vec<u32>| match own[..] {
        [cpu] => Some(cpu),
        _ => None,
    };
    let single: Vec<Option<u32>> = cpus.iter().map(only).collect();
    move |index| {
        if let Some(Some(cpu)) = single.get(index) {
            let mut set = CpuSet::new();
            set.set(*cpu as usize);
            // Held to the CPUs of all instances in any case.
            let _ = sched_setaffinity(None, &set);
        }
    }
}

impl Pool {
    /// Waits for the others, then does `step`: its start and its end on one clock, ns.
    fn timed<T>(&self, step: impl FnOnce() -> T) -> ((u64, u64), T) {
        self.barrier.wait();
        let start = self.clock.elapsed();
        let done = step();
        let end = self.clock.elapsed();
        ((start.as_nanos() as u64, end.as_nanos() as u64), done)
    }
}

impl Subject for Crew {
    type Error = Failure;

    fn prepare(&mut self) -> Result<(), Failure> {
        self.each(Member::prepare)
    }

    fn run(&mut self, n: u64) -> Result<Batch, Failure> {
        let Some(pool) = &self.pool else {
            let member = self.members[0].get_mut();
            let batch = member.unwrap_or_else(PoisonError::into_inner).run(n)?;
            self.last.clear();
            self.last.push(batch);
            return Ok(batch);
        };
        let members = &self.members;
        let done = pool.threads.broadcast(|thread| {
            let member = members[thread.index()].lock();
            let mut member = member.unwrap_or_else(PoisonError::into_inner);
            pool.timed(|| member.run(n))
        });
        let times: Vec<(u64, u64)> = done.iter().map(|(times, _)| *times).collect();
        let batches: Result<Vec<Batch>, Failure> =
            done.into_iter().map(|(_, batch)| batch).collect();
        self.last = batches?;
        Ok(Batch {
            iterations: equal(self.last.iter().map(|batch| batch.iterations)),
            finished: self.last.iter().any(|batch| batch.finished),
            stopped: self.last.iter().any(|batch| batch.stopped),
            device_ns: self
                .last
                .iter()
                .map(|batch| batch.device_ns)
                .max()
                .unwrap_or(0),
            at_once: AtOnce::of(&times),
            self_timed: None,
        })
    }

    fn finish(&mut self, asked: u64, batch: Batch, elapsed_ns: u64) -> Result<(), Failure> {
        let own = std::mem::take(&mut self.last);
        let mut own = own.into_iter();
        self.each(|member| member.finish(asked, own.next().unwrap_or(batch), elapsed_ns))
    }
}
