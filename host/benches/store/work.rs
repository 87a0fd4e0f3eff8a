//! What the processes of this benchmark do.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use benchhost::store::{ImportPoint, Keep, Retention, SeriesFilter, Store};
use benchhost_record::{
    Case, CaseId, CaseResult, Direction, Environment, Interval, Measurement, Metric, MetricKind,
    Outcome, Overhead, Params, Run, RunState, SCHEMA, Samples, Summary,
};

/// Series of the scale table.
pub(crate) const SERIES: u64 = 10_000;

/// Rows of one transaction, here and in the CSV file.
const BATCH: u64 = 50_000;

/// Points of a series that a compaction in the fault test leaves: more than writers ever put into one.
pub(crate) const KEPT: usize = 3_000;

/// This program as a child that does `words`.
pub(crate) fn command(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .arg("__child")
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn child(words: &[&str]) {
    let number = |index: usize| words[index].parse::<u64>().unwrap();
    let path = Path::new(words[1]);
    match words[0] {
        "import" => report(|| import(path, number(2), words[3])),
        "csv" => report(|| csv(path, number(2), words[3])),
        "read" => report(|| read(path, number(2))),
        "write" => write(path, words[2], Duration::from_millis(number(3))),
        "add" => add(path, words[2]),
        "compact" => compact(path),
        other => panic!("no such work: {other}"),
    }
}

/// Prints seconds, a count, and the peak of resident memory in KiB.
fn report(work: impl FnOnce() -> u64) {
    let started = Instant::now();
    let count = work();
    let seconds = started.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    println!("{seconds} {count} {}", peak.trim().trim_end_matches(" kB"));
}

/// Row `index` of `points`: all of a series after another, or all series of a time after another.
fn row(index: u64, points: u64, order: &str) -> (u64, u64) {
    match order {
        "series" => (index / (points / SERIES), index % (points / SERIES)),
        _ => (index % SERIES, index / SERIES),
    }
}

fn value(series: u64, time: u64) -> f64 {
    let noise = (series ^ time.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    1e6 + noise as f64 / 16.0
}

pub(crate) fn metric() -> Metric {
    Metric::new("time", "ns", Direction::Lower, MetricKind::Time)
}

pub(crate) fn point(case: String, time: u64, value: f64) -> ImportPoint {
    ImportPoint {
        case,
        metric: metric(),
        machine: "machine".to_owned(),
        time_ms: 1_700_000_000_000 + time as i64 * 3_600_000,
        revision: Some(format!("{time:040x}")),
        value,
        low: Some(value - 10.0),
        high: Some(value + 10.0),
        n: 30,
        samples: Vec::new(),
    }
}

fn case_name(series: u64) -> String {
    format!(
        "plugin/workload-{}?batch={}&threads=1",
        series / 100,
        series % 100
    )
}

fn import(path: &Path, points: u64, order: &str) -> u64 {
    let mut store = Store::open(path).unwrap();
    let rows = (0..points).map(|index| {
        let (series, time) = row(index, points, order);
        point(case_name(series), time, value(series, time))
    });
    store.import(rows).unwrap().added
}

fn csv(path: &Path, points: u64, order: &str) -> u64 {
    let mut file = BufWriter::new(File::create(path).unwrap());
    for index in 0..points {
        let (series, time) = row(index, points, order);
        let p = point(case_name(series), time, value(series, time));
        let revision = p.revision.unwrap();
        let (low, high) = (p.low.unwrap(), p.high.unwrap());
        writeln!(
            file,
            "{},{},{},{},{revision},{},{low},{high},{}",
            p.case, p.metric.name, p.machine, p.time_ms, p.value, p.n
        )
        .unwrap();
        if index % BATCH == BATCH - 1 {
            file.flush().unwrap();
            file.get_ref().sync_all().unwrap();
        }
    }
    points
}

/// Adds up every value, with a connection for each thread.
fn read(path: &Path, threads: u64) -> u64 {
    let parts = Store::open_existing(path)
        .unwrap()
        .parts(threads as usize)
        .unwrap();
    std::thread::scope(|scope| {
        let readers: Vec<_> = parts
            .into_iter()
            .map(|part| {
                scope.spawn(move || {
                    let store = Store::open_existing(path).unwrap();
                    let (mut count, mut sum) = (0, 0.0);
                    store
                        .for_each_series(part, &SeriesFilter::default(), |_, points| {
                            count += points.len() as u64;
                            sum += points.iter().map(|point| point.value).sum::<f64>();
                        })
                        .unwrap();
                    assert!(sum > 0.0);
                    count
                })
            })
            .collect();
        readers
            .into_iter()
            .map(|reader| reader.join().unwrap())
            .sum()
    })
}

/// Stores runs of three cases until the time is over; a line for each thing that is stored.
fn write(path: &Path, name: &str, time: Duration) {
    let mut store = Store::open(path).unwrap();
    let started = Instant::now();
    for turn in 0.. {
        let mut run = run(&format!("{name}-{turn}"), turn);
        store.begin_run(&run).unwrap();
        for number in 0..3 {
            let case = result(turn % 50, number, turn as f64 + 1.0);
            store.put_case(&run.id, &case).unwrap();
            println!("case {} {}", run.id, case.case.id);
        }
        run.state = RunState::Finished;
        store.finish_run(&run).unwrap();
        println!("run {}", run.id);
        if started.elapsed() >= time {
            return;
        }
    }
}

/// Imports into a series of its own, some points at a time.
fn add(path: &Path, name: &str) {
    let mut store = Store::open(path).unwrap();
    for part in 0..200 {
        let points = (part * 1000..(part + 1) * 1000).map(|time| point(name.to_owned(), time, 1.0));
        store.import(points).unwrap();
        println!("points {name} {}", (part + 1) * 1000);
    }
}

fn compact(path: &Path) {
    let retention = Retention {
        points: Keep::Last(KEPT),
        drop_samples_after: None,
    };
    let done = Store::open(path)
        .unwrap()
        .compact(&retention, false)
        .unwrap();
    println!("compacted {}", done.points);
}

fn run(id: &str, turn: u64) -> Run {
    Run {
        schema: SCHEMA,
        id: id.to_owned(),
        host_version: "0.1.0".to_owned(),
        state: RunState::Running,
        started: format!("2026-11-21T04:{:02}:{:02}Z", turn / 60 % 60, turn % 60),
        finished: None,
        command: Vec::new(),
        seed: turn,
        suite: None,
        git: None,
        environment: Environment {
            fingerprint: "machine".to_owned(),
            ..Environment::default()
        },
        overhead: Overhead::default(),
        plugins: Vec::new(),
        cases: Vec::new(),
        absent_probes: Default::default(),
        probe_costs: Default::default(),
        curves: Vec::new(),
        contrasts: Vec::new(),
        planned_cases: 3,
        gates: Vec::new(),
    }
}

/// A finished run at `time` of the first `metrics` imported series.
pub(crate) fn run_of_imported(metrics: u64, time: u64) -> Run {
    let start_s = (1_700_000_000 + time * 3600) as i64;
    let started = jiff::Timestamp::from_second(start_s).unwrap();
    let cases = (0..metrics).map(|series| {
        let mut case = result(0, series, value(series, time));
        case.case.id = CaseId::from(case_name(series));
        case.measurements.truncate(1);
        case
    });
    Run {
        state: RunState::Finished,
        started: started.to_string(),
        cases: cases.collect(),
        absent_probes: Default::default(),
        probe_costs: Default::default(),
        curves: Vec::new(),
        contrasts: Vec::new(),
        planned_cases: metrics,
        ..run("20990101T000000Z-00000000", 0)
    }
}

/// A case with three metrics of 100 samples each.
fn result(group: u64, number: u64, median: f64) -> CaseResult {
    let params = Params::new();
    let workload = format!("w{group}-{number}");
    let mut samples = Samples::default();
    (0..100).for_each(|i| samples.push(0, 10, value(i, number)));
    let measurement = |name: &str| Measurement {
        metric: Metric::new(name, "ns", Direction::Lower, MetricKind::Time),
        samples: samples.clone(),
        summary: Some(Summary {
            n: 100,
            repetitions: 1,
            median,
            interval: Interval {
                low: median,
                high: median,
                confidence: 0.99,
            },
            mad: 1.0,
            mean: median,
            trimmed_mean: median,
            standard_deviation: 1.0,
            min: median,
            max: median,
            quantiles: Vec::new(),
            outliers: 0,
        }),
    };
    CaseResult {
        case: Case {
            id: CaseId::new("p", &workload, &params, 1, "cpu"),
            benchmark: "b".to_owned(),
            plugin: "p".to_owned(),
            workload,
            params,
            threads: 1,
            device: "cpu".to_owned(),
            instances: None,
            offered_load: None,
            seed: 0,
        },
        outcome: Outcome::Ok,
        repetitions: Vec::new(),
        measurements: ["time", "cpu-time", "setup-time"].map(measurement).to_vec(),
        work: None,
        flags: Vec::new(),
        targets: Default::default(),
        search: None,
        roofline: None,
    }
}
