//! What is not as it was in the run before.

use benchhost_record::{Environment, Git, PluginRecord, Run};
use benchhost_report::{Before, Difference, differences};

use crate::fixture::run;

fn plugin(name: &str, version: &str) -> PluginRecord {
    PluginRecord {
        name: name.to_owned(),
        path: "libp.so".to_owned(),
        sha256: format!("hash of {version}"),
        version: version.to_owned(),
        api: "1.0.0".to_owned(),
        build: [("rustc".to_owned(), format!("compiler of {version}"))].into(),
        rejected: None,
    }
}

fn now() -> Run {
    let mut now = run(Vec::new());
    now.plugins = vec![plugin("p", "1.0.0")];
    now.environment.cpu.usable_cpus = 8;
    now.environment.memory.available_bytes = 8 << 30;
    now
}

fn before(run: &Run) -> Before {
    Before {
        id: "before".to_owned(),
        started: run.started.clone(),
        host_version: run.host_version.clone(),
        environment: run.environment.clone(),
        git: run.git.clone(),
        plugins: run.plugins.clone(),
    }
}

fn told(before: &Before, now: &Run) -> Vec<String> {
    let line = |one: Difference| format!("{}: {} → {}", one.what, one.before, one.now);
    differences(before, now).into_iter().map(line).collect()
}

#[test]
fn a_run_on_the_same_machine_with_the_same_code_differs_in_nothing() {
    let now = now();
    assert_eq!(told(&before(&now), &now), Vec::<String>::new());
}

#[test]
fn what_always_moves_differs_only_when_it_moved_far() {
    let mut now = now();
    let mut before = before(&now);
    now.environment.memory.available_bytes = 7_900_000_000;
    before.environment.load_average_1min = Some(0.1);
    now.environment.load_average_1min = Some(0.4);
    assert_eq!(told(&before, &now), Vec::<String>::new());

    now.environment.memory.available_bytes = 2 << 30;
    now.environment.load_average_1min = Some(4.0);
    assert_eq!(
        told(&before, &now),
        [
            "load_average_1min: 0.1 → 4.0",
            "memory.available_bytes: 8 GiB → 2 GiB"
        ]
    );
}

#[test]
fn every_part_of_machine_host_work_tree_and_plugins_is_compared() {
    let mut now = now();
    let mut before = before(&now);
    before.environment = Environment {
        fingerprint: "other".to_owned(),
        kernel: Some("6.1".to_owned()),
        ..now.environment.clone()
    };
    before.environment.cpu.governor = Some("powersave".to_owned());
    before
        .environment
        .variables
        .insert("OMP_NUM_THREADS".to_owned(), "2".to_owned());
    before
        .environment
        .cpu
        .cache_bytes
        .insert("L2".to_owned(), 1 << 20);
    before.host_version = "0.0.9".to_owned();
    now.git = Some(Git {
        revision: "abc".to_owned(),
        branch: None,
        dirty: true,
    });
    before.plugins = vec![plugin("gone", "1.0.0"), plugin("p", "0.9.0")];
    now.plugins.push(plugin("new", "1.0.0"));

    assert_eq!(
        told(&before, &now),
        [
            "fingerprint: other → –",
            "cpu.cache_bytes.L2: 1 MiB → –",
            "cpu.governor: powersave → –",
            "kernel: 6.1 → –",
            "variables.OMP_NUM_THREADS: 2 → –",
            "host version: 0.0.9 → 0.1.0",
            "git revision: – → abc",
            "git work tree: – → changed",
            "plugin gone: part of the run → –",
            "plugin new: – → part of the run",
            "plugin p build rustc: compiler of 0.9.0 → compiler of 1.0.0",
            "plugin p sha256: hash of 0.9.0 → hash of 1.0.0",
            "plugin p version: 0.9.0 → 1.0.0",
        ]
    );
}
