//! Which CPUs a worker is pinned to.

use benchhost_plan::Pin;
use rustix::thread::{CpuSet, sched_getaffinity};

/// CPUs for a worker with `threads` threads; empty for no pinning.
///
/// `Auto` takes the last CPUs this process may use, which leaves the first, where interrupts tend to land, to the
/// host; it does not pin when there are fewer CPUs than threads.
pub(super) fn choose(pin: &Pin, threads: u32) -> Vec<u32> {
    match pin {
        Pin::None => Vec::new(),
        Pin::Cpus(cpus) => cpus.iter().map(|cpu| *cpu as u32).collect(),
        Pin::Auto => last(&usable(), threads),
    }
}

/// CPUs a worker with `threads` threads may run on: those it is pinned to, or all.
pub(crate) fn held_to(pin: &Pin, threads: u32) -> Vec<u32> {
    let pinned = choose(pin, threads);
    if pinned.is_empty() { usable() } else { pinned }
}

fn last(usable: &[u32], threads: u32) -> Vec<u32> {
    match usable.len().checked_sub(threads as usize) {
        Some(start) => usable[start..].to_vec(),
        None => Vec::new(),
    }
}

/// CPUs this process may use.
pub fn usable() -> Vec<u32> {
    let Ok(set) = sched_getaffinity(None) else {
        return Vec::new();
    };
    (0..CpuSet::MAX_CPU)
        .filter(|cpu| set.is_set(*cpu))
        .map(|cpu| cpu as u32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_cpus_are_taken_and_too_few_mean_no_pinning() {
        assert_eq!(last(&[0, 1, 2, 5], 2), [2, 5]);
        assert_eq!(last(&[0, 1], 2), [0, 1]);
        assert!(last(&[0, 1], 3).is_empty());
        assert!(!usable().is_empty());
        assert_eq!(held_to(&Pin::None, 1), usable());
        assert_eq!(held_to(&Pin::Cpus(vec![3]), 1), [3]);
    }
}
