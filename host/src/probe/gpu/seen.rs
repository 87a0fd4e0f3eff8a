//! What was seen of one GPU during one case.

use benchhost_stats::Track;
use nvml_wrapper::bitmasks::device::ThrottleReasons;

use super::{
    card::Look,
    energy::Energy,
    process::{Listed, ours},
    throttle,
};

/// One GPU during one case.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The newest look.
    pub(super) now: Look,
    /// The energy counter before, mJ.
    pub(super) energy_before_mj: Option<u64>,
    /// The energy counter after, mJ.
    pub(super) energy_after_mj: Option<u64>,
    pub(super) power_w: Track,
    /// Share of the time with work, 0–1.
    pub(super) busy: Track,
    /// Share of the time with memory traffic, 0–1.
    pub(super) memory_busy: Track,
    pub(super) clock_mhz: Track,
    pub(super) memory_clock_mhz: Track,
    pub(super) temperature_c: Track,
    /// Memory of all processes on it.
    pub(super) used_bytes: Track,
    /// Memory of the case's processes, B; only while `is_memory_known`.
    pub(super) own_bytes: Track,
    is_memory_known: bool,
    /// Whether a process of the case was on it.
    pub(super) is_ours: bool,
    /// Whether its process list could be read each time.
    pub(super) is_listed: bool,
    /// 1 for a look at which it was held back, 0 for others.
    held_back: u32,
    asked: u32,
    /// Why it was held back.
    pub(super) reasons: ThrottleReasons,
}

impl Seen {
    pub(super) fn nothing() -> Self {
        Self {
            now: Look::default(),
            energy_before_mj: None,
            energy_after_mj: None,
            power_w: Track::default(),
            busy: Track::default(),
            memory_busy: Track::default(),
            clock_mhz: Track::default(),
            memory_clock_mhz: Track::default(),
            temperature_c: Track::default(),
            used_bytes: Track::default(),
            own_bytes: Track::default(),
            is_memory_known: true,
            is_ours: false,
            is_listed: true,
            held_back: 0,
            asked: 0,
            reasons: ThrottleReasons::empty(),
        }
    }

    /// Adds what was read at `at_ns`.
    pub(super) fn look(&mut self, at_ns: u64, look: &Look) {
        self.now = *look;
        let numbers = [
            (&mut self.power_w, look.power_w),
            (&mut self.busy, look.busy),
            (&mut self.memory_busy, look.memory_busy),
            (&mut self.clock_mhz, look.clock_mhz.map(f64::from)),
            (
                &mut self.memory_clock_mhz,
                look.memory_clock_mhz.map(f64::from),
            ),
            (&mut self.temperature_c, look.temperature_c.map(f64::from)),
            (
                &mut self.used_bytes,
                look.memory_used_bytes.map(|bytes| bytes as f64),
            ),
        ];
        for (track, number) in numbers {
            if let Some(number) = number {
                track.add(at_ns, number);
            }
        }
        if let Some(reasons) = look.throttling {
            let counted = throttle::counted(reasons);
            self.asked += 1;
            self.held_back += u32::from(!counted.is_empty());
            self.reasons |= counted;
        }
    }

    /// Adds its process list, read at `at_ns`. `names`: the numbers that the case's processes go by.
    pub(super) fn list(&mut self, at_ns: u64, list: Option<&[Listed]>, names: &[u32]) {
        let Some(list) = list else {
            self.is_listed = false;
            return;
        };
        let Some(ours) = ours(list, names) else {
            return;
        };
        self.is_ours = true;
        match ours.memory_bytes {
            Some(bytes) => self.own_bytes.add(at_ns, bytes as f64),
            None => self.is_memory_known = false,
        }
    }

    /// Energy of the `elapsed_ns` since the beginning.
    pub(super) fn energy(&self, elapsed_ns: u64) -> Option<Energy> {
        let counter = self.energy_before_mj.zip(self.energy_after_mj);
        Energy::new(counter, &self.power_w, elapsed_ns)
    }

    /// Most memory of the case's processes, B.
    pub(super) fn own_peak_bytes(&self) -> Option<f64> {
        self.own_bytes.highest().filter(|_| self.is_memory_known)
    }

    /// Share of the looks at which it was held back, 0–1.
    pub(super) fn held_back_share(&self) -> Option<f64> {
        (self.asked > 0).then(|| f64::from(self.held_back) / f64::from(self.asked))
    }
}
