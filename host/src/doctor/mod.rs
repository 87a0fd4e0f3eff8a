//! What would make numbers noisy here, and how to mend it: one judgement for each fact of [`Condition`].
//!
//! Pure: the facts come from `probe/condition`, the text goes to `command/doctor`. A fact that cannot be read is
//! [`Severity::Unknown`] with the reason, never fine.

mod activity;
mod clock;
mod cores;
mod finding;
mod folder;
mod frequency;
mod heat;
mod kernel;
mod limits;
mod machine;
mod memory;
mod power;
#[cfg(test)]
mod tree;

pub(crate) use self::finding::counted;
pub use self::{
    finding::{Finding, Severity},
    machine::Build,
};
use crate::probe::condition::Condition;

/// Judges everything; worst first, and in a fixed order among equals. Each check gives exactly one finding.
#[must_use]
pub fn examine(condition: &Condition, build: Build) -> Vec<Finding> {
    let (machine, cgroup, activity) = (&condition.machine, &condition.cgroup, &condition.activity);
    let (frequency, memory) = (&condition.frequency, &condition.memory);
    let mut findings = vec![
        frequency::driver(frequency, machine),
        frequency::governor(frequency),
        frequency::turbo(frequency),
        frequency::energy_preference(frequency),
        cores::smt(&condition.cores, &condition.cpus, machine),
        cores::isolated(&condition.cores),
        activity::load(activity, condition.cpus.len()),
        activity::steal(activity, machine),
        machine::virtualisation(machine),
        clock::source(&condition.kernel),
        clock::cost(&condition.clock),
        limits::cpu_quota(cgroup, condition.cpus.len()),
        limits::memory_limit(cgroup),
        heat::throttling(&condition.heat, &activity.noise),
        heat::temperature(&condition.heat),
        power::supply(&condition.power),
        power::profile(&condition.power),
        power::limit(&condition.power),
        memory::room(memory, cgroup),
        memory::swap(memory),
        memory::huge_pages(memory),
        memory::numa(memory),
        kernel::aslr(&condition.kernel),
        kernel::perf_events(&condition.kernel),
        folder::temporary(&condition.temporary),
        machine::host_build(build),
    ];
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// Whether something is wrong that `--strict` does not accept.
#[must_use]
pub fn is_unfit(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| matches!(finding.severity, Severity::Problem | Severity::Warning))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use super::*;

    #[test]
    fn a_machine_without_files_has_every_check_once_worst_first_and_claims_nothing() {
        let root = tempfile::tempdir().unwrap();

        let findings = examine(
            &Condition::read(root.path(), &[0], Duration::ZERO),
            Build::Optimised,
        );

        let names: BTreeSet<&str> = findings.iter().map(|finding| finding.check).collect();
        assert_eq!(names.len(), findings.len());
        assert_eq!(findings.len(), 26);
        assert!(findings.is_sorted_by_key(|finding| finding.severity));
        // What is not read from files below the root, and what is known without one.
        let known = ["clock-cost", "temporary-folder", "host-build"];
        for finding in &findings {
            assert_eq!(
                finding.severity == Severity::Unknown,
                !known.contains(&finding.check),
                "{finding:?}"
            );
        }
        assert!(!is_unfit(
            &findings
                .into_iter()
                .filter(|finding| !known.contains(&finding.check))
                .collect::<Vec<_>>()
        ));
    }

    #[test]
    fn only_problems_and_warnings_make_a_machine_unfit() {
        for (severity, unfit) in [
            (Severity::Problem, true),
            (Severity::Warning, true),
            (Severity::Note, false),
            (Severity::Unknown, false),
            (Severity::Fine, false),
        ] {
            let finding = Finding::new("x", severity, "y");
            assert_eq!(is_unfit(&[finding]), unfit, "{severity:?}");
        }
    }
}
