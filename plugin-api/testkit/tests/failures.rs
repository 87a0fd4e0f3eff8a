//! What the testkit says of a workload that goes wrong: the phase, the kind, the message.

use benchhost_plugin_api::{abi::status, prelude::*};
use benchhost_testkit::{Failure, Phase, bench};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Default)]
struct Config {
    panic_in: String,
    metric: String,
    value: f64,
}

struct Fragile(Config);

impl Fragile {
    fn visit(&self, phase: &str) {
        assert!(self.0.panic_in != phase, "fell over in {phase}");
    }
}

impl Workload for Fragile {
    type Config = Config;

    fn describe() -> Description {
        Description::new("Falls over where it is told to.").metric(Metric::lower("declared", "1"))
    }

    fn create(config: Config, _ctx: &Ctx) -> Result<Self, Error> {
        let fragile = Self(config);
        fragile.visit("create");
        Ok(fragile)
    }

    fn setup(&mut self) -> Result<(), Error> {
        self.visit("setup");
        Ok(())
    }

    fn prepare(&mut self) -> Result<(), Error> {
        self.visit("prepare");
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        self.visit("iterate");
        Ok(7_u64.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        self.visit("verify");
        ensure_right(self.0.panic_in != "wrong", || "6 is not 7")
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        self.visit("metrics");
        if !self.0.metric.is_empty() {
            metrics.set(&self.0.metric, self.0.value);
        }
        Ok(())
    }

    fn teardown(&mut self) -> Result<(), Error> {
        self.visit("teardown");
        Ok(())
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.visit("drop");
        }
    }
}

fn failure(params: &str) -> Failure {
    let result = bench::<Fragile>().params(params).run();
    result.expect_err("it goes wrong")
}

#[test]
fn a_panic_in_any_entry_is_reported_with_its_phase_and_place() {
    for (entry, phase) in [
        ("create", Phase::Create),
        ("setup", Phase::Setup),
        ("prepare", Phase::Prepare),
        ("iterate", Phase::Iterate),
        ("metrics", Phase::Metrics),
        ("verify", Phase::Verify),
        ("teardown", Phase::Teardown),
        ("drop", Phase::Teardown),
    ] {
        let failure = failure(&format!("panic_in = '{entry}'"));

        assert_eq!(
            (failure.phase, failure.code),
            (phase, status::PANIC),
            "{entry}"
        );
        assert_eq!(failure.message, format!("fell over in {entry}"));
        assert!(
            failure.detail.contains("failures.rs:"),
            "{}",
            failure.detail
        );
    }
}

#[test]
fn a_wrong_answer_is_told_apart_from_a_failure() {
    let failure = failure("panic_in = 'wrong'");

    assert_eq!(
        (failure.phase, failure.code),
        (Phase::Verify, status::WRONG)
    );
    assert_eq!(failure.message, "6 is not 7");
}

#[test]
fn metrics_that_the_host_would_void_are_refused_here_too() {
    let undeclared = failure("metric = 'surprise'\nvalue = 1.0");
    let not_finite = failure("metric = 'declared'\nvalue = nan");
    let fine = bench::<Fragile>()
        .params("metric = 'declared'\nvalue = 2.5")
        .run()
        .unwrap();

    assert!(undeclared.message.contains("`surprise` is not declared"));
    assert!(not_finite.message.contains("`declared` is NaN"));
    assert_eq!((fine.metric("declared"), fine.digest), (Some(2.5), 7));
}
