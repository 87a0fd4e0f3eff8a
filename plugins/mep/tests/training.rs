//! `training` as its user sees it: it learns, repeats with the seed, refuses what cannot work.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::{Bench, Failure, bench};
use mep::Training;

const SMALL: &str = "train = 160\ntest = 200\nhidden = [24]\nbatch = 16\n";

fn training(params: &str) -> Bench<Training> {
    bench::<Training>().params(format!("{SMALL}{params}"))
}

fn refused(params: &str) -> Failure {
    bench::<Training>()
        .params(params)
        .run()
        .expect_err("must be refused")
}

#[test]
fn every_optimiser_learns_the_subset_and_is_proved() {
    for (optimizer, least) in [
        ("smep", 0.4),
        ("sdmep", 0.4),
        ("eqprop", 0.2),
        ("local_ep", 0.4),
        ("natural_ep", 0.2),
        ("muon", 0.4),
        ("sgd", 0.4),
        ("adam", 0.2),
        ("adamw", 0.2),
    ] {
        let report = training(&format!("optimizer = '{optimizer}'\nepochs = 2"))
            .run()
            .unwrap_or_else(|error| panic!("{optimizer}: {error}"));

        let accuracy = report.metric("accuracy").unwrap();
        assert!(accuracy > least, "{optimizer}: {accuracy} (seed 42)");
        assert!(
            report.metric("train-accuracy").unwrap() > least,
            "{optimizer}"
        );
        assert!(report.work.flop > 0.0);
    }
}

