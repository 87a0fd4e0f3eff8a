//! The store as the rest of the host uses it.

mod files;

use std::{fs, path::PathBuf, time::Duration};

use benchhost_record::{
    Alert, AlertKind, AlertState, Case, CaseId, CaseResult, Direction, Environment, Git, Interval,
    Measurement, Metric, MetricKind, Outcome, Overhead, Params, Run, RunState, SCHEMA, Samples,
    Severity, Summary,
};

use super::*;

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".benchhost/history.db");
    (folder, path)
}

fn run(id: &str, started: &str) -> Run {
    Run {
        schema: SCHEMA,
        id: id.to_owned(),
        host_version: "0.1.0".to_owned(),
        state: RunState::Running,
        started: started.to_owned(),
        finished: None,
        command: vec!["benchhost".to_owned(), "run".to_owned()],
        seed: 7,
        suite: None,
        git: Some(Git {
            revision: "abc".to_owned(),
            branch: None,
            dirty: true,
        }),
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
        planned_cases: 2,
        gates: Vec::new(),
    }
}

fn metric(name: &str) -> Metric {
    Metric::new(name, "ns", Direction::Lower, MetricKind::Time)
}

fn result(workload: &str, median: f64) -> CaseResult {
    let params = Params::new();
    let mut samples = Samples::default();
    samples.push(0, 10, median);
    CaseResult {
        case: Case {
            id: CaseId::new("p", workload, &params, 1, "cpu"),
            benchmark: "b".to_owned(),
            plugin: "p".to_owned(),
            workload: workload.to_owned(),
            params,
            threads: 1,
            device: "cpu".to_owned(),
            instances: None,
            offered_load: None,
            seed: 0,
        },
        outcome: Outcome::Ok,
        repetitions: Vec::new(),
        measurements: vec![Measurement {
            metric: metric("time"),
            samples,
            summary: Some(Summary {
                n: 1,
                repetitions: 1,
                median,
                interval: Interval {
                    low: median - 1.0,
                    high: median + 1.0,
                    confidence: 0.99,
                },
                mad: 0.0,
                mean: median,
                trimmed_mean: median,
                standard_deviation: 0.0,
                min: median,
                max: median,
                quantiles: Vec::new(),
                outliers: 0,
            }),
        }],
        work: None,
        flags: Vec::new(),
        targets: Default::default(),
        search: None,
        roofline: None,
    }
}

fn failed(workload: &str) -> CaseResult {
    let mut failed = result(workload, 0.0);
    failed.outcome = Outcome::Wrong {
        rule: "verify".to_owned(),
        message: "2 is not 3".to_owned(),
    };
    failed.measurements[0].summary = None;
    failed
}

fn put(store: &mut Store, run: &mut Run, cases: Vec<CaseResult>) {
    store.begin_run(run).unwrap();
    for case in cases {
        store.put_case(&run.id, &case).unwrap();
        run.cases.insert(0, case);
    }
    run.state = RunState::Finished;
    run.finished = Some("2026-11-21T05:00:00Z".to_owned());
    store.finish_run(run).unwrap();
}

fn imported(case: &str, time_ms: i64, value: f64) -> ImportPoint {
    ImportPoint {
        case: case.to_owned(),
        metric: metric("time"),
        machine: String::new(),
        time_ms,
        revision: Some(format!("r{}", time_ms % 7)),
        value,
        low: None,
        high: Some(value),
        n: 3,
        samples: Vec::new(),
    }
}

#[test]
fn a_run_comes_back_as_it_was_in_the_order_of_the_plan() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    let mut first = run("20261121T040000Z-aaaa", "2026-11-21T04:00:00Z");
    let mut second = run("20261121T050000Z-bbbb", "2026-11-21T05:00:00Z");

    put(&mut store, &mut first, vec![result("x", 1.5), failed("y")]);
    put(&mut store, &mut second, vec![result("x", 2.5)]);

    let store = Store::open_existing(&path).unwrap();
    assert_eq!(store.run("20261121T04").unwrap(), first);
    assert_eq!(store.run("last").unwrap(), second);
    assert_eq!(store.run("last~1").unwrap(), first);
    let rows = store.runs(None).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[1].cases, rows[1].failed, rows[1].dirty), (2, 1, true));
    assert_eq!(store.runs(Some(1)).unwrap()[0].id, second.id);
    let ambiguous = store.run("2026").unwrap_err();
    assert!(
        matches!(ambiguous, StoreError::Ambiguous { count: 2, .. }),
        "{ambiguous}"
    );
    let unknown = store.run("20261121T050000Z-bbbc").unwrap_err().to_string();
    assert!(
        unknown.contains("did you mean `20261121T050000Z-bbbb`?"),
        "{unknown}"
    );
}

