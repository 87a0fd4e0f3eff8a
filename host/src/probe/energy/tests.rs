//! The whole probe on fake machines, from `begin` to `end`.

use std::{fs, io};

use tempfile::TempDir;

use super::{perf_power::Count, *};

const SECOND_NS: u64 = 1_000_000_000;

/// A machine whose files a test changes between two looks.
struct Machine(TempDir);

impl Machine {
    fn new(files: &[(&str, &str)]) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            machine.set(name, content);
        }
        machine
    }

    fn set(&self, name: &str, content: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// CPU time of worker 7, of the whole machine, s, and memory of the worker, GB.
    fn at(&self, worker_s: f64, busy_s: f64, resident_gb: f64) {
        let ticks = |seconds: f64| {
            (seconds * rustix::param::clock_ticks_per_second() as f64).round() as u64
        };
        let pages = (resident_gb * 1e9 / rustix::param::page_size() as f64).round();
        self.set(
            "proc/7/stat",
            &format!(
                "7 (w) R 1 7 7 0 -1 0 5 6 7 8 {} 0 0 0 20 0 1 0 99 1 1",
                ticks(worker_s)
            ),
        );
        self.set("proc/7/statm", &format!("99 {pages} 1 1 0 1 0\n"));
        self.set(
            "proc/stat",
            &format!(
                "cpu  1 1 1 1\ncpu0 {} 0 0 500 0 0 0 0\ncpu1 0 0 0 9 0 0 0 0\n",
                ticks(busy_s)
            ),
        );
    }

    fn open(&self, settings: &EnergySettings) -> EnergyProbe {
        EnergyProbe::open(self.0.path(), settings, |_, _| {
            Err(io::ErrorKind::PermissionDenied.into())
        })
        .unwrap()
    }
}

fn settings() -> EnergySettings {
    EnergySettings {
        carbon_intensity_g_per_kwh: Some(360.0),
        pue: 1.5,
        ..EnergySettings::default()
    }
}

fn worker() -> Target {
    Target {
        pids: vec![7],
        cpus: vec![0, 1],
    }
}

#[track_caller]
fn assert_reads(readings: &[Reading], expected: &[(&str, f64, &str)]) {
    let found: Vec<&str> = readings.iter().map(|r| r.metric.name.as_str()).collect();
    let names: Vec<&str> = expected.iter().map(|(name, ..)| *name).collect();
    assert_eq!(found, names);
    for (reading, (name, value, source)) in readings.iter().zip(expected) {
        // Whole pages are about 4 µJ.
        assert!(
            (reading.value - value).abs() < 1e-5,
            "{name}: {}, expected {value}",
            reading.value
        );
        assert!(
            reading.source.contains(source),
            "{name}: {}",
            reading.source
        );
    }
}

#[test]
fn without_an_instrument_the_model_says_it_and_says_so() {
    let machine = Machine::new(&[(
        "proc/cpuinfo",
        "model name\t: AMD EPYC\nflags\t: hypervisor\n",
    )]);
    let mut probe = machine.open(&settings());

    machine.at(100.0, 900.0, 2.0);
    probe.begin(&worker());
    machine.at(104.0, 909.0, 4.0);
    probe.poll(4 * SECOND_NS);
    machine.at(106.0, 913.0, 4.0);
    let readings = probe.end(10 * SECOND_NS);

    // 10 s · 2 · 0.75 W + 6 s · 2.75 W = 31.5 J.
    // From 2 to 4 GB in 4 s, then 6 s of 4 GB: 36 GB·s · 0.375 W/GB = 13.5 J.
    // 45 J in 10 s; 45 J ÷ 3.6e6 · 1.5 · 360 g.
    assert_reads(
        &readings,
        &[
            (
                "energy",
                45.0,
                "model: 0.75–3.5 W per vCPU for 2 vCPU, CPU `AMD EPYC` could be any of",
            ),
            ("energy-cpu", 31.5, "model: "),
            ("energy-memory", 13.5, "0.375 W per GB"),
            ("power", 4.5, "model: "),
            ("carbon", 0.00675, "360 g CO2e/kWh, as configured, PUE 1.5"),
        ],
    );
    assert!(
        readings
            .iter()
            .all(|reading| reading.basis == Basis::Estimated)
    );
}