#[test]
fn stock_candle_reaches_what_the_fused_passes_reach() {
    for optimizer in ["sgd", "adam", "adamw"] {
        let accuracy = |implementation| {
            let params = format!("optimizer = '{optimizer}'\nimplementation = '{implementation}'");
            training(&params).run().unwrap().metric("accuracy").unwrap()
        };

        let (fused, candle) = (accuracy("fused"), accuracy("candle"));

        assert!(
            (fused - candle).abs() <= 0.02,
            "{optimizer}: {fused} {candle}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_weights_and_the_free_phase_changes_no_bit() {
    let digest = |seed, params: &str| training(params).seed(seed).run().unwrap().digest;

    let once = digest(1, "");

    assert_eq!(once, digest(1, ""));
    assert_ne!(once, digest(2, ""));
    assert_eq!(once, digest(1, "free-phase = 'run'"));
}

#[test]
fn quality_is_told_once_every_seed_had_its_turn() {
    let run = |iterations| training("seeds = 3").iterations(iterations).run().unwrap();

    // The first training is done in `setup`.
    let (early, whole) = (run(1), run(2));

    assert_eq!(early.metric("accuracy"), None);
    let (mean, worst) = (
        whole.metric("accuracy").unwrap(),
        whole.metric("accuracy-worst").unwrap(),
    );
    assert!(worst <= mean && whole.metric("accuracy-deviation").unwrap() > 0.0);
    assert_eq!(run(5).metric("accuracy"), Some(mean));
}

#[test]
fn phases_and_settling_are_reported() {
    let report = training("").run().unwrap();

    for phase in ["prepare", "forward", "settle", "backward", "optimizer"] {
        assert!(
            report
                .metric(&format!("time.{phase}"))
                .is_some_and(|ns| ns > 0.0),
            "{phase}"
        );
    }
    let steps = report.metric("settle-steps").unwrap();
    assert!((3.0..=30.0).contains(&steps), "{steps}");
    let fixed = training("settle-tolerance = 0.0").run().unwrap();
    assert_eq!(fixed.metric("settle-steps"), Some(30.0));
}

#[test]
fn work_of_backprop_is_that_of_the_layers_and_of_settling_that_of_its_steps() {
    let flop = |params: &str| training(params).run().unwrap().work.flop;
    let (first, second) = (2.0 * 784.0 * 24.0, 2.0 * 24.0 * 10.0);

    assert_eq!(
        flop("optimizer = 'sgd'"),
        160.0 * (2.0 * first + 3.0 * second)
    );
    let fixed_pace = |steps: u32| {
        flop(&format!(
            "settle-tolerance = 0.0\nsettle-pace = 'fixed'\nsettle-steps = {steps}"
        ))
    };
    // A fixed pace refuses no step: each takes a look and a pull.
    let more = fixed_pace(30) - fixed_pace(20);
    assert_eq!(more, 160.0 * 10.0 * 2.0 * second);
    // The free phase is calm after three steps: four looks, three pulls, and a gradient of its own.
    let free = flop("free-phase = 'run'") - flop("");
    assert_eq!(free, 160.0 * (first + second + 7.0 * second));
    let fixed = |steps: u32| {
        flop(&format!(
            "settle-tolerance = 0.0\nnewton-schulz-steps = {steps}"
        ))
    };
    let updates = fixed(5) - fixed(0);
    // 10 steps: the small side squared with the large one, twice, and twelve products of the small side.
    let matrix = |small: f64, large: f64| 2.0 * small * small * (2.0 * large + 12.0 * small);
    assert_eq!(updates, 10.0 * (matrix(24.0, 784.0) + matrix(10.0, 24.0)));
}

#[test]
fn every_bad_parameter_has_its_sentence() {
    for (params, sentence) in [
        ("epochs = 0", "epochs is 0, expected 1 to 10000"),
        ("seeds = 101", "seeds is 101, expected 1 to 100"),
        ("batch = 0", "batch is 0, expected 1 to 65536"),
        ("hidden = []", "hidden has 0 widths, expected 1 to 16"),
        (
            "hidden = [128, 0]",
            "a width of hidden is 0, expected 1 to 8192",
        ),
        (
            "test = 501",
            "test is 501, but \"subset\" has 500 such images; use fewer, or 0 for all",
        ),
        ("beta = 0.0", "beta is 0, expected 0.001 to 1000"),
        ("momentum = 1.0", "momentum is 1, expected 0 to 0.9999"),
        (
            "optimizer = 'adam'\nbeta = 0.5",
            "beta is set, but adam does not use it",
        ),
        (
            "optimizer = 'adam'\nmomentum = 0.5",
            "momentum is set, but adam does not use it",
        ),
        (
            "optimizer = 'sgd'\nfree-phase = 'run'",
            "free-phase is set, but sgd does not use it",
        ),
        (
            "optimizer = 'muon'\nsettle-pace = 'fixed'",
            "settle-pace is set, but muon does not use it",
        ),
        (
            "rank-share = 0.5",
            "rank-share is set, but smep does not use it",
        ),
        (
            "implementation = 'candle'",
            "implementation = \"candle\" is there for sgd, adam and adamw, not for smep",
        ),
        (
            "data = 'nowhere'",
            "data is \"nowhere\", expected \"subset\", \"mnist\", \"fashion-mnist\" or a folder with \
             train-images-idx3-ubyte or train-images-idx3-ubyte.gz",
        ),
    ] {
        let failure = refused(params);
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
    for (params, named) in [
        ("optimizer = 'lamb'", "expected one of"),
        ("colour = 'red'", "unknown parameter `colour`"),
        ("normalise = 'none'", "expected one of"),
    ] {
        let failure = refused(params);
        assert_eq!(failure.code, status::CONFIG);
        assert!(failure.message.contains(named), "{}", failure.message);
    }
    let tpu = bench::<Training>().device("tpu").run().unwrap_err();
    assert_eq!(
        tpu.message,
        "device is \"tpu\", expected \"cpu\", \"cuda\" or \"cuda:N\""
    );
}

/// The first thousand of full MNIST are the subset's; the file lies where `BENCHHOST_DATA` says.
#[test]
fn full_mnist_begins_with_the_subset() {
    let small = |data: &str| training(&format!("data = '{data}'")).run();
    let failure = match small("mnist") {
        Ok(report) => {
            assert_eq!(report.digest, small("subset").unwrap().digest);
            return;
        }
        Err(failure) => failure,
    };
    assert_eq!(failure.code, status::UNSUPPORTED, "{failure}");
    eprintln!("skipped: {}", failure.message);
}

/// Energies of 10²⁰ have no differences left that could prove a gradient; that is no mistake of the gradient.
#[test]
fn a_training_that_has_run_away_is_not_told_that_its_gradients_are_wrong() {
    let run = bench::<Training>()
        .params("optimizer = 'smep'\nlearning-rate = 100.0")
        .run();

    if let Err(failure) = run {
        assert!(!failure.message.contains("energy gradient"), "{failure}");
    }
}
