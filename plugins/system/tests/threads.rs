//! `contention` and `gemm` as their user sees them. Each run ends with the workload's own `verify`.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::bench;
use system::{Contention, Gemm};

const KINDS: [&str; 5] = ["counter", "mutex", "channel", "work-stealing", "exchange"];

#[test]
fn no_operation_is_lost_by_one_thread_or_by_more_than_there_are_cpus() {
    for kind in KINDS {
        for threads in [1, 2, 3, 8] {
            let params = format!("kind = '{kind}'\noperations = 300\nprivate = 5");
            let bench = bench::<Contention>().params(params).threads(threads);

            let report = bench.iterations(3).run();

            let report = report.unwrap_or_else(|failure| panic!("{kind}, {threads}: {failure}"));
            assert_eq!(report.work.items, 300.0 * f64::from(threads));
            let fairness = report.metric("thread-fairness").unwrap();
            assert!((0.0..=1.0).contains(&fairness), "{kind}: {fairness}");
            assert!(threads > 1 || fairness == 1.0, "{kind}: {fairness}");
        }
    }
}

#[test]
fn a_ring_of_channels_with_room_for_one_message_is_never_stuck() {
    for threads in [1, 2, 5] {
        let params = "kind = 'channel'\noperations = 500\ncapacity = 1";
        let bench = bench::<Contention>().params(params).threads(threads);

        bench.iterations(2).run().unwrap();
    }
}

#[test]
fn products_are_proved_in_both_types_and_any_shape_of_team() {
    for (dtype, bytes) in [("f32", 4.0), ("f64", 8.0)] {
        for (n, threads) in [(1, 1), (7, 2), (129, 1), (160, 2)] {
            let params = format!("n = {n}\ndtype = '{dtype}'");
            let report = bench::<Gemm>().params(&params).threads(threads).run();

            let report = report.unwrap_or_else(|failure| panic!("{params}: {failure}"));
            let n = f64::from(n);
            assert_eq!(report.work.flop, 2.0 * n * n * n);
            assert_eq!(report.work.bytes, 3.0 * n * n * bytes);
        }
    }
}

#[test]
fn what_cannot_work_is_refused_with_a_sentence() {
    for (params, sentence) in [
        (
            "operations = 0",
            "operations is 0, expected 1 to 1000000000",
        ),
        (
            "capacity = 0",
            "capacity is 0, expected 1 to 1000000 messages",
        ),
        (
            "kind = 'counter'\ncritical = 3",
            "critical means nothing to this kind, expected kind = \"mutex\" or \"exchange\"",
        ),
        (
            "kind = 'mutex'\nexchange = 3",
            "exchange means nothing to this kind, expected kind = \"exchange\"",
        ),
    ] {
        let failure = bench::<Contention>().params(params).run().unwrap_err();

        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
    let failure = bench::<Gemm>().params("n = 0").run().unwrap_err();
    assert_eq!(failure.message, "n is 0, expected 1 to 32768");
}

#[test]
fn a_gpu_that_is_not_there_is_unsupported() {
    let failure = bench::<Gemm>().device("cuda").run().unwrap_err();

    assert_eq!(failure.code, status::UNSUPPORTED);
}
