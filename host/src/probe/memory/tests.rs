//! The probe `memory` on fake trees.

use super::*;
use crate::probe::tree::FakeTree;

fn process(fake: &FakeTree, pid: u32, pages: u64, minor: u64, major: u64) {
    let folder = format!("proc/{pid}");
    fake.write(
        &format!("{folder}/statm"),
        format!("9999 {pages} 3 1 0 5 0\n"),
    );
    fake.write(
        &format!("{folder}/stat"),
        format!("{pid} (x) R 1 7 7 0 -1 4194304 {minor} 2 {major} 0 1 1 0 0 20 0 1 0 99 1000 10"),
    );
    fake.write(
        &format!("{folder}/status"),
        format!("Name:\tx\nVmHWM:\t  {} kB\nVmSwap:\t  4 kB\n", pages * 8),
    );
    fake.write(
        &format!("{folder}/smaps_rollup"),
        "0-f ---p 0 00:00 0 [rollup]\nRss:   100 kB\nPss:    40 kB\nPss_Dirty:    1 kB\n",
    );
}

fn target(pids: &[u32]) -> Target {
    Target {
        pids: pids.to_vec(),
        cpus: Vec::new(),
    }
}

fn value(readings: &[Reading], name: &str) -> Option<f64> {
    let reading = readings
        .iter()
        .find(|reading| reading.metric.name == name)?;
    Some(reading.value)
}

fn pages(count: f64) -> Option<f64> {
    Some(count * rustix::param::page_size() as f64)
}

#[test]
fn the_curve_is_polled_and_the_processes_are_summed() {
    let fake = FakeTree::new();
    process(&fake, 7, 10, 100, 0);
    process(&fake, 8, 10, 0, 0);
    let mut probe = MemoryProbe::open(fake.tree(), 7).unwrap();

    probe.begin(&target(&[7, 8]));
    process(&fake, 7, 30, 100, 0);
    probe.poll(50);
    process(&fake, 7, 30, 150, 2);
    process(&fake, 8, 10, 9, 1);
    let readings = probe.end(100);

    assert_eq!(value(&readings, "resident-mean"), pages(35.0));
    assert_eq!(value(&readings, "resident-peak"), Some(320.0 * 1024.0));
    assert_eq!(
        value(&readings, "resident-proportional"),
        Some(80.0 * 1024.0)
    );
    assert_eq!(value(&readings, "swap"), Some(8.0 * 1024.0));
    assert_eq!(value(&readings, "page-faults-minor"), Some(59.0));
    assert_eq!(value(&readings, "page-faults-major"), Some(3.0));
}

#[test]
fn who_is_gone_or_waits_for_its_parent_contributes_nothing() {
    let fake = FakeTree::new();
    process(&fake, 7, 10, 100, 0);
    process(&fake, 8, 10, 5, 0);
    let mut probe = MemoryProbe::open(fake.tree(), 7).unwrap();

    probe.begin(&target(&[7]));
    // A zombie: its files are there, without memory.
    fake.write("proc/7/statm", "0 0 0 0 0 0 0\n");
    fake.write("proc/7/status", "Name:\tx\nState:\tZ (zombie)\n");
    let zombie = probe.end(100);
    probe.begin(&target(&[7, 8]));
    fake.end(7);
    process(&fake, 8, 10, 6, 0);
    let one_left = probe.end(100);
    probe.begin(&target(&[8]));
    fake.end(8);
    let none_left = probe.end(100);

    assert_eq!(
        value(&zombie, "resident-mean"),
        pages(10.0),
        "as long as it lived"
    );
    assert_eq!(value(&zombie, "resident-peak"), None);
    assert_eq!(value(&one_left, "page-faults-minor"), Some(1.0));
    assert_eq!(value(&none_left, "page-faults-minor"), None);
    assert_eq!(value(&none_left, "resident-peak"), None);
}

#[test]
fn fields_that_are_missing_or_garbage_are_said_to_be_missing() {
    let old = FakeTree::new();
    process(&old, 7, 10, 1, 1);
    old.write("proc/7/status", "Name:\tx\nVmHWM:\t 12 kB\nVmSwap:\tsome\n");
    old.write("proc/7/smaps_rollup", "");
    let nothing = FakeTree::new();

    let probe = MemoryProbe::open(old.tree(), 7).unwrap();
    let missing: Vec<String> = probe
        .missing()
        .into_iter()
        .map(|one| one.quantity)
        .collect();

    assert_eq!(missing, ["resident-proportional", "swap"]);
    assert!(MemoryProbe::open(nothing.tree(), 7).is_err());
}
