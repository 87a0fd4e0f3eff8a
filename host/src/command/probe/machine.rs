//! The machine in lines for people. What could not be read says so.

use benchhost_record::{Environment, Overhead, format_quantity};

use crate::command::table::table;

const UNKNOWN: &str = "not known";

pub(super) fn machine(environment: &Environment, clock: &Overhead) -> String {
    let cpu = &environment.cpu;
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    let switch = |state: Option<bool>| {
        let word = match state {
            Some(true) => "on",
            Some(false) => "off",
            None => UNKNOWN,
        };
        word.to_owned()
    };
    let number = |value: Option<u32>| value.map_or_else(|| UNKNOWN.to_owned(), |n| n.to_string());
    let bytes = |bytes: u64| format_quantity(bytes as f64, "B");
    let caches = cpu.cache_bytes.iter();
    let caches: Vec<String> = caches
        .map(|(level, size)| format!("{level} {}", bytes(*size)))
        .collect();
    let rows = [
        ["CPU", &word(&cpu.model)],
        ["CPUs", &cpus(environment)],
        [
            "caches",
            &if caches.is_empty() {
                UNKNOWN.to_owned()
            } else {
                caches.join(", ")
            },
        ],
        ["governor", &word(&cpu.governor)],
        ["turbo", &switch(cpu.turbo)],
        ["SMT", &switch(cpu.smt)],
        ["NUMA nodes", &number(cpu.numa_nodes)],
        [
            "memory",
            &format!(
                "{}, {} free, {} swap",
                bytes(environment.memory.total_bytes),
                bytes(environment.memory.available_bytes),
                bytes(environment.memory.swap_bytes)
            ),
        ],
        ["system", &word(&environment.os)],
        [
            "kernel",
            &format!("{} {}", word(&environment.kernel), environment.architecture),
        ],
        ["control group", &limits(environment)],
        [
            "clock",
            &format!(
                "{}, a reading costs {}, smallest step {}",
                word(&environment.clock_source),
                format_quantity(clock.clock_read_ns, "ns"),
                format_quantity(clock.clock_resolution_ns, "ns")
            ),
        ],
        [
            "load",
            &environment.load_average_1min.map_or_else(
                || UNKNOWN.to_owned(),
                |load| format!("{load:.2} over the last minute"),
            ),
        ],
        [
            "virtualisation",
            &environment
                .virtualisation
                .clone()
                .unwrap_or_else(|| "none to be seen".to_owned()),
        ],
        ["fingerprint", &environment.fingerprint],
    ];
    table(&rows.map(|row| [format!("  {}", row[0]), row[1].to_owned()]))
}

fn cpus(environment: &Environment) -> String {
    let cpu = &environment.cpu;
    let cores = cpu
        .physical_cores
        .map_or_else(String::new, |cores| format!(" on {cores} cores"));
    format!(
        "{}{cores}, {} may be used",
        cpu.logical_cpus, cpu.usable_cpus
    )
}

fn limits(environment: &Environment) -> String {
    let cgroup = &environment.cgroup;
    let Some(version) = cgroup.version else {
        return "none".to_owned();
    };
    let memory = cgroup.memory_bytes.map_or_else(
        || "no memory limit".to_owned(),
        |bytes| format!("memory {}", format_quantity(bytes as f64, "B")),
    );
    let cpus = cgroup
        .cpus
        .map_or_else(|| "no CPU quota".to_owned(), |cpus| format!("{cpus} CPUs"));
    format!("version {version}, {memory}, {cpus}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_said_and_not_guessed() {
        let text = machine(&Environment::default(), &Overhead::default());

        for line in [
            "CPU",
            "caches",
            "governor",
            "turbo",
            "SMT",
            "NUMA nodes",
            "kernel",
            "load",
        ] {
            let found = text
                .lines()
                .find(|found| found.trim_start().starts_with(line));
            assert!(found.unwrap().contains(UNKNOWN), "{line}: {text}");
        }
        assert!(text.contains("control group   none"), "{text}");
    }

    #[test]
    fn limits_of_the_control_group_are_shown() {
        let mut environment = Environment::default();
        environment.cgroup.version = Some(2);
        environment.cgroup.memory_bytes = Some(512 << 20);
        environment.cgroup.cpus = Some(1.5);

        assert_eq!(limits(&environment), "version 2, memory 512 MiB, 1.5 CPUs");
        environment.cgroup.cpus = None;
        assert!(limits(&environment).ends_with("no CPU quota"));
    }
}
