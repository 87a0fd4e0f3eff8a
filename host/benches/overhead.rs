//! What the host itself costs, measured through the program as a user runs it, against peers in the same minute.
//!
//! `cargo bench -p benchhost --bench overhead`. Three numbers are promised (README.md, "What it costs"); the
//! program ends with exit code 1 when one of them is not kept on this machine. Not a test: machines differ.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark program for people, which stops at the first surprise"
)]

use std::{
    hint::black_box,
    path::Path,
    process::{Command, ExitCode},
    time::Instant,
};

use benchhost_record::{Run, names};

/// Fresh workers, each giving one start and one load.
const REPETITIONS: u32 = 200;
const ITERATION_LIMIT_NS: f64 = 5.0;
const START_LIMIT_MS: f64 = 5.0;
const LOAD_LIMIT_MS: f64 = 1.0;

fn main() -> ExitCode {
    let run = run_noop();
    let case = &run.cases[0];
    let time = case
        .measurements
        .iter()
        .find(|m| m.metric.name == names::TIME)
        .unwrap();
    let per_iteration = time.summary.as_ref().unwrap().median;
    let times = || case.repetitions.iter().map(|repetition| repetition.times);
    let start_ms = median(times().map(|t| t.start_ns as f64 * 1e-6).collect());
    let load_ms = median(times().map(|t| t.load_ns as f64 * 1e-6).collect());
    let bare_loop = median((0..REPETITIONS).map(|_| bare_loop_ns()).collect());
    let bare_spawn = median((0..REPETITIONS).map(|_| bare_spawn_ms()).collect());

    println!(
        "overhead of benchhost {} on {}",
        run.host_version,
        machine(&run)
    );
    let rows = [
        (
            "empty workload, ns per iteration",
            per_iteration,
            ITERATION_LIMIT_NS,
            Some(bare_loop),
        ),
        (
            "worker start to first frame, ms",
            start_ms,
            START_LIMIT_MS,
            Some(bare_spawn),
        ),
        (
            "load and both layout checks, ms",
            load_ms,
            LOAD_LIMIT_MS,
            None,
        ),
    ];
    let mut kept = true;
    for (name, value, limit, peer) in rows {
        let ratio = peer.map_or_else(String::new, |peer| {
            format!(", {:.2} × peer {peer:.3}", value / peer)
        });
        let verdict = if value <= limit { "ok" } else { "TOO SLOW" };
        println!("{name:34} {value:8.3}  (limit {limit}{ratio})  {verdict}");
        kept &= value <= limit;
    }
    println!("peers: a bare loop over black_box in this process; spawning and collecting `true`");
    ExitCode::from(u8::from(!kept))
}

/// `benchhost run --plugin plugins/noop`, as a user types it.
fn run_noop() -> Run {
    let out = tempfile::tempdir().unwrap();
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/noop");
    let status = Command::new(env!("CARGO_BIN_EXE_benchhost"))
        .args(["run", "--quiet", "--repetitions", &REPETITIONS.to_string()])
        .arg("--plugin")
        .arg(plugin)
        .arg("--out")
        .arg(out.path())
        .status()
        .unwrap();
    assert!(status.success(), "the run of noop failed");
    let text = std::fs::read_to_string(out.path().join("run.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The same amount of nothing without benchhost: one `black_box` an iteration.
fn bare_loop_ns() -> f64 {
    const ITERATIONS: u32 = 100_000;
    let started = Instant::now();
    for i in 0..ITERATIONS {
        black_box(i);
    }
    started.elapsed().as_nanos() as f64 / f64::from(ITERATIONS)
}

fn bare_spawn_ms() -> f64 {
    let started = Instant::now();
    Command::new("true").status().unwrap();
    started.elapsed().as_secs_f64() * 1e3
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn machine(run: &Run) -> String {
    let cpu = &run.environment.cpu;
    format!(
        "{} ({} CPUs)",
        cpu.model.as_deref().unwrap_or("an unknown CPU"),
        cpu.logical_cpus
    )
}
