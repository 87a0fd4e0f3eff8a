//! The probe `network` on fake trees.

use std::os::unix::fs::symlink;

use super::*;
use crate::probe::tree::FakeTree;

fn dev(lines: &[(&str, u64)]) -> String {
    let mut text = "Inter-|   Receive |  Transmit\n face |bytes    packets errs\n".to_owned();
    for (name, n) in lines {
        let (packets, sent, sent_packets) = (n + 1, n * 2, n * 3);
        text += &format!("{name:>6}:{n} {packets} 0 0 0 0 0 0 {sent} {sent_packets} 0 0 0 0 0 0\n");
    }
    text
}

fn process(fake: &FakeTree, pid: u32, namespace: &str, lines: &[(&str, u64)]) {
    fake.write(&format!("proc/{pid}/net/dev"), dev(lines));
    fs::create_dir_all(fake.path().join(format!("proc/{pid}/ns"))).unwrap();
    let _ = symlink(namespace, fake.path().join(format!("proc/{pid}/ns/net")));
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

#[test]
fn loopback_is_counted_apart_and_a_namespace_once() {
    let fake = FakeTree::new();
    let both = |fake: &FakeTree, n: u64| {
        for pid in [7, 8] {
            process(
                fake,
                pid,
                "net:[1]",
                &[("lo", n), ("eth0", n * 10), ("wlan0", 0)],
            );
        }
    };
    both(&fake, 100);
    let mut probe = NetworkProbe::open(fake.tree(), 7).unwrap();

    probe.begin(&target(&[7, 8]));
    both(&fake, 103);
    let readings = probe.end(1);

    assert_eq!(value(&readings, "network-received"), Some(30.0));
    assert_eq!(value(&readings, "network-sent"), Some(60.0));
    assert_eq!(value(&readings, "network-received-packets"), Some(30.0));
    assert_eq!(value(&readings, "network-sent-packets"), Some(90.0));
    assert_eq!(value(&readings, "network-loopback"), Some(3.0));
    assert_eq!(value(&readings, "network-loopback-packets"), Some(3.0));
}

#[test]
fn namespaces_are_summed_and_one_that_is_gone_contributes_nothing() {
    let fake = FakeTree::new();
    let at = |pid, n| process(&fake, pid, &format!("net:[{pid}]"), &[("eth0", n)]);
    at(7, 0);
    at(8, 0);
    let mut probe = NetworkProbe::open(fake.tree(), 7).unwrap();

    probe.begin(&target(&[7, 8]));
    at(7, 5);
    at(8, 6);
    let both = probe.end(1);
    probe.begin(&target(&[7, 8]));
    fake.end(8);
    at(7, 7);
    let one = probe.end(1);

    assert_eq!(value(&both, "network-received"), Some(11.0));
    assert_eq!(value(&one, "network-received"), Some(2.0));
    assert_eq!(probe.missing().len(), 2, "no loopback there");
}

#[test]
fn a_counter_that_wrapped_and_an_interface_that_came_are_left_out() {
    let fake = FakeTree::new();
    process(&fake, 7, "net:[1]", &[("eth0", 4_294_967_290), ("eth1", 1)]);
    let mut probe = NetworkProbe::open(fake.tree(), 7).unwrap();

    probe.begin(&target(&[7]));
    process(
        &fake,
        7,
        "net:[1]",
        &[("eth0", 4), ("eth1", 2), ("eth2", 900)],
    );

    assert_eq!(value(&probe.end(1), "network-received"), Some(1.0));
}

#[test]
fn no_file_and_no_interface_are_sentences() {
    let fake = FakeTree::new();
    fake.write("proc/8/net/dev", dev(&[]))
        .write("proc/9/net/dev", "eth0: x y\n");

    let open = |pid| NetworkProbe::open(fake.tree(), pid).unwrap_err();

    assert!(open(7).contains("/proc/7/net/dev cannot be read"));
    assert!(open(8).contains("lists no interface"));
    assert!(open(9).contains("lists no interface"));
}
