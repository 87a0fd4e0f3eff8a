//! `training` as its user sees it: every iteration is the same training, and it learns.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::{Bench, Failure, bench};
use tracking::Training;

const SMALL: &str = "hidden = 32\nlayers = 3\nbatch = 8\n";

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
fn every_iteration_ends_with_the_same_bits_and_so_does_every_process_of_a_seed() {
    let digest = |seed, iterations| {
        let report = training("steps = 5")
            .seed(seed)
            .iterations(iterations)
            .run();
        report.unwrap().digest
    };

    let once = digest(1, 1);

    assert_eq!(once, digest(1, 1));
    assert_eq!(once, digest(1, 7));
    assert_ne!(once, digest(2, 1));
}

#[test]
fn the_loss_starts_near_that_of_a_guess_and_more_steps_lower_it_further() {
    let loss = |steps: u32| {
        let report = training(&format!("steps = {steps}")).run().unwrap();
        report.metric("loss").unwrap()
    };

    let (few, many) = (loss(2), loss(60));

    let chance = 10f64.ln();
    assert!((0.7 * chance..1.3 * chance).contains(&few), "{few}");
    assert!(many < 0.5 * few, "{few} after 2 steps, {many} after 60");
}

#[test]
fn verification_holds_for_every_size_and_seed() {
    for seed in 0..10 {
        for params in [
            "hidden = 10\nlayers = 2\nbatch = 8\nsteps = 2",
            "hidden = 10\nlayers = 12\nbatch = 8\nsteps = 2",
            "hidden = 10\nlayers = 2\nbatch = 8\nsteps = 20",
            "hidden = 64\nlayers = 2\nbatch = 64\nsteps = 8",
            "hidden = 128\nlayers = 5\nbatch = 32\nsteps = 30",
        ] {
            let report = bench::<Training>().params(params).seed(seed).iterations(2);
            if let Err(failure) = report.run() {
                panic!("seed {seed}, {params}: {}", failure.message);
            }
        }
    }
}

#[test]
fn each_phase_has_its_time() {
    let report = training("").iterations(2).run().unwrap();

    for metric in [
        "time.reset",
        "time.forward",
        "time.backward",
        "time.optimizer",
    ] {
        assert!(report.metric(metric).is_some_and(|ns| ns > 0.0), "{metric}");
    }
}

#[test]
fn work_is_that_of_all_steps_without_the_gradient_of_the_data() {
    let work = bench::<Training>().run().unwrap().work;

    let products = [256.0 * 512.0, 512.0 * 256.0, 256.0 * 10.0];
    let forward: f64 = products.iter().map(|product| 2.0 * 64.0 * product).sum();
    assert_eq!(work.flop, 3.0 * (3.0 * forward - 2.0 * 64.0 * products[0]));
    assert_eq!((work.items, work.item.as_str()), (192.0, "samples"));
}

#[test]
fn every_bad_parameter_has_its_sentence() {
    for (params, sentence) in [
        ("hidden = 9", "hidden is 9, expected 10 to 16384"),
        ("layers = 1", "layers is 1, expected 2 to 64"),
        ("batch = 7", "batch is 7, expected 8 to 65536"),
        ("steps = 1", "steps is 1, expected 2 to 10000"),
    ] {
        let failure = refused(params);
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
    assert!(refused("colour = 'red'").message.contains("`colour`"));
    let failure = bench::<Training>().device("tpu").run().unwrap_err();
    assert_eq!(
        failure.message,
        "device is \"tpu\", expected \"cpu\", \"cuda\" or \"cuda:N\""
    );
}
