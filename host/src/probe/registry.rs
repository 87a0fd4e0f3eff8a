//! The probes by their names, as a suite and `benchhost probe` name them.

use super::{
    Probe, cpu::CpuProbe, io::IoProbe, memory::MemoryProbe, network::NetworkProbe, perf::PerfProbe,
    tree::Tree,
};

/// All probes, in the order in which people see them.
pub const NAMES: [&str; 7] = ["cpu", "memory", "io", "network", "gpu", "energy", "perf"];

/// Opens the probe of that name.
///
/// # Errors
/// Why it cannot read anything here, and a way out: for people.
pub fn open(name: &str) -> Result<Box<dyn Probe>, String> {
    let tree = Tree::of_this_machine();
    let own = std::process::id();
    match name {
        "cpu" => Ok(Box::new(CpuProbe::open(tree, own)?)),
        "memory" => Ok(Box::new(MemoryProbe::open(tree, own)?)),
        "io" => Ok(Box::new(IoProbe::open(tree, own)?)),
        "network" => Ok(Box::new(NetworkProbe::open(tree, own)?)),
        "perf" => Ok(Box::new(PerfProbe::open(tree)?)),
        "gpu" | "energy" => Err("not built in yet: use another version of benchhost".to_owned()),
        _ => Err(format!(
            "there is no probe `{name}`: choose among {}",
            NAMES.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_opens_its_probe_or_says_why_not() {
        for name in NAMES {
            match open(name) {
                Ok(probe) => {
                    assert_eq!(probe.name(), name);
                    assert!(!probe.quantities().is_empty(), "{name}");
                }
                Err(sentence) => assert!(
                    sentence.contains(": ") || sentence.contains("; "),
                    "{name}: {sentence}"
                ),
            }
        }
        assert!(open("cpus").err().unwrap().contains("cpu, memory"));
    }

    #[test]
    fn no_two_probes_read_a_metric_of_the_same_name() {
        let probes = NAMES.iter().filter_map(|name| open(name).ok());
        let mut names: Vec<String> = probes
            .flat_map(|probe| probe.quantities())
            .map(|quantity| quantity.metric.name)
            .collect();
        names.sort();

        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        let of_the_host = benchhost_record::names::ALL;
        assert!(
            names
                .iter()
                .all(|name| !of_the_host.contains(&name.as_str()))
        );
    }
}
