//! Formats whose fixtures are written after their documents.

use benchhost_exchange::{Entry, Format, SourceFile, candidates, detect};
use benchhost_record::{Direction, MetricKind};

use crate::fixture::{import_file, import_text, text};

fn find<'a>(entries: &'a [Entry], case: &str, metric: &str) -> &'a Entry {
    let found = entries
        .iter()
        .find(|entry| entry.case == case && entry.metric == metric);
    found.unwrap_or_else(|| panic!("{case} {metric} not in {entries:#?}"))
}

#[test]
fn go_lines_of_one_name_are_samples() {
    let found = import_file(Format::Go, "go/bench.txt");

    let time = find(
        &found.entries,
        "example.com/sort.BenchmarkSort/n=64",
        "time",
    );
    assert_eq!(time.samples, [1.04e-6, 1.06e-6, 1.05e-6]);
    assert_eq!(
        (time.value, time.n, time.unit.as_str()),
        (Some(1.05e-6), 3, "s")
    );
    assert_eq!(time.labels["procs"], "8");
    assert_eq!(time.labels["cpu"], "AMD EPYC");
    let rate = find(
        &found.entries,
        "example.com/sort.BenchmarkSort/n=64",
        "throughput",
    );
    assert_eq!(
        (rate.value, rate.direction),
        (Some(60.95e6), Direction::Higher)
    );
    let custom = find(
        &found.entries,
        "example.com/sort.BenchmarkSort/n=512",
        "ns/GC",
    );
    assert_eq!(
        (custom.value, custom.direction),
        (Some(300.0), Direction::Lower)
    );
    let hits = find(
        &found.entries,
        "example.com/sort.BenchmarkSort/n=512",
        "hits/op",
    );
    assert_eq!(
        (hits.value, hits.direction),
        (Some(0.25), Direction::Neither)
    );
    find(
        &found.entries,
        "example.com/sort.BenchmarkScale?procs=1",
        "time",
    );
    find(
        &found.entries,
        "example.com/sort.BenchmarkScale?procs=2",
        "time",
    );
    find(&found.entries, "example.com/hash.BenchmarkHash", "time");
    assert_eq!(found.entries.len(), 10);
    assert_eq!(found.skipped.len(), 1);
    assert_eq!(found.skipped[0].place, "go/bench.txt:12");
}

#[test]
fn jmh_modes_give_the_direction() {
    let found = import_file(Format::Jmh, "jmh/result.json");

    let case = "org.example.Sort.run?kind=quick%20sort&size=1000";
    let time = find(&found.entries, case, "time");
    assert_eq!(
        (time.value, time.interval),
        (Some(12.5e-6), Some((11.75e-6, 13.25e-6)))
    );
    assert_eq!((time.n, time.direction), (6, Direction::Lower));
    let rate = find(&found.entries, case, "throughput");
    assert_eq!(
        (rate.value, rate.unit.as_str(), rate.direction),
        (Some(80.25), "ops/ms", Direction::Higher)
    );
    assert_eq!(rate.interval, None);
    let sampled = find(&found.entries, case, "time.sample");
    assert_eq!((sampled.value, sampled.n), (Some(1.25e-5), 35));
    let memory = find(&found.entries, case, "gc.alloc.rate.norm");
    assert_eq!(
        (memory.value, memory.direction),
        (Some(4016.0), Direction::Neither)
    );
}

#[test]
fn data_js_is_a_history_with_a_direction_for_each_tool() {
    let found = import_file(
        Format::GithubActionBenchmark,
        "github-action-benchmark/data.js",
    );

    assert_eq!(found.entries.len(), 4);
    let rust: Vec<&Entry> = found
        .entries
        .iter()
        .filter(|e| e.case.ends_with("bench_sort"))
        .collect();
    assert_eq!(rust[0].case, "Rust Benchmark/tests::bench_sort");
    assert_eq!((rust[0].value, rust[1].value), (Some(1.5e-6), Some(1.6e-6)));
    assert_eq!(rust[0].interval, Some((1.425e-6, 1.575e-6)));
    assert_eq!(
        (rust[1].time_unix_s, rust[1].unit.as_str()),
        (Some(1_700_000_100.0), "s")
    );
    assert_eq!(
        rust[1].revision.as_deref(),
        Some("2222222222222222222222222222222222222222")
    );
    assert_eq!(rust[0].direction, Direction::Lower);
    let python = find(
        &found.entries,
        "Python Benchmark/bench.py::test_fib",
        "value",
    );
    assert_eq!(
        (python.direction, python.interval),
        (Direction::Higher, None)
    );
    assert_eq!(python.labels["range"], "stddev: 0.0001");
}

