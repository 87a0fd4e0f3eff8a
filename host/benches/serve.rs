//! How long a server takes to answer when the history has 10 000 series of 100 points, and a last run with all of them.
//!
//! `cargo bench -p benchhost --bench serve -- [requests]` prints a line for each address: the first answer, which may have to make
//! something, and the median and the slowest of the others; then the same while another program writes, so that nothing is kept.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark program for people, which stops at the first surprise"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use benchhost::store::{ImportPoint, Store};
use benchhost_record::{
    Case, CaseId, CaseResult, Direction, Environment, Measurement, Metric, MetricKind, Outcome,
    Overhead, Params, Run, RunState, SCHEMA, Samples,
};
use benchhost_stats::{SplitMix64, summarise};

const CASES: usize = 2000;
const METRICS: usize = 5;
const POINTS: i64 = 100;
const MACHINE: &str = "machine-1";

/// Start of the last run.
const STARTED: &str = "2026-06-01T00:00:00Z";
const STARTED_MS: i64 = 1_780_272_000_000;

const ADDRESSES: [&str; 11] = [
    "/health",
    "/api/v1/runs",
    "/api/v1/runs/last/cases?limit=50",
    "/api/v1/series?limit=100",
    "/api/v1/series?limit=1000",
    "/api/v1/series?case=*1999*&limit=10",
    "/api/v1/series/5000/points",
    "/api/v1/changes?limit=200",
    "/api/v1/verdicts?limit=100",
    "/metrics",
    "/",
];

fn main() {
    let typed = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let requests: usize = typed.unwrap_or(20);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let history = folder.path().join("h.db");
    fill(&history);
    let (mut server, url) = start(folder.path(), &history);
    println!(
        "{} series of {POINTS} points, a run of {CASES} cases; times in ms",
        CASES * METRICS
    );
    println!(
        "{:<38} {:>9} {:>9} {:>9} {:>12} {:>10}",
        "address", "first", "median", "slowest", "while writing", "bytes"
    );
    let mut store = Store::open(&history).unwrap();
    for (turn, address) in (0..).zip(ADDRESSES) {
        let url = format!("{url}{address}");
        let (first, bytes) = get(&url);
        let mut others: Vec<f64> = (1..requests).map(|_| get(&url).0).collect();
        others.sort_by(f64::total_cmp);
        store.import([point(0, 0, POINTS + turn)]).unwrap();
        let (written, _) = get(&url);
        println!(
            "{address:<38} {first:>9.1} {:>9.1} {:>9.1} {written:>12.1} {bytes:>10}",
            others[others.len() / 2],
            others[others.len() - 1],
        );
    }
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM:"));
    println!(
        "peak of memory: {}",
        peak.unwrap().trim_start_matches("VmHWM:").trim()
    );
    server.kill().unwrap();
    server.wait().unwrap();
}

fn start(folder: &Path, history: &Path) -> (Child, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_benchhost"))
        .args(["serve", "--listen", "127.0.0.1:0", "--store"])
        .arg(history)
        .current_dir(folder)
        .env_remove("BENCHHOST_TOKEN")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = server.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening at ").unwrap();
    (server, url.trim_end_matches('/').to_owned())
}

/// Milliseconds and bytes of an answer.
fn get(url: &str) -> (f64, usize) {
    let started = Instant::now();
    let config = ureq::Agent::config_builder()
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(120)));
    let agent: ureq::Agent = config.build().into();
    let mut answer = agent.get(url).call().unwrap();
    let bytes = answer
        .body_mut()
        .with_config()
        .limit(1 << 30)
        .read_to_vec()
        .unwrap();
    (started.elapsed().as_secs_f64() * 1e3, bytes.len())
}

fn metric(index: usize) -> Metric {
    let name = if index == 0 {
        "time".to_owned()
    } else {
        format!("time.{index}")
    };
    Metric::new(name, "ns", Direction::Lower, MetricKind::Time)
}

fn case(index: usize) -> CaseId {
    CaseId::new("p", &format!("w{index}"), &Params::new(), 1, "cpu")
}

fn value(case: usize, metric: usize, time: i64) -> f64 {
    let seed = (case * METRICS + metric) as u64 ^ time.unsigned_abs().rotate_left(32);
    1e6 * (1.0 + 0.01 * SplitMix64::new(seed).normal())
}

fn point(index: usize, of_metric: usize, time: i64) -> ImportPoint {
    ImportPoint {
        case: case(index).to_string(),
        metric: metric(of_metric),
        machine: MACHINE.to_owned(),
        time_ms: STARTED_MS + (time - POINTS) * 3_600_000,
        revision: None,
        value: value(index, of_metric, time),
        low: None,
        high: None,
        n: 30,
        samples: Vec::new(),
    }
}

fn fill(history: &Path) {
    let mut store = Store::open(history).unwrap();
    let series = (0..CASES).flat_map(|case| (0..METRICS).map(move |metric| (case, metric)));
    let points =
        series.flat_map(|(case, metric)| (1..POINTS).map(move |time| point(case, metric, time)));
    store.import(points).unwrap();
    let run = run();
    store.begin_run(&run).unwrap();
    for case in &run.cases {
        store.put_case(&run.id, case).unwrap();
    }
    store.finish_run(&run).unwrap();
}

fn run() -> Run {
    Run {
        schema: SCHEMA,
        id: "20260601T000000Z-0001".to_owned(),
        host_version: "0.1.0".to_owned(),
        state: RunState::Finished,
        started: STARTED.to_owned(),
        finished: Some("2026-06-01T00:30:00Z".to_owned()),
        command: Vec::new(),
        seed: 7,
        suite: None,
        git: None,
        environment: Environment {
            fingerprint: MACHINE.to_owned(),
            ..Environment::default()
        },
        overhead: Overhead::default(),
        plugins: Vec::new(),
        planned_cases: CASES as u64,
        cases: (0..CASES).map(result).collect(),
        absent_probes: Default::default(),
        probe_costs: Default::default(),
        curves: Vec::new(),
        contrasts: Vec::new(),
        gates: Vec::new(),
    }
}

fn result(index: usize) -> CaseResult {
    CaseResult {
        case: Case {
            id: case(index),
            benchmark: "b".to_owned(),
            plugin: "p".to_owned(),
            workload: format!("w{index}"),
            params: Params::new(),
            threads: 1,
            device: "cpu".to_owned(),
            instances: None,
            offered_load: None,
            seed: 0,
        },
        outcome: Outcome::Ok,
        repetitions: Vec::new(),
        measurements: (0..METRICS)
            .map(|metric| measurement(index, metric))
            .collect(),
        work: None,
        flags: Vec::new(),
        targets: Default::default(),
        search: None,
        roofline: None,
    }
}

fn measurement(case: usize, of_metric: usize) -> Measurement {
    let mut samples = Samples::default();
    for sample in 0..30 {
        samples.push(
            sample / 10,
            10,
            value(case, of_metric, POINTS + i64::from(sample)),
        );
    }
    let summary = summarise(&samples, 7, 0.95).unwrap();
    Measurement {
        metric: metric(of_metric),
        samples,
        summary: Some(summary),
    }
}
