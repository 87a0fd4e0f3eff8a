//! Settings of the kernel that are no fault, but that one should know when reading numbers.

use super::finding::{Finding, Severity};
use crate::probe::condition::Kernel;

/// Up to this level a user may count events of his own processes (perf_event_open(2)).
const OWN_PROCESSES: i32 = 2;

pub(super) fn aslr(kernel: &Kernel) -> Finding {
    const CHECK: &str = "aslr";
    match &kernel.aslr {
        Err(why) => Finding::unknown(CHECK, why),
        // Wanted: layouts that differ from process to process are averaged over by repetitions, one layout never is.
        Ok(0) => Finding::new(CHECK, Severity::Note, "off: every process has the same addresses")
            .effect(
                "timings repeat better than they mean: one layout can be faster or slower by some per cent by luck, and another \
                 build has another layout",
            )
            .remedy("switch it on, so that repetitions average over layouts:")
            .command("sudo sysctl kernel.randomize_va_space=2"),
        Ok(level) => Finding::fine(
            CHECK,
            format!("on ({level}): every process has other addresses, repetitions average over them"),
        ),
    }
}

pub(super) fn perf_events(kernel: &Kernel) -> Finding {
    const CHECK: &str = "perf-events";
    match &kernel.perf_event_paranoid {
        Err(why) => Finding::unknown(CHECK, format!("{why}: this kernel has no perf events")),
        Ok(level) if *level <= OWN_PROCESSES => Finding::fine(
            CHECK,
            format!("perf_event_paranoid is {level}: events of own processes may be counted, where the CPU shows them"),
        ),
        Ok(level) => Finding::new(CHECK, Severity::Note, format!("perf_event_paranoid is {level}"))
            .effect("instructions, cache misses and the frequency that was held cannot be counted beside the timings")
            .remedy("allow counting in own processes:")
            .command("sudo sysctl kernel.perf_event_paranoid=2"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tree::{assert_says, finding};

    #[test]
    fn one_layout_for_all_is_a_note() {
        let of = |value| finding("aslr", &[("proc/sys/kernel/randomize_va_space", value)]);

        assert_says(&of("0\n"), Severity::Note, "off");
        assert_says(&of("2\n"), Severity::Fine, "on (2)");
        assert_says(
            &finding("aslr", &[]),
            Severity::Unknown,
            "there is no /proc",
        );
    }

    #[test]
    fn counting_is_allowed_up_to_level_two() {
        let of = |value| {
            finding(
                "perf-events",
                &[("proc/sys/kernel/perf_event_paranoid", value)],
            )
        };

        assert_says(&of("4\n"), Severity::Note, "is 4");
        assert_says(&of("-1\n"), Severity::Fine, "is -1");
        assert_says(&of("2\n"), Severity::Fine, "is 2");
        assert_says(
            &finding("perf-events", &[]),
            Severity::Unknown,
            "no perf events",
        );
    }
}
