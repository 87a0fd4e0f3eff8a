//! What a poll tells of the GPUs of a case, for its course over time.

use benchhost::probe::{Probe as _, gpu::GpuProbe};

use super::{POLL_NS, open, own_process, this_process};
use crate::support::{FakeNvml, gpu};

#[test]
fn levels_are_those_of_the_gpus_that_count_at_the_newest_poll() {
    let own = own_process("1000");
    let script = |watts: u64| {
        let power = (watts * 1000).to_string();
        let counted = gpu(&[
            ("process", &own),
            ("instant_power_mw", &power),
            ("temperature_c", "61"),
        ]);
        let other = gpu(&[
            ("uuid", "GPU-1"),
            ("process", "4194305 7000000"),
            ("temperature_c", "99"),
        ]);
        counted + &other
    };
    let fake = FakeNvml::saying(&script(100));
    let library = open(&fake);
    let mut probe = GpuProbe::open(&library, None).unwrap();

    probe.begin(&this_process());
    fake.says(&script(250));
    probe.poll(POLL_NS);

    let levels: Vec<(String, String, f64)> = probe
        .levels()
        .into_iter()
        .map(|(metric, value)| (metric.name, metric.unit, value))
        .collect();
    let expected = [
        ("gpu-power", "W", 250.0),
        ("gpu-utilisation", "1", 0.8),
        ("gpu-memory-in-use", "B", 3e9),
        ("gpu-temperature", "°C", 61.0),
        ("gpu-clock", "MHz", 1755.0),
    ];
    assert_eq!(
        levels,
        expected.map(|(name, unit, value)| (name.to_owned(), unit.to_owned(), value))
    );
}
