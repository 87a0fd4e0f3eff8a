//! The clock of the samples.

use std::time::Instant;

/// A monotonic clock in nanoseconds from an arbitrary start.
pub trait Clock {
    /// Now.
    fn now_ns(&self) -> u64;
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
