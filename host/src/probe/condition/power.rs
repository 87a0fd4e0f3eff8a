//! Where the power comes from and what limits it.
//!
//! Source: sysfs-class-power, sysfs-platform_profile and power/powercap in the kernel's documentation.

use std::path::Path;

use super::{Known, file};

/// Power of the machine.
#[derive(Debug, Clone)]
pub struct Power {
    /// Battery or mains.
    pub supply: Known<Supply>,
    /// Profile of the firmware, like `balanced`.
    pub profile: Known<String>,
    /// Long-term limit of each CPU package.
    pub limits: Known<Vec<PowerLimit>>,
}

/// Where the power comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// No battery is known.
    NoBattery,
    /// A battery that is not being emptied.
    Mains,
    /// A battery that is being emptied.
    Battery,
}

/// Long-term power limit of a package.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerLimit {
    /// Name of the package, like `package-0`.
    pub package: String,
    /// The limit, W.
    pub limit_w: f64,
    /// What the package is made for, W, where it is told.
    pub made_for_w: Option<f64>,
}

impl Power {
    pub(super) fn read(root: &Path) -> Self {
        Self {
            supply: supply(root),
            profile: file::read(root, "sys/firmware/acpi/platform_profile"),
            limits: limits(root),
        }
    }
}

fn supply(root: &Path) -> Known<Supply> {
    let base = "sys/class/power_supply";
    let mut found = Supply::NoBattery;
    for name in file::names(root, base)? {
        let read = |what: &str| file::read(root, &format!("{base}/{name}/{what}"));
        // Mice and headsets have batteries, too; theirs have the scope "Device".
        let is_battery = read("type").is_ok_and(|kind| kind == "Battery")
            && !read("scope").is_ok_and(|scope| scope == "Device");
        if is_battery {
            let is_emptied = read("status").is_ok_and(|status| status == "Discharging");
            found = match found {
                Supply::Battery => Supply::Battery,
                _ if is_emptied => Supply::Battery,
                _ => Supply::Mains,
            };
        }
    }
    Ok(found)
}

fn limits(root: &Path) -> Known<Vec<PowerLimit>> {
    let base = "sys/class/powercap";
    let zones = file::names(root, base)?;
    // `intel-rapl:0` is a package (AMD's too), `intel-rapl:0:0` a part of it.
    let packages = zones
        .iter()
        .filter(|name| name.starts_with("intel-rapl:") && name.matches(':').count() == 1);
    let limits: Vec<PowerLimit> = packages
        .filter_map(|zone| {
            let watts = |what: &str| -> Option<f64> {
                let microwatts: f64 = file::read_as(root, &format!("{base}/{zone}/{what}")).ok()?;
                (microwatts > 0.0).then_some(microwatts / 1e6)
            };
            Some(PowerLimit {
                package: file::read(root, &format!("{base}/{zone}/name"))
                    .unwrap_or_else(|_| zone.clone()),
                limit_w: watts("constraint_0_power_limit_uw")?,
                made_for_w: watts("constraint_0_max_power_uw"),
            })
        })
        .collect();
    if limits.is_empty() {
        return Err(format!("/{base} has no package with a limit"));
    }
    Ok(limits)
}
