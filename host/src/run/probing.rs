//! The probes of a run: opened when a benchmark first asks for them, looking at one worker after the other.

use std::collections::BTreeMap;

use benchhost_energy::{EnergySettings, carbon_of};
use benchhost_plan::{EnergySpec, Probing};
use benchhost_record::{Extent, ProbeCost, Reading, Trace};

use crate::probe::{Cost, Session, Target, registry};

/// Names of readings that are put together here.
const ENERGY: &str = "energy";
const CARBON: &str = "carbon";
const GPU: &str = "gpu";
const GPU_ENERGY: &str = "gpu-energy";

/// Told once, when it happens first.
const TOO_SHORT: &str = "warning: probe `energy`: a case was too short, or ended too early, for its energy to be told: it \
                         needs 200 ms; raise max-time";

/// All probes of a run. What cannot be opened is remembered with its sentence, and the run goes on without it.
#[derive(Default)]
pub struct Probes {
    sessions: Vec<(Wanted, Session)>,
    absent: BTreeMap<String, String>,
    remarks: Vec<String>,
    costs: BTreeMap<String, ProbeCost>,
    /// Whether it was told that a case was too short for its energy.
    said_short: bool,
}

impl std::fmt::Debug for Probes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self
            .sessions
            .iter()
            .flat_map(|(_, session)| session.names());
        f.debug_list().entries(names).finish()
    }
}

/// What tells one set of probes from another.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    probes: Vec<String>,
    poll_ns: u64,
    energy: EnergySpec,
}

impl Probes {
    /// For a comparison, which asks what looking costs and not what is seen.
    #[must_use]
    pub fn unheard() -> Self {
        Self {
            said_short: true,
            ..Self::default()
        }
    }

    /// Looks before the first sample. `device`: a workload that computes on the processor has no part in what graphics
    /// processors do meanwhile.
    pub(crate) fn begin(&mut self, probing: &Probing, device: &str, target: &Target) {
        if let Some(session) = self.session(probing, device) {
            session.begin(target);
        }
    }

    /// Looks after the last sample.
    pub(crate) fn end(&mut self, probing: &Probing, device: &str) -> Vec<Reading> {
        let Some(session) = self.session(probing, device) else {
            return Vec::new();
        };
        let readings = session.end();
        let remarks = session.take_remarks();
        let costs: Vec<Cost> = session.costs();
        self.costs.extend(costs.iter().map(known_cost));
        self.remarks.extend(remarks);
        let has_energy = readings.iter().any(|one| one.metric.name == ENERGY);
        if probing.probes.iter().any(|name| name == ENERGY) && !has_energy && !self.said_short {
            self.said_short = true;
            self.remarks.push(TOO_SHORT.to_owned());
        }
        with_gpu_energy(readings, &probing.energy)
    }

    /// Levels that were polled until `end`, over time.
    pub(crate) fn traces(&mut self, probing: &Probing, device: &str) -> Vec<Trace> {
        let session = self.session(probing, device);
        session.map_or_else(Vec::new, |session| session.traces())
    }

    /// Probes that were asked for and are not there, with the reason.
    #[must_use]
    pub fn absent(&self) -> &BTreeMap<String, String> {
        &self.absent
    }

    /// What each probe cost in the last case that it looked at.
    #[must_use]
    pub fn costs(&self) -> &BTreeMap<String, ProbeCost> {
        &self.costs
    }

    /// What went wrong since this was last asked, as sentences.
    pub(crate) fn take_remarks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.remarks)
    }

    fn session(&mut self, probing: &Probing, device: &str) -> Option<&mut Session> {
        let uses_gpu = device != "cpu";
        let probes = probing.probes.iter();
        let wanted = Wanted {
            probes: probes
                .filter(|name| uses_gpu || *name != GPU)
                .cloned()
                .collect(),
            poll_ns: probing.poll_ns,
            energy: probing.energy.clone(),
        };
        if wanted.probes.is_empty() {
            return None;
        }
        let known = self.sessions.iter().position(|(known, _)| *known == wanted);
        let index = match known {
            Some(index) => index,
            None => {
                let session = self.opened(&wanted);
                self.sessions.push((wanted, session));
                self.sessions.len() - 1
            }
        };
        Some(&mut self.sessions[index].1)
    }

    fn opened(&mut self, wanted: &Wanted) -> Session {
        let settings = settings(&wanted.energy);
        let mut probes = Vec::new();
        for name in &wanted.probes {
            match registry::open(name, &settings) {
                Ok(probe) => probes.push(probe),
                Err(reason) => {
                    let remark =
                        format!("warning: probe `{name}`: {reason}; the run goes on without it");
                    if self.absent.insert(name.clone(), reason).is_none() {
                        self.remarks.push(remark);
                    }
                }
            }
        }
        Session::new(probes, wanted.poll_ns)
    }
}

