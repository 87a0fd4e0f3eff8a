//! The clock of the samples.

use std::time::{Duration, Instant};

/// The end of a wait is spent spinning, because a thread that sleeps wakes up to tenths of a millisecond late.
const SPIN_NS: u64 = 200_000;

/// A monotonic clock in nanoseconds from an arbitrary start.
pub trait Clock {
    /// Now.
    fn now_ns(&self) -> u64;

    /// Comes back at `moment_ns` or just after it; at once when it is past.
    fn wait_until(&self, moment_ns: u64) {
        wait(|| self.now_ns(), moment_ns);
    }
}

/// The kernel's monotonic clock itself, whose moments mean the same to every process.
#[derive(Debug, Clone, Copy, Default)]
pub struct MonotonicClock;

impl Clock for MonotonicClock {
    fn now_ns(&self) -> u64 {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
    }
}

fn wait(now_ns: impl Fn() -> u64, moment_ns: u64) {
    let left = moment_ns.saturating_sub(now_ns());
    if left > SPIN_NS {
        std::thread::sleep(Duration::from_nanos(left - SPIN_NS));
    }
    while now_ns() < moment_ns {
        std::hint::spin_loop();
    }
}

/// The kernel's monotonic clock, through `Instant`.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that starts at 0.
    #[must_use]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    #[inline]
    fn now_ns(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }
}
