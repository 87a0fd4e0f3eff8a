//! Times of several that do the same at once.

/// Times of several instances that did the same at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtOnce {
    /// From the first start to the last end.
    pub span_ns: u64,
    /// Time of the fastest.
    pub fastest_ns: u64,
    /// Time of the slowest.
    pub slowest_ns: u64,
}

impl AtOnce {
    /// From the start and the end of each, on one clock; `None` for none.
    #[must_use]
    pub fn of(times: &[(u64, u64)]) -> Option<Self> {
        let took = |(start, end): &(u64, u64)| end.saturating_sub(*start);
        let first = times.iter().map(|(start, _)| *start).min()?;
        let last = times.iter().map(|(_, end)| *end).max()?;
        Some(Self {
            span_ns: last.saturating_sub(first),
            fastest_ns: times.iter().map(took).min()?,
            slowest_ns: times.iter().map(took).max()?,
        })
    }

    /// Shortest by longest time, 0–1.
    #[must_use]
    pub fn fairness(self) -> f64 {
        self.fastest_ns as f64 / self.slowest_ns.max(1) as f64
    }
}

/// How many iterations all did; 0 when one did fewer than others, for then the time of the batch is that of no number of them,
/// and it is not kept.
#[must_use]
pub fn equal(iterations: impl IntoIterator<Item = u64>) -> u64 {
    let mut all = iterations.into_iter();
    let first = all.next().unwrap_or(0);
    if all.all(|one| one == first) {
        first
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_in_which_one_did_less_counts_for_nothing() {
        assert_eq!(equal([5, 5, 5]), 5);
        assert_eq!(equal([5, 1, 5]), 0);
        assert_eq!(equal([]), 0);
    }

    #[test]
    fn several_at_once_take_from_the_first_start_to_the_last_end() {
        // The one that begins first is not the one that ends last.
        let times = AtOnce::of(&[(100, 600), (150, 1150), (120, 370)]).unwrap();

        assert_eq!(times.span_ns, 1050);
        assert_eq!((times.fastest_ns, times.slowest_ns), (250, 1000));
        assert_eq!(times.fairness(), 0.25);
        assert_eq!(AtOnce::of(&[]), None);
        // A clock that is read on two CPUs may seem to go back.
        assert_eq!(AtOnce::of(&[(9, 8)]).unwrap().span_ns, 0);
    }
}
