//! From what was seen of several GPUs to one reading of each kind.
//!
//! Energy, power and memory add up, and are absent when one GPU that counts does not tell them; shares and clocks are
//! means, and the temperature is that of the hottest.

use benchhost_record::{Basis, Metric, Reading};

use super::{
    card::Card,
    energy::By,
    quantity::{
        CLOCK, ENERGY, MEMORY_IN_USE, MEMORY_USED, POWER, TEMPERATURE, THROTTLED, UTILISATION,
        extent, metric,
    },
    seen::Seen,
    throttle,
    visible::VISIBLE_VARIABLE,
};

/// Why just these GPUs count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    /// The case's processes are on them.
    ByProcess,
    /// The process lists do not tell; these are left to the workers.
    ByVariable,
    /// Nothing tells.
    All,
}

impl Chosen {
    fn words(self) -> String {
        match self {
            Self::ByProcess => "GPUs with processes of the case".to_owned(),
            Self::ByVariable => {
                format!("GPUs of {VISIBLE_VARIABLE}, as no process list tells which are used")
            }
            Self::All => "all GPUs, as no process list tells which are used".to_owned(),
        }
    }
}

/// The GPUs that count.
pub(super) struct Used<'a, 'lib> {
    pub(super) cards: Vec<(&'a Card<'lib>, &'a Seen)>,
    pub(super) chosen: Chosen,
    /// The time in question.
    pub(super) elapsed_ns: u64,
}

impl Used<'_, '_> {
    pub(super) fn readings(&self) -> Vec<Reading> {
        let all = [
            self.energy(),
            self.power(),
            self.utilisation(),
            self.memory(),
            self.temperature(),
            self.clock(),
            self.throttled(),
        ];
        all.into_iter().flatten().collect()
    }

    /// Levels at the newest look, put together as the readings are.
    pub(super) fn levels(&self) -> Vec<(Metric, f64)> {
        let power = self.of_each(|seen| seen.now.power_w);
        let memory = self.of_each(|seen| seen.now.memory_used_bytes.map(|bytes| bytes as f64));
        let degrees = self.of_some(|seen| seen.now.temperature_c.map(f64::from));
        let all = [
            (POWER, power.map(|watts| sum(&watts))),
            (UTILISATION, mean(&self.of_some(|seen| seen.now.busy))),
            (MEMORY_IN_USE, memory.map(|bytes| sum(&bytes))),
            (
                TEMPERATURE,
                degrees.iter().map(|(_, c)| *c).reduce(f64::max),
            ),
            (
                CLOCK,
                mean(&self.of_some(|seen| seen.now.clock_mhz.map(f64::from))),
            ),
        ];
        let known = all
            .into_iter()
            .filter_map(|(name, value)| Some((metric(name), value?)));
        known.collect()
    }

    fn energy(&self) -> Option<Reading> {
        let energies = self.of_each(|seen| seen.energy(self.elapsed_ns))?;
        let is_counted = |by| by == By::Counter;
        let rate_hz = energies.iter().filter_map(|(_, energy)| match energy.by {
            By::Counter => None,
            By::Integral { rate_hz } => Some(rate_hz),
        });
        let rate_hz = rate_hz.fold(f64::INFINITY, f64::min);
        let counters = energies
            .iter()
            .filter(|(_, one)| is_counted(one.by))
            .count();
        let what = match counters {
            0 => format!("NVML power integrated at {rate_hz:.1} Hz"),
            all if all == energies.len() => "NVML energy counter".to_owned(),
            _ => format!("NVML energy counter, or power integrated at {rate_hz:.1} Hz"),
        };
        let total = energies.iter().map(|(_, energy)| energy.joules).sum();
        let details = energies.iter().map(|(card, energy)| {
            let how = match energy.by {
                By::Counter => "",
                By::Integral { .. } => " integrated",
            };
            (card.index, format!("{:.3} J{how}", energy.joules))
        });
        let mut source = self.source(&what, details.collect());
        for (card, energy) in &energies {
            if let Some(other_j) = energy.contradicted_by_j {
                let counter_j = energy.joules;
                source += &format!(
                    "; in doubt: the counter of GPU {} says {counter_j:.1} J, its power integrated at {:.1} Hz says \
                     {other_j:.1} J",
                    card.index,
                    self.seen(card.index)
                        .map_or(0.0, |seen| seen.power_w.rate_hz()),
                );
            }
        }
        Some(reading(ENERGY, total, source))
    }

    fn power(&self) -> Option<Reading> {
        let watts = self.of_each(|seen| seen.power_w.mean())?;
        let details = watts
            .iter()
            .map(|(card, w)| (card.index, format!("{w:.1} W")));
        let source = self.source("NVML power, mean over time", details.collect());
        Some(reading(POWER, sum(&watts), source))
    }

