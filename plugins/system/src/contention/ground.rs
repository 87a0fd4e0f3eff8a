//! What the threads fight over, and the proof that nobody's operation was lost.

use std::{
    hint::black_box,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use benchhost_plugin_api::{Error, ensure_right};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::Kind;

/// Amounts of work. A step is one round of xorshift64, six dependent operations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    /// Operations of each thread.
    pub(super) operations: u64,
    /// Steps of an operation that need nobody.
    pub(super) private: u64,
    /// Steps of an operation inside the lock.
    pub(super) critical: u64,
    /// Steps of an operation inside the lock for each other thread.
    pub(super) exchange: u64,
}

/// `steps` rounds of xorshift64 that no compiler shortens.
///
/// Source: Marsaglia (2003), J. Stat. Softw. 8(14).
fn toil(mut x: u64, steps: u64) -> u64 {
    x |= 1;
    for _ in 0..steps {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    black_box(x)
}

/// A number with cache lines of its own: two, because processors fetch lines in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Lonely(AtomicU64);

fn lonely(count: usize) -> Vec<Lonely> {
    (0..count).map(|_| Lonely::default()).collect()
}

/// What a lock guards.
#[derive(Debug, Default)]
struct Guarded {
    operations: u64,
    /// Operations that found the slots of the others in a state that never was.
    torn: u64,
}

/// Everything shared by the threads of one instance.
#[derive(Debug)]
pub(super) struct Ground {
    kind: Kind,
    steps: Steps,
    /// Messages that a channel holds.
    capacity: u64,
    iterations: u64,
    counter: Lonely,
    guarded: Mutex<Guarded>,
    /// Operations of each thread, as it publishes them to the others; for channels, the sum of what it received in
    /// this iteration; for tasks, how many it did in this iteration.
    slots: Vec<Lonely>,
    /// What thread i last read of the slot of j: the acknowledgement, at i·threads + j.
    seen: Vec<Lonely>,
    ring: Vec<Link>,
}

/// A thread's place in the ring: it sends to the next, and receives what the one before sent.
#[derive(Debug)]
struct Link {
    to_next: SyncSender<u64>,
    /// Only its own thread takes this lock; it is there because a receiver must not be shared.
    from_before: Mutex<Receiver<u64>>,
}

impl Ground {
    pub(super) fn new(kind: Kind, steps: Steps, threads: usize, capacity: usize) -> Self {
        let (mut senders, receivers): (Vec<_>, Vec<_>) =
            (0..threads).map(|_| sync_channel(capacity)).unzip();
        senders.rotate_left(1);
        let ring = senders.into_iter().zip(receivers);
        Self {
            kind,
            steps,
            capacity: capacity as u64,
            iterations: 0,
            counter: Lonely::default(),
            guarded: Mutex::default(),
            slots: lonely(threads),
            seen: lonely(threads * threads),
            ring: ring
                .map(|(to_next, from_before)| Link {
                    to_next,
                    from_before: Mutex::new(from_before),
                })
                .collect(),
        }
    }

    /// Starts an iteration.
    pub(super) fn begin(&mut self) {
        self.iterations += 1;
        if matches!(self.kind, Kind::Channel | Kind::WorkStealing) {
            for slot in &mut self.slots {
                *slot.0.get_mut() = 0;
            }
        }
    }

    /// The operations of one thread.
    pub(super) fn operate(&self, thread: usize) {
        match self.kind {
            Kind::Counter => self.count(thread),
            Kind::Mutex => self.lock(thread),
            Kind::Channel => self.pass_on(thread),
            Kind::Exchange => self.exchange(thread),
            Kind::WorkStealing => unreachable!("tasks are not handed to threads by number"),
        }
    }

    fn count(&self, thread: usize) {
        for _ in 0..self.steps.operations {
            toil(thread as u64, self.steps.private);
            self.counter.0.fetch_add(1, Relaxed);
        }
    }

    fn lock(&self, thread: usize) {
        for _ in 0..self.steps.operations {
            toil(thread as u64, self.steps.private);
            let mut guarded = self.guarded.lock().unwrap_or_else(PoisonError::into_inner);
            guarded.operations += 1;
            toil(guarded.operations, self.steps.critical);
        }
    }

    /// Sends as many as a channel holds, receives as many, and so on. Never stuck: when everybody waited for room, every
    /// channel would be full, yet nobody is ahead of what it received by as much as that; when everybody waited for a
    /// message, every channel would be empty, yet more has been sent than received.
    fn pass_on(&self, thread: usize) {
        let link = &self.ring[thread];
        let from_before = link
            .from_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut sum = 0;
        let mut next = 0;
        while next < self.steps.operations {
            let burst = next..(next + self.capacity).min(self.steps.operations);
            next = burst.end;
            for operation in burst.clone() {
                toil(thread as u64, self.steps.private);
                let sent = link.to_next.send(message(thread, operation));
                sent.expect("the ring, which holds all receivers, outlives the operations");
            }
            for _ in burst {
                let received = from_before.recv();
                sum +=
                    received.expect("the ring, which holds all senders, outlives the operations");
            }
        }
        self.slots[thread].0.store(sum, Relaxed);
    }

    /// An operation publishes that it happened, and reads and acknowledges what every other thread has published. All of it
    /// in the lock, because what is read must be a state that was: their number is known there.
    fn exchange(&self, thread: usize) {
        let threads = self.slots.len();
        for _ in 0..self.steps.operations {
            toil(thread as u64, self.steps.private);
            let mut guarded = self.guarded.lock().unwrap_or_else(PoisonError::into_inner);
            guarded.operations += 1;
            toil(guarded.operations, self.steps.critical);
            let mut sum = self.slots[thread].0.fetch_add(1, Relaxed) + 1;
            for other in (0..threads).filter(|other| *other != thread) {
                let published = self.slots[other].0.load(Relaxed);
                self.seen[thread * threads + other]
                    .0
                    .store(published, Relaxed);
                toil(published, self.steps.exchange);
                sum += published;
            }
            guarded.torn += u64::from(sum != guarded.operations);
        }
    }

    /// All operations of all threads as tasks, halved until each is alone, so that threads take them from each other.
    pub(super) fn run_tasks(&self) {
        let all = self.steps.operations as usize * self.slots.len();
        (0..all).into_par_iter().with_max_len(1).for_each(|task| {
            toil(task as u64, self.steps.private);
            let thread = rayon::current_thread_index().unwrap_or(0);
            self.slots[thread].0.fetch_add(1, Relaxed);
        });
    }

    /// Tasks of the last iteration by the thread that did them.
    pub(super) fn tasks_by_thread(&self) -> Vec<f64> {
        let tasks = self.slots.iter().map(|slot| slot.0.load(Relaxed) as f64);
        tasks.collect()
    }

    /// A number that depends on what was done.
    pub(super) fn digest(&self) -> u64 {
        let slots = self.slots.iter().map(|slot| slot.0.load(Relaxed));
        slots.fold(self.counter.0.load(Relaxed), u64::wrapping_add)
    }

    /// Every operation of every thread has left its trace, exactly once.
    pub(super) fn check(&self) -> Result<(), Error> {
        ensure_right(self.iterations > 0, || "no iteration was done")?;
        let operations = self.steps.operations;
        let each = operations * self.iterations;
        let all = each * self.slots.len() as u64;
        let guarded = self.guarded.lock().unwrap_or_else(PoisonError::into_inner);
        match self.kind {
            Kind::Counter => equal("the counter", self.counter.0.load(Relaxed), all),
            Kind::Mutex => equal("the guarded number", guarded.operations, all),
            Kind::Channel => self.check_ring(),
            Kind::WorkStealing => {
                let done = self.slots.iter().map(|slot| slot.0.load(Relaxed)).sum();
                equal(
                    "the number of tasks done",
                    done,
                    operations * self.slots.len() as u64,
                )
            }
            Kind::Exchange => {
                equal("the guarded number", guarded.operations, all)?;
                equal("the number of torn exchanges", guarded.torn, 0)?;
                for slot in &self.slots {
                    equal("what a thread published last", slot.0.load(Relaxed), each)?;
                }
                self.check_seen(each)
            }
        }
    }

    fn check_ring(&self) -> Result<(), Error> {
        let threads = self.slots.len();
        for (thread, slot) in self.slots.iter().enumerate() {
            let before = (thread + threads - 1) % threads;
            let sent = (0..self.steps.operations).map(|operation| message(before, operation));
            equal(
                &format!("the sum of what thread {thread} received"),
                slot.0.load(Relaxed),
                sent.sum(),
            )?;
        }
        Ok(())
    }

    /// Whoever worked last has seen the last state of all others.
    fn check_seen(&self, each: u64) -> Result<(), Error> {
        let threads = self.slots.len();
        let seen_all = |thread: usize| {
            let mut others = (0..threads).filter(|other| *other != thread);
            others.all(|other| self.seen[thread * threads + other].0.load(Relaxed) == each)
        };
        ensure_right((0..threads).any(seen_all), || {
            format!("no thread has seen that all others did {each} operations")
        })
    }
}

/// What thread `thread` sends as its operation number `operation`.
fn message(thread: usize, operation: u64) -> u64 {
    (thread as u64 + 1) * 1_000_003 + operation
}

fn equal(what: &str, found: u64, expected: u64) -> Result<(), Error> {
    ensure_right(found == expected, || {
        format!("{what} is {found}, expected {expected}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worked(kind: Kind) -> Ground {
        let steps = Steps {
            operations: 5,
            private: 1,
            critical: 1,
            exchange: 1,
        };
        let mut ground = Ground::new(kind, steps, 1, 4);
        ground.begin();
        match kind {
            Kind::WorkStealing => {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
                pool.unwrap().install(|| ground.run_tasks());
            }
            _ => ground.operate(0),
        }
        ground.check().unwrap();
        ground
    }

    #[test]
    fn an_operation_that_is_lost_or_done_twice_is_seen() {
        for (kind, sentence) in [
            (Kind::Counter, "the counter is 6, expected 5"),
            (
                Kind::WorkStealing,
                "the number of tasks done is 6, expected 5",
            ),
            (
                Kind::Channel,
                "the sum of what thread 0 received is 5000026, expected 5000025",
            ),
            (
                Kind::Exchange,
                "what a thread published last is 6, expected 5",
            ),
        ] {
            let mut ground = worked(kind);
            *ground.counter.0.get_mut() += 1;
            *ground.slots[0].0.get_mut() += 1;

            assert_eq!(ground.check().unwrap_err().to_string(), sentence);
        }
        let ground = worked(Kind::Mutex);
        ground.guarded.lock().unwrap().operations -= 1;
        assert_eq!(
            ground.check().unwrap_err().to_string(),
            "the guarded number is 4, expected 5"
        );
        let ground = worked(Kind::Exchange);
        ground.guarded.lock().unwrap().torn += 1;
        assert_eq!(
            ground.check().unwrap_err().to_string(),
            "the number of torn exchanges is 1, expected 0"
        );
    }
}
