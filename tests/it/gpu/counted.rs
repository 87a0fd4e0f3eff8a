//! Which of several GPUs count: by process list, else by `CUDA_VISIBLE_DEVICES`, else all; and the readings say which.

use benchhost::probe::gpu::GpuProbe;
use benchhost_record::Reading;

use super::{looked_at, open, own_process, source, value};
use crate::support::{FakeNvml, gpu};

/// Readings of one second of GPUs that draw 100, 200, 400 W, … and have the lines `changes` besides.
fn of_gpus(changes: &[&[(&str, &str)]], visible: Option<&str>) -> Vec<Reading> {
    let script = |poll: u64| -> String {
        let gpus = changes.iter().enumerate().map(|(index, changes)| {
            let watts = 100_u64 << index;
            let (power, energy) = ((watts * 1000).to_string(), (watts * 100 * poll).to_string());
            let (uuid, clock) = (format!("GPU-{index}"), (1000 + 200 * index).to_string());
            let mut all = vec![
                ("uuid", uuid.as_str()),
                ("instant_power_mw", &power),
                ("energy_mj", &energy),
                ("clock_mhz", &clock),
            ];
            all.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
            all.extend(*changes);
            gpu(&all)
        });
        gpus.collect()
    };
    let fake = FakeNvml::saying(&script(0));
    let library = open(&fake);
    let mut probe = GpuProbe::open(&library, visible).unwrap();
    looked_at(&fake, &mut probe, 10, script)
}

/// A list that the driver does not give to this user.
const SECRET: (&str, &str) = ("processes", "error 4");
/// A process that is not the case's: no kernel numbers processes so high.
const STRANGER: (&str, &str) = ("process", "4194305 7000000");

#[test]
fn the_gpu_with_a_process_of_the_case_counts_alone() {
    let own = own_process("1500000");

    let readings = of_gpus(
        &[&[STRANGER], &[STRANGER, ("process", &own)], &[]],
        Some("0"),
    );

    assert_eq!(value(&readings, "gpu-energy"), Some(200.0));
    assert_eq!(value(&readings, "gpu-clock"), Some(1200.0));
    assert_eq!(value(&readings, "gpu-memory-used"), Some(1_500_000.0));
    assert_eq!(
        source(&readings, "gpu-memory-used"),
        "NVML process list, peak of the case's processes seen at the edges and every 5 s; GPUs with processes of \
         the case: GPU 1: 1500000 B"
    );
}

#[test]
fn amounts_of_several_gpus_add_up_and_levels_are_means() {
    let (first, second) = (own_process("1000"), own_process("30000"));
    let other = [
        ("process", second.as_str()),
        ("temperature_c", "77"),
        ("throttling", "128"),
    ];

    let readings = of_gpus(&[&[("process", &first)], &other, &[STRANGER]], None);

    assert_eq!(value(&readings, "gpu-energy"), Some(300.0));
    assert_eq!(value(&readings, "gpu-power"), Some(300.0));
    assert_eq!(value(&readings, "gpu-memory-used"), Some(31_000.0));
    assert_eq!(value(&readings, "gpu-clock"), Some(1100.0));
    assert_eq!(value(&readings, "gpu-temperature"), Some(77.0));
    assert_eq!(value(&readings, "gpu-throttled"), Some(0.5));
    assert_eq!(
        source(&readings, "gpu-energy"),
        "NVML energy counter; GPUs with processes of the case: GPU 0: 100.000 J, GPU 1: 200.000 J"
    );
}

#[test]
fn a_sum_lacks_no_gpu() {
    let own = own_process("1000");
    let mute = [
        ("process", own.as_str()),
        ("energy_mj", ""),
        ("instant_power_mw", ""),
        ("power_mw", ""),
    ];
    let polled = [("process", own.as_str()), ("energy_mj", "")];

    let with_mute = of_gpus(&[&[("process", &own)], &mute], None);
    let with_polled = of_gpus(&[&[("process", &own)], &polled], None);

    assert_eq!(value(&with_mute, "gpu-energy"), None);
    assert_eq!(value(&with_mute, "gpu-power"), None);
    assert_eq!(value(&with_mute, "gpu-clock"), Some(1100.0));
    assert!((value(&with_polled, "gpu-energy").unwrap() - 300.0).abs() < 1e-6);
    assert_eq!(
        source(&with_polled, "gpu-energy"),
        "NVML energy counter, or power integrated at 10.0 Hz; GPUs with processes of the case: GPU 0: 100.000 J, \
         GPU 1: 200.000 J integrated"
    );
}

#[test]
fn memory_that_the_driver_does_not_tell_is_that_of_all_processes_and_said_so() {
    let own = own_process("-");

    let readings = of_gpus(&[&[STRANGER, ("process", &own)]], None);

    assert_eq!(value(&readings, "gpu-memory-used"), Some(3_000_000_000.0));
    assert!(
        source(&readings, "gpu-memory-used").starts_with(
            "NVML memory in use by all processes on the GPU, peak of the polls; GPUs with processes"
        ),
        "{readings:?}"
    );
}

#[test]
fn without_process_lists_the_variable_tells_and_else_all_count() {
    let gpus: [&[(&str, &str)]; 3] = [&[SECRET], &[SECRET], &[SECRET]];

    for (visible, energy_j, who) in [
        (
            Some("2,GPU-0"),
            500.0,
            "GPUs of CUDA_VISIBLE_DEVICES, as no process list tells which are used: GPU 0: ",
        ),
        (
            None,
            700.0,
            "all GPUs, as no process list tells which are used: GPU 0: ",
        ),
        (
            Some("MIG-1"),
            700.0,
            "all GPUs, as no process list tells which are used: GPU 0: ",
        ),
    ] {
        let readings = of_gpus(&gpus, visible);

        assert_eq!(
            value(&readings, "gpu-energy"),
            Some(energy_j),
            "{visible:?}"
        );
        let source = source(&readings, "gpu-energy");
        assert!(source.contains(who), "{source}");
    }
    assert_eq!(of_gpus(&gpus, Some("-1")), [], "no GPU is left to the case");
}

#[test]
fn a_case_that_is_on_no_list_uses_no_gpu_where_lists_can_be_believed() {
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap();
    let is_container = namespace.as_os_str() != "pid:[4026531836]";

    let readings = of_gpus(&[&[STRANGER], &[]], None);

    // In a container the driver does not show our processes, or not by their numbers.
    match is_container {
        true => assert_eq!(value(&readings, "gpu-energy"), Some(300.0)),
        false => assert_eq!(readings, []),
    }
}
