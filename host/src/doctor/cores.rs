//! Cores: two hardware threads on one of them, and cores that are kept free.

use super::finding::{Finding, Severity, counted, cpus};
use crate::probe::condition::{Cores, Machine};

/// What a busy sibling costs: a dependent chain of operations next to nothing, wide arithmetic most (measured on the eight
/// kinds of work among which the yardstick was chosen, see ARCHITECTURE.md).
const SLOWER: &str = "while the other thread of the core works, code is up to 1.8 times as slow, by how it uses the core";

pub(super) fn smt(cores: &Cores, usable: &[u32], machine: &Machine) -> Finding {
    const CHECK: &str = "smt";
    let siblings = match &cores.siblings {
        Ok(siblings) => siblings,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    let shared: Vec<&Vec<u32>> = siblings.iter().filter(|core| core.len() > 1).collect();
    if shared.is_empty() {
        let found = format!("no two of the {} share a core", cpus(usable.len()));
        return match machine.is_virtual {
            Ok(true) => Finding::unknown(
                CHECK,
                format!("{found}, says the hypervisor; guests are often not told"),
            )
            .effect("the other thread of a core may belong to another guest; yardsticks beside the samples see that"),
            _ => Finding::fine(CHECK, found),
        };
    }
    let whole = shared
        .iter()
        .filter(|core| core.iter().all(|cpu| usable.contains(cpu)))
        .count();
    let ours = match whole {
        0 => "none with both threads for us: somebody else may use the others".to_owned(),
        all if all == shared.len() => "all threads of which may be used here".to_owned(),
        some => format!("{some} with both threads for us"),
    };
    // One CPU of each core, for a suite that wants to stay apart.
    let apart: Vec<String> = siblings
        .iter()
        .filter_map(|core| core.iter().find(|cpu| usable.contains(cpu)))
        .map(u32::to_string)
        .collect();
    Finding::new(
        CHECK,
        Severity::Warning,
        format!("{} with two or more threads, {ours}", counted(shared.len(), "core")),
    )
    .effect(SLOWER)
    .remedy(format!(
        "keep the siblings idle and use one thread of each core, pin = [{}] in the suite, or switch them off:",
        apart.join(", ")
    ))
    .command("echo off | sudo tee /sys/devices/system/cpu/smt/control")
}

pub(super) fn isolated(cores: &Cores) -> Finding {
    const CHECK: &str = "isolated-cpus";
    match &cores.isolated {
        Err(why) => Finding::unknown(CHECK, why),
        Ok(isolated) if isolated.is_empty() => {
            Finding::fine(CHECK, "none: every CPU is open to every program, as usual")
        }
        Ok(isolated) => {
            let list: Vec<String> = isolated.iter().map(u32::to_string).collect();
            let list = list.join(", ");
            Finding::new(CHECK, Severity::Note, format!("the scheduler leaves {list} alone"))
                .effect("nothing else runs there, so timings are steadier; but nothing is moved there by itself either")
                .remedy(format!("use them: pin = [{list}] in the suite"))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::doctor::{
        Severity,
        tree::{assert_says, finding},
    };

    const LIST0: &str = "sys/devices/system/cpu/cpu0/topology/thread_siblings_list";
    const LIST1: &str = "sys/devices/system/cpu/cpu1/topology/thread_siblings_list";

    #[test]
    fn siblings_are_told_apart_by_whose_they_are() {
        let both_ours = finding("smt", &[(LIST0, "0-1\n"), (LIST1, "0-1\n")]);
        let others = finding("smt", &[(LIST0, "0,4\n"), (LIST1, "1,5\n")]);

        assert_says(
            &both_ours,
            Severity::Warning,
            "1 core with two or more threads, all threads of which",
        );
        assert!(both_ours.remedy.unwrap().contains("pin = [0]"));
        assert_says(
            &others,
            Severity::Warning,
            "2 cores with two or more threads, none with both",
        );
        assert!(others.remedy.unwrap().contains("pin = [0, 1]"));
    }

    #[test]
    fn no_siblings_are_fine_but_a_guest_is_not_believed() {
        let alone = [(LIST0, "0\n"), (LIST1, "1\n")];
        let guest = [alone[0], alone[1], ("proc/cpuinfo", "flags: hypervisor\n")];

        assert_says(
            &finding("smt", &alone),
            Severity::Fine,
            "no two of the 2 CPUs share a core",
        );
        assert_says(
            &finding("smt", &guest),
            Severity::Unknown,
            "guests are often not told",
        );
        assert_says(
            &finding("smt", &alone[..1]),
            Severity::Unknown,
            "there is no /sys",
        );
    }

    #[test]
    fn isolated_cpus_are_named_and_an_empty_list_is_no_missing_file() {
        let file = "sys/devices/system/cpu/isolated";

        assert_says(
            &finding("isolated-cpus", &[(file, "2-3\n")]),
            Severity::Note,
            "leaves 2, 3 alone",
        );
        assert_says(
            &finding("isolated-cpus", &[(file, "\n")]),
            Severity::Fine,
            "none",
        );
        assert_says(
            &finding("isolated-cpus", &[]),
            Severity::Unknown,
            "there is no /sys",
        );
    }
}
