//! Which CPUs a worker is pinned to.

use benchhost_plan::Pin;
use benchhost_record::Case;
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

/// CPUs for the `slot`-th process of a case: its part of those that all of them need. A list that the suite gives holds for
/// each of them.
pub(super) fn of_slot(pin: &Pin, case: &Case, slot: u32) -> Vec<u32> {
    let all = choose(pin, case.all_threads());
    if case.processes() == 1 || *pin != Pin::Auto {
        return all;
    }
    let each = case.threads as usize;
    all.chunks(each)
        .nth(slot as usize)
        .map(<[u32]>::to_vec)
        .unwrap_or_default()
}

/// CPUs that all threads of a case may run on: those they are pinned to, or all.
pub(crate) fn held_to(pin: &Pin, threads: u32) -> Vec<u32> {
    or_all(choose(pin, threads))
}

/// `pinned`, or all when there is no pinning.
pub(super) fn or_all(pinned: Vec<u32>) -> Vec<u32> {
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
