//! Frequency: who sets it, and whether it moves while something is measured.

use std::collections::BTreeMap;

use super::finding::{Finding, Severity, cpus};
use crate::probe::condition::{Frequency, Machine};

pub(super) fn driver(frequency: &Frequency, machine: &Machine) -> Finding {
    const CHECK: &str = "frequency-driver";
    match &frequency.driver {
        Ok(driver) => Finding::fine(CHECK, format!("{driver} sets the CPUs' frequency")),
        Err(why) => Finding::unknown(
            CHECK,
            match machine.is_virtual {
                Ok(true) => format!("{why}: in a virtual machine the hypervisor sets the frequency, and does not tell"),
                _ => format!("{why}: the firmware sets the frequency, or the kernel lacks the driver"),
            },
        )
        .effect("timings may follow a frequency that nobody here can see or hold"),
    }
}

pub(super) fn governor(frequency: &Frequency) -> Finding {
    const CHECK: &str = "governor";
    let governors = match &frequency.governors {
        Ok(governors) => governors,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    let others: Vec<String> = listed(governors, |name| name != "performance");
    if others.is_empty() {
        return Finding::fine(CHECK, format!("performance on {}", cpus(total(governors))));
    }
    let range = match frequency.range_khz {
        Ok((low, high)) => format!(
            "the frequency moves between {} and {} GHz with the load: timings vary by up to a factor of {:.1}, short \
             ones and first ones most",
            ghz(low),
            ghz(high),
            high as f64 / low as f64
        ),
        Err(_) => {
            "the frequency follows the load: short timings and first ones are too long".to_owned()
        }
    };
    Finding::new(CHECK, Severity::Warning, others.join(", "))
        .effect(range)
        .remedy("hold it until the next start of the machine:")
        .command("sudo cpupower frequency-set -g performance")
}

pub(super) fn turbo(frequency: &Frequency) -> Finding {
    const CHECK: &str = "turbo";
    let turbo = match &frequency.turbo {
        Ok(turbo) if !turbo.is_on => return Finding::fine(CHECK, format!("off ({})", turbo.file)),
        Ok(turbo) => turbo,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    let effect = match (&frequency.base_khz, &frequency.range_khz) {
        (Ok(base), Ok((_, high))) if high > base => format!(
            "the frequency lies between {} and {} GHz by heat and by how many cores are busy: timings vary by up to {:.0} %",
            ghz(*base),
            ghz(*high),
            (*high as f64 / *base as f64 - 1.0) * 100.0
        ),
        _ => "the frequency depends on heat and on how many cores are busy: a run next to others, or after a long one, \
              is slower (by how much, the driver does not say)"
            .to_owned(),
    };
    Finding::new(CHECK, Severity::Warning, format!("on ({})", turbo.file))
        .effect(effect)
        .remedy("switch it off while measuring:")
        .command(format!("echo {} | sudo tee {}", turbo.off, turbo.file))
}

pub(super) fn energy_preference(frequency: &Frequency) -> Finding {
    const CHECK: &str = "energy-preference";
    let preferences = match &frequency.preferences {
        Ok(preferences) => preferences,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    // Under the governor performance the driver writes 0 or "performance" itself.
    let others = listed(preferences, |name| name != "performance" && name != "0");
    if others.is_empty() {
        return Finding::fine(
            CHECK,
            format!("performance on {}", cpus(total(preferences))),
        );
    }
    let saves = preferences.contains_key("power") || preferences.contains_key("balance_power");
    let severity = if saves {
        Severity::Warning
    } else {
        Severity::Note
    };
    Finding::new(CHECK, severity, others.join(", "))
        .effect("the CPU takes longer to reach its frequency, and may not reach it: short timings suffer most")
        .remedy("prefer performance while measuring:")
        .command(
            "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/energy_performance_preference",
        )
}

fn total(counts: &BTreeMap<String, usize>) -> usize {
    counts.values().sum()
}

/// `powersave on 3 of 4 CPUs` for each name that is wanted.
fn listed(counts: &BTreeMap<String, usize>, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let all = cpus(total(counts));
    counts
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, count)| format!("{name} on {count} of {all}"))
        .collect()
}

fn ghz(khz: u64) -> String {
    format!("{:.1}", khz as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use crate::doctor::{
        Severity,
        tree::{assert_says, finding},
    };

    const CPU0: &str = "sys/devices/system/cpu/cpu0/cpufreq";
    const CPU1: &str = "sys/devices/system/cpu/cpu1/cpufreq";

    fn both(file: &str, first: &'static str, second: &'static str) -> [(String, &'static str); 2] {
        [
            (format!("{CPU0}/{file}"), first),
            (format!("{CPU1}/{file}"), second),
        ]
    }

    fn found(check: &str, files: &[(String, &'static str)]) -> crate::doctor::Finding {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        finding(check, &files)
    }

    #[test]
    fn one_cpu_without_the_governor_performance_is_a_warning_with_its_factor() {
        let mut files = both("scaling_governor", "performance\n", "powersave\n").to_vec();
        files.extend(both("cpuinfo_min_freq", "800000", "800000"));
        files.extend(both("cpuinfo_max_freq", "4000000", "3600000"));

        let bad = found("governor", &files);
        let good = found(
            "governor",
            &both("scaling_governor", "performance", "performance"),
        );
        let half = found("governor", &files[..1]);

        assert_says(&bad, Severity::Warning, "powersave on 1 of 2 CPUs");
        assert!(
            bad.effect
                .unwrap()
                .contains("0.8 and 4.0 GHz with the load: timings vary by up to a factor of 5.0")
        );
        assert_eq!(
            bad.command.unwrap(),
            "sudo cpupower frequency-set -g performance"
        );
        assert_says(&good, Severity::Fine, "performance on 2 CPUs");
        assert_says(
            &half,
            Severity::Unknown,
            "there is no /sys/devices/system/cpu/cpu1/cpufreq/scaling_governor",
        );
    }

    #[test]
    fn each_switch_of_turbo_is_read_its_own_way_round() {
        let intel = "sys/devices/system/cpu/intel_pstate/no_turbo";
        let amd = "sys/devices/system/cpu/cpufreq/boost";
        let base = format!("{CPU0}/base_frequency");

        let on = finding("turbo", &[(intel, "0\n")]);
        assert_says(
            &on,
            Severity::Warning,
            "on (/sys/devices/system/cpu/intel_pstate/no_turbo)",
        );
        assert_eq!(
            on.command.unwrap(),
            "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
        );
        assert_says(&finding("turbo", &[(intel, "1\n")]), Severity::Fine, "off");
        let on = finding("turbo", &[(amd, "1\n")]);
        assert_eq!(
            on.command.unwrap(),
            "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"
        );
        assert_says(&finding("turbo", &[(amd, "0\n")]), Severity::Fine, "off");
        assert_says(
            &finding("turbo", &[]),
            Severity::Unknown,
            "there is neither",
        );

        let mut files = both("cpuinfo_max_freq", "4000000", "4000000").to_vec();
        files.extend(both("cpuinfo_min_freq", "800000", "800000"));
        files.extend([(base, "2500000"), (intel.to_owned(), "0")]);
        assert!(
            found("turbo", &files)
                .effect
                .unwrap()
                .contains("vary by up to 60 %")
        );
    }

    #[test]
    fn saving_energy_is_worse_than_balancing_it() {
        let file = "energy_performance_preference";

        let saves = found("energy-preference", &both(file, "power", "performance"));
        let balances = found(
            "energy-preference",
            &both(file, "balance_performance", "balance_performance"),
        );
        let fine = found(
            "energy-preference",
            &both(file, "performance", "performance"),
        );

        assert_says(&saves, Severity::Warning, "power on 1 of 2 CPUs");
        assert_says(
            &balances,
            Severity::Note,
            "balance_performance on 2 of 2 CPUs",
        );
        assert_says(&fine, Severity::Fine, "performance");
        assert_says(
            &finding("energy-preference", &[]),
            Severity::Unknown,
            "there is no /sys",
        );
    }

    #[test]
    fn a_missing_driver_is_explained_by_what_the_machine_is() {
        let file = format!("{CPU0}/scaling_driver");

        assert_says(
            &finding("frequency-driver", &[(&file, "intel_pstate")]),
            Severity::Fine,
            "intel_pstate",
        );
        let guest = finding(
            "frequency-driver",
            &[("proc/cpuinfo", "flags : fpu hypervisor\n")],
        );
        assert_says(
            &guest,
            Severity::Unknown,
            "the hypervisor sets the frequency",
        );
        let metal = finding("frequency-driver", &[("proc/cpuinfo", "flags : fpu\n")]);
        assert_says(&metal, Severity::Unknown, "the kernel lacks the driver");
    }
}