fn known_cost(cost: &Cost) -> (String, ProbeCost) {
    let kept = ProbeCost {
        begin_ns: cost.begin_ns,
        poll_ns: cost.poll_ns,
        polls: cost.polls,
        end_ns: cost.end_ns,
    };
    (cost.probe.to_owned(), kept)
}

/// Whether the energy of a suite can be turned into carbon, before anything is measured.
///
/// # Errors
/// A sentence that names the key.
pub fn check_energy(spec: &EnergySpec) -> Result<(), String> {
    let resolved = settings(spec).resolve();
    resolved.map(drop).map_err(|error| error.to_string())
}

fn settings(spec: &EnergySpec) -> EnergySettings {
    let unset = EnergySettings::default();
    EnergySettings {
        country: spec.country.clone(),
        region: spec.region.clone(),
        carbon_intensity_g_per_kwh: spec.carbon_intensity_g_per_kwh,
        pue: spec.pue.unwrap_or(unset.pue),
        tdp_w: spec.tdp_w,
    }
}

/// Adds the energy of graphics processors to that of the case, and its carbon.
fn with_gpu_energy(mut readings: Vec<Reading>, spec: &EnergySpec) -> Vec<Reading> {
    let of = |readings: &[Reading], name: &str| {
        let found = readings.iter().find(|one| one.metric.name == name);
        found.map(|one| (one.value, one.source.clone()))
    };
    let Some((joules, source)) = of(&readings, GPU_ENERGY) else {
        return readings;
    };
    let settings = settings(spec);
    let grams = settings
        .resolve()
        .map(|grid| carbon_of(joules, &grid, settings.pue));
    for reading in &mut readings {
        let more = match (reading.metric.name.as_str(), &grams) {
            (ENERGY, _) => joules,
            (CARBON, Ok(grams)) => *grams,
            _ => continue,
        };
        reading.value += more;
        reading.source = format!("{}; GPU: {source}", reading.source);
    }
    readings
}

/// The value of a reading for one iteration, when it grows with their number.
pub(super) fn per_iteration(reading: &Reading, iterations: u64) -> f64 {
    match reading.extent {
        Extent::Amount => reading.value / iterations.max(1) as f64,
        Extent::Level => reading.value,
    }
}

#[cfg(test)]
mod tests {
    use benchhost_record::{Basis, Direction, Metric, MetricKind};

    use super::*;

    fn reading(name: &str, value: f64) -> Reading {
        Reading {
            metric: Metric::new(name, "J", Direction::Lower, MetricKind::Energy),
            value,
            extent: Extent::Amount,
            basis: Basis::Measured,
            source: "s".to_owned(),
        }
    }

    #[test]
    fn what_a_gpu_used_is_part_of_the_case_and_of_its_carbon() {
        let spec = EnergySpec {
            carbon_intensity_g_per_kwh: Some(360.0),
            pue: Some(2.0),
            ..EnergySpec::default()
        };
        let all = vec![
            reading("energy", 10.0),
            reading("carbon", 1.0),
            reading("gpu-energy", 3600.0),
        ];

        let all = with_gpu_energy(all, &spec);

        // 3600 J are .001 kWh; twice that for the building, at 360 g/kWh: .72 g.
        let values: Vec<f64> = all.iter().map(|one| one.value).collect();
        assert_eq!(values[0], 3610.0);
        assert!((values[1] - 1.72).abs() < 1e-9, "{values:?}");
        assert!(all[0].source.contains("GPU"));
    }

    #[test]
    fn amounts_are_shared_out_over_iterations_and_levels_are_not() {
        let mut one = reading("energy", 10.0);
        assert_eq!(per_iteration(&one, 4), 2.5);
        one.extent = Extent::Level;
        assert_eq!(per_iteration(&one, 4), 10.0);
    }

    #[test]
    fn a_processor_case_needs_no_probe_of_graphics_processors() {
        let probing = Probing {
            probes: vec!["gpu".to_owned()],
            ..Probing::default()
        };
        let mut probes = Probes::default();
        let target = Target {
            pids: vec![std::process::id()],
            cpus: Vec::new(),
        };

        probes.begin(&probing, "cpu", &target);

        assert!(probes.end(&probing, "cpu").is_empty());
        assert!(probes.absent().is_empty() && probes.take_remarks().is_empty());
    }

    #[test]
    fn an_unknown_country_is_named() {
        let spec = EnergySpec {
            country: Some("Atlantis".to_owned()),
            ..EnergySpec::default()
        };

        assert!(check_energy(&spec).unwrap_err().contains("Atlantis"));
        assert!(check_energy(&EnergySpec::default()).is_ok());
    }
}