#[test]
fn custom_json_has_the_direction_it_is_imported_with() {
    let text = text("custom/smaller.json");
    let file = |path| [SourceFile { path, text: &text }];

    let smaller = import_text(Format::SmallerIsBetter, "a.json", &text).unwrap();
    let bigger = import_text(Format::BiggerIsBetter, "a.json", &text).unwrap();

    assert!(
        smaller
            .entries
            .iter()
            .all(|entry| entry.direction == Direction::Lower)
    );
    assert!(
        bigger
            .entries
            .iter()
            .all(|entry| entry.direction == Direction::Higher)
    );
    assert_eq!(smaller.entries[0].unit, "Percent");
    assert_eq!(
        (smaller.entries[1].value, smaller.entries[1].interval),
        (Some(0.1255), Some((0.1235, 0.1275)))
    );
    assert_eq!(
        (smaller.entries[2].value, smaller.entries[2].unit.as_str()),
        (Some(67_108_864.0), "B")
    );
    assert_eq!(
        detect(&file("custom/smaller.json")),
        Some(Format::SmallerIsBetter)
    );
    assert_eq!(detect(&file("bigger.json")), Some(Format::BiggerIsBetter));
    assert_eq!(detect(&file("a.json")), None);
    assert_eq!(
        candidates(&file("a.json")),
        [Format::SmallerIsBetter, Format::BiggerIsBetter]
    );
}

#[test]
fn csv_takes_numbers_and_dates_as_time() {
    let found = import_file(Format::Csv, "csv/small.csv");

    let [first, missing, odd, index] = &found.entries[..] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (first.case.as_str(), first.metric.as_str()),
        ("parse", "value")
    );
    assert_eq!(
        (first.time_unix_s, first.value),
        (Some(1_769_860_800.0), Some(1.5))
    );
    assert_eq!(
        (first.unit.as_str(), first.direction, first.kind),
        ("ms", Direction::Lower, MetricKind::Time)
    );
    assert_eq!(
        (missing.time_unix_s, missing.value),
        (Some(1_769_904_000.0), None)
    );
    assert_eq!(
        (odd.case.as_str(), odd.metric.as_str()),
        (r#"odd "name", x"#, "p95")
    );
    assert_eq!((odd.direction, odd.value), (Direction::Lower, Some(2.25)));
    assert_eq!(
        (index.time_unix_s, index.value, index.direction),
        (Some(17.0), Some(1000.0), Direction::Higher)
    );
}

#[test]
fn a_column_of_metrics_keeps_what_was_measured_of_one_case_apart() {
    let csv = "metric,series,value,unit\ntime,a::b,2,ms\nmemory,a::b,3,MB\n";

    let found = import_text(Format::Csv, "a.csv", csv).unwrap();

    assert_eq!(found.entries.len(), 2);
    assert_eq!(find(&found.entries, "a::b", "time").value, Some(2.0));
    assert_eq!(find(&found.entries, "a::b", "memory").value, Some(3.0));
}

#[test]
fn ci_metrics_are_seconds_and_bytes() {
    let found = import_file(Format::CiMetrics, "ci-metrics/ci-metrics.json");

    let facts: Vec<(&str, Option<f64>, &str, Direction)> = found
        .entries
        .iter()
        .map(|e| (e.metric.as_str(), e.value, e.unit.as_str(), e.direction))
        .collect();
    assert_eq!(
        facts,
        [
            ("avg_latency", Some(0.18725), "s", Direction::Lower),
            ("peak_memory", Some(512.5e6), "B", Direction::Lower),
            ("avg_cpu", Some(64.0), "%", Direction::Lower),
            ("total_throughput", Some(5.34), "ops/sec", Direction::Higher),
        ]
    );
    assert_eq!(found.entries[0].labels["status"], "passed");
}

#[test]
fn baselines_and_their_results_speak_of_the_same_metric() {
    let baselines =
        import_file(Format::BaselineResults, "baseline/baseline_results.json").baselines;
    let results = import_file(Format::BaselineResults, "baseline/results.json");

    assert_eq!(baselines.len(), 6);
    let smep = baselines
        .iter()
        .find(|b| b.case == "mnist_3epoch_mlp_small/smep")
        .unwrap();
    assert_eq!(
        (smep.value, smep.tolerance, smep.direction),
        (0.914, 0.03, Direction::Higher)
    );
    let found = find(
        &results.entries,
        "mnist_3epoch_mlp_small/smep",
        &smep.metric,
    );
    assert_eq!(
        (found.value, found.direction),
        (Some(0.871), Direction::Higher)
    );
    assert_eq!(
        find(&results.entries, "mnist_3epoch_mlp_small/sgd", "accuracy").value,
        None
    );
    assert_eq!(results.skipped.len(), 1);
}
