//! What is read: energy and power of a known wave, shares, peaks, and throttling.

use std::f64::consts::TAU;

use benchhost::probe::{
    Probe as _,
    gpu::{GpuProbe, throttled},
};
use benchhost_record::{Basis, Extent};

use super::{POLL_NS, assert_near, looked_at, open, own_process, reading, source, value};
use crate::support::{Driver, FakeNvml, gpu};

/// Power of the wave after `seconds`, W: between 100 and 500 with a period of 1.7 s.
fn wave_w(seconds: f64) -> f64 {
    300.0 + 200.0 * (TAU * seconds / 1.7).sin()
}

/// Its energy since the beginning, J: the integral in closed form.
fn wave_j(seconds: f64) -> f64 {
    300.0 * seconds + 200.0 * 1.7 / TAU * (1.0 - (TAU * seconds / 1.7).cos())
}

/// What a GPU with that power says at a poll; its counter stands at 5 MJ in the beginning.
fn waving(poll: u64, changes: &[(&str, &str)]) -> String {
    let seconds = poll as f64 / 10.0;
    let power = format!("{:.0}", wave_w(seconds) * 1000.0);
    let energy = format!("{:.0}", 5e9 + wave_j(seconds) * 1000.0);
    let own = own_process("2000000");
    let mut all = vec![
        ("instant_power_mw", power.as_str()),
        ("energy_mj", &energy),
        ("process", &own),
    ];
    all.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    all.extend(changes);
    gpu(&all)
}

/// Readings of 5 s of the wave.
fn of_the_wave(driver: Driver, changes: &[(&str, &str)]) -> Vec<benchhost_record::Reading> {
    let fake = FakeNvml::new(driver);
    fake.says(&waving(0, changes));
    let library = open(&fake);
    let mut probe = GpuProbe::open(&library, None).unwrap();
    looked_at(&fake, &mut probe, 50, |poll| waving(poll, changes))
}

#[test]
fn energy_is_what_the_counter_advanced_and_power_its_mean() {
    let readings = of_the_wave(Driver::Current, &[]);

    let energy = reading(&readings, "gpu-energy").unwrap();
    assert_near(energy.value, wave_j(5.0), 1e-5);
    assert_eq!(
        (energy.basis, energy.extent, energy.metric.unit.as_str()),
        (Basis::Measured, Extent::Amount, "J")
    );
    assert_eq!(
        energy.source,
        format!(
            "NVML energy counter; GPUs with processes of the case: GPU 0: {:.3} J",
            energy.value
        )
    );
    assert_near(
        value(&readings, "gpu-power").unwrap(),
        wave_j(5.0) / 5.0,
        0.01,
    );
}

#[test]
fn without_a_counter_the_integral_of_the_power_is_within_a_percent() {
    let readings = of_the_wave(Driver::Current, &[("energy_mj", "")]);

    let energy = reading(&readings, "gpu-energy").unwrap();
    assert_near(energy.value, wave_j(5.0), 0.01);
    assert_eq!(energy.basis, Basis::Measured);
    assert!(
        energy
            .source
            .starts_with("NVML power integrated at 10.0 Hz; "),
        "{}",
        energy.source
    );
}

#[test]
fn a_counter_and_a_power_that_disagree_are_both_told() {
    let readings = of_the_wave(
        Driver::Current,
        &[("instant_power_mw", ""), ("power_mw", "150000")],
    );

    assert_near(value(&readings, "gpu-energy").unwrap(), wave_j(5.0), 1e-5);
    let expected = format!(
        "; in doubt: the counter of GPU 0 says {:.1} J, its power integrated at 10.0 Hz says 750.0 J",
        wave_j(5.0)
    );
    let source = source(&readings, "gpu-energy");
    assert!(source.ends_with(&expected), "{source}");
}

#[test]
fn without_power_there_is_energy_by_the_counter_and_no_power() {
    let readings = of_the_wave(
        Driver::Current,
        &[("instant_power_mw", ""), ("power_mw", "")],
    );

    assert_near(value(&readings, "gpu-energy").unwrap(), wave_j(5.0), 1e-5);
    assert_eq!(value(&readings, "gpu-power"), None);
}

#[test]
fn an_old_driver_gives_the_mean_power_and_its_integral() {
    let readings = of_the_wave(Driver::Old, &[]);

    assert_near(value(&readings, "gpu-energy").unwrap(), 290.0 * 5.0, 1e-9);
    assert_eq!(value(&readings, "gpu-power"), Some(290.0));
    assert_eq!(value(&readings, "gpu-throttled"), None);
    assert!(
        source(&readings, "gpu-memory-used").starts_with("NVML memory in use by all processes"),
        "{readings:?}"
    );
}

