//! A fake machine at two moments: what is told apart, what is not said.

use super::*;

const SECOND_NS: u64 = 1_000_000_000;

/// Files of a fake machine, by path.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, path: &str, content: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn counters(&self, cpus: &[u32]) -> MachineCounters {
        MachineCounters::read(self.0.path(), cpus)
    }
}

/// A share of a CPU's time as ticks of `/proc/stat` in one second.
fn ticks(share: f64) -> u64 {
    (share * rustix::param::clock_ticks_per_second() as f64).round() as u64
}

/// Line of a CPU that has spent the given shares of a second so far.
fn cpu(number: u32, user: f64, idle: f64, steal: f64) -> String {
    let [user, idle, steal] = [user, idle, steal].map(ticks);
    format!("cpu{number} {user} 0 0 {idle} 0 0 0 {steal} 0 0\n")
}

fn used(used_ns: u64) -> CpuUse {
    CpuUse {
        used_ns,
        waited_ns: None,
    }
}

/// Shares of steal and of others, in whole per cent, when a second passed between `before` and `after`.
fn shares(
    cpus: &[u32],
    before: &str,
    after: &str,
    ours: Option<f64>,
) -> (Option<f64>, Option<f64>) {
    let machine = Machine::new();
    let earlier = machine.write("proc/stat", before).counters(cpus);
    let later = machine.write("proc/stat", after).counters(cpus);
    let ours = ours.map(|seconds| used((seconds * SECOND_NS as f64) as u64));
    let noise = later.over(&earlier, SECOND_NS, ours);
    let per_cent = |share: f64| (share * 100.0).round();
    (
        noise.steal_share.map(per_cent),
        noise.other_share.map(per_cent),
    )
}

#[test]
fn our_time_that_of_others_and_that_of_the_hypervisor_are_told_apart() {
    let before = cpu(0, 5.0, 5.0, 0.0) + &cpu(3, 1.0, 1.0, 1.0);
    let after = cpu(0, 6.0, 5.0, 0.0) + &cpu(3, 1.8, 1.1, 1.1);

    let pinned = shares(&[3], &before, &after, Some(0.5));
    let on_both = shares(&[0, 3], &before, &after, Some(1.4));

    assert_eq!(pinned, (Some(10.0), Some(30.0)));
    assert_eq!(on_both, (Some(5.0), Some(20.0)));
}

#[test]
fn others_are_never_below_nothing_and_absent_when_our_own_time_is_not_known() {
    let (before, after) = (cpu(0, 0.0, 0.0, 0.0), cpu(0, 0.9, 0.1, 0.0));

    let more_than_busy = shares(&[0], &before, &after, Some(0.92));
    let unknown = shares(&[0], &before, &after, None);

    assert_eq!(more_than_busy, (Some(0.0), Some(0.0)));
    assert_eq!(unknown, (Some(0.0), None));
}

#[test]
fn no_share_is_given_that_the_counters_do_not_support() {
    let (before, after) = (cpu(0, 1.0, 1.0, 0.0), cpu(0, 2.0, 1.0, 0.0));
    let half_a_second = cpu(0, 1.5, 1.0, 0.0);
    let nothing = (None, None);

    let stands_still = shares(&[0], &before, &before, Some(0.0));
    let partly_offline = shares(&[0], &before, &half_a_second, Some(0.0));
    let backwards = shares(&[0], &after, &before, Some(0.0));
    let one_is_missing = shares(&[0, 1], &before, &after, Some(0.0));
    let went_offline = shares(&[0], &before, "cpu1 1 1 1 1\n", Some(0.0));
    let no_file = Machine::new().counters(&[0]);

    assert_eq!(stands_still, nothing);
    assert_eq!(partly_offline, nothing);
    assert_eq!(backwards, nothing);
    assert_eq!(one_is_missing, nothing);
    assert_eq!(went_offline, nothing);
    assert_eq!(
        no_file.over(&no_file, SECOND_NS, Some(used(0))),
        MachineNoise {
            elapsed_ns: SECOND_NS,
            ..MachineNoise::default()
        }
    );
}

#[test]
fn too_short_a_time_has_no_shares_but_knows_who_waited() {
    let machine = Machine::new();
    let earlier = machine
        .write("proc/stat", &cpu(0, 1.0, 1.0, 0.0))
        .counters(&[0]);
    let later = machine
        .write("proc/stat", &cpu(0, 1.19, 1.0, 0.0))
        .counters(&[0]);

    let ours = CpuUse {
        used_ns: 0,
        waited_ns: Some(70),
    };
    let noise = later.over(&earlier, SHORTEST_JUDGED_NS - 1, Some(ours));

    assert_eq!((noise.steal_share, noise.other_share), (None, None));
    assert_eq!(noise.waited_ns, Some(70));
}

#[test]
fn heat_counts_once_however_many_cpus_of_a_package_report_it() {
    let machine = Machine::new();
    let count = |cpu: u32, part: &str, count: u64| {
        let folder = format!("sys/devices/system/cpu/cpu{cpu}/thermal_throttle");
        machine.write(
            &format!("{folder}/{part}_throttle_count"),
            &count.to_string(),
        );
    };
    for cpu in [0, 1, 2] {
        count(cpu, "core", 10);
        count(cpu, "package", 20);
    }
    let (pair, other) = (machine.counters(&[0, 1]), machine.counters(&[2]));
    count(0, "core", 13);
    count(0, "package", 25);
    count(1, "package", 25);

    let events = |cpus: &[u32], then: &MachineCounters| {
        machine.counters(cpus).over(then, 1, None).throttle_events
    };

    assert_eq!(events(&[0, 1], &pair), Some(5));
    assert_eq!(events(&[2], &other), Some(0));
    assert_eq!(events(&[7], &machine.counters(&[7])), None);
    count(1, "core", 0);
    assert_eq!(events(&[0, 1], &pair), None);
}

#[test]
fn a_quota_of_a_group_that_holds_ours_is_seen_in_both_versions() {
    let stopped = |groups: &str, folder: &str, before: &str, after: &str| {
        let machine = Machine::new();
        machine.write("proc/self/cgroup", groups);
        let path = format!("sys/fs/cgroup/{folder}/cpu.stat");
        let earlier = machine.write(&path, before).counters(&[0]);
        let later = machine.write(&path, after).counters(&[0]);
        later.over(&earlier, SECOND_NS, None).quota_stopped_ns
    };
    let v1 = |time| format!("nr_periods 9\nnr_throttled 3\nthrottled_time {time}\n");
    let v2 = |time| format!("usage_usec 1\nnr_throttled 3\nthrottled_usec {time}\n");

    let (own, above) = ("3:cpu,cpuacct:/a/b\n0::/x\n", "0::/a.slice/b\n");
    assert_eq!(stopped(own, "cpu/a", &v1(100), &v1(700)), Some(600));
    assert_eq!(stopped(above, "a.slice", &v2(1), &v2(13)), Some(12_000));
    assert_eq!(stopped(above, "a.slice", &v2(13), &v2(1)), None);
    assert_eq!(
        stopped(above, "a.slice", "usage_usec 1\n", "usage_usec 2\n"),
        None
    );
    assert_eq!(stopped("", "a.slice", &v2(1), &v2(13)), None);
}

#[test]
fn this_machine_is_read_without_an_error() {
    let counters = MachineCounters::now(&crate::run::usable_cpus());

    let noise = counters.since(&counters, Some(used(0)));

    assert_eq!((noise.elapsed_ns, noise.steal_share), (0, None));
}
