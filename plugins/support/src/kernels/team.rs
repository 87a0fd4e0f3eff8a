//! Threads that share small pieces of work, many thousand times a second.
//!
//! A decoded token has about 150 of them, some of 5 µs: a pool that sleeps between would spend more time waking up than
//! working. Helpers look for work without a pause for a while (about 100 µs) and only then sleep. A team belongs to whom
//! it works for, so that two do not disturb each other, and has as many threads as its owner says.
//!
//! Nobody waits for a helper that has not come: pieces are taken one by one, and when none is left the owner closes the
//! door and waits for those inside alone. On a busy machine, where the kernel lets a helper run now and then, a team is
//! therefore not slower than its owner alone.

use std::{
    any::Any,
    cell::UnsafeCell,
    hint::spin_loop,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

/// Looks before a helper sleeps.
const LOOKS: u32 = 5_000;

/// The bit of the door that says it is open; below it the helpers inside are counted, above it the rounds.
const OPEN: u64 = 1 << 31;

/// Looks before the owner lets another thread have its CPU, where there are fewer CPUs than threads.
const PATIENCE: u32 = 2_000;

/// The caller and its helpers.
#[derive(Debug)]
pub struct Team {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
}

type Work = dyn Fn() + Sync;

struct Shared {
    /// Valid while the door is open or somebody inside.
    work: UnsafeCell<Option<*const Work>>,
    /// `round << 32 | open | helpers inside`; a new round is the signal to begin.
    door: AtomicU64,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    stop: AtomicBool,
    asleep: AtomicUsize,
    lock: Mutex<()>,
    wake: Condvar,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("door", &self.door)
            .finish_non_exhaustive()
    }
}

// SAFETY: `work` is written by the owner while the door is closed and nobody inside, and read by helpers inside alone.
unsafe impl Sync for Shared {}
// SAFETY: what the pointer leads to is `Sync`, and outlives its use (see `Team::all`).
unsafe impl Send for Shared {}

/// A pointer that may be used on every thread of a team.
struct Start<T>(*mut T);

// SAFETY: each thread makes slices of its own pieces from it, see `Team::chunks`.
unsafe impl<T: Send> Sync for Start<T> {}

impl<T> Start<T> {
    /// A method, so that closures take the whole and not the bare pointer.
    fn get(&self) -> *mut T {
        self.0
    }
}

