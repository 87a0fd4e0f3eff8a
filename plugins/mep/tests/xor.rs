//! `xor` as its user sees it: most seeds solve it, every optimiser is proved.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::bench;
use mep::Xor;

#[test]
fn most_seeds_solve_it_by_energy() {
    let report = bench::<Xor>()
        .params("seeds = 20")
        .iterations(19)
        .run()
        .unwrap();

    let solved = report.metric("solved").unwrap();
    let accuracy = report.metric("accuracy").unwrap();
    assert!(
        solved >= 0.6,
        "{solved} of the twenty trainings of seed 42 are right"
    );
    assert!(accuracy >= 0.75, "{accuracy}");
    assert!(report.metric("settle-steps").unwrap() > 3.0);
}

#[test]
fn every_optimiser_is_proved_and_seeds_repeat() {
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
        let run = |seed| {
            let params = format!("steps = 20\noptimizer = '{optimizer}'");
            let report = bench::<Xor>().params(params).seed(seed).iterations(2).run();
            report
                .unwrap_or_else(|error| panic!("{optimizer}: {error}"))
                .digest
        };

        assert_eq!(run(1), run(1), "{optimizer}");
        assert_ne!(run(1), run(2), "{optimizer}");
    }
}

#[test]
fn bad_parameters_have_their_sentence() {
    for (params, sentence) in [
        ("hidden = 0", "hidden is 0, expected 1 to 1024"),
        ("steps = 0", "steps is 0, expected 1 to 1000000"),
        ("seeds = 0", "seeds is 0, expected 1 to 1000"),
    ] {
        let failure = bench::<Xor>().params(params).run().unwrap_err();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
}
