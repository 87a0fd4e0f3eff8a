//! `vlm` as its user sees it. Each run ends with `verify`, which compares with plain f64 arithmetic.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::{Bench, bench};
use inference::Vlm;

fn vlm(params: &str) -> Bench<Vlm> {
    bench::<Vlm>().params(params)
}

#[test]
fn both_implementations_agree_with_f64_for_any_text() {
    for params in [
        "",
        "implementation = 'candle'",
        "tokens = 1",
        "tokens = 32",
        "tokens = 7\nimplementation = 'candle'",
    ] {
        let report = vlm(params).seed(3).iterations(2).run();
        let report = report.unwrap_or_else(|failure| panic!("{params}: {failure}"));

        assert_eq!(report.metric("parameters"), Some(315_553.0));
    }
}

#[test]
fn work_is_that_of_the_convolutions_and_the_layers() {
    let work = vlm("").run().unwrap().work;

    let convolutions = 4096.0 * 27.0 * 32.0 + 1024.0 * 288.0 * 64.0 + 256.0 * 576.0 * 128.0;
    let text = 2.0 * 16.0 * (4.0 * 64.0 * 64.0 + 2.0 * 64.0 * 256.0 + 2.0 * 16.0 * 64.0);
    // Visual, queries, output; text projected, keys, values; scores and their sums.
    let cross = 16.0 * (3.0 * 16384.0 + 8192.0 + 2.0 * 16384.0 + 2.0 * 16.0 * 128.0);
    let head = 192.0 * 64.0 + 64.0;
    assert_eq!(work.flop, 2.0 * (convolutions + text + cross + head));
    assert_eq!((work.items, work.item.as_str()), (1.0, "images"));
}

#[test]
fn every_bad_parameter_has_its_sentence() {
    for (params, sentence) in [
        ("tokens = 0", "tokens is 0, expected 1 to 32"),
        ("tokens = 33", "tokens is 33, expected 1 to 32"),
    ] {
        let failure = vlm(params).run().unwrap_err();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
}
