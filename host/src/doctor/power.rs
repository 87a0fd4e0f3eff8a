//! Power: battery, profile, limit.

use super::finding::{Finding, Severity};
use crate::probe::condition::{Power, Supply};

pub(super) fn supply(power: &Power) -> Finding {
    const CHECK: &str = "power-supply";
    match &power.supply {
        Err(why) => Finding::unknown(CHECK, why),
        Ok(Supply::NoBattery) => Finding::fine(CHECK, "no battery is known"),
        Ok(Supply::Mains) => Finding::fine(CHECK, "the battery is not being emptied"),
        Ok(Supply::Battery) => Finding::new(CHECK, Severity::Problem, "on battery")
            .effect(
                "firmware and kernel lower frequency and power limits, the more the emptier it is",
            )
            .remedy("plug it in"),
    }
}

pub(super) fn profile(power: &Power) -> Finding {
    const CHECK: &str = "power-profile";
    let profile = match &power.profile {
        Ok(profile) => profile,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    let severity = match profile.as_str() {
        "performance" => return Finding::fine(CHECK, profile),
        "low-power" | "quiet" | "cool" => Severity::Warning,
        _ => Severity::Note,
    };
    Finding::new(CHECK, severity, profile)
        .effect("the firmware trades speed for noise and heat: long runs are slowed earlier than they must be")
        .remedy("ask for performance while measuring:")
        .command("echo performance | sudo tee /sys/firmware/acpi/platform_profile")
}

pub(super) fn limit(power: &Power) -> Finding {
    const CHECK: &str = "power-limit";
    let limits = match &power.limits {
        Ok(limits) => limits,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    let shown: Vec<String> = limits
        .iter()
        .map(|limit| match limit.made_for_w {
            Some(made_for) => format!(
                "{}: {:.0} W, made for {made_for:.0} W",
                limit.package, limit.limit_w
            ),
            None => format!("{}: {:.0} W", limit.package, limit.limit_w),
        })
        .collect();
    let shown = shown.join("; ");
    let lowered = limits.iter().any(|limit| {
        limit
            .made_for_w
            .is_some_and(|made_for| limit.limit_w < made_for)
    });
    if !lowered {
        return Finding::fine(CHECK, shown);
    }
    Finding::new(CHECK, Severity::Warning, shown)
        .effect("work on many cores lowers the frequency after some seconds at the latest: long runs are slower than short ones")
        .remedy("raise the limit in the firmware, or, where cooling allows it, in /sys/class/powercap (constraint_0_power_limit_uw)")
}

#[cfg(test)]
mod tests {
    use crate::doctor::{
        Severity,
        tree::{assert_says, finding},
    };

    #[test]
    fn only_a_battery_of_the_machine_that_is_being_emptied_is_a_problem() {
        let of = |status: &'static str, scope: &'static str| {
            finding(
                "power-supply",
                &[
                    ("sys/class/power_supply/AC/type", "Mains\n"),
                    ("sys/class/power_supply/BAT0/type", "Battery\n"),
                    ("sys/class/power_supply/BAT0/status", status),
                    ("sys/class/power_supply/BAT0/scope", scope),
                ],
            )
        };

        assert_says(
            &of("Discharging\n", "System\n"),
            Severity::Problem,
            "on battery",
        );
        assert_says(
            &of("Not charging\n", "System\n"),
            Severity::Fine,
            "not being emptied",
        );
        assert_says(
            &of("Discharging\n", "Device\n"),
            Severity::Fine,
            "no battery",
        );
        assert_says(
            &finding("power-supply", &[]),
            Severity::Unknown,
            "there is no folder",
        );
    }

    #[test]
    fn profiles_are_weighed() {
        let of = |profile| {
            finding(
                "power-profile",
                &[("sys/firmware/acpi/platform_profile", profile)],
            )
        };

        assert_says(&of("low-power\n"), Severity::Warning, "low-power");
        assert_says(&of("balanced\n"), Severity::Note, "balanced");
        assert_says(&of("performance\n"), Severity::Fine, "performance");
        assert_says(
            &finding("power-profile", &[]),
            Severity::Unknown,
            "there is no /sys",
        );
    }

    #[test]
    fn a_package_below_what_it_is_made_for_is_a_warning() {
        let of = |limit: &'static str| {
            finding(
                "power-limit",
                &[
                    ("sys/class/powercap/intel-rapl:0/name", "package-0\n"),
                    (
                        "sys/class/powercap/intel-rapl:0/constraint_0_power_limit_uw",
                        limit,
                    ),
                    (
                        "sys/class/powercap/intel-rapl:0/constraint_0_max_power_uw",
                        "65000000\n",
                    ),
                    (
                        "sys/class/powercap/intel-rapl:0:0/constraint_0_power_limit_uw",
                        "1000000\n",
                    ),
                ],
            )
        };

        assert_says(
            &of("35000000\n"),
            Severity::Warning,
            "package-0: 35 W, made for 65 W",
        );
        assert_says(&of("65000000\n"), Severity::Fine, "package-0: 65 W");
        assert_says(
            &finding("power-limit", &[]),
            Severity::Unknown,
            "there is no folder",
        );
    }
}
