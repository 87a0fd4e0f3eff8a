//! What a look of each probe costs here, at this very process; and a poll of the GPU probe against a stand-in for NVIDIA's library.
//!
//! `cargo build -p fixture-nvml && cargo bench -p benchhost --bench probes -- $PWD/target/debug/libfixture_nvml.so`; without the
//! library, the probes of this machine alone.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for people; a library that cannot be opened ends it"
)]

use std::{fs, time::Instant};

use benchhost::{
    measure::SystemClock,
    probe::{self, Probe as _, Target, gpu, registry},
};
use benchhost_energy::EnergySettings;

/// Polls of the GPU probe.
const POLLS: usize = 2000;

/// A GPU that answers everything the probe asks.
const SCRIPT: &str = "\
gpu
name stand-in
uuid GPU-0000
memory_total_bytes 150754820096
memory_used_bytes 3000000000
busy_percent 80
memory_busy_percent 20
instant_power_mw 300000
power_mw 290000
energy_mj 5000000
clock_mhz 1755
memory_clock_mhz 2619
temperature_c 61
throttling 0
";

fn main() {
    // Cargo adds `--bench`.
    let library = std::env::args().skip(1).find(|word| word != "--bench");
    let target = Target {
        pids: vec![std::process::id()],
        cpus: Vec::new(),
    };
    for name in registry::NAMES {
        match registry::open(name, &EnergySettings::default()) {
            Err(reason) => println!("{name:<8} absent: {reason}"),
            Ok(mut probe) => {
                let price = probe::price(&mut *probe, &target, &SystemClock::start());
                let us = |ns: u64| ns as f64 / 1000.0;
                let poll = price
                    .poll_ns
                    .map_or_else(String::new, |ns| format!(", one poll {:.1} µs", us(ns)));
                println!(
                    "{name:<8} before {:.1} µs, after {:.1} µs{poll}",
                    us(price.begin_ns),
                    us(price.end_ns)
                );
            }
        }
    }
    if let Some(library) = library {
        gpu_polls(&library, &target);
    }
}

fn gpu_polls(library: &str, target: &Target) {
    // The library reads what it says from a file beside itself.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("libnvidia-ml.so.1");
    fs::copy(library, &copy).unwrap();
    fs::write(folder.path().join("libnvidia-ml.so.1.script"), SCRIPT).unwrap();
    let library = gpu::Library::open_at(&copy).unwrap();
    let mut probe = gpu::GpuProbe::open(&library, None).unwrap();
    probe.begin(target);
    let timed = |poll: usize| {
        let started = Instant::now();
        probe.poll(poll as u64 * 1_000_000);
        started.elapsed().as_secs_f64() * 1e6
    };
    let mut times_us: Vec<f64> = (1..=POLLS).map(timed).collect();
    times_us.sort_by(f64::total_cmp);
    println!(
        "gpu      one poll of the stand-in: median {:.1} µs, 99 % below {:.1} µs, longest {:.1} µs",
        times_us[POLLS / 2],
        times_us[POLLS * 99 / 100],
        times_us[POLLS - 1]
    );
}