impl Team {
    /// A team of `threads`, the caller included.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let shared = Arc::new(Shared {
            work: UnsafeCell::new(None),
            door: AtomicU64::new(0),
            panic: Mutex::new(None),
            stop: AtomicBool::new(false),
            asleep: AtomicUsize::new(0),
            lock: Mutex::new(()),
            wake: Condvar::new(),
        });
        let helper = |_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.help())
        };
        let helpers = (1..threads).map(helper).collect();
        Self { shared, helpers }
    }

    /// Threads, the caller included.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Calls `work` for each piece of `length` values with its number; whichever thread is free takes the next one.
    ///
    /// # Panics
    /// `length` is 0; `work` panics.
    pub fn chunks<T: Send>(
        &mut self,
        values: &mut [T],
        length: usize,
        work: impl Fn(usize, &mut [T]) + Sync,
    ) {
        let count = values.len().div_ceil(length);
        if self.helpers.is_empty() || count <= 1 {
            for (index, piece) in values.chunks_mut(length).enumerate() {
                work(index, piece);
            }
            return;
        }
        let (start, end) = (Start(values.as_mut_ptr()), values.len());
        let next = AtomicUsize::new(0);
        self.all(&|| {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return;
                }
                let from = index * length;
                // SAFETY: `values` is borrowed exclusively for the whole call, every number is handed out once, and the
                // pieces of different numbers do not overlap and end at `end`.
                let piece = unsafe {
                    std::slice::from_raw_parts_mut(start.get().add(from), length.min(end - from))
                };
                work(index, piece);
            }
        });
    }

    /// [`chunks`](Self::chunks) in pieces of a few `unit`s, about four for each thread; all in one for a team of one.
    /// `work` gets the number of the first unit of its piece.
    ///
    /// # Panics
    /// `unit` is 0; `work` panics.
    pub fn share<T: Send>(
        &mut self,
        values: &mut [T],
        unit: usize,
        work: impl Fn(usize, &mut [T]) + Sync,
    ) {
        let units = values.len().div_ceil(unit);
        let pieces = if self.helpers.is_empty() {
            1
        } else {
            4 * self.threads()
        };
        let each = units.div_ceil(pieces).max(1);
        self.chunks(values, each * unit, |index, piece| {
            work(index * each, piece)
        });
    }

    /// Calls `work` on this thread and on every helper that comes before this one has finished; returns when all have.
    fn all(&mut self, work: &(dyn Fn() + Sync)) {
        let shared = &*self.shared;
        // SAFETY: the lifetime is erased; no helper uses the pointer after `Finish`, which closes the door and waits for those
        // inside, even when `work` panics on this thread.
        let erased: *const Work =
            unsafe { std::mem::transmute::<*const (dyn Fn() + Sync + '_), *const Work>(work) };
        // SAFETY: the door is closed and nobody inside, so none reads.
        unsafe { *shared.work.get() = Some(erased) };
        shared.next_round(OPEN);
        let finish = Finish(shared);
        work();
        drop(finish);
        let panic = shared
            .panic
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

/// Closes the door and waits for the helpers inside when dropped.
struct Finish<'a>(&'a Shared);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let mut door = self.0.door.fetch_and(!OPEN, Ordering::AcqRel);
        let mut looks = 0;
        while door & (OPEN - 1) > 0 {
            if looks < PATIENCE {
                looks += 1;
                spin_loop();
            } else {
                thread::yield_now();
            }
            door = self.0.door.load(Ordering::Acquire);
        }
        if thread::panicking() {
            // One panic is enough; that of a helper must not come up in a later round.
            self.0
                .panic
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
        }
    }
}

impl Shared {
    /// Begins a round with an `open` door or, to end all, a closed one; wakes those who sleep. Nobody may be inside.
    fn next_round(&self, open: u64) {
        let round = (self.door.load(Ordering::Relaxed) >> 32).wrapping_add(1);
        self.door.store(round << 32 | open, Ordering::SeqCst);
        if self.asleep.load(Ordering::SeqCst) > 0 {
            let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.wake.notify_all();
        }
    }

    /// The life of a helper.
    fn help(&self) {
        let mut seen = 0;
        while !self.stop.load(Ordering::Acquire) {
            let door = self.await_round(seen);
            seen = door >> 32;
            if !self.enter(door) {
                continue;
            }
            // SAFETY: this thread is inside: the owner wrote the pointer before it opened the door, and waits.
            let work = unsafe { (*self.work.get()).map(|work| &*work) };
            if let Some(work) = work
                && let Err(panic) = catch_unwind(AssertUnwindSafe(work))
            {
                *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
            }
            self.door.fetch_sub(1, Ordering::Release);
        }
    }

    /// Goes in, unless the door of this round is closed.
    fn enter(&self, mut door: u64) -> bool {
        let round = door >> 32;
        while door & OPEN != 0 && door >> 32 == round {
            match self.door.compare_exchange_weak(
                door,
                door + 1,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return true,
                Err(now) => door = now,
            }
        }
        false
    }

    /// Waits for a round after `seen`; what the door was then.
    fn await_round(&self, seen: u64) -> u64 {
        for _ in 0..LOOKS {
            let door = self.door.load(Ordering::Acquire);
            if door >> 32 != seen {
                return door;
            }
            spin_loop();
        }
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.asleep.fetch_add(1, Ordering::SeqCst);
        loop {
            let door = self.door.load(Ordering::SeqCst);
            if door >> 32 != seen {
                self.asleep.fetch_sub(1, Ordering::SeqCst);
                return door;
            }
            guard = self
                .wake
                .wait(guard)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.next_round(0);
        for helper in self.helpers.drain(..) {
            // A helper catches what its work throws.
            let _ = helper.join();
        }
    }
}

#[cfg(test)]
mod tests;
