//! Counts of events, and what they make when the counters had to share the hardware.

/// What one counter says: proc_perf_event_open(2), `read_format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) count: u64,
    /// For how long the thread ran while the counter was on.
    pub(super) enabled_ns: u64,
    /// For how much of that it had a place in the hardware.
    pub(super) running_ns: u64,
}

/// All threads together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Total {
    pub(super) value: f64,
    /// Share of the time in which was counted; 1 when the hardware was not shared.
    pub(super) share: f64,
}

impl Total {
    /// Scales by enabled and running time of all, as perf-stat(1) does.
    ///
    /// `None` without a counter, and when threads ran and nothing was counted. Threads that never ran did nothing.
    pub(super) fn of(counts: &[Count]) -> Option<Self> {
        if counts.is_empty() {
            return None;
        }
        let sum =
            |field: fn(&Count) -> u64| counts.iter().map(|one| field(one) as f64).sum::<f64>();
        let (enabled, running) = (sum(|one| one.enabled_ns), sum(|one| one.running_ns));
        let count = sum(|one| one.count);
        if running >= enabled {
            return Some(Self {
                value: count,
                share: 1.0,
            });
        }
        (running > 0.0).then(|| Self {
            value: count * enabled / running,
            share: running / enabled,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(counts: &[(u64, u64, u64)]) -> Option<(f64, f64)> {
        let counts: Vec<Count> = counts
            .iter()
            .map(|(count, enabled_ns, running_ns)| Count {
                count: *count,
                enabled_ns: *enabled_ns,
                running_ns: *running_ns,
            })
            .collect();
        Total::of(&counts).map(|total| (total.value, total.share))
    }

    #[test]
    fn counts_of_threads_are_summed_and_scaled_by_the_time_they_were_counted() {
        assert_eq!(total(&[(5, 10, 10), (7, 20, 20)]), Some((12.0, 1.0)));
        assert_eq!(total(&[(100, 80, 20)]), Some((400.0, 0.25)));
        assert_eq!(total(&[(30, 40, 20), (30, 40, 40)]), Some((80.0, 0.75)));
    }

    #[test]
    fn what_was_never_counted_is_not_nothing() {
        assert_eq!(total(&[(0, 50, 0)]), None);
        assert_eq!(total(&[]), None);
        assert_eq!(total(&[(0, 0, 0)]), Some((0.0, 1.0)), "it never ran");
    }
}
