//! Other programs and other guests.

use super::finding::{Finding, Severity, cpus, percent};
use crate::probe::condition::{Activity, Machine, WATCHED};

/// Other programs may take this share of the CPUs before it is said of a case, too (`other-load`).
const OTHERS: f64 = 0.05;

/// From here on most samples are hit.
const OTHERS_PREVAIL: f64 = 0.5;

/// The hypervisor may take this share before it is said of a case, too.
const STEAL: f64 = 0.01;

/// From here on a timing is a tenth too long, or one sample in ten is spoilt.
const STEAL_PREVAILS: f64 = 0.1;

/// Most names of programs that are listed.
const NAMED: usize = 5;

pub(super) fn load(activity: &Activity, usable: usize) -> Finding {
    const CHECK: &str = "load";
    let running = activity.runnable.as_ref().ok();
    let mut found = match activity.noise.other_share {
        Some(share) => format!(
            "others used {} of {} for {} ms",
            percent(share),
            cpus(usable),
            WATCHED.as_millis()
        ),
        None => return Finding::unknown(CHECK, "/proc/stat does not say what the CPUs did"),
    };
    if let Some(names) = running.filter(|names| !names.is_empty()) {
        found += &format!("; running now: {}", shown(names));
    }
    if let Ok(average) = activity.load_average_1min {
        found += &format!("; load average {average:.2} over a minute");
    }
    let share = activity.noise.other_share.unwrap_or_default();
    if share <= OTHERS {
        return Finding::fine(CHECK, found);
    }
    let severity = if share > OTHERS_PREVAIL {
        Severity::Problem
    } else {
        Severity::Warning
    };
    Finding::new(CHECK, severity, found)
        .effect(
            "samples wait for a CPU (each time for about 1 to 10 ms), find caches emptied, and share cores: medians shift, \
             not only the slowest samples",
        )
        .remedy("end or stop what else runs here; this shows who it is:")
        .command("top -b -n 1 -o %CPU | head -20")
}

pub(super) fn steal(activity: &Activity, machine: &Machine) -> Finding {
    const CHECK: &str = "steal";
    let is_metal = matches!(machine.is_virtual, Ok(false));
    let (now, before) = (
        activity.noise.steal_share,
        activity.steal_since_start.as_ref().ok(),
    );
    let since = before.map_or(String::new(), |share| {
        format!("{} since the start", percent(*share))
    });
    let Some(now) = now else {
        return match before {
            Some(_) => Finding::unknown(
                CHECK,
                format!("the counters of /proc/stat stand still; {since}"),
            ),
            None => Finding::unknown(CHECK, "/proc/stat does not count it"),
        };
    };
    let found = format!(
        "the hypervisor took {} in {} ms, {since}",
        percent(now),
        WATCHED.as_millis()
    );
    let worst = now.max(before.copied().unwrap_or(0.0));
    if worst <= STEAL {
        return match is_metal {
            true => Finding::fine(CHECK, "none, and no hypervisor to take any"),
            false => Finding::fine(CHECK, found),
        };
    }
    // Only what happens now can be a problem now.
    let severity = if now > STEAL_PREVAILS {
        Severity::Problem
    } else {
        Severity::Warning
    };
    Finding::new(CHECK, severity, found)
        .effect(format!(
            "timings are longer by up to {} on average, single samples by whole time slices of the hypervisor",
            percent(worst / (1.0 - worst).max(0.01))
        ))
        .remedy("measure at another time, with more repetitions, or on a machine with CPUs of its own")
}

fn shown(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMED {
        text += &format!(" and {} more", names.len() - NAMED);
    }
    text
}

#[cfg(test)]
mod tests {
    use benchhost_record::MachineNoise;

    use super::*;
    use crate::doctor::tree::{assert_says, finding};

    fn activity(other: Option<f64>, steal: Option<f64>, before: Option<f64>) -> Activity {
        Activity {
            noise: MachineNoise {
                other_share: other,
                steal_share: steal,
                ..MachineNoise::default()
            },
            steal_since_start: before.ok_or_else(|| "no".to_owned()),
            runnable: Ok((0..7).map(|i| format!("cc{i}")).collect()),
            load_average_1min: Ok(3.5),
        }
    }

    fn machine(is_virtual: bool) -> Machine {
        Machine {
            is_virtual: Ok(is_virtual),
            virtualisation: None,
            has_counters: true,
        }
    }

    #[test]
    fn other_programs_are_named_and_weighed() {
        let of = |share| load(&activity(share, None, None), 2);

        assert_says(
            &of(Some(0.05)),
            Severity::Fine,
            "others used 5.0 % of 2 CPUs",
        );
        assert_says(
            &of(Some(0.3)),
            Severity::Warning,
            "cc0, cc1, cc2, cc3, cc4 and 2 more; load average 3.50",
        );
        assert_says(&of(Some(0.9)), Severity::Problem, "others used 90 %");
        assert_says(&of(None), Severity::Unknown, "does not say");
    }

    #[test]
    fn steal_now_may_be_a_problem_and_steal_before_is_a_warning() {
        let of = |now, before| steal(&activity(None, now, before), &machine(true));

        assert_says(
            &of(Some(0.0), Some(0.0007)),
            Severity::Fine,
            "took 0 % in 250 ms, less than 0.1 % since the start",
        );
        let before = of(Some(0.0), Some(0.2));
        assert_says(&before, Severity::Warning, "20 % since the start");
        assert!(
            before
                .effect
                .unwrap()
                .contains("longer by up to 25 % on average")
        );
        assert_says(&of(Some(0.2), Some(0.0)), Severity::Problem, "took 20 %");
        assert_says(
            &of(None, Some(0.2)),
            Severity::Unknown,
            "stand still; 20 % since",
        );
        assert_says(&of(None, None), Severity::Unknown, "does not count it");
        let metal = steal(&activity(None, Some(0.0), Some(0.0)), &machine(false));
        assert_says(&metal, Severity::Fine, "no hypervisor");
    }

    #[test]
    fn the_share_since_the_start_is_that_of_the_cpus_that_may_be_used() {
        let stat = "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 60 0 0 0 0 0 0 40 0 0\ncpu1 100 0 0 0 0 0 0 0 0 0\ncpu2 0 0 0 0 0 0 0 900 0 0\n";

        let found = finding("steal", &[("proc/stat", stat)]);

        assert_says(
            &found,
            Severity::Unknown,
            "stand still; 20 % since the start",
        );
    }
}