#[test]
fn points_follow_the_outcome_and_a_result_stored_twice_counts_once() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    let mut one = run("a", "2026-11-21T04:00:00Z");
    put(&mut store, &mut one, vec![result("x", 1.5)]);
    let mut two = run("b", "2026-11-21T04:00:00Z");
    put(&mut store, &mut two, vec![failed("x")]);
    store.put_case("a", &result("x", 1.75)).unwrap();
    let mut skipped = result("z", 1.0);
    skipped.outcome = Outcome::Skipped {
        reason: "no plugin".to_owned(),
    };
    store.put_case("b", &skipped).unwrap();

    let series = store.series(&SeriesFilter::default()).unwrap();
    let points = store.points(series[0].id, None).unwrap();

    assert_eq!(series.len(), 1, "{series:?}");
    assert_eq!(
        (series[0].points, series[0].machine.as_str()),
        (2, "machine")
    );
    let mut values: Vec<f64> = points.iter().map(|point| point.value).collect();
    values.sort_by(f64::total_cmp);
    assert!(values[0] == 1.75 && values[1].is_nan(), "{values:?}");
    assert_eq!(points[0].revision.as_deref(), Some("abc-dirty"));
    assert!(store.integrity().unwrap().is_ok());
    let never = store.put_case("never", &result("x", 1.0)).unwrap_err();
    assert!(never.to_string().contains("never begun"), "{never}");
}

#[test]
fn filters_match_like_those_of_run() {
    let filter = |case: &str| SeriesFilter::new(&[case.to_owned()], &[], None).unwrap();

    assert!(filter("p/x").matches("p/x?threads=1", "time", "m"));
    assert!(filter("*threads=1").matches("p/x?threads=1", "time", "m"));
    assert!(!filter("p/y").matches("p/x?threads=1", "time", "m"));
    assert!(SeriesFilter::new(&["[".to_owned()], &[], None).is_err());
}

#[test]
fn an_import_done_twice_adds_nothing_and_keeps_its_samples() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    let points = || {
        let mut points: Vec<ImportPoint> = (0..100)
            .flat_map(|time| {
                [
                    imported("a", time, time as f64),
                    imported("b", time, f64::NAN),
                ]
            })
            .collect();
        points.push(imported("a", 5, 99.0));
        points.reverse();
        points[7].samples = vec![1.0, 0.1 + 0.2];
        points
    };

    let first = store.import(points()).unwrap();
    let again = store.import(points()).unwrap();

    assert_eq!((first.added, first.known, first.series), (201, 0, 2));
    assert_eq!((again.added, again.known), (0, 201));
    let filter = SeriesFilter::new(&["a".to_owned()], &[], None).unwrap();
    let series = store.series(&filter).unwrap();
    assert_eq!((series[0].points, series[0].last_ms), (101, 99));
    let last = store.points(series[0].id, Some(2)).unwrap();
    assert_eq!(
        (last[0].time_ms, last[1].time_ms, last[1].value),
        (98, 99, 99.0)
    );
    let all = store.series(&SeriesFilter::default()).unwrap();
    let samples: Vec<_> = all
        .iter()
        .flat_map(|one| store.imported_samples(one.id).unwrap())
        .collect();
    assert_eq!(samples.len(), 1);
    assert_eq!(samples[0].1, [1.0, 0.1 + 0.2]);
}

#[test]
fn parts_cover_every_series_once() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    let names: Vec<String> = (0..17).map(|i| format!("s{i}")).collect();
    store
        .import(
            names
                .iter()
                .flat_map(|name| (0..10).map(move |t| imported(name, t, 1.0))),
        )
        .unwrap();

    let parts = store.parts(4).unwrap();

    assert!((2..=4).contains(&parts.len()), "{parts:?}");
    let (mut seen, mut points) = (Vec::new(), 0);
    for part in parts {
        let work = |series: &SeriesRow, all: &[PointRow]| {
            seen.push(series.id);
            points += all.len();
        };
        store
            .for_each_series(part, &SeriesFilter::default(), work)
            .unwrap();
    }
    assert_eq!(seen, (1..=17).collect::<Vec<i64>>());
    assert_eq!(points, 170);
}

