//! What the measuring is done on and with: hardware or a guest, and this program itself.

use super::finding::{Finding, Severity};
use crate::probe::condition::Machine;

/// How this program was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// With optimisation.
    Optimised,
    /// With debug assertions.
    Debug,
}

impl Build {
    /// That of the running program.
    #[must_use]
    pub fn own() -> Self {
        if cfg!(debug_assertions) {
            Self::Debug
        } else {
            Self::Optimised
        }
    }
}

pub(super) fn virtualisation(machine: &Machine) -> Finding {
    const CHECK: &str = "virtualisation";
    let name = machine.virtualisation.as_deref();
    match &machine.is_virtual {
        Err(why) => Finding::unknown(
            CHECK,
            match name {
                Some(name) => format!("{name}; whether there is a hypervisor below: {why}"),
                None => why.clone(),
            },
        ),
        Ok(false) => Finding::fine(
            CHECK,
            match name {
                Some(name) => format!("no hypervisor; container: {name}"),
                None => "no hypervisor".to_owned(),
            },
        ),
        Ok(true) => {
            let name = name.unwrap_or("virtual machine");
            let finding = |severity, found| {
                Finding::new(CHECK, severity, found)
                    .effect(
                        "other guests share cores, caches and memory: code is 20 to 90 % slower for tenths of a second while steal \
                         reads zero",
                    )
                    .remedy(
                        "use several repetitions, seconds apart, and compare two builds in turns (benchhost compare); for less \
                         scatter, rent a machine with cores of its own",
                    )
            };
            if machine.has_counters {
                finding(Severity::Note, format!("{name}, with counters of the CPU"))
            } else {
                finding(
                    Severity::Warning,
                    format!(
                        "{name}, without counters of the CPU: what it loses to other guests can hide"
                    ),
                )
            }
        }
    }
}

pub(super) fn host_build(build: Build) -> Finding {
    const CHECK: &str = "host-build";
    match build {
        Build::Optimised => Finding::fine(CHECK, "benchhost is built with optimisation"),
        Build::Debug => Finding::new(CHECK, Severity::Warning, "benchhost is a debug build")
            .effect(
                "the sampling loop itself takes longer, which short samples feel, and no yardstick is read: a shared core is not \
                 noticed",
            )
            .remedy("build it with optimisation:")
            .command("cargo build --release -p benchhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tree::{assert_says, finding};

    const GUEST: (&str, &str) = ("proc/cpuinfo", "processor: 0\nflags: fpu hypervisor\n");

    #[test]
    fn a_guest_without_counters_is_worse_than_one_with_them() {
        let counters = ("sys/bus/event_source/devices/cpu/type", "4\n");
        let hybrid = ("sys/bus/event_source/devices/cpu_core/type", "4\n");

        let blind = finding(
            "virtualisation",
            &[GUEST, ("sys/bus/event_source/devices/software/type", "1")],
        );
        assert_says(&blind, Severity::Warning, "without counters");
        assert_says(
            &finding("virtualisation", &[GUEST, counters]),
            Severity::Note,
            "with counters",
        );
        assert_says(
            &finding("virtualisation", &[GUEST, hybrid]),
            Severity::Note,
            "with counters",
        );
    }

    #[test]
    fn metal_is_fine_and_a_cpu_that_does_not_say_is_unknown() {
        let metal = finding("virtualisation", &[("proc/cpuinfo", "flags: fpu\n")]);
        let container = finding(
            "virtualisation",
            &[("proc/cpuinfo", "flags: fpu\n"), (".dockerenv", "")],
        );
        let arm = finding(
            "virtualisation",
            &[("proc/cpuinfo", "Features: fp asimd\n")],
        );

        assert_says(&metal, Severity::Fine, "no hypervisor");
        assert_says(&container, Severity::Fine, "container: docker");
        assert_says(&arm, Severity::Unknown, "on x86 only");
        assert_says(
            &finding("virtualisation", &[]),
            Severity::Unknown,
            "there is no /proc/cpuinfo",
        );
    }

    #[test]
    fn a_debug_build_of_the_host_is_a_warning() {
        assert_says(&host_build(Build::Debug), Severity::Warning, "debug build");
        assert_says(
            &host_build(Build::Optimised),
            Severity::Fine,
            "optimisation",
        );
    }
}
