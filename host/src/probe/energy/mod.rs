//! Energy of a case and its carbon: measured where counters can be read, else by a model that says so.
//!
//! Counters are of the whole machine. What they say is shown as it is (`energy-package`, measured); the case's part of
//! it (`energy`) is by its share of the CPU time that all programs used, and therefore an estimate on a measured sum.
//! The formulas are in `host/engine/energy`.

mod meter;
mod model;
mod perf_power;
mod powercap;
mod watched;

use std::path::{Path, PathBuf};

use benchhost_energy::{CpuModel, EnergySettings, Grid, carbon_of, memory_source};
use benchhost_record::{Basis, Direction, Extent, Metric, MetricKind, Reading};

use self::{
    meter::{Meter, Metered},
    perf_power::{Opener, PerfPower, open_event},
    powercap::Powercap,
    watched::{Had, Watched},
};
use super::{Missing, Probe, Quantity, Target};

/// Once a second: resident memory moves slowly, and a look costs some tens of microseconds. Counters that wrap need a
/// look every 30 s at least, or their energy is left out.
const FASTEST_POLL_NS: u64 = 1_000_000_000;

const ENERGY: &str = "energy";
const ENERGY_CPU: &str = "energy-cpu";
const ENERGY_MEMORY: &str = "energy-memory";
const ENERGY_PACKAGE: &str = "energy-package";
const ENERGY_DRAM: &str = "energy-dram";
const POWER: &str = "power";
const CARBON: &str = "carbon";

/// Opens the best source below `root` (`/` but for tests): powercap, else performance events, else the model.
///
/// # Errors
/// A sentence when the settings are wrong.
pub fn open(root: &Path, settings: &EnergySettings) -> Result<Box<dyn Probe>, String> {
    Ok(Box::new(EnergyProbe::open(root, settings, open_event)?))
}

/// Why energy is not measured here, a sentence for each source that cannot be opened; empty where it is.
#[must_use]
pub fn why_estimated(root: &Path) -> Vec<String> {
    meter(root, open_event).err().unwrap_or_default()
}

/// The sum is judged; its parts, and what follows from it, would only say the same again.
fn direction(name: &str) -> Direction {
    if name == ENERGY {
        Direction::Lower
    } else {
        Direction::Neither
    }
}

/// Less power for longer is not better: shown, not judged.
fn power() -> Metric {
    Metric::new(POWER, "W", Direction::Neither, MetricKind::Count)
}

fn meter(root: &Path, opener: Opener) -> Result<Box<dyn Meter>, Vec<String>> {
    let powercap = match Powercap::open(&root.join("sys/class/powercap")) {
        Ok(powercap) => return Ok(Box::new(powercap)),
        Err(why) => why,
    };
    match PerfPower::open(root, opener) {
        Ok(perf) => Ok(Box::new(perf)),
        Err(why) => Err(vec![powercap, why]),
    }
}

struct EnergyProbe {
    root: PathBuf,
    /// `None`: the model says it all.
    meter: Option<Box<dyn Meter>>,
    model: CpuModel,
    grid: Grid,
    pue: f64,
    watched: Option<Watched>,
    /// What the meter had counted at the last poll.
    metered: Metered,
    /// Power between the last two polls.
    power_w: Option<f64>,
}

impl EnergyProbe {
    fn open(root: &Path, settings: &EnergySettings, opener: Opener) -> Result<Self, String> {
        let grid = settings.resolve().map_err(|error| error.to_string())?;
        Ok(Self {
            root: root.to_owned(),
            meter: meter(root, opener).ok(),
            model: CpuModel::choose(&model::cpu_seen(root), settings.tdp_w),
            grid,
            pue: settings.pue,
            watched: None,
            metered: Metered::default(),
            power_w: None,
        })
    }

    fn cpu_source(&self) -> String {
        let cpus = self.watched.as_ref().and_then(|watched| watched.cpus);
        self.meter
            .as_ref()
            .map_or_else(|| self.model.source(cpus), |meter| shared(&meter.source()))
    }

    fn memory_source(&self) -> String {
        let counter = self.meter.as_ref().and_then(|meter| meter.dram_source());
        counter.map_or_else(memory_source, |counter| shared(&counter))
    }

    /// What of the case and the machine can be told from the looks, by the names of the quantities.
    fn values(&self, elapsed_ns: u64, metered: Option<Metered>, had: Had) -> Values {
        let wall_s = elapsed_ns as f64 * 1e-9;
        let cpus = self.watched.as_ref().and_then(|watched| watched.cpus);
        let part =
            |joules: Option<f64>| joules.zip(had.share).map(|(joules, share)| joules * share);
        let cpu_j = match metered {
            Some(metered) => part(metered.package_j),
            None => cpus
                .zip(had.cpu_s)
                .map(|(cpus, cpu_s)| self.model.energy_j(wall_s, cpus, cpu_s)),
        };
        let has_dram_counter = self
            .meter
            .as_ref()
            .is_some_and(|meter| meter.dram_source().is_some());
        let memory_j = match metered {
            Some(metered) if has_dram_counter => part(metered.dram_j),
            _ => had.memory_j,
        };
        // Without one of its parts the sum would look like less energy.
        let energy_j = cpu_j.zip(memory_j).map(|(cpu, memory)| cpu + memory);
        Values {
            energy_j,
            cpu_j,
            memory_j,
            power_w: energy_j.map(|joules| joules / wall_s),
            carbon_g: energy_j.map(|joules| carbon_of(joules, &self.grid, self.pue)),
            metered: metered.unwrap_or_default(),
        }
    }
}

