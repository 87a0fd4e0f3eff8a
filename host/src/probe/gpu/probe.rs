//! The probe `gpu`: energy, power, use, memory, clocks, temperature and throttling of the GPUs that a case uses.

use benchhost_record::{Basis, Metric, Reading};

use super::{
    card::{Card, Question},
    library::Library,
    process::Namespace,
    quantity::{self, CLOCK, ENERGY, MEMORY_USED, POWER, TEMPERATURE, UTILISATION},
    seen::Seen,
    summary::{Chosen, Used},
    visible::visible,
};
use crate::probe::{Missing, Probe, Quantity, Target};

/// Time between two polls, ns: 10 Hz. Questions for power and clocks cost tens to hundreds of µs in newer drivers.
const POLL_NS: u64 = 100_000_000;

/// Time between two looks at the process lists, ns: 0.2 Hz. Each takes the driver's global lock for milliseconds, which
/// stalls the workload.
const LIST_NS: u64 = 5_000_000_000;

/// The GPUs of this machine, looked at for one case after the other.
#[derive(Debug)]
pub struct GpuProbe<'lib> {
    cards: Vec<Card<'lib>>,
    /// What was seen of each since `begin`.
    seen: Vec<Seen>,
    /// Indices of the GPUs that workers may use, where that is restricted.
    visible: Option<Vec<u32>>,
    namespace: Namespace,
    /// Numbers that the driver may know the workers by.
    names: Vec<u32>,
    /// When the process lists were read last.
    listed_ns: u64,
}

impl<'lib> GpuProbe<'lib> {
    /// Opens the GPUs that `library` lists. `visible_devices`: what the workers have as `CUDA_VISIBLE_DEVICES`.
    ///
    /// # Errors
    /// A sentence for people when there is no GPU that can be asked anything.
    pub fn open(library: &'lib Library, visible_devices: Option<&str>) -> Result<Self, String> {
        let count = library.count()?;
        let mut cards = Vec::new();
        let mut refused = None;
        for index in 0..count {
            match Card::open(library, index) {
                Ok(card) => cards.push(card),
                Err(reason) => refused = Some(reason),
            }
        }
        if cards.is_empty() {
            return Err(refused.unwrap_or_else(|| "the NVIDIA driver lists no GPU".to_owned()));
        }
        let probe = Self {
            seen: cards.iter().map(|_| Seen::nothing()).collect(),
            cards,
            visible: visible(visible_devices, &library.uuids()?),
            namespace: Namespace::here(),
            names: Vec::new(),
            listed_ns: 0,
        };
        match probe.quantities().is_empty() {
            false => Ok(probe),
            true => Err(format!("{} answers no question", probe.cards[0].name)),
        }
    }

    /// Metrics that a GPU cannot give, each with the reason.
    #[must_use]
    pub fn absent(&self) -> Vec<(&'static str, String)> {
        let mut absent = Vec::new();
        for name in quantity::ALL {
            for card in &self.cards {
                if let Some(reason) = why_absent(card, name) {
                    let (index, gpu) = (card.index, &card.name);
                    absent.push((name, format!("GPU {index} ({gpu}): {reason}")));
                }
            }
        }
        absent
    }

    fn look(&mut self, at_ns: u64) {
        for (card, seen) in self.cards.iter().zip(&mut self.seen) {
            seen.look(at_ns, &card.look());
        }
    }

    fn list(&mut self, at_ns: u64) {
        self.listed_ns = at_ns;
        for (card, seen) in self.cards.iter().zip(&mut self.seen) {
            seen.list(at_ns, card.processes().as_deref(), &self.names);
        }
    }

    /// The GPUs that count, by the best evidence there is.
    fn used(&self, elapsed_ns: u64) -> Used<'_, 'lib> {
        let is_told = self.seen.iter().any(|seen| seen.is_ours)
            // In a container the lists may be empty although our processes compute.
            || (self.seen.iter().all(|seen| seen.is_listed) && self.namespace.is_whole_machine());
        let chosen = match (is_told, &self.visible) {
            (true, _) => Chosen::ByProcess,
            (false, Some(_)) => Chosen::ByVariable,
            (false, None) => Chosen::All,
        };
        let counts = |card: &Card<'_>, seen: &Seen| match (chosen, &self.visible) {
            (Chosen::ByProcess, _) => seen.is_ours,
            (Chosen::ByVariable, Some(visible)) => visible.contains(&card.index),
            _ => true,
        };
        let cards = self.cards.iter().zip(&self.seen);
        Used {
            cards: cards.filter(|(card, seen)| counts(card, seen)).collect(),
            chosen,
            elapsed_ns,
        }
    }
}

