//! What is told of whole epochs: their time, and whether memory grows from one to the next.

use benchhost_support::memory::resident_bytes;

/// Time inside the steps of the epoch that runs and of the last whole one, and memory at the ends of epochs.
#[derive(Debug, Default)]
pub(super) struct Epochs {
    running_ns: u64,
    whole_ns: Option<u64>,
    ended: u32,
    /// Resident bytes at the ends of the first and the last epoch.
    resident: Option<(u64, u64)>,
}

impl Epochs {
    pub(super) fn step(&mut self, ns: u64) {
        self.running_ns += ns;
    }

    pub(super) fn end(&mut self) {
        self.end_with(resident_bytes());
    }

    fn end_with(&mut self, resident: Option<u64>) {
        self.whole_ns = Some(std::mem::take(&mut self.running_ns));
        self.ended += 1;
        if let Some(now) = resident {
            let (first, _) = self.resident.unwrap_or((now, now));
            self.resident = Some((first, now));
        }
    }

    /// Time inside the steps of the last whole epoch.
    pub(super) fn whole_ns(&self) -> Option<u64> {
        self.whole_ns
    }

    /// Growth of the resident memory from one epoch to the next, by that of the first: 0.1 is 10 % an epoch. The first
    /// epoch does not count, it fills the allocator's pools.
    pub(super) fn memory_growth(&self) -> Option<f64> {
        let (first, last) = self.resident?;
        let epochs = self.ended.checked_sub(1).filter(|epochs| *epochs > 0)?;
        Some((last as f64 - first as f64) / first as f64 / f64::from(epochs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_by_epoch_and_after_the_first() {
        let mut epochs = Epochs::default();

        epochs.end_with(Some(1000));
        assert_eq!(epochs.memory_growth(), None);
        epochs.end_with(Some(1500));
        epochs.end_with(Some(1200));

        assert_eq!(epochs.memory_growth(), Some(0.1));
    }

    #[test]
    fn the_time_of_an_epoch_is_that_of_its_steps() {
        let mut epochs = Epochs::default();

        epochs.step(5);
        assert_eq!(epochs.whole_ns(), None);
        epochs.step(7);
        epochs.end_with(None);
        epochs.step(1);

        assert_eq!(epochs.whole_ns(), Some(12));
        assert_eq!(epochs.memory_growth(), None);
    }
}
