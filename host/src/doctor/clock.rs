//! The clock that every sample is taken with.

use benchhost_record::Overhead;

use super::finding::{Finding, Severity};
use crate::probe::condition::Kernel;

/// Clock sources that are read without entering the kernel: the CPU's own counters, of guests through shared pages.
const FAST: [&str; 5] = [
    "tsc",
    "kvm-clock",
    "hyperv_clocksource_tsc_page",
    "arch_sys_counter",
    "riscv_clocksource",
];

/// A read through a page shared with the kernel takes 20 to 40 ns; beyond this the kernel is entered each time.
const SLOW_READ_NS: f64 = 150.0;

/// Beyond this a device is asked each time, as with `hpet` and `acpi_pm`.
const DEVICE_READ_NS: f64 = 500.0;

/// A step from which on samples below 100 µs are off by a per cent.
const COARSE_STEP_NS: f64 = 1000.0;

pub(super) fn source(kernel: &Kernel) -> Finding {
    const CHECK: &str = "clock-source";
    let source = match &kernel.clock_source {
        Ok(source) => source,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    if FAST.contains(&source.as_str()) {
        return Finding::fine(CHECK, source);
    }
    let sources = kernel.clock_sources.as_deref().unwrap_or_default();
    let better = FAST
        .into_iter()
        .find(|fast| sources.iter().any(|name| name == fast));
    let finding = Finding::new(CHECK, Severity::Warning, source).effect(
        "each read of the clock may enter the kernel and ask a device, about 1 µs: short samples get longer and scatter",
    );
    match better {
        Some(better) => finding.remedy(format!("{better} is there, use it:")).command(format!(
            "echo {better} | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource"
        )),
        None => finding.remedy(
            "no better one is offered here: the kernel's log says why (dmesg | grep -i -e tsc -e clocksource); where the \
             hardware is known to be right, start the kernel with tsc=reliable",
        ),
    }
}

pub(super) fn cost(clock: &Overhead) -> Finding {
    const CHECK: &str = "clock-cost";
    let (read_ns, step_ns) = (clock.clock_read_ns, clock.clock_resolution_ns);
    let found = format!("a read takes {read_ns:.0} ns, the smallest step is {step_ns:.0} ns");
    let severity = match read_ns {
        read if read > DEVICE_READ_NS || step_ns > COARSE_STEP_NS => Severity::Warning,
        read if read > SLOW_READ_NS => Severity::Note,
        _ => return Finding::fine(CHECK, found),
    };
    Finding::new(CHECK, severity, found)
        .effect(format!(
            "a sample is off by about {:.0} ns: more than 1 % below {:.0} µs",
            read_ns + step_ns,
            (read_ns + step_ns) / 10.0
        ))
        .remedy(
            "see clock-source; in a sandbox that intercepts system calls there may be no remedy",
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tree::{assert_says, finding};

    const NOW: &str = "sys/devices/system/clocksource/clocksource0/current_clocksource";
    const ALL: &str = "sys/devices/system/clocksource/clocksource0/available_clocksource";

    #[test]
    fn a_slow_source_has_the_command_for_a_fast_one_only_where_there_is_one() {
        let choice = finding(
            "clock-source",
            &[(NOW, "hpet\n"), (ALL, "hpet tsc acpi_pm \n")],
        );
        let none = finding("clock-source", &[(NOW, "acpi_pm\n"), (ALL, "acpi_pm\n")]);

        assert_says(&choice, Severity::Warning, "hpet");
        assert!(choice.command.unwrap().starts_with("echo tsc | sudo tee"));
        assert_says(&none, Severity::Warning, "acpi_pm");
        assert_eq!(none.command, None);
        assert_says(
            &finding("clock-source", &[(NOW, "tsc\n")]),
            Severity::Fine,
            "tsc",
        );
        assert_says(
            &finding("clock-source", &[]),
            Severity::Unknown,
            "there is no /sys",
        );
    }

    #[test]
    fn the_cost_of_a_read_is_weighed_as_it_was_measured() {
        let of = |clock_read_ns, clock_resolution_ns| {
            cost(&Overhead {
                clock_read_ns,
                clock_resolution_ns,
                ..Overhead::default()
            })
        };

        assert_says(
            &of(25.0, 10.0),
            Severity::Fine,
            "a read takes 25 ns, the smallest step is 10 ns",
        );
        assert_says(&of(200.0, 10.0), Severity::Note, "200 ns");
        let slow = of(900.0, 100.0);
        assert_says(&slow, Severity::Warning, "900 ns");
        assert!(
            slow.effect
                .unwrap()
                .contains("about 1000 ns: more than 1 % below 100 µs")
        );
        assert_says(&of(25.0, 4e6), Severity::Warning, "step is 4000000 ns");
    }
}