#[test]
fn a_gpu_that_is_lost_on_the_way_has_no_energy() {
    let fake = FakeNvml::saying(&waving(0, &[]));
    let library = open(&fake);
    let mut probe = GpuProbe::open(&library, None).unwrap();
    let lost = [
        ("instant_power_mw", "error 15"),
        ("power_mw", "error 15"),
        ("energy_mj", "error 15"),
    ];

    let readings = looked_at(&fake, &mut probe, 30, |poll| {
        waving(poll, if poll < 15 { &[] } else { &lost })
    });

    assert_eq!(value(&readings, "gpu-energy"), None);
    assert!(value(&readings, "gpu-clock").is_some());
}

#[test]
fn shares_and_clocks_are_means_over_time_and_temperature_is_the_highest() {
    let fake = FakeNvml::saying(&gpu(&[]));
    let library = open(&fake);
    let mut probe = GpuProbe::open(&library, None).unwrap();
    let own = own_process("-");

    // Utilisation rises evenly from 0 to 100 %, the clock falls evenly from 1900 to 1400 MHz.
    let readings = looked_at(&fake, &mut probe, 20, |poll| {
        gpu(&[
            ("busy_percent", &(poll * 5).to_string()),
            ("memory_busy_percent", "30"),
            ("clock_mhz", &(1900 - 25 * poll).to_string()),
            ("temperature_c", if poll == 7 { "83" } else { "60" }),
            ("process", &own),
        ])
    });

    assert_near(value(&readings, "gpu-utilisation").unwrap(), 0.5, 1e-9);
    assert_near(value(&readings, "gpu-clock").unwrap(), 1650.0, 1e-9);
    assert_eq!(value(&readings, "gpu-temperature"), Some(83.0));
    assert!(source(&readings, "gpu-utilisation").ends_with("GPU 0: 50 %, memory 30 %"));
    assert!(source(&readings, "gpu-clock").ends_with("GPU 0: 1650 MHz, memory 2619 MHz"));
}

#[test]
fn only_being_held_back_counts_as_throttled() {
    // Bits of nvml.h: 0x1 idle, 0x2 clocks that somebody set, 0x4 power limit, 0x20 temperature.
    let of = |harmless: &str, other: &str| {
        let fake = FakeNvml::saying(&gpu(&[]));
        let library = open(&fake);
        let mut probe = GpuProbe::open(&library, None).unwrap();
        let own = own_process("-");
        looked_at(&fake, &mut probe, 9, |poll| {
            let reasons = if poll < 8 { harmless } else { other };
            gpu(&[("throttling", reasons), ("process", &own)])
        })
    };

    let free = of("1", "2");
    assert_eq!(value(&free, "gpu-throttled"), Some(0.0));
    assert_eq!(throttled(&free), None);

    // Two of ten looks.
    let held_back = of("0", "36");
    assert_eq!(throttled(&held_back), Some(0.2));
    assert!(
        source(&held_back, "gpu-throttled").ends_with("GPU 0: 20 % (power limit, temperature)"),
        "{held_back:?}"
    );
}

#[test]
fn the_process_list_is_read_at_the_edges_and_every_five_seconds_only() {
    let script = format!("log\n{}", gpu(&[("process", &own_process("1"))]));
    let fake = FakeNvml::saying(&script);
    let library = open(&fake);
    let mut probe = GpuProbe::open(&library, None).unwrap();
    assert_eq!(probe.fastest_poll_ns(), Some(POLL_NS));
    let (list, power) = (
        "nvmlDeviceGetComputeRunningProcesses_v3",
        "nvmlDeviceGetFieldValues",
    );
    let before = (fake.calls(list), fake.calls(power));

    looked_at(&fake, &mut probe, 120, |_| script.clone());

    // Both edges, 5 s and 10 s; each list takes two calls, the first for its length.
    assert_eq!(fake.calls(list) - before.0, 2 * 4);
    assert_eq!(fake.calls(power) - before.1, 121);
    assert_eq!(fake.calls("nvmlDeviceGetPowerUsage"), 1, "at opening");
}

#[test]
fn a_case_knows_nothing_of_the_case_before() {
    let fake = FakeNvml::saying(&waving(0, &[]));
    let library = open(&fake);
    let mut probe = GpuProbe::open(&library, None).unwrap();
    looked_at(&fake, &mut probe, 30, |poll| {
        waving(poll, &[("temperature_c", "95"), ("throttling", "64")])
    });

    let readings = looked_at(&fake, &mut probe, 10, |poll| waving(poll, &[]));

    assert_near(value(&readings, "gpu-energy").unwrap(), wave_j(1.0), 1e-5);
    assert_eq!(value(&readings, "gpu-temperature"), Some(61.0));
    assert_eq!(throttled(&readings), None);
}
