//! The probes by their names, as a suite and `benchhost probe` name them.

use std::path::Path;

use benchhost_energy::EnergySettings;

use super::{
    Probe, cpu::CpuProbe, energy, gpu, gpu::GpuProbe, io::IoProbe, memory::MemoryProbe,
    network::NetworkProbe, perf::PerfProbe, tree::Tree,
};

/// All probes, in the order in which people see them.
pub const NAMES: [&str; 7] = ["cpu", "memory", "io", "network", "gpu", "energy", "perf"];

/// Opens the probe of that name.
///
/// # Errors
/// Why it cannot read anything here, and a way out: for people.
pub fn open(name: &str, settings: &EnergySettings) -> Result<Box<dyn Probe>, String> {
    let tree = Tree::of_this_machine();
    let own = std::process::id();
    match name {
        "cpu" => Ok(Box::new(CpuProbe::open(tree, own)?)),
        "memory" => Ok(Box::new(MemoryProbe::open(tree, own)?)),
        "io" => Ok(Box::new(IoProbe::open(tree, own)?)),
        "network" => Ok(Box::new(NetworkProbe::open(tree, own)?)),
        "perf" => Ok(Box::new(PerfProbe::open(tree)?)),
        "gpu" => {
            let library = gpu::library().map_err(ToString::to_string)?;
            let visible = std::env::var(gpu::VISIBLE_VARIABLE).ok();
            Ok(Box::new(GpuProbe::open(library, visible.as_deref())?))
        }
        "energy" => energy::open(Path::new("/"), settings),
        _ => Err(format!(
            "there is no probe `{name}`: choose among {}",
            NAMES.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    };

    use super::*;
    use crate::probe::{Session, Target};

    #[test]
    fn every_name_opens_its_probe_or_says_why_not() {
        for name in NAMES {
            match open(name, &EnergySettings::default()) {
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
        assert!(
            open("cpus", &EnergySettings::default())
                .err()
                .unwrap()
                .contains("cpu, memory")
        );
    }

    /// `cat`, already running its loop: what it takes in and hands out is known to the byte.
    struct Cat {
        child: Child,
        input: ChildStdin,
        output: ChildStdout,
    }

    impl Cat {
        fn start() -> Self {
            let mut child = Command::new("cat")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            let mut cat = Self {
                child,
                input,
                output,
            };
            cat.echo(1);
            cat
        }

        /// Sends as many bytes and waits until they have come back.
        fn echo(&mut self, bytes: usize) {
            let mut back = vec![0; bytes.min(4096)];
            for _ in 0..bytes.div_ceil(4096) {
                self.input.write_all(&back).unwrap();
                self.output.read_exact(&mut back).unwrap();
            }
        }
    }

    #[test]
    fn a_real_process_is_read_to_the_byte() {
        const BYTES: usize = 1 << 20;
        let mut cat = Cat::start();
        let probes = NAMES
            .iter()
            .filter_map(|name| open(name, &EnergySettings::default()).ok());
        let mut session = Session::new(probes.collect(), 1_000_000);

        session.begin(&Target {
            pids: vec![cat.child.id()],
            cpus: Vec::new(),
        });
        cat.echo(BYTES);
        let readings = session.end();
        drop(cat.input);
        cat.child.wait().unwrap();

        let value = |name: &str| {
            let reading = readings.iter().find(|one| one.metric.name == name);
            reading.map(|reading| reading.value)
        };
        let exactly = Some(BYTES as f64);
        assert_eq!(value("io-requested-read"), exactly, "{readings:?}");
        assert_eq!(value("io-requested-written"), exactly);
        assert_eq!(value("io-write-calls"), Some(256.0));
        assert!(value("cpu-utilisation").unwrap() > 0.0);
        assert!(value("resident-mean").unwrap() <= value("resident-peak").unwrap());
        assert!(value("resident-proportional").unwrap() > 0.0);
        assert_eq!(session.take_remarks(), Vec::<String>::new());
    }

    #[test]
    fn no_two_probes_read_a_metric_of_the_same_name() {
        let probes = NAMES
            .iter()
            .filter_map(|name| open(name, &EnergySettings::default()).ok());
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
