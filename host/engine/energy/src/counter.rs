//! A counter of energy that starts again at zero when it is full.
//!
//! Form: `energy_uj` and `max_energy_range_uj` of the kernel's powercap.rst. The counters behind them have 32 bits in
//! steps of 15.3 or 61 µJ, so they are full after 65.7 or 262 kJ: minutes to an hour.

/// No socket takes more than this for long, W. With it, the time in which a counter cannot wrap twice is known.
pub const HIGHEST_SOCKET_POWER_W: f64 = 1000.0;

/// Longest time between two readings in which a counter with this range wraps at most once, ns.
#[must_use]
pub fn longest_gap_ns(range_uj: u64) -> u64 {
    (range_uj as f64 * 1e-6 / HIGHEST_SOCKET_POWER_W * 1e9) as u64
}

/// Why two readings of a counter say nothing about the energy between them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CounterFault {
    /// It went backwards, and where it wraps is not known.
    #[error(
        "the energy counter went from {from_uj} to {to_uj} µJ, and the kernel does not say where it wraps"
    )]
    NoRange {
        /// Earlier value.
        from_uj: u64,
        /// Later value.
        to_uj: u64,
    },
    /// It stood outside its own range.
    #[error("the energy counter stands at {found_uj} µJ, expected at most {range_uj} µJ")]
    OutOfRange {
        /// The value.
        found_uj: u64,
        /// The largest value it can have.
        range_uj: u64,
    },
}

/// The energy that went through a counter since it was first read. One wrap between two readings is seen, a second one
/// is not: see [`longest_gap_ns`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnergyCounter {
    range_uj: Option<u64>,
    last_uj: u64,
    total_uj: u64,
}

impl EnergyCounter {
    /// Starts at the value `first_uj`. `range_uj`: its largest value, after which it starts again at 0; `None`, or 0,
    /// when the kernel does not say.
    #[must_use]
    pub fn new(first_uj: u64, range_uj: Option<u64>) -> Self {
        Self {
            range_uj: range_uj.filter(|range| *range > 0),
            last_uj: first_uj,
            total_uj: 0,
        }
    }

    /// Takes the next value, µJ.
    ///
    /// # Errors
    /// A [`CounterFault`]; the counter is as it was before.
    pub fn advance(&mut self, now_uj: u64) -> Result<(), CounterFault> {
        let over = |value: &u64| self.range_uj.is_some_and(|range| *value > range);
        if let Some(found_uj) = [self.last_uj, now_uj].into_iter().find(over) {
            let range_uj = self.range_uj.unwrap_or_default();
            return Err(CounterFault::OutOfRange { found_uj, range_uj });
        }
        let added_uj = match (now_uj.checked_sub(self.last_uj), self.range_uj) {
            (Some(added), _) => added,
            // A step of the counter, some microjoules, is lost in each wrap: the kernel does not say how long it is.
            (None, Some(range_uj)) => range_uj - self.last_uj + now_uj,
            (None, None) => {
                return Err(CounterFault::NoRange {
                    from_uj: self.last_uj,
                    to_uj: now_uj,
                });
            }
        };
        self.total_uj = self.total_uj.saturating_add(added_uj);
        self.last_uj = now_uj;
        Ok(())
    }

    /// Energy so far, J.
    #[must_use]
    pub fn joules(&self) -> f64 {
        self.total_uj as f64 * 1e-6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrap_between_two_readings_is_seen() {
        let mut counter = EnergyCounter::new(900_000, Some(1_000_000));

        counter.advance(950_000).unwrap();
        counter.advance(20_000).unwrap();

        // 50 000 µJ, then 50 000 to the end and 20 000 from the beginning.
        assert!((counter.joules() - 0.12).abs() < 1e-12);
    }

    #[test]
    fn going_backwards_without_a_range_is_a_fault_and_changes_nothing() {
        for range in [None, Some(0)] {
            let mut counter = EnergyCounter::new(10, range);
            counter.advance(30).unwrap();
            let before = counter.clone();

            let fault = counter.advance(5).unwrap_err();

            assert_eq!(
                fault,
                CounterFault::NoRange {
                    from_uj: 30,
                    to_uj: 5
                }
            );
            assert_eq!(counter, before);
        }
    }

    #[test]
    fn a_value_beyond_the_range_is_a_fault_at_either_edge() {
        let mut late = EnergyCounter::new(1, Some(100));
        let mut early = EnergyCounter::new(101, Some(100));

        assert!(late.advance(101).is_err() && early.advance(1).is_err());
        assert!(
            late.advance(101)
                .unwrap_err()
                .to_string()
                .contains("stands at 101 µJ, expected at most 100 µJ")
        );
    }

    #[test]
    fn the_longest_gap_is_the_range_at_the_highest_power() {
        // 262.144 kJ, the range of a counter in steps of 61 µJ, at 1 kW.
        assert_eq!(longest_gap_ns(262_144_000_000), 262_144_000_000);
    }
}
