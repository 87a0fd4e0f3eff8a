//! The probe `cpu` on fake trees.

use super::*;
use crate::probe::tree::FakeTree;

const SECOND_NS: u64 = 1_000_000_000;

/// `ticks` of this machine in `ms` milliseconds.
fn ticks(ms: u64) -> u64 {
    ms * rustix::param::clock_ticks_per_second() / 1000
}

fn stat(user_ms: u64, system_ms: u64, child_ms: u64) -> String {
    let [user, system, child] = [user_ms, system_ms, child_ms].map(ticks);
    format!("7 (a ) b) R 1 7 7 0 -1 4194304 5 6 7 8 {user} {system} {child} 0 20 0 1 0 99 1000 10")
}

fn thread(fake: &FakeTree, pid: u32, thread: u32, run_ns: u64, wait_ns: u64, switches: [u64; 2]) {
    let folder = format!("proc/{pid}/task/{thread}");
    fake.write(
        &format!("{folder}/schedstat"),
        format!("{run_ns} {wait_ns} 3\n"),
    );
    let [voluntary, involuntary] = switches;
    fake.write(
        &format!("{folder}/status"),
        format!("Name:\tx\nvoluntary_ctxt_switches:\t{voluntary}\nnonvoluntary_ctxt_switches:\t{involuntary}\n"),
    );
}

/// A machine of two CPUs with process 7 of one thread.
fn machine() -> FakeTree {
    let fake = FakeTree::new();
    fake.write("proc/stat", "cpu0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0\n");
    fake.write("proc/7/status", "Cpus_allowed_list:\t0-1\n");
    fake.write("proc/7/stat", stat(0, 0, 0));
    thread(&fake, 7, 7, 0, 0, [0, 0]);
    fake
}

fn target(pids: &[u32], cpus: &[u32]) -> Target {
    Target {
        pids: pids.to_vec(),
        cpus: cpus.to_vec(),
    }
}

fn value(readings: &[Reading], name: &str) -> Option<f64> {
    let reading = readings
        .iter()
        .find(|reading| reading.metric.name == name)?;
    Some(reading.value)
}

#[test]
fn the_share_is_of_the_cpus_that_may_be_used() {
    let fake = machine();
    let mut probe = CpuProbe::open(fake.tree(), 7).unwrap();
    let share = |probe: &mut CpuProbe, cpus: &[u32]| {
        fake.write("proc/7/stat", stat(0, 0, 0));
        thread(&fake, 7, 7, 0, 0, [0, 0]);
        probe.begin(&target(&[7], cpus));
        fake.write("proc/7/stat", stat(600, 190, 0));
        thread(&fake, 7, 7, 800_000_000, 5, [3, 4]);
        value(&probe.end(SECOND_NS), "cpu-utilisation")
    };

    assert_eq!(share(&mut probe, &[1]), Some(0.8), "exact, not by ticks");
    assert_eq!(share(&mut probe, &[]), Some(0.4), "both that it may run on");
}

#[test]
fn ticks_are_used_when_a_thread_ended_and_took_its_exact_time_along() {
    let fake = machine();
    let mut probe = CpuProbe::open(fake.tree(), 7).unwrap();
    thread(&fake, 7, 8, 400_000_000, 0, [0, 0]);

    probe.begin(&target(&[7], &[0]));
    std::fs::remove_dir_all(fake.path().join("proc/7/task/8")).unwrap();
    fake.write("proc/7/stat", stat(700, 0, 100));
    thread(&fake, 7, 7, 100_000_000, 0, [0, 0]);
    let readings = probe.end(SECOND_NS);

    assert_eq!(value(&readings, "cpu-utilisation"), Some(0.8));
    assert_eq!(value(&readings, "cpu-user"), Some(800e6), "children too");
    assert_eq!(value(&readings, "cpu-system"), Some(0.0));
}