impl Probe for EnergyProbe {
    fn name(&self) -> &'static str {
        "energy"
    }

    fn missing(&self) -> Vec<Missing> {
        let of_package = |reason| Missing {
            quantity: ENERGY_PACKAGE.to_owned(),
            reason,
        };
        why_estimated(&self.root)
            .into_iter()
            .map(of_package)
            .collect()
    }

    fn quantities(&self) -> Vec<Quantity> {
        let (cpu, memory) = (self.cpu_source(), self.memory_source());
        let sum = format!("{cpu}; memory: {memory}");
        let carbon = format!("{sum}; {}, PUE {}", self.grid.source, self.pue);
        let tick = "1 tick of CPU time (10 ms)";
        let amount = |name, unit, resolution: &str, source, basis| Quantity {
            metric: Metric::new(name, unit, direction(name), MetricKind::Energy),
            extent: Extent::Amount,
            resolution: resolution.to_owned(),
            source,
            basis,
        };
        let mut all = vec![
            amount(ENERGY, "J", tick, sum.clone(), Basis::Estimated),
            amount(ENERGY_CPU, "J", tick, cpu, Basis::Estimated),
            amount(
                ENERGY_MEMORY,
                "J",
                "1 page, once a second",
                memory,
                Basis::Estimated,
            ),
            Quantity {
                metric: power(),
                extent: Extent::Level,
                resolution: tick.to_owned(),
                source: sum,
                basis: Basis::Estimated,
            },
            amount(CARBON, "g", tick, carbon, Basis::Estimated),
        ];
        if let Some(meter) = &self.meter {
            let machine = |name, source: String| Quantity {
                metric: Metric::new(name, "J", Direction::Neither, MetricKind::Energy),
                extent: Extent::Amount,
                resolution: meter.resolution().to_owned(),
                source: format!("{source}, whole machine"),
                basis: Basis::Measured,
            };
            all.push(machine(ENERGY_PACKAGE, meter.source()));
            all.extend(
                meter
                    .dram_source()
                    .map(|source| machine(ENERGY_DRAM, source)),
            );
        }
        all
    }

    fn begin(&mut self, target: &Target) {
        self.watched = Some(Watched::begin(&self.root, target));
        if let Some(meter) = &mut self.meter {
            meter.begin();
            self.metered = meter.so_far();
        }
        self.power_w = None;
    }

    fn poll(&mut self, elapsed_ns: u64) {
        if let Some(meter) = &mut self.meter {
            meter.poll(elapsed_ns);
        }
        let stretch = self
            .watched
            .as_mut()
            .and_then(|one| one.stretch(elapsed_ns));
        if let Some((span_ns, had)) = stretch {
            let now = self.meter.as_ref().map(|meter| meter.so_far());
            let since = now.map(|now| now.since(self.metered));
            self.metered = now.unwrap_or_default();
            self.power_w = self.values(span_ns, since, had).power_w;
        }
    }

    fn levels(&self) -> Vec<(Metric, f64)> {
        let power_w = self.power_w.filter(|power_w| power_w.is_finite());
        let power = power_w.map(|power_w| (power(), power_w));
        power.into_iter().collect()
    }

    fn fastest_poll_ns(&self) -> Option<u64> {
        Some(FASTEST_POLL_NS)
    }

    fn end(&mut self, elapsed_ns: u64) -> Vec<Reading> {
        let metered = self.meter.as_mut().map(|meter| meter.end(elapsed_ns));
        let Some(had) = self.watched.as_mut().map(|watched| watched.end(elapsed_ns)) else {
            return Vec::new();
        };
        let values = self.values(elapsed_ns, metered, had);
        let quantities = self.quantities();
        let readings = quantities
            .iter()
            .filter_map(|quantity| Some(quantity.reads(values.of(&quantity.metric.name)?)));
        let readings = readings.collect();
        self.watched = None;
        readings
    }
}

/// What was found of each quantity.
struct Values {
    energy_j: Option<f64>,
    cpu_j: Option<f64>,
    memory_j: Option<f64>,
    power_w: Option<f64>,
    carbon_g: Option<f64>,
    metered: Metered,
}

impl Values {
    fn of(&self, name: &str) -> Option<f64> {
        match name {
            ENERGY => self.energy_j,
            ENERGY_CPU => self.cpu_j,
            ENERGY_MEMORY => self.memory_j,
            ENERGY_PACKAGE => self.metered.package_j,
            ENERGY_DRAM => self.metered.dram_j,
            POWER => self.power_w,
            CARBON => self.carbon_g,
            _ => None,
        }
    }
}

/// The sentence for the case's part of a counter of the machine.
fn shared(counter: &str) -> String {
    format!("{counter} × share of the machine's CPU time")
}

#[cfg(test)]
mod tests;
