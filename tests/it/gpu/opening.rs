//! Opening the library, and every way in which that goes wrong.

use benchhost::probe::{
    Probe as _,
    gpu::{GpuProbe, Library, NoLibrary},
};

use super::open;
use crate::support::{Driver, FakeNvml, Sandbox, gpu};

/// The sentence that comes of a library whose first function returns `code`.
fn refused(code: u32) -> String {
    let fake = FakeNvml::saying(&format!("init error {code}\n"));
    Library::open_at(&fake.library()).unwrap_err().to_string()
}

#[test]
fn each_way_of_not_having_a_driver_has_its_sentence() {
    assert_eq!(
        refused(9),
        "the NVIDIA driver is installed but not loaded in the kernel"
    );
    let no_permission = "no permission to use the NVIDIA driver; this user needs to read and write \
                         /dev/nvidiactl and /dev/nvidia0";
    assert_eq!(refused(4), no_permission);
    assert_eq!(refused(17), no_permission, "a control group forbids it");
    assert_eq!(
        refused(18),
        "the NVIDIA library and the kernel module are of different versions; restart the machine"
    );
    let other = refused(16);
    assert!(
        other.ends_with(
            "libnvidia-ml.so.1 cannot be used: device requires a reset before it can be used again"
        ),
        "{other}"
    );
}

#[test]
fn a_library_that_is_absent_broken_or_something_else_has_its_sentence() {
    let sandbox = Sandbox::new();
    let absent = sandbox.path().join("libnvidia-ml.so.1");
    let broken = sandbox.write("broken.so", "no library at all");
    let other = FakeNvml::new(Driver::NotOne);

    assert_eq!(
        Library::open_at(&absent).unwrap_err().to_string(),
        format!(
            "no NVIDIA driver here: its library {} is not installed",
            absent.display()
        )
    );
    assert_eq!(
        Library::open_at(&broken).unwrap_err().to_string(),
        format!("{0} cannot be used: file too short", broken.display())
    );
    assert_eq!(
        Library::open_at(&other.library()).unwrap_err(),
        NoLibrary::NoFunction {
            library: other.library().display().to_string()
        }
    );
}

#[test]
fn gpus_are_listed_with_name_memory_and_driver() {
    let second = gpu(&[("name", "NVIDIA L4"), ("memory_total_bytes", "24000000000")]);
    let fake = FakeNvml::saying(&format!("driver 580.159.03\n{}{second}", gpu(&[])));

    let gpus = open(&fake).gpus().unwrap();

    let names: Vec<_> = gpus.iter().map(|gpu| gpu.name.as_str()).collect();
    assert_eq!(names, ["NVIDIA H200", "NVIDIA L4"]);
    assert_eq!(
        (gpus[1].index, gpus[1].memory_bytes, gpus[1].driver.as_str()),
        (1, 24_000_000_000, "580.159.03")
    );
}

#[test]
fn a_driver_without_gpus_or_with_a_lost_one_has_no_probe() {
    let none = FakeNvml::saying("driver 580.159.03\n");
    let lost = FakeNvml::saying(&gpu(&[("handle", "error 15")]));

    assert_eq!(
        GpuProbe::open(&open(&none), None).unwrap_err(),
        "the NVIDIA driver lists no GPU"
    );
    assert_eq!(
        GpuProbe::open(&open(&lost), None).unwrap_err(),
        "GPU 0: device fell off the bus or has otherwise become inacessible"
    );
}

#[test]
fn an_old_driver_drops_what_it_lacks_and_keeps_the_rest() {
    let fake = FakeNvml::new(Driver::Old);
    fake.says(&gpu(&[]));
    let library = open(&fake);

    let probe = GpuProbe::open(&library, None).unwrap();

    let quantities = probe.quantities();
    let names: Vec<_> = quantities
        .iter()
        .map(|one| one.metric.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "gpu-energy",
            "gpu-power",
            "gpu-utilisation",
            "gpu-memory-used",
            "gpu-temperature",
            "gpu-clock"
        ]
    );
    assert_eq!(quantities[0].source, "NVML power, integrated");
    assert_eq!(
        probe.absent(),
        [(
            "gpu-throttled",
            "GPU 0 (NVIDIA H200): the library of this driver has no function for it; a newer driver may"
                .to_owned()
        )]
    );
}

#[test]
fn what_a_gpu_does_not_offer_is_dropped_with_the_reason() {
    let changes = [
        ("instant_power_mw", ""),
        ("power_mw", ""),
        ("energy_mj", "error 4"),
        ("temperature_c", "error 999"),
    ];
    let fake = FakeNvml::saying(&format!("{}{}", gpu(&[]), gpu(&changes)));
    let library = open(&fake);

    let absent = GpuProbe::open(&library, None).unwrap().absent();

    let gpu = "GPU 1 (NVIDIA H200): ";
    let unsupported = "this GPU, or this way of sharing it, does not offer it";
    assert_eq!(
        absent,
        [
            (
                "gpu-energy",
                format!(
                    "{gpu}no energy counter: this user may not ask for it; no power: {unsupported}"
                )
            ),
            ("gpu-power", format!("{gpu}{unsupported}")),
            (
                "gpu-temperature",
                format!("{gpu}an internal driver error occurred")
            ),
        ]
    );
}
