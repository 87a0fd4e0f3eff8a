//! Energy counters of the sockets, through the kernel's powercap files (RAPL; the name is Intel's, AMD's are the same).
//!
//! Form: power/powercap/powercap.rst of the kernel's documentation. `intel-rapl:0` is a socket or a die, named
//! `package-0`; `intel-rapl:0:0` a part of it, named `core`, `uncore` or `dram`. Of the parts only `dram` is not in the
//! package. `psys` is the whole board and holds the packages; it and the second interface to the same counters,
//! `intel-rapl-mmio:0`, are left out, or everything would be counted twice.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use benchhost_energy::{EnergyCounter, longest_gap_ns};

use super::meter::{Meter, Metered, sum_of_all};
use crate::probe::text;

/// Counters of one machine.
pub(super) struct Powercap {
    zones: Vec<Zone>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Domain {
    Package,
    Dram,
}

struct Zone {
    /// `intel-rapl:0`.
    name: String,
    domain: Domain,
    energy_file: PathBuf,
    range_uj: Option<u64>,
    /// Since `begin`; `None` once a reading failed, for the rest of the case.
    counter: Option<EnergyCounter>,
    read_at_ns: u64,
}

impl Powercap {
    /// Finds the counters below `folder`, `/sys/class/powercap` but for tests, and reads each once.
    ///
    /// # Errors
    /// A sentence: there are none, or they may not be read, and what to do.
    pub(super) fn open(folder: &Path) -> Result<Self, String> {
        let entries = fs::read_dir(folder)
            .map_err(|error| format!("powercap: {} cannot be read: {error}", folder.display()))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort();
        let zones: Vec<Zone> = names
            .into_iter()
            .filter_map(|name| Zone::find(folder, name))
            .collect();
        if !zones.iter().any(|zone| zone.domain == Domain::Package) {
            return Err(format!(
                "powercap: {} has no energy counter of a socket (intel-rapl:N named package-N): the CPU has none, a \
                 virtual machine hides it, or the module intel_rapl_msr is not loaded",
                folder.display()
            ));
        }
        for zone in &zones {
            zone.read_uj()?;
        }
        Ok(Self { zones })
    }

    fn names(&self, domain: Domain) -> Option<String> {
        let names = self.zones.iter().filter(|zone| zone.domain == domain);
        let names: Vec<&str> = names.map(|zone| zone.name.as_str()).collect();
        (!names.is_empty()).then(|| format!("powercap {}", names.join(", ")))
    }

    fn joules(&self, domain: Domain) -> Option<f64> {
        let zones = self.zones.iter().filter(|zone| zone.domain == domain);
        sum_of_all(zones.map(|zone| zone.counter.as_ref().map(EnergyCounter::joules)))
    }
}

impl Meter for Powercap {
    fn source(&self) -> String {
        self.names(Domain::Package)
            .expect("a powercap meter without a package is not opened")
    }

    fn dram_source(&self) -> Option<String> {
        self.names(Domain::Dram)
    }

    fn resolution(&self) -> &'static str {
        "15 or 61 µJ every 1 ms"
    }

    fn begin(&mut self) {
        for zone in &mut self.zones {
            zone.begin();
        }
    }

    fn poll(&mut self, elapsed_ns: u64) {
        for zone in &mut self.zones {
            zone.advance(elapsed_ns);
        }
    }

    fn so_far(&self) -> Metered {
        Metered {
            package_j: self.joules(Domain::Package),
            dram_j: self.joules(Domain::Dram),
        }
    }

    fn end(&mut self, elapsed_ns: u64) -> Metered {
        self.poll(elapsed_ns);
        self.so_far()
    }
}

impl Zone {
    fn find(folder: &Path, name: String) -> Option<Self> {
        let numbers = name.strip_prefix("intel-rapl:")?;
        let zone = folder.join(&name);
        let label = text::read(zone.join("name"))?;
        let is_part = numbers.contains(':');
        let domain = match label.as_str() {
            "dram" if is_part => Domain::Dram,
            _ if !is_part && label.starts_with("package") => Domain::Package,
            _ => return None,
        };
        Some(Self {
            domain,
            energy_file: zone.join("energy_uj"),
            range_uj: text::read_as(zone.join("max_energy_range_uj")),
            counter: None,
            read_at_ns: 0,
            name,
        })
    }

    fn read_uj(&self) -> Result<u64, String> {
        let file = self.energy_file.display();
        let text = fs::read_to_string(&self.energy_file)
            .map_err(|error| refusal(&self.energy_file, &error))?;
        let text = text.trim();
        text.parse().map_err(|_| {
            format!("powercap: {file} holds `{text}`, expected a number of microjoules")
        })
    }

    fn begin(&mut self) {
        let first_uj = self.read_uj().ok();
        self.counter = first_uj.map(|first_uj| EnergyCounter::new(first_uj, self.range_uj));
        self.read_at_ns = 0;
    }

    /// Reads on. A reading that fails, or comes so late that the counter may have wrapped twice, ends the counting.
    fn advance(&mut self, elapsed_ns: u64) {
        let gap_ns = elapsed_ns.saturating_sub(self.read_at_ns);
        let is_late = self
            .range_uj
            .is_some_and(|range| gap_ns > longest_gap_ns(range));
        let now_uj = self.read_uj().ok().filter(|_| !is_late);
        self.counter = self.counter.take().and_then(|mut counter| {
            counter.advance(now_uj?).ok()?;
            Some(counter)
        });
        self.read_at_ns = elapsed_ns;
    }
}

/// Why a counter cannot be read, and what to do.
fn refusal(file: &Path, error: &io::Error) -> String {
    let file = file.display();
    match error.kind() {
        io::ErrorKind::PermissionDenied => format!(
            "powercap: {file} may be read by root alone (since CVE-2020-8694): run as root, give the program \
             CAP_DAC_READ_SEARCH, or open the file with a udev rule: SUBSYSTEM==\"powercap\", \
             RUN+=\"/bin/chmod a+r %S%p/energy_uj\""
        ),
        _ => format!("powercap: {file} cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests;