#[test]
fn one_alert_is_alive_at_a_time_and_keeps_its_beginning() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    let mut alert = Alert {
        id: 0,
        case: "c".to_owned(),
        metric: "time".to_owned(),
        machine: "m".to_owned(),
        kind: AlertKind::Regression,
        severity: Severity::Warning,
        state: AlertState::Opened,
        rule: "r".to_owned(),
        opened_run: "first".to_owned(),
        opened: "2026-11-21T04:00:00Z".to_owned(),
        last_run: "first".to_owned(),
        updated: "2026-11-21T04:00:00Z".to_owned(),
        runs: 1,
        value: 2.0,
        reference: 1.0,
        sentence: "slower".to_owned(),
        reason: None,
    };

    let id = store.put_alert(&alert).unwrap();
    alert.opened_run = "second".to_owned();
    let same = store.put_alert(&alert).unwrap();
    let alive = store.alerts(true).unwrap();
    alert = alive[0].clone();
    alert.state = AlertState::Accepted;
    alert.reason = Some("meant to be".to_owned());
    store.put_alert(&alert).unwrap();

    assert_eq!(
        (id, alive.len(), alive[0].opened_run.as_str()),
        (same, 1, "first")
    );
    assert!(store.alerts(true).unwrap().is_empty());
    assert_eq!(store.alerts(false).unwrap(), [alert]);
}

#[test]
fn compacting_drops_points_their_runs_and_samples_and_gives_space_back() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    for hour in 0..20 {
        let mut one = run(
            &format!("run-{hour:02}"),
            &format!("2026-11-20T{hour:02}:00:00Z"),
        );
        put(&mut store, &mut one, vec![result("x", 1.0)]);
    }
    store
        .import((0..200_000).map(|time| imported("i", time, 1.0)))
        .unwrap();
    let policy = Retention {
        points: Keep::Last(3),
        drop_samples_after: Some(Duration::from_secs(3600)),
    };
    let now = write::to_ms("2026-11-20T19:30:00Z");

    let counted = store.compact_at(&policy, true, now).unwrap();
    let done = store.compact_at(&policy, false, now).unwrap();

    assert_eq!((done.points, done.runs), (199_997 + 17, 17));
    assert_eq!((counted.points, counted.runs), (done.points, done.runs));
    assert!(counted.samples >= done.samples && done.samples == 2);
    assert!(done.bytes_after < done.bytes_before / 4, "{done:?}");
    assert_eq!(fs::metadata(&path).unwrap().len(), done.bytes_after);
    assert!(
        store.run("run-17").unwrap().cases[0].measurements[0]
            .samples
            .is_empty()
    );
    assert!(
        !store.run("last").unwrap().cases[0].measurements[0]
            .samples
            .is_empty()
    );
    assert_eq!(store.runs(None).unwrap().len(), 3);
    assert!(store.integrity().unwrap().is_ok());
}

#[test]
fn a_backup_is_whole_and_a_restore_keeps_what_was_there() {
    let (folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    put(
        &mut store,
        &mut run("a", "2026-11-21T04:00:00Z"),
        vec![result("x", 1.0)],
    );
    let backup = folder.path().join("backup.db");
    store.backup(&backup).unwrap();
    put(
        &mut store,
        &mut run("b", "2026-11-21T05:00:00Z"),
        vec![result("x", 1.0)],
    );

    let again = store.backup(&backup).unwrap_err();
    let open = Store::restore(&path, &backup).unwrap_err();
    drop(store);
    let aside = Store::restore(&path, &backup).unwrap().unwrap();

    assert!(matches!(again, StoreError::Exists { .. }), "{again}");
    assert!(matches!(open, StoreError::InUse { .. }), "{open}");
    assert_eq!(
        Store::open_existing(&path)
            .unwrap()
            .runs(None)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        Store::open_existing(&aside)
            .unwrap()
            .runs(None)
            .unwrap()
            .len(),
        2
    );
    fs::write(
        folder.path().join("bad.db"),
        "not a database at all, and long enough to be read",
    )
    .unwrap();
    let bad = Store::restore(&path, &folder.path().join("bad.db")).unwrap_err();
    assert!(matches!(bad, StoreError::BadBackup { .. }), "{bad}");
    assert!(path.with_file_name("history.db").exists());
}
