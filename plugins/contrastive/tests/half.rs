//! `training` in half precision as its user sees it: it keeps the loss, overflows are skipped and recovered from.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::{Report, bench};
use contrastive::Training;

const SMALL: &str = "batch = 8\nwindow = 64\noutput = 16";

fn train(params: &str, steps: u64) -> Report {
    bench::<Training>()
        .params(format!("{SMALL}\n{params}"))
        .iterations(steps)
        .run()
        .unwrap_or_else(|failure| panic!("{params}: {failure}"))
}

/// Mean loss of steps 41 to 50, in nats.
fn loss(params: &str) -> f64 {
    train(params, 50).metric("loss-50").expect("fifty steps")
}

#[test]
fn fifty_steps_end_at_the_loss_of_f32_whatever_the_products_are_in() {
    let plain = loss("implementation = 'candle'");

    for (case, largest) in [
        // The first steps overflow and are skipped, so that fewer than fifty have changed the weights.
        ("implementation = 'candle'\ndtype = 'f16'", 0.05),
        ("implementation = 'candle'\ndtype = 'bf16'", 0.02),
        ("implementation = 'fused'\ndtype = 'bf16'", 0.02),
    ] {
        let difference = loss(case) - plain;
        assert!(
            difference.abs() <= largest * plain.max(1.0),
            "{case}: {plain} and {difference} more"
        );
    }
}

#[test]
fn every_loss_and_encoder_is_verified_in_half_precision() {
    for case in [
        "encoder = 'medium'\nloss = 'simclr'",
        "loss = 'symmetric'\noptimizer = 'adamw'\nweight-decay = 0.01",
        "loss = 'supcon'\nrepeat-ids = true",
    ] {
        for rest in [
            "implementation = 'candle'\ndtype = 'f16'",
            "implementation = 'candle'\ndtype = 'bf16'",
            "implementation = 'fused'\ndtype = 'bf16'",
        ] {
            train(&format!("{case}\n{rest}"), 3);
        }
    }
}

#[test]
fn an_overflow_skips_its_step_halves_the_scale_and_is_recovered_from() {
    let params = "implementation = 'candle'\ndtype = 'f16'\n";

    let usual = train(params, 60);
    // 2⁴⁰: half of it often enough is a scale at which no gradient overflows.
    let huge = train(&format!("{params}initial-loss-scale = 1099511627776.0"), 60);

    for (report, power) in [(&usual, 16), (&huge, 40)] {
        let skipped = report.metric("skipped-steps").expect("a count");
        let scale = 2f64.powi(power - skipped as i32);
        assert_eq!(
            report.metric("loss-scale"),
            Some(scale),
            "{skipped} were skipped"
        );
        // From the largest number of f16 on nothing fits any more; the first scale that fits is kept.
        assert!((1.0..65536.0).contains(&scale), "{scale}");
    }
    let (first, after) = (train(params, 1).metric("loss"), huge.metric("loss"));
    assert!(after < first, "{after:?} after {first:?}");
}

#[test]
fn a_scale_is_told_of_f16_only() {
    for dtype in ["f32", "bf16"] {
        for implementation in ["candle", "fused"] {
            let params = format!("implementation = '{implementation}'\ndtype = '{dtype}'");
            let report = train(&params, 2);

            assert_eq!(report.metric("loss-scale"), None, "{params}");
            assert_eq!(report.metric("skipped-steps"), None, "{params}");
        }
    }
}

#[test]
fn what_cannot_work_is_refused_with_a_sentence() {
    for (params, code, sentence) in [
        (
            "dtype = 'f16'",
            status::UNSUPPORTED,
            "implementation = \"fused\" has no products in f16; use dtype = \"bf16\", or implementation = \"candle\"",
        ),
        (
            "initial-loss-scale = 0.5",
            status::CONFIG,
            "initial-loss-scale is 0.5, expected 1 to 1e30",
        ),
        (
            "dtype = 'int8'",
            status::CONFIG,
            "dtype is \"int8\", expected \"f32\", \"f16\" or \"bf16\"",
        ),
    ] {
        let failure = bench::<Training>().params(params).run().unwrap_err();

        assert_eq!((failure.code, failure.message.as_str()), (code, sentence));
    }
}
