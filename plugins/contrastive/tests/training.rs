//! `training` as its user sees it: it learns from real recordings, repeats with the seed, refuses what cannot work.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::{Bench, Failure, Phase, bench};
use contrastive::Training;

const SMALL: &str = "batch = 8\nwindow = 64\noutput = 16\n";

fn training(params: &str) -> Bench<Training> {
    bench::<Training>().params(format!("{SMALL}{params}"))
}

fn refused(params: &str) -> Failure {
    bench::<Training>()
        .params(params)
        .run()
        .expect_err("must be refused")
}

/// With the default parameters on `signals`, the first loss is near that of a guess, and 150 steps lower it.
///
/// Near: within 20 % and the 1.3 nat by which a mean over 16 rows scatters (README, "What is proved").
fn assert_learns(signals: &str) {
    let run = |steps| {
        let params = format!("signals = '{signals}'");
        let report = bench::<Training>().params(params).iterations(steps).run();
        report
            .expect("a case that can be run")
            .metric("loss")
            .expect("a loss")
    };

    let (first, mean) = (run(1), run(150));

    let chance = 16f64.ln();
    let near = (0.8 * chance..1.2 * chance + 1.3).contains(&first);
    assert!(near, "first loss {first}, a guess has {chance}");
    assert!(
        mean < 0.9 * first,
        "first loss {first}, mean of 150 steps {mean}"
    );
}

#[test]
fn on_real_recordings_the_loss_starts_near_chance_and_falls() {
    assert_learns("ground-motion");
}

#[test]
fn on_noise_the_first_loss_is_within_a_fifth_of_chance() {
    let params =
        "signals = 'simple'\nids = 64\nlength = 512\nbatch = 64\nwindow = 64\noutput = 512";
    for seed in 0..5 {
        let report = bench::<Training>().params(params).seed(seed).run().unwrap();

        let loss = report.metric("loss").unwrap();
        assert!(
            (loss / 64f64.ln() - 1.0).abs() <= 0.2,
            "seed {seed}: {loss}"
        );
    }
}

