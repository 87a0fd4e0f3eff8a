//! What only the inside can show: both implementations take the same steps, whatever the learning rate both are right, and
//! a disturbed one is wrong.

mod disturbed;

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Workload, ensure_right};
use benchhost_testkit::bench;

use super::{Training, TrainingConfig};
use crate::Implementation;

const STEPS: u64 = 50;

/// Takes each step with both implementations and keeps the largest relative difference of their losses.
struct Both {
    fused: Training,
    candle: Training,
    worst: f64,
}

impl Workload for Both {
    type Config = TrainingConfig;

    fn describe() -> Description {
        Training::describe()
    }

    fn create(config: TrainingConfig, ctx: &Ctx) -> Result<Self, Error> {
        let with = |implementation| {
            let config = config.clone();
            Training::create(
                TrainingConfig {
                    implementation,
                    ..config
                },
                ctx,
            )
        };
        Ok(Self {
            fused: with(Implementation::Fused)?,
            candle: with(Implementation::Candle)?,
            worst: 0.0,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        self.fused.setup()?;
        self.candle.setup()
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        self.candle.iterate()?;
        let digest = self.fused.iterate()?;
        let last = |training: &Training| training.state.as_ref()?.history.last();
        let both = last(&self.fused).zip(last(&self.candle));
        let (fused, candle) = both.expect("both have taken a step");
        self.worst = self
            .worst
            .max((fused - candle).abs() / candle.abs().max(1.0));
        Ok(digest)
    }

    /// Sums are added up in another order, so that every f32 differs in its last bits, and steps carry that on; 7e-7 was
    /// the most that 50 steps made of it, 1e-4 leaves room for other vector units.
    fn verify(&mut self) -> Result<(), Error> {
        ensure_right(self.worst < 1e-4, || {
            format!("losses differ by {}", self.worst)
        })?;
        self.fused.verify()?;
        self.candle.verify()
    }
}

#[test]
fn both_implementations_have_the_same_curve_of_losses() {
    for (case, threads) in [
        ("batch = 8", 1),
        (
            "batch = 8\nencoder = 'medium'\noptimizer = 'adamw'\nweight-decay = 0.01",
            2,
        ),
        ("batch = 24\nrepeat-ids = true\nloss = 'symmetric'", 1),
        ("batch = 8\nloss = 'simclr'\nweight-decay = 0.01", 2),
        ("batch = 24\nrepeat-ids = true\nloss = 'supcon'", 1),
    ] {
        bench::<Both>()
            .params(format!("window = 64\noutput = 16\n{case}"))
            .threads(threads)
            .iterations(STEPS)
            .run()
            .unwrap_or_else(|error| panic!("{case} with {threads} threads: {error}"));
    }
}

/// Undoing a large update loses digits, and a small one hardly shows; neither makes a right step wrong.
#[test]
fn no_learning_rate_makes_a_right_step_wrong() {
    for learning_rate in ["1e-7", "0.1", "1000.0"] {
        for case in [
            "",
            "encoder = 'medium'",
            "optimizer = 'adamw'\nweight-decay = 0.01",
            "weight-decay = 0.1",
        ] {
            for rest in [
                "implementation = 'fused'",
                "implementation = 'fused'\ndtype = 'bf16'",
                "implementation = 'candle'",
                "implementation = 'candle'\ndtype = 'bf16'",
            ] {
                for steps in [1, 2, 5] {
                    let params = format!(
                        "batch = 8\nwindow = 64\noutput = 16\nlearning-rate = {learning_rate}\n{case}\n{rest}"
                    );
                    bench::<Training>()
                        .params(&params)
                        .iterations(steps)
                        .run()
                        .unwrap_or_else(|error| panic!("{params} after {steps} steps: {error}"));
                }
            }
        }
    }
}

/// Beyond 1024 pairs the slope of the loss comes from elsewhere.
#[test]
fn more_pairs_than_f64_has_time_for_are_proved_too() {
    for implementation in ["fused", "candle"] {
        for loss in ["infonce", "symmetric", "simclr"] {
            bench::<Training>()
                .params(format!(
                    "signals = 'simple'\nids = 600\nlength = 40\nbatch = 1100\nrepeat-ids = true\nwindow = 8\n\
                     output = 4\nloss = '{loss}'\nimplementation = '{implementation}'"
                ))
                .run()
                .unwrap_or_else(|error| panic!("{loss} of {implementation}: {error}"));
        }
    }
}
