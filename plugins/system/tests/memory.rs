//! `triad`, `cache-ladder`, `allocate` and `leak` as their user sees them. Each run ends with the workload's own `verify`.

use benchhost_plugin_api::{Workload, abi::status};
use benchhost_testkit::{Report, bench};
use system::{Allocate, CacheLadder, Leak, Stream};

fn run<W: Workload>(params: &str, threads: u32) -> Report {
    let bench = bench::<W>().params(params).threads(threads).iterations(3);
    bench
        .run()
        .unwrap_or_else(|failure| panic!("{params}: {failure}"))
}

fn refusal<W: Workload>(params: &str, threads: u32) -> (u32, String) {
    let Err(failure) = bench::<W>().params(params).threads(threads).run() else {
        panic!("{params} was accepted");
    };
    (failure.code, failure.message)
}

#[test]
fn each_kernel_is_right_with_any_number_of_threads_and_counts_as_stream_does() {
    for (kernel, arrays, flop) in [
        ("copy", 2.0, 0.0),
        ("scale", 2.0, 1.0),
        ("add", 3.0, 1.0),
        ("triad", 3.0, 2.0),
    ] {
        for threads in [1, 2, 4] {
            let report = run::<Stream>(&format!("kernel = '{kernel}'\nsize = 262144"), threads);

            assert_eq!(report.work.items, 32_768.0);
            assert_eq!(report.work.bytes, arrays * 262_144.0, "{kernel}");
            assert_eq!(report.work.flop, flop * 32_768.0, "{kernel}");
        }
    }
}

#[test]
fn a_walk_reports_its_time_by_access() {
    for size in [128, 4096, 1 << 20] {
        let report = run::<CacheLadder>(&format!("size = {size}\naccesses = 1000"), 1);

        assert_eq!(
            (report.work.items, report.work.item.as_str()),
            (1000.0, "accesses")
        );
        assert!(report.metric("ns-per-access").unwrap() > 0.0);
    }
}

#[test]
fn the_walk_is_the_same_for_a_seed_and_another_for_another() {
    let walk = |seed| {
        let bench = bench::<CacheLadder>().params("size = 65536\naccesses = 777");
        bench.seed(seed).run().unwrap().digest
    };

    assert_eq!(walk(1), walk(1));
    assert_ne!(walk(1), walk(2));
}

#[test]
fn each_pattern_of_allocation_keeps_what_was_written() {
    for (pattern, count, allocations) in [
        ("small", 500, 500.0),
        ("large", 5, 5.0),
        ("mixed", 100, 100.0),
        ("vector-growth", 3, 33.0),
    ] {
        let params = format!("pattern = '{pattern}'\ncount = {count}\nlive = 7");

        let report = run::<Allocate>(&params, 1);

        assert_eq!(report.work.items, allocations, "{pattern}");
    }
}

#[test]
fn a_leak_ends_before_it_has_taken_more_than_allowed() {
    let params = "leak-bytes = 1000\nchurn-bytes = 100\nmost-bytes = 10500";
    let bench = bench::<Leak>().params(params).iterations(1_000_000);

    // Would take 1 GB and end as a wrong answer if it went on.
    bench.run().unwrap();
}

#[test]
fn growth_is_not_judged_by_a_single_sample() {
    assert_eq!(run::<Leak>("", 1).metric("leak-suspected"), None);
}

#[test]
fn what_cannot_work_is_refused_with_a_sentence() {
    let config = |sentence: &str| (status::CONFIG, sentence.to_owned());

    assert_eq!(
        refusal::<Stream>("size = 4096", 2),
        config("size is 4096, expected 8192 to 68719476736 bytes")
    );
    assert_eq!(
        refusal::<Stream>("size = 65544", 2),
        config("size is 65544, expected a multiple of 8 bytes a thread, which is 16")
    );
    assert_eq!(
        refusal::<CacheLadder>("size = 64", 1),
        config("size is 64, expected 128 to 68719476736 bytes")
    );
    assert_eq!(
        refusal::<CacheLadder>("size = 1000", 1),
        config("size is 1000, expected a multiple of a line, which is 64")
    );
    assert_eq!(
        refusal::<Allocate>("live = 0", 1),
        config("live is 0, expected 1 to 10000000")
    );
    assert_eq!(
        refusal::<Leak>("churn-bytes = 0", 1),
        config("churn-bytes is 0, expected 1 to 1073741824 bytes")
    );
    let (code, message) = refusal::<Stream>("kernel = 'daxpy'", 1);
    assert_eq!(code, status::CONFIG);
    assert!(
        message.contains("expected one of `copy`, `scale`, `add`, `triad`"),
        "{message}"
    );
}
