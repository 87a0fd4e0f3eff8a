//! `classify` as its user sees it. What needs EfficientNet-Lite0 says so where it is absent.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::{Bench, bench};
use inference::Classify;

fn classify(params: &str) -> Bench<Classify> {
    bench::<Classify>().params(params)
}

#[test]
fn the_photos_are_a_cat_an_espresso_and_a_missile() {
    let report = match classify("batch = 3").threads(2).run() {
        Err(failure) if failure.code == status::UNSUPPORTED => {
            eprintln!("nothing is tested: {}", failure.message);
            return;
        }
        report => report.unwrap_or_else(|failure| panic!("{failure}")),
    };

    assert_eq!(
        (report.work.items, report.work.item.as_str()),
        (3.0, "images")
    );
    assert_eq!(report.metric("parameters"), Some(4_652_008.0));
    // Published: 407 million products; without those of the padding and of the normalisations there are fewer.
    let products = report.work.flop / 3.0 / 2e6;
    assert!((380.0..407.0).contains(&products), "{products}");
}

#[test]
fn every_bad_parameter_has_its_sentence() {
    for (params, sentence) in [
        ("batch = 0", "batch is 0, expected 1 to 1024"),
        ("batch = 1025", "batch is 1025, expected 1 to 1024"),
        ("model = '/nowhere/model'", "/nowhere/model is not a file"),
    ] {
        let failure = classify(params).run().unwrap_err();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
}
