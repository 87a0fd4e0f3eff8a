//! What only the inside can show: both implementations take the same steps, and a disturbed one is wrong.

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Workload, abi::status, ensure_right};
use benchhost_testkit::bench;

use super::{Engine, Training, TrainingConfig, fused::Fused};
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

/// A training in which one thing is disturbed, before its last step or after it.
struct Disturbed<const WHAT: usize>(Training);

const NOTHING: usize = 0;
const WEIGHT: usize = 1;
const BIAS_OF_THE_LAST_LAYER: usize = 2;
const GRADIENT: usize = 3;
const PAIRS: usize = 4;
const MOMENT: usize = 5;
const EMBEDDING: usize = 6;
const WINDOW: usize = 7;
const MASK: usize = 8;

impl<const WHAT: usize> Disturbed<WHAT> {
    fn fused(&mut self) -> &mut Fused {
        match &mut self.0.state.as_mut().expect("set up").engine {
            Engine::Fused(fused) => fused,
            Engine::Candle(_) => panic!("the default is fused"),
        }
    }
}

impl<const WHAT: usize> Workload for Disturbed<WHAT> {
    type Config = TrainingConfig;

    fn describe() -> Description {
        Training::describe()
    }

    fn create(config: TrainingConfig, ctx: &Ctx) -> Result<Self, Error> {
        Ok(Self(Training::create(config, ctx)?))
    }

    fn setup(&mut self) -> Result<(), Error> {
        self.0.setup()
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        if WHAT == PAIRS {
            // Anchors 0 and 1 are told that the other one's window is theirs.
            let roles = &mut self.fused().roles;
            let (first, rest) = roles.weights.split_at_mut(roles.rows);
            first.swap_with_slice(&mut rest[..8]);
        }
        self.0.iterate()
    }

    fn verify(&mut self) -> Result<(), Error> {
        let fused = self.fused();
        let parameters = fused.mlp.parameters().len();
        match WHAT {
            WEIGHT => fused.mlp.parameters_mut()[5] += 0.5,
            BIAS_OF_THE_LAST_LAYER => fused.mlp.parameters_mut()[parameters - 3] += 0.5,
            GRADIENT => {
                let gradients = fused.pass.gradients_mut();
                gradients[parameters / 3] += 0.1 * gradients.iter().fold(0.0f32, |a, b| a.max(*b));
            }
            MOMENT => fused.spots[3].second += 1.0,
            EMBEDDING => fused.pass.output_mut()[2] *= 1.5,
            WINDOW => fused.batch.views[1] += 1.0,
            MASK => fused.masks[0].iter_mut().for_each(|factor| *factor *= 1.1),
            _ => {}
        }
        self.0.verify()
    }
}

fn disturbed<const WHAT: usize>() -> Result<(), String> {
    disturbed_in::<WHAT>("f32")
}

fn disturbed_in<const WHAT: usize>(dtype: &str) -> Result<(), String> {
    let params =
        format!("batch = 8\nwindow = 64\noutput = 16\nencoder = 'medium'\ndtype = '{dtype}'");
    let run = bench::<Disturbed<WHAT>>()
        .params(params)
        .iterations(3)
        .run();
    run.map(drop).map_err(|failure| {
        assert_eq!(failure.code, status::WRONG, "{failure}");
        failure.message
    })
}

#[test]
fn a_step_with_anything_disturbed_is_wrong() {
    assert_eq!(disturbed::<NOTHING>(), Ok(()));
    let said = |result: Result<(), String>, part: &str| {
        let message = result.expect_err(part);
        assert!(message.contains(part), "{message} does not say {part}");
    };
    said(disturbed::<WEIGHT>(), "behind layer 0");
    said(disturbed::<BIAS_OF_THE_LAST_LAYER>(), "behind layer 2");
    said(
        disturbed::<GRADIENT>(),
        "gradients of the weights of layer 1",
    );
    said(disturbed::<PAIRS>(), "the loss of the last step is");
    said(disturbed::<MOMENT>(), "second moment of parameter");
    said(disturbed::<EMBEDDING>(), "behind layer 2");
    said(disturbed::<WINDOW>(), "behind layer 0");
    said(disturbed::<MASK>(), "behind layer 0");
}

#[test]
fn factors_in_bf16_hide_no_disturbance() {
    assert_eq!(disturbed_in::<NOTHING>("bf16"), Ok(()));
    for (part, found) in [
        ("behind layer 0", disturbed_in::<WEIGHT>("bf16")),
        (
            "behind layer 2",
            disturbed_in::<BIAS_OF_THE_LAST_LAYER>("bf16"),
        ),
        (
            "gradients of the weights of layer 1",
            disturbed_in::<GRADIENT>("bf16"),
        ),
        (
            "the loss of the last step is",
            disturbed_in::<PAIRS>("bf16"),
        ),
        ("second moment of parameter", disturbed_in::<MOMENT>("bf16")),
        ("behind layer 2", disturbed_in::<EMBEDDING>("bf16")),
        ("behind layer 0", disturbed_in::<WINDOW>("bf16")),
        ("behind layer 0", disturbed_in::<MASK>("bf16")),
    ] {
        let message = found.expect_err(part);
        assert!(message.contains(part), "{message} does not say {part}");
    }
}