#[test]
fn every_encoder_loss_optimizer_and_strategy_takes_steps_and_is_verified() {
    let cases = [
        "encoder = 'medium'",
        "encoder = 'complex'",
        "encoder = 'deep'",
        "loss = 'symmetric'",
        "loss = 'simclr'",
        "loss = 'supcon'",
        "optimizer = 'adamw'\nweight-decay = 0.01",
        "strategy = 'sequential'",
        "strategy = 'evenly_spaced'",
        "channels = 3",
        "normalise = 'none'",
        "signals = 'medium'",
        "signals = 'complex'",
    ];
    for case in cases {
        let report = training(case)
            .iterations(3)
            .run()
            .unwrap_or_else(|error| panic!("{case}: {error}"));

        for metric in [
            "time.prepare",
            "time.forward",
            "time.loss",
            "time.backward",
            "time.optimizer",
        ] {
            assert!(
                report.metric(metric).is_some_and(|ns| ns > 0.0),
                "{case}: {metric}"
            );
        }
        assert!(
            (0.0..=1.0).contains(&report.metric("accuracy").unwrap()),
            "{case}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_losses_dropout_included() {
    let digest = |seed| {
        training("encoder = 'medium'")
            .seed(seed)
            .iterations(5)
            .run()
            .unwrap()
            .digest
    };

    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn work_is_that_of_both_views_without_the_gradient_of_the_data() {
    let work = training("").run().unwrap().work;

    let (first, second) = (2.0 * 16.0 * 64.0 * 256.0, 2.0 * 16.0 * 256.0 * 16.0);
    let loss = 2.0 * 8.0 * 8.0 * 16.0;
    assert_eq!(work.flop, 2.0 * first + 3.0 * second + 3.0 * loss);
    assert_eq!((work.items, work.item.as_str()), (8.0, "samples"));
}

#[test]
fn epochs_end_the_case_and_their_time_is_reported_only_when_one_is_whole() {
    let whole = training("pairs = 20\nepochs = 2")
        .iterations(100)
        .run()
        .unwrap();
    let part = training("pairs = 20").iterations(2).run().unwrap();

    // ⌈20/8⌉ = 3 steps an epoch.
    assert_eq!(whole.metric("epoch"), Some(2.0));
    assert!(whole.metric("epoch-time").is_some_and(|ns| ns > 0.0));
    assert_eq!(part.metric("epoch"), Some(0.0));
    assert_eq!(part.metric("epoch-time"), None);
}

#[test]
fn a_batch_larger_than_the_ids_needs_leave_to_repeat_them() {
    let failure = refused("batch = 64\nwindow = 2048");

    assert_eq!(
        (failure.phase, failure.code),
        (Phase::Setup, status::CONFIG)
    );
    assert_eq!(
        failure.message,
        "batch = 64 is larger than the 19 IDs of ground-motion; use a smaller batch or repeat-ids = true (which \
         needs 2 IDs)"
    );
    for loss in ["infonce", "symmetric", "simclr", "supcon"] {
        let params =
            format!("batch = 24\nwindow = 64\noutput = 16\nrepeat-ids = true\nloss = '{loss}'");
        bench::<Training>()
            .params(params)
            .iterations(3)
            .run()
            .unwrap();
    }
}

#[test]
fn an_id_shorter_than_its_windows_is_left_out_and_said() {
    let report = bench::<Training>()
        .params("batch = 4\nwindow = 4000\noutput = 16")
        .run()
        .unwrap();

    let line = report
        .log
        .iter()
        .find(|line| line.starts_with("left out of ground-motion: "));
    assert!(
        line.unwrap()
            .contains("`MBBE` has 3675 samples, too few for two windows of 4000")
    );
    let failure = refused("window = 120000");
    assert_eq!(
        failure.message,
        "no ID of ground-motion has two windows of 120000 samples: the longest, `HUDDLE_STS2`, has 120000 samples"
    );
}

#[test]
fn every_bad_parameter_has_its_sentence() {
    for (params, sentence) in [
        (
            "batch = 1",
            "batch is 1, expected at least 2: a pair needs a negative",
        ),
        ("window = 0", "window is 0, expected at least 1"),
        (
            "temperature = 0.0",
            "temperature is 0, expected 0.001 to 1000",
        ),
        (
            "learning-rate = -1.0",
            "learning-rate is -1, expected a number above 0",
        ),
        (
            "weight-decay = -1.0",
            "weight-decay is -1, expected 0 or more",
        ),
        (
            "signals = 'no/such.h5'",
            "signals file no/such.h5 does not exist",
        ),
        (
            "dtype = 'f64'",
            "dtype is \"f64\", expected \"f32\", \"f16\" or \"bf16\"",
        ),
        (
            "signals = 'simple'\nlength = 0",
            "length is 0, expected at least 1",
        ),
    ] {
        let failure = refused(params);
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
    for (params, named) in [
        ("implementation = 'torch'", "expected `fused` or `candle`"),
        (
            "encoder = 'huge'",
            "expected one of `simple`, `medium`, `complex`, `deep`",
        ),
        ("colour = 'red'", "unknown parameter `colour`"),
    ] {
        let failure = refused(params);
        assert_eq!(failure.code, status::CONFIG);
        assert!(failure.message.contains(named), "{}", failure.message);
    }
}

#[test]
fn an_unknown_device_is_refused() {
    let failure = bench::<Training>().device("tpu").run().unwrap_err();

    assert_eq!(failure.code, status::CONFIG);
    assert_eq!(
        failure.message,
        "device is \"tpu\", expected \"cpu\", \"cuda\" or \"cuda:N\""
    );
}

/// Real bearings; not in the repository. `BENCHHOST_DATA` names the folder that has them under `signals/`.
#[test]
fn on_real_bearings_the_loss_starts_near_chance_and_falls() {
    let name = "cwru_16x40000x3_f32.h5";
    let Some(folder) = std::env::var_os("BENCHHOST_DATA") else {
        eprintln!("skipped: {name} is absent because BENCHHOST_DATA is not set");
        return;
    };
    let path = std::path::Path::new(&folder).join("signals").join(name);
    if !path.is_file() {
        eprintln!("skipped: {} is absent", path.display());
        return;
    }
    assert_learns(&path.display().to_string());
}
