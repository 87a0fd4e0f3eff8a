//! What only the inside can show: a disturbed pass is wrong, and both implementations start from the same weights.

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Workload, abi::status};
use benchhost_testkit::bench;

use super::{Engine, Model, ModelConfig};

/// A pass in which one thing is disturbed before it is proved.
struct Disturbed<const WHAT: usize>(Model);

const NOTHING: usize = 0;
const WEIGHT: usize = 1;
const GRADIENT: usize = 2;
const LABEL: usize = 3;

impl<const WHAT: usize> Workload for Disturbed<WHAT> {
    type Config = ModelConfig;

    fn describe() -> Description {
        Model::describe()
    }

    fn create(config: ModelConfig, ctx: &Ctx) -> Result<Self, Error> {
        Ok(Self(Model::create(config, ctx)?))
    }

    fn setup(&mut self) -> Result<(), Error> {
        self.0.setup()
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        self.0.iterate()
    }

    fn verify(&mut self) -> Result<(), Error> {
        match self.0.engine.as_mut().expect("set up") {
            Engine::Fused(fused) => match WHAT {
                WEIGHT => fused.mlp.parameters_mut()[3] += 0.5,
                // Neither the largest nor one of those that are looked at one by one.
                GRADIENT => {
                    let gradients = fused.buffers.gradients_mut();
                    let largest = gradients.iter().fold(0.0f32, |a, b| a.max(*b));
                    gradients[77] += 0.5 * largest;
                }
                LABEL => fused.input.views.rotate_left(8),
                _ => {}
            },
            Engine::Candle(stock) => stock.disturb(WHAT),
        }
        self.0.verify()
    }
}

fn disturbed<const WHAT: usize>(implementation: &str, pass: &str) -> Result<(), String> {
    let run = bench::<Disturbed<WHAT>>()
        .params(format!(
            "implementation = '{implementation}'\npass = '{pass}'\nbatch = 6\nwindow = 40\noutput = 8"
        ))
        .iterations(2)
        .run();
    run.map(drop).map_err(|failure| {
        assert_eq!(failure.code, status::WRONG, "{failure}");
        failure.message
    })
}

#[test]
fn a_pass_with_anything_disturbed_is_wrong() {
    for implementation in ["fused", "candle"] {
        for pass in ["forward", "backward", "infonce"] {
            assert_eq!(disturbed::<NOTHING>(implementation, pass), Ok(()));
        }
        let said = |result: Result<(), String>, part: &str| {
            let message = result.expect_err(part);
            assert!(message.contains(part), "{message} does not say {part}");
        };
        said(
            disturbed::<WEIGHT>(implementation, "forward"),
            "embedding: value",
        );
        said(
            disturbed::<WEIGHT>(implementation, "backward"),
            " of layer ",
        );
        said(
            disturbed::<GRADIENT>(implementation, "backward"),
            "gradients of layer 0: all of them",
        );
        said(disturbed::<LABEL>(implementation, "infonce"), "loss: value");
    }
}

/// Among so many sums some are so near 0 that f32 takes another side of ReLU than f64 would.
#[test]
fn a_relu_that_rounding_decides_is_no_mistake() {
    for implementation in ["fused", "candle"] {
        for seed in 1..=4 {
            bench::<Model>()
                .params(format!(
                    "implementation = '{implementation}'\npass = 'backward'\nencoder = 'deep'\nbatch = 64\nwindow = 128"
                ))
                .seed(seed)
                .run()
                .unwrap_or_else(|failure| panic!("{implementation}, seed {seed}: {failure}"));
        }
    }
}

#[test]
fn threads_change_nothing_that_the_proof_sees() {
    for pass in ["forward", "backward", "infonce"] {
        for dtype in ["f32", "bf16"] {
            if (pass, dtype) == ("infonce", "bf16") {
                continue;
            }
            bench::<Model>()
                .params(format!(
                    "pass = '{pass}'\ndtype = '{dtype}'\nbatch = 33\nwindow = 65\nencoder = 'deep'"
                ))
                .threads(3)
                .run()
                .unwrap_or_else(|failure| panic!("{pass} in {dtype}: {failure}"));
        }
    }
}
