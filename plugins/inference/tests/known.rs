//! `accuracy` of the encoder and the classifier, and what both workloads refuse. What needs a model says so and is
//! skipped without it.

use benchhost_plugin_api::{Workload, abi::status};
use benchhost_testkit::{Bench, Report, bench};
use inference::{Accuracy, Load};

#[expect(clippy::print_stdout, reason = "a test says what it did not test")]
/// What the run found, or `None` where the model is not on this machine.
fn run<W: Workload>(bench: &Bench<W>) -> Option<Report> {
    match bench.run() {
        Ok(report) => Some(report),
        Err(failure) if failure.code == status::UNSUPPORTED => {
            println!("skipped: {}", failure.message);
            None
        }
        Err(failure) => panic!("{failure}"),
    }
}

#[test]
fn the_pinned_models_know_all_triples_and_photos() {
    for (kind, item, count) in [("pairs", "triples", 12.0), ("labels", "photos", 3.0)] {
        let params = format!("kind = '{kind}'");
        let Some(report) = run(&bench::<Accuracy>().params(&params).threads(2)) else {
            continue;
        };

        assert_eq!(
            (report.work.items, report.work.item.as_str()),
            (count, item)
        );
        assert_eq!(report.metric("accuracy"), Some(1.0));
    }
}

#[test]
fn files_and_kinds_that_are_not_there_are_refused() {
    for kind in ["pairs", "labels"] {
        let params = format!("kind = '{kind}'\nmodel = '/nowhere/x'");
        let failure = bench::<Accuracy>().params(params).run().unwrap_err();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, "/nowhere/x is not a file")
        );
    }
    for model in ["minilm-l6-v2", "efficientnet-lite0"] {
        let params = format!("model = '{model}'\nfile = '/nowhere/x'");
        let failure = bench::<Load>().params(params).run().unwrap_err();
        assert_eq!(failure.message, "/nowhere/x is not a file");
    }
    let failure = bench::<Accuracy>()
        .params("kind = 'riddles'")
        .run()
        .unwrap_err();
    assert_eq!(failure.code, status::CONFIG);
    assert!(failure.message.contains("riddles"), "{failure}");
}