#[test]
fn threads_are_summed_and_new_ones_count_from_nothing() {
    let fake = machine();
    let mut probe = CpuProbe::open(fake.tree(), 7).unwrap();
    thread(&fake, 7, 7, 0, 100, [10, 20]);

    probe.begin(&target(&[7], &[0]));
    thread(&fake, 7, 7, 0, 150, [11, 22]);
    thread(&fake, 7, 9, 0, 1000, [5, 6]);
    let readings = probe.end(SECOND_NS);

    assert_eq!(value(&readings, "run-queue-wait"), Some(1050.0));
    assert_eq!(value(&readings, "context-switches-voluntary"), Some(6.0));
    assert_eq!(value(&readings, "context-switches-involuntary"), Some(8.0));
}

#[test]
fn a_process_that_is_gone_contributes_nothing_and_none_is_no_reading() {
    let fake = machine();
    let mut probe = CpuProbe::open(fake.tree(), 7).unwrap();
    fake.write("proc/8/stat", stat(0, 0, 0));

    probe.begin(&target(&[7, 8], &[0, 1]));
    fake.end(8).write("proc/7/stat", stat(300, 0, 0));
    let one_left = probe.end(SECOND_NS);
    probe.begin(&target(&[7], &[0]));
    fake.end(7);
    let none_left = probe.end(SECOND_NS);

    assert_eq!(value(&one_left, "cpu-user"), Some(300e6));
    assert_eq!(value(&none_left, "cpu-user"), None);
    assert_eq!(value(&none_left, "cpu-utilisation"), None);
}

#[test]
fn steal_is_that_of_the_cpus_that_may_be_used() {
    let fake = machine();
    let mut probe = CpuProbe::open(fake.tree(), 7).unwrap();

    probe.begin(&target(&[7], &[1]));
    let [busy, stolen, all] = [ticks(700), ticks(300), ticks(1000)];
    fake.write(
        "proc/stat",
        format!("cpu0 {all} 0 0 0 0 0 0 0\ncpu1 {busy} 0 0 0 0 0 0 {stolen}\n"),
    );

    assert_eq!(value(&probe.end(SECOND_NS), "cpu-steal"), Some(0.3));
}

#[test]
fn what_a_machine_lacks_is_said_and_not_read() {
    let bare = FakeTree::new();
    bare.write("proc/7/stat", stat(1, 1, 1));
    let nothing = FakeTree::new();
    let garbage = FakeTree::new();
    garbage.write("proc/7/stat", "7 (a) R x y z");

    let probe = CpuProbe::open(bare.tree(), 7).unwrap();
    let missing: Vec<String> = probe
        .missing()
        .into_iter()
        .map(|one| one.quantity)
        .collect();

    assert_eq!(
        missing,
        [
            "cpu-utilisation",
            "context-switches-voluntary",
            "context-switches-involuntary",
            "run-queue-wait",
            "cpu-frequency",
            "cpu-steal"
        ]
    );
    assert!(probe.missing().iter().all(|one| one.reason.contains(':')));
    assert!(
        CpuProbe::open(nothing.tree(), 7)
            .unwrap_err()
            .contains("/proc")
    );
    assert!(CpuProbe::open(garbage.tree(), 7).is_err());
}

#[test]
fn the_clock_is_the_mean_of_what_was_polled_and_absent_when_nothing_was() {
    let fake = machine();
    let path = "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq";
    fake.write(path, "1000000\n");
    let mut probe = CpuProbe::open(fake.tree(), 7).unwrap();

    probe.begin(&target(&[7], &[0]));
    probe.poll(1);
    fake.write(path, "3000000\n");
    probe.poll(2);
    let polled = probe.end(SECOND_NS);
    probe.begin(&target(&[7], &[0]));
    let never = probe.end(SECOND_NS);

    assert_eq!(value(&polled, "cpu-frequency"), Some(2000.0));
    assert_eq!(value(&never, "cpu-frequency"), None);
    assert_eq!(probe.fastest_poll_ns(), Some(100_000_000));
}
