//! `step` as its user sees it: every optimiser takes right steps, work is declared, batches must fit.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::{Bench, bench};
use mep::Step;

fn step(params: &str) -> Bench<Step> {
    bench::<Step>().params(format!(
        "train = 64\nhidden = [12, 8]\nbatch = 16\n{params}"
    ))
}

#[test]
fn every_optimiser_takes_steps_that_are_proved() {
    for optimizer in [
        "smep",
        "sdmep",
        "eqprop",
        "local_ep",
        "natural_ep",
        "muon",
        "sgd",
        "adam",
        "adamw",
    ] {
        let report = step(&format!("optimizer = '{optimizer}'"))
            .iterations(30)
            .run()
            .unwrap_or_else(|error| panic!("{optimizer}: {error}"));

        assert!(report.metric("loss").unwrap() > 0.0, "{optimizer}");
        assert!(
            report.metric("time.optimizer").unwrap() > 0.0,
            "{optimizer}"
        );
    }
    for optimizer in ["sgd", "adam", "adamw"] {
        step(&format!(
            "optimizer = '{optimizer}'\nimplementation = 'candle'"
        ))
        .iterations(3)
        .run()
        .unwrap_or_else(|error| panic!("{optimizer}: {error}"));
    }
}

#[test]
fn two_threads_and_no_phases_are_right_as_well() {
    for optimizer in ["smep", "adam", "muon"] {
        let report = step(&format!("optimizer = '{optimizer}'\nphases = false"))
            .threads(2)
            .iterations(5)
            .run()
            .unwrap();

        assert_eq!(report.metric("time.optimizer"), None);
    }
}

#[test]
fn work_is_that_of_a_step() {
    let work = step("optimizer = 'sgd'").run().unwrap().work;

    let (first, others) = (2.0 * 784.0 * 12.0, 2.0 * (12.0 * 8.0 + 8.0 * 10.0));
    assert_eq!(work.flop, 16.0 * (2.0 * first + 3.0 * others));
    assert_eq!((work.items, work.item.as_str()), (16.0, "samples"));
}

#[test]
fn a_batch_larger_than_the_images_is_refused() {
    let failure = step("").params("train = 10\nbatch = 11").run().unwrap_err();

    assert_eq!(
        (failure.code, failure.message.as_str()),
        (
            status::CONFIG,
            "batch is 11, but there are 10 images; use a smaller batch or more images"
        )
    );
}