#[test]
fn power_over_time_is_by_the_same_rule_from_poll_to_poll() {
    let machine = with_powercap();
    let mut probe = machine.open(&settings());

    machine.at(10.0, 100.0, 3.0);
    probe.begin(&worker());
    let before = probe.levels();
    let mut told = Vec::new();
    for (second, worker_s, busy_s, packages_j) in [(2, 1.0, 2.0, 40), (4, 3.0, 4.0, 50)] {
        machine.at(10.0 + worker_s, 100.0 + busy_s, 3.0);
        let uj = (262_143_000_000_u64 + packages_j * 1_000_000) % 262_143_328_850;
        machine.set(
            "sys/class/powercap/intel-rapl:0/energy_uj",
            &format!("{uj}\n"),
        );
        probe.poll(second * SECOND_NS);
        told.extend(probe.levels());
    }
    // Too soon after the last one to be told in ticks: what was known stays.
    probe.poll(4 * SECOND_NS + 1);
    told.extend(probe.levels());

    // Half of 40 J in 2 s, then all of 10 J in 2 s; the memory's counter stood still.
    assert_eq!(before, []);
    let watts: Vec<f64> = told.iter().map(|(_, w)| (w * 1e6).round() / 1e6).collect();
    assert_eq!(watts, [10.0, 5.0, 5.0]);
    assert_eq!(
        (told[0].0.name.as_str(), told[0].0.unit.as_str()),
        ("power", "W")
    );
}

#[test]
fn a_known_cpu_is_charged_by_its_design_power() {
    let machine = Machine::new(&[(
        "proc/cpuinfo",
        "model name\t: Intel(R) Xeon(R) Gold 6226R CPU @ 2.90GHz\nsiblings\t: 32\nflags\t: fpu\n",
    )]);
    let mut probe = machine.open(&settings());

    machine.at(1.0, 1.0, 0.0);
    probe.begin(&worker());
    machine.at(9.0, 20.0, 0.0);
    let readings = probe.end(10 * SECOND_NS);

    // 150 W ÷ 32 · 8 s.
    assert_eq!(readings[1].metric.name, "energy-cpu");
    assert!((readings[1].value - 37.5).abs() < 1e-9);
    assert!(readings[1].source.contains("over 32 threads"));
}

fn with_powercap() -> Machine {
    let range = "262143328850";
    Machine::new(&[
        ("sys/class/powercap/intel-rapl:0/name", "package-0\n"),
        (
            "sys/class/powercap/intel-rapl:0/energy_uj",
            "262143000000\n",
        ),
        ("sys/class/powercap/intel-rapl:0/max_energy_range_uj", range),
        ("sys/class/powercap/intel-rapl:0:0/name", "dram\n"),
        ("sys/class/powercap/intel-rapl:0:0/energy_uj", "1000000\n"),
        (
            "sys/class/powercap/intel-rapl:0:0/max_energy_range_uj",
            range,
        ),
    ])
}

#[test]
fn counters_are_shown_for_the_machine_and_shared_by_cpu_time_for_the_case() {
    let machine = with_powercap();
    let mut probe = machine.open(&settings());

    machine.at(10.0, 100.0, 3.0);
    probe.begin(&worker());
    // Wraps: 328 850 µJ to the end, the rest from the beginning.
    machine.set("sys/class/powercap/intel-rapl:0/energy_uj", "99671150\n");
    probe.poll(3 * SECOND_NS);
    machine.at(16.0, 108.0, 3.0);
    machine.set("sys/class/powercap/intel-rapl:0/energy_uj", "199671150\n");
    machine.set("sys/class/powercap/intel-rapl:0:0/energy_uj", "9000000\n");
    let readings = probe.end(10 * SECOND_NS);

    // 200 J and 8 J in all; the worker had 6 of 8 s: 150 J and 6 J. 156 J ÷ 3.6e6 · 1.5 · 360 g.
    let source = "powercap intel-rapl:0 × share of the machine's CPU time";
    assert_reads(
        &readings,
        &[
            ("energy", 156.0, source),
            ("energy-cpu", 150.0, source),
            ("energy-memory", 6.0, "powercap intel-rapl:0:0 × share"),
            ("power", 15.6, source),
            ("carbon", 0.0234, "360 g CO2e/kWh"),
            (
                "energy-package",
                200.0,
                "powercap intel-rapl:0, whole machine",
            ),
            ("energy-dram", 8.0, "powercap intel-rapl:0:0, whole machine"),
        ],
    );
    let measured: Vec<bool> = readings
        .iter()
        .map(|r| r.basis == Basis::Measured)
        .collect();
    assert_eq!(measured, [false, false, false, false, false, true, true]);
}

#[test]
fn without_the_machines_cpu_time_the_case_has_no_part_but_the_machine_has_its_sum() {
    let machine = with_powercap();
    let mut probe = machine.open(&settings());
    machine.at(10.0, 100.0, 3.0);
    fs::remove_file(machine.0.path().join("proc/stat")).unwrap();

    probe.begin(&worker());
    let names: Vec<String> = probe
        .end(SECOND_NS)
        .into_iter()
        .map(|r| r.metric.name)
        .collect();

    assert_eq!(names, ["energy-package", "energy-dram"]);
}

#[test]
fn a_package_that_vanishes_leaves_no_sum_behind() {
    let machine = with_powercap();
    let mut probe = machine.open(&settings());

    machine.at(10.0, 100.0, 3.0);
    probe.begin(&worker());
    machine.at(11.0, 101.0, 3.0);
    fs::remove_dir_all(machine.0.path().join("sys/class/powercap/intel-rapl:0")).unwrap();
    let names: Vec<String> = probe
        .end(SECOND_NS)
        .into_iter()
        .map(|r| r.metric.name)
        .collect();

    // The memory is still known; `energy`, `power` and `carbon` would lack the CPU.
    assert_eq!(names, ["energy-memory", "energy-dram"]);
}

