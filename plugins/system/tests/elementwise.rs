//! `elementwise` as its user sees it. Each run ends with the workload's own `verify`, of every result.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::bench;
use system::Elementwise;

#[test]
fn every_function_is_proved_in_both_implementations_with_any_number_of_threads() {
    for (op, results) in [
        ("exp", 33_000.0),
        ("gelu", 33_000.0),
        ("gelu-erf", 33_000.0),
        ("softmax", 33_000.0),
        ("logsumexp", 100.0),
    ] {
        for implementation in ["vectorised", "candle"] {
            for threads in [1, 2, 3] {
                let params = format!(
                    "op = '{op}'\nimplementation = '{implementation}'\nlength = 33000\nrows = 100"
                );
                let bench = bench::<Elementwise>().params(&params).threads(threads);

                let report = bench.iterations(2).run();

                let report = report.unwrap_or_else(|failure| panic!("{params}: {failure}"));
                assert_eq!(report.work.items, 33_000.0);
                assert_eq!(report.work.bytes, 4.0 * (33_000.0 + results), "{op}");
            }
        }
    }
}

#[test]
fn functions_without_rows_take_any_length() {
    for length in [1, 7, 4097] {
        let params = format!("op = 'gelu'\nlength = {length}");
        bench::<Elementwise>().params(params).run().unwrap();
    }
}

#[test]
fn what_cannot_work_is_refused_with_a_sentence() {
    for (params, sentence) in [
        ("length = 0", "length is 0, expected 1 to 1000000000 values"),
        ("rows = 0", "rows is 0, expected 1 to 1000000000"),
        (
            "op = 'softmax'\nlength = 1000\nrows = 3",
            "length is 1000, expected a multiple of rows, which is 3",
        ),
    ] {
        let failure = bench::<Elementwise>().params(params).run().unwrap_err();

        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
    let failure = bench::<Elementwise>()
        .params("op = 'tanh'")
        .run()
        .unwrap_err();
    assert!(
        failure
            .message
            .contains("expected one of `exp`, `gelu`, `gelu-erf`, `softmax`, `logsumexp`"),
        "{}",
        failure.message
    );
}
