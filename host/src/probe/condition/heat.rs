//! Temperatures now, where the hardware says what is critical, and how often heat slowed the CPUs so far.
//!
//! Source: hwmon/sysfs-interface.rst and thermal/sysfs-api.rst in the kernel's documentation. Both count in 0.001 °C.

use std::path::Path;

use super::{Known, file};
use crate::probe::machine::heat_events;

/// What heat does.
#[derive(Debug, Clone)]
pub struct Heat {
    /// Times since the start at which a core or a package was slowed: the counter that moved most.
    pub events_since_start: Known<u64>,
    /// The sensor that is nearest to its critical temperature.
    pub nearest: Known<Temperature>,
}

/// One sensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Temperature {
    /// Its name.
    pub sensor: String,
    /// Now, °C.
    pub now_c: f64,
    /// Where the hardware protects itself, °C.
    pub critical_c: f64,
}

impl Heat {
    pub(super) fn read(root: &Path, cpus: &[u32]) -> Self {
        let sensors = hwmon(root).into_iter().chain(zones(root));
        let room = |sensor: &Temperature| sensor.critical_c - sensor.now_c;
        Self {
            events_since_start: heat_events(root, cpus).ok_or_else(|| {
                "no CPU has thermal_throttle counters; the kernel keeps them on Intel's only, and not in virtual machines"
                    .to_owned()
            }),
            nearest: sensors
                .min_by(|a, b| room(a).total_cmp(&room(b)))
                .ok_or_else(|| {
                    "no sensor in /sys/class/hwmon or /sys/class/thermal has a critical temperature".to_owned()
                }),
        }
    }
}

fn celsius(root: &Path, below: &str) -> Option<f64> {
    let value: f64 = file::read_as(root, below).ok()?;
    // Sensors that are not connected tell of 0 or of absurd heat.
    (value > 0.0 && value < 250_000.0).then_some(value / 1000.0)
}

fn hwmon(root: &Path) -> Vec<Temperature> {
    let base = "sys/class/hwmon";
    let mut found = Vec::new();
    for chip in file::names(root, base).unwrap_or_default() {
        let chip = format!("{base}/{chip}");
        for name in file::names(root, &chip).unwrap_or_default() {
            let Some(sensor) = name
                .strip_suffix("_input")
                .filter(|s| s.starts_with("temp"))
            else {
                continue;
            };
            let read = |what: &str| celsius(root, &format!("{chip}/{sensor}_{what}"));
            if let (Some(now_c), Some(critical_c)) = (read("input"), read("crit")) {
                let label = file::read(root, &format!("{chip}/{sensor}_label"))
                    .or_else(|_| file::read(root, &format!("{chip}/name")));
                found.push(Temperature {
                    sensor: label.unwrap_or_else(|_| sensor.to_owned()),
                    now_c,
                    critical_c,
                });
            }
        }
    }
    found
}

fn zones(root: &Path) -> Vec<Temperature> {
    let base = "sys/class/thermal";
    let zones = file::names(root, base).unwrap_or_default();
    let zones = zones.iter().filter(|name| name.starts_with("thermal_zone"));
    zones
        .filter_map(|name| {
            let zone = format!("{base}/{name}");
            let trip = (0..16).find(|trip| {
                file::read(root, &format!("{zone}/trip_point_{trip}_type"))
                    .is_ok_and(|kind| kind == "critical")
            })?;
            Some(Temperature {
                sensor: file::read(root, &format!("{zone}/type")).unwrap_or_else(|_| name.clone()),
                now_c: celsius(root, &format!("{zone}/temp"))?,
                critical_c: celsius(root, &format!("{zone}/trip_point_{trip}_temp"))?,
            })
        })
        .collect()
}