#[test]
fn a_worker_that_is_gone_and_a_case_too_short_for_ticks_have_no_energy() {
    let machine = Machine::new(&[]);
    let mut probe = machine.open(&settings());
    machine.at(1.0, 1.0, 1.0);
    probe.begin(&worker());
    let short = probe.end(SECOND_NS / 10);
    probe.begin(&worker());
    fs::remove_dir_all(machine.0.path().join("proc/7")).unwrap();
    let gone = probe.end(SECOND_NS);
    probe.begin(&worker());
    let never_there = probe.end(SECOND_NS);

    assert!(short.is_empty() && gone.is_empty() && never_there.is_empty());
    assert!(probe.end(SECOND_NS).is_empty());
}

#[test]
fn what_was_before_is_forgotten() {
    let machine = with_powercap();
    let mut probe = machine.open(&settings());
    machine.at(1.0, 1.0, 1.0);
    probe.begin(&worker());
    machine.set("sys/class/powercap/intel-rapl:0/energy_uj", "5\n");
    machine.at(9.0, 9.0, 9.0);
    probe.end(10 * SECOND_NS);

    probe.begin(&worker());
    machine.at(10.0, 10.0, 9.0);
    machine.set("sys/class/powercap/intel-rapl:0/energy_uj", "3000005\n");
    let readings = probe.end(SECOND_NS);

    assert!((readings[0].value - 3.0).abs() < 1e-9, "{readings:?}");
}

#[test]
fn performance_events_come_before_the_model_and_after_powercap() {
    struct Steady(u64);
    impl Count for Steady {
        fn read(&mut self) -> io::Result<u64> {
            self.0 += 10;
            Ok(self.0)
        }
    }
    let steady: Opener = |_, _| Ok(Box::new(Steady(0)));
    let pmu = |machine: &Machine| {
        let folder = "sys/bus/event_source/devices/power";
        machine.set(&format!("{folder}/cpumask"), "0\n");
        machine.set(&format!("{folder}/events/energy-pkg"), "event=0x02\n");
        machine.set(&format!("{folder}/events/energy-pkg.unit"), "Joules\n");
        machine.set(&format!("{folder}/events/energy-pkg.scale"), "0.5\n");
    };
    let (both, perf_only) = (with_powercap(), Machine::new(&[]));
    pmu(&both);
    pmu(&perf_only);
    let open =
        |machine: &Machine| EnergyProbe::open(machine.0.path(), &settings(), steady).unwrap();

    assert!(open(&both).cpu_source().starts_with("powercap"));
    let mut probe = open(&perf_only);
    perf_only.at(1.0, 1.0, 2.0);
    probe.begin(&worker());
    perf_only.at(2.0, 3.0, 2.0);
    let readings = probe.end(2 * SECOND_NS);

    // 10 counts of 0.5 J, half of them ours; memory by the model: 2 GB · 0.375 W/GB · 2 s.
    assert_reads(
        &readings,
        &[
            ("energy", 4.0, "perf power/energy-pkg/ × share"),
            ("energy-cpu", 2.5, "perf power/energy-pkg/"),
            ("energy-memory", 1.5, "model: 0.375 W per GB"),
            ("power", 2.0, ""),
            ("carbon", 0.0006, ""),
            (
                "energy-package",
                5.0,
                "perf power/energy-pkg/, whole machine",
            ),
        ],
    );
}

#[test]
fn it_says_why_energy_is_not_measured_and_what_is_wrong_with_settings() {
    let machine = Machine::new(&[]);
    let wrong = EnergySettings {
        country: Some("Frence".to_owned()),
        ..EnergySettings::default()
    };

    let why = why_estimated(machine.0.path());

    assert_eq!(why.len(), 2);
    assert!(why[0].starts_with("powercap: ") && why[1].starts_with("perf: "));
    assert!(why_estimated(with_powercap().0.path()).is_empty());
    let sentence = open(machine.0.path(), &wrong).err().unwrap();
    assert!(sentence.contains("did you mean `France`"), "{sentence}");
}

#[test]
fn on_this_machine_it_opens_and_reads_our_own_process() {
    let mut probe = open(Path::new("/"), &EnergySettings::default()).unwrap();
    let target = Target {
        pids: vec![std::process::id()],
        cpus: Vec::new(),
    };

    probe.begin(&target);
    probe.poll(SECOND_NS);
    let readings = probe.end(2 * SECOND_NS);

    assert_eq!(probe.name(), "energy");
    assert!(!probe.quantities().is_empty());
    let memory = readings.iter().find(|r| r.metric.name == ENERGY_MEMORY);
    assert!(memory.is_none_or(|reading| reading.value > 0.0));
    assert!(readings.iter().all(|reading| reading.value.is_finite()));
}
