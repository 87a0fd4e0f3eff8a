//! `loopback` as its user sees it. Each run ends with the workload's own `verify`.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::bench;
use system::Loopback;

#[test]
fn messages_of_any_size_come_back() {
    for message in [1, 64, 1 << 20] {
        let bench = bench::<Loopback>().params(format!("message = {message}"));

        let report = bench.threads(2).iterations(20).run().unwrap();

        assert_eq!(report.work.bytes, 2.0 * f64::from(message));
        assert!(report.log.is_empty(), "{:?}", report.log);
    }
}

#[test]
fn all_bytes_of_a_throughput_test_arrive() {
    for (message, total, messages) in [
        (1, 100, 100.0),
        (65_536, 1 << 22, 64.0),
        (3_000_000, 3_000_000, 1.0),
    ] {
        let params = format!("operation = 'throughput'\nmessage = {message}\ntotal = {total}");

        let report = bench::<Loopback>()
            .params(params)
            .threads(2)
            .iterations(3)
            .run()
            .unwrap();

        assert_eq!(report.work.bytes, f64::from(total));
        assert_eq!(report.work.items, messages);
    }
}

#[test]
fn one_thread_for_two_ends_is_said() {
    let report = bench::<Loopback>().run().unwrap();

    assert!(report.log[0].contains("share one CPU"), "{:?}", report.log);
}

#[test]
fn what_cannot_work_is_refused_with_a_sentence() {
    for (params, sentence) in [
        ("message = 0", "message is 0, expected 1 to 16777216 bytes"),
        (
            "operation = 'throughput'\nmessage = 7\ntotal = 100",
            "total is 100, expected a multiple of message, which is 7",
        ),
    ] {
        let failure = bench::<Loopback>().params(params).run().unwrap_err();

        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
}