    fn utilisation(&self) -> Option<Reading> {
        let shares = self.of_some(|seen| seen.busy.mean());
        let details = shares.iter().map(|(card, share)| {
            let memory = self
                .seen(card.index)
                .and_then(|seen| seen.memory_busy.mean());
            let memory = memory.map_or(String::new(), |m| format!(", memory {:.0} %", m * 100.0));
            (card.index, format!("{:.0} %{memory}", share * 100.0))
        });
        let source = self.source(
            "NVML utilisation (share of the time with any work)",
            details.collect(),
        );
        Some(reading(UTILISATION, mean(&shares)?, source))
    }

    fn memory(&self) -> Option<Reading> {
        let (what, peaks) = match self.of_each(Seen::own_peak_bytes) {
            Some(peaks) => (
                "NVML process list, peak of the case's processes seen at the edges and every 5 s",
                peaks,
            ),
            None => (
                "NVML memory in use by all processes on the GPU, peak of the polls",
                self.of_each(|seen| seen.used_bytes.highest())?,
            ),
        };
        let details = peaks
            .iter()
            .map(|(card, bytes)| (card.index, format!("{bytes} B")));
        let source = self.source(what, details.collect());
        Some(reading(MEMORY_USED, sum(&peaks), source))
    }

    fn temperature(&self) -> Option<Reading> {
        let degrees = self.of_some(|seen| seen.temperature_c.highest());
        let hottest = degrees.iter().map(|(_, c)| *c).reduce(f64::max)?;
        let details = degrees
            .iter()
            .map(|(card, c)| (card.index, format!("{c:.0} °C")));
        let source = self.source("NVML temperature, highest", details.collect());
        Some(reading(TEMPERATURE, hottest, source))
    }

    fn clock(&self) -> Option<Reading> {
        let clocks = self.of_some(|seen| seen.clock_mhz.mean());
        let details = clocks.iter().map(|(card, mhz)| {
            let memory = self
                .seen(card.index)
                .and_then(|seen| seen.memory_clock_mhz.mean());
            let memory = memory.map_or(String::new(), |m| format!(", memory {m:.0} MHz"));
            (card.index, format!("{mhz:.0} MHz{memory}"))
        });
        let source = self.source("NVML clock of the multiprocessors, mean", details.collect());
        Some(reading(CLOCK, mean(&clocks)?, source))
    }

    fn throttled(&self) -> Option<Reading> {
        let shares = self.of_some(Seen::held_back_share);
        let details = shares.iter().map(|(card, share)| {
            let reasons = self
                .seen(card.index)
                .map(|seen| throttle::words(seen.reasons));
            let reasons = reasons.filter(|words| !words.is_empty());
            let reasons = reasons.map_or(String::new(), |words| format!(" ({words})"));
            (card.index, format!("{:.0} %{reasons}", share * 100.0))
        });
        let source = self.source(
            "NVML throttle reasons, share of the looks",
            details.collect(),
        );
        Some(reading(THROTTLED, mean(&shares)?, source))
    }

    /// A value of every GPU that counts, or nothing.
    fn of_each<T>(&self, value: impl Fn(&Seen) -> Option<T>) -> Option<Vec<(&Card<'_>, T)>> {
        let values = self.of_some(value);
        (!values.is_empty() && values.len() == self.cards.len()).then_some(values)
    }

    /// A value of the GPUs that have one.
    fn of_some<T>(&self, value: impl Fn(&Seen) -> Option<T>) -> Vec<(&Card<'_>, T)> {
        let cards = self.cards.iter();
        cards
            .filter_map(|(card, seen)| Some((*card, value(seen)?)))
            .collect()
    }

    fn seen(&self, index: u32) -> Option<&Seen> {
        let mut cards = self.cards.iter();
        cards.find_map(|(card, seen)| (card.index == index).then_some(*seen))
    }

    /// Where a number comes from, and the part of each GPU.
    fn source(&self, what: &str, details: Vec<(u32, String)>) -> String {
        let parts: Vec<String> = details
            .into_iter()
            .map(|(index, detail)| format!("GPU {index}: {detail}"))
            .collect();
        format!("{what}; {}: {}", self.chosen.words(), parts.join(", "))
    }
}

fn reading(name: &'static str, value: f64, source: String) -> Reading {
    Reading {
        metric: metric(name),
        value,
        extent: extent(name),
        basis: Basis::Measured,
        source,
    }
}

fn sum<T>(values: &[(T, f64)]) -> f64 {
    values.iter().map(|(_, value)| value).sum()
}

fn mean<T>(values: &[(T, f64)]) -> Option<f64> {
    (!values.is_empty()).then(|| sum(values) / values.len() as f64)
}
