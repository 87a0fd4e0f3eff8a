//! `model` as its user sees it. Each run ends with `verify`, which compares with plain f64 arithmetic.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::bench;
use contrastive::Model;

#[test]
fn every_pass_of_every_encoder_agrees_with_its_reference() {
    for implementation in ["fused", "candle"] {
        let implementation = format!("implementation = '{implementation}'");
        for encoder in ["simple", "medium", "complex", "deep"] {
            for pass in ["forward", "backward"] {
                let params = format!(
                    "{implementation}\nencoder = '{encoder}'\npass = '{pass}'\nbatch = 3\nwindow = 20\nchannels = 2\noutput = 8"
                );
                bench::<Model>()
                    .params(&params)
                    .run()
                    .unwrap_or_else(|e| panic!("{params}: {e}"));
            }
        }
        bench::<Model>()
            .params(format!("{implementation}\npass = 'infonce'\nbatch = 32"))
            .iterations(2)
            .run()
            .unwrap();
    }
}

#[test]
fn half_precision_agrees_within_its_roundings() {
    // Factors of `fused` are rounded on their way into a product, its weights stay in f32.
    for (implementation, dtype, bytes) in [
        ("candle", "f16", 2.0),
        ("candle", "bf16", 2.0),
        ("fused", "bf16", 4.0),
    ] {
        for pass in ["forward", "backward"] {
            let params = format!(
                "implementation = '{implementation}'\ndtype = '{dtype}'\npass = '{pass}'\nbatch = 4\nwindow = 64\noutput = 16"
            );
            let report = bench::<Model>()
                .params(&params)
                .run()
                .unwrap_or_else(|e| panic!("{params}: {e}"));

            let parameters = report.metric("parameters").unwrap();
            assert_eq!(report.metric("model-bytes"), Some(bytes * parameters));
        }
    }
}

#[test]
fn parameters_bytes_and_work_are_those_of_the_layers() {
    let report = bench::<Model>()
        .params("batch = 4\nwindow = 100\noutput = 10")
        .run()
        .unwrap();

    let parameters = (100 * 256 + 256 + 256 * 10 + 10) as f64;
    assert_eq!(report.metric("parameters"), Some(parameters));
    assert_eq!(report.metric("model-bytes"), Some(4.0 * parameters));
    assert_eq!(report.work.flop, 2.0 * 4.0 * (100.0 * 256.0 + 256.0 * 10.0));
}

#[test]
fn what_cannot_work_is_refused() {
    for (params, sentence) in [
        ("batch = 0", "batch is 0, expected at least 1"),
        (
            "pass = 'infonce'\nbatch = 1",
            "batch is 1, expected at least 2: a pair needs a negative",
        ),
        (
            "dtype = 'int8'",
            "dtype is \"int8\", expected \"f32\", \"f16\" or \"bf16\"",
        ),
    ] {
        let failure = bench::<Model>().params(params).run().unwrap_err();

        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
    for (params, sentence) in [
        (
            "pass = 'infonce'\ndtype = 'f16'",
            "the loss is computed in f32",
        ),
        (
            "dtype = 'f16'",
            "implementation = \"fused\" has no products in f16",
        ),
    ] {
        let half = bench::<Model>().params(params).run().unwrap_err();

        assert_eq!(half.code, status::UNSUPPORTED);
        assert!(half.message.starts_with(sentence), "{}", half.message);
    }
}
