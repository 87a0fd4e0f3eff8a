//! What the instruments of energy have in common: counters of the whole machine, one for each socket and its memory.

/// Energy that the machine took since `begin`, J. What could not be read throughout is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Metered {
    /// All sockets together.
    pub(super) package_j: Option<f64>,
    /// All of the memory behind the sockets' controllers; not part of `package_j`.
    pub(super) dram_j: Option<f64>,
}

impl Metered {
    /// What was taken since `earlier`.
    pub(super) fn since(self, earlier: Self) -> Self {
        let since = |now: Option<f64>, then: Option<f64>| Some(now? - then?);
        Self {
            package_j: since(self.package_j, earlier.package_j),
            dram_j: since(self.dram_j, earlier.dram_j),
        }
    }
}

/// An instrument for the energy of the machine.
pub(super) trait Meter: Send {
    /// Names of the counters: `powercap intel-rapl:0, intel-rapl:1`.
    fn source(&self) -> String;

    /// Names of the memory's counters; `None` when it has none.
    fn dram_source(&self) -> Option<String>;

    /// Smallest step, for people.
    fn resolution(&self) -> &'static str;

    /// Reads for the first time.
    fn begin(&mut self);

    /// Reads in between, for counters that wrap. `elapsed_ns`: since `begin`.
    fn poll(&mut self, elapsed_ns: u64);

    /// What was taken until the newest reading.
    fn so_far(&self) -> Metered;

    /// Reads for the last time.
    fn end(&mut self, elapsed_ns: u64) -> Metered;
}

/// A sum in which one missing part makes the whole missing; `None` for no parts.
pub(super) fn sum_of_all(parts: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    parts.fold(None, |sum: Option<Option<f64>>, part| match sum {
        None => Some(part),
        Some(sum) => Some(sum.zip(part).map(|(a, b)| a + b)),
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missing_part_makes_the_sum_missing() {
        let sum = |parts: &[Option<f64>]| sum_of_all(parts.iter().copied());

        assert_eq!(sum(&[Some(1.0), Some(2.0)]), Some(3.0));
        assert_eq!(sum(&[None, Some(2.0)]), None);
        assert_eq!(sum(&[Some(1.0), None, Some(2.0)]), None);
        assert_eq!(sum(&[]), None);
    }
}