impl Probe for GpuProbe<'_> {
    fn name(&self) -> &'static str {
        "gpu"
    }

    fn missing(&self) -> Vec<Missing> {
        let absent = self.absent().into_iter();
        absent
            .map(|(name, reason)| Missing {
                quantity: name.to_owned(),
                reason,
            })
            .collect()
    }

    fn quantities(&self) -> Vec<Quantity> {
        let names = quantity::ALL.into_iter().filter(|name| {
            let mut cards = self.cards.iter();
            cards.any(|card| why_absent(card, name).is_none())
        });
        let quantities = names.map(|name| Quantity {
            metric: quantity::metric(name),
            extent: quantity::extent(name),
            resolution: quantity::resolution(name).to_owned(),
            source: self.source(name).to_owned(),
            basis: Basis::Measured,
        });
        quantities.collect()
    }

    fn begin(&mut self, target: &Target) {
        self.names = self.namespace.names(&target.pids);
        self.seen.fill_with(Seen::nothing);
        // The counter last: what is slow must not count.
        self.list(0);
        self.look(0);
        for (card, seen) in self.cards.iter().zip(&mut self.seen) {
            seen.energy_before_mj = card.energy_mj();
        }
    }

    fn poll(&mut self, elapsed_ns: u64) {
        self.look(elapsed_ns);
        if elapsed_ns.saturating_sub(self.listed_ns) >= LIST_NS {
            self.list(elapsed_ns);
        }
    }

    fn fastest_poll_ns(&self) -> Option<u64> {
        Some(POLL_NS)
    }

    fn levels(&self) -> Vec<(Metric, f64)> {
        self.used(0).levels()
    }

    fn end(&mut self, elapsed_ns: u64) -> Vec<Reading> {
        for (card, seen) in self.cards.iter().zip(&mut self.seen) {
            seen.energy_after_mj = card.energy_mj();
        }
        self.look(elapsed_ns);
        self.list(elapsed_ns);
        self.used(elapsed_ns).readings()
    }
}

impl GpuProbe<'_> {
    /// Where a metric comes from on these GPUs.
    fn source(&self, name: &str) -> &'static str {
        let all_answer = |question| {
            let mut cards = self.cards.iter();
            cards.all(|card| card.why_not(question).is_none())
        };
        match name {
            ENERGY if all_answer(Question::Energy) => "NVML energy counter",
            ENERGY => "NVML power, integrated",
            POWER if all_answer(Question::InstantPower) => "NVML power at the moment",
            POWER => "NVML power, a mean of the last second on newer GPUs",
            MEMORY_USED if all_answer(Question::Processes) => {
                "NVML process list, or all memory in use where it does not tell ours"
            }
            MEMORY_USED => "NVML memory in use by all processes",
            _ => "NVML",
        }
    }
}

/// Why `card` cannot give the metric; `None` when it can.
fn why_absent(card: &Card<'_>, name: &str) -> Option<String> {
    let power = || {
        let power = card.why_not(Question::Power)?;
        card.why_not(Question::InstantPower).map(|_| power)
    };
    let reason = match name {
        ENERGY => {
            let counter = card.why_not(Question::Energy)?;
            let power = power()?;
            return Some(format!("no energy counter: {counter}; no power: {power}"));
        }
        POWER => power(),
        UTILISATION => card.why_not(Question::Utilisation),
        MEMORY_USED => {
            let memory = card.why_not(Question::Memory)?;
            card.why_not(Question::Processes).map(|_| memory)
        }
        TEMPERATURE => card.why_not(Question::Temperature),
        CLOCK => card.why_not(Question::Clock),
        _ => card.why_not(Question::Throttling),
    };
    reason.map(str::to_owned)
}
