//! A step in which one thing is disturbed is wrong, whoever has taken it.

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Workload, abi::status};
use benchhost_testkit::bench;
use candle_core::{DType, Tensor};

use crate::{
    loss::{Roles, Targets},
    training::{Engine, State, Training, TrainingConfig, fused::Fused, stock::Stock},
};

/// A training in which one thing is disturbed, before its last step or after it.
struct Disturbed<const WHAT: usize>(Training);

const NOTHING: usize = 0;
const WEIGHT: usize = 1;
const BIAS_OF_THE_LAST_LAYER: usize = 2;
/// One gradient of the second layer.
const GRADIENT: usize = 3;
/// All gradients, as if the factor of the loss had not been divided out.
const FACTOR: usize = 4;
/// Anchors 0 and 1 are told that the other one's window is theirs.
const PAIRS: usize = 5;
const MOMENT: usize = 6;
const EMBEDDING: usize = 7;
const MASK: usize = 8;
/// One sample of a window that has been used.
const SAMPLE: usize = 9;
/// A positive view is one of another ID.
const VIEW: usize = 10;
/// The whole step sees windows of other IDs than it says, so that everything in it fits together.
const LABELS: usize = 11;
/// The whole step sees windows that begin elsewhere than it says.
const WINDOW: usize = 12;
/// The optimiser has another learning rate than the training.
const UPDATE: usize = 13;

/// Values of a window, and hidden units of the first layer.
const WIDTH: usize = 64;
const UNITS: usize = 512;

impl<const WHAT: usize> Disturbed<WHAT> {
    fn state(&mut self) -> &mut State {
        self.0.state.as_mut().expect("set up")
    }

    fn before(&mut self) {
        let loss = self.0.config.loss;
        match (WHAT, &mut self.state().engine) {
            (PAIRS, Engine::Fused(fused)) => {
                let Roles { rows, weights, .. } = &mut fused.roles;
                let (first, rest) = weights.split_at_mut(*rows);
                first.swap_with_slice(&mut rest[..8]);
            }
            (PAIRS, Engine::Candle(stock)) => {
                let mut roles = Roles::new(loss, &[0, 1, 2, 3, 4, 5, 6, 7]);
                let (first, rest) = roles.weights.split_at_mut(8);
                first.swap_with_slice(&mut rest[..8]);
                let device = &candle_core::Device::Cpu;
                stock.targets = Targets::of(roles, device).expect("a batch of eight");
            }
            (UPDATE, Engine::Candle(stock)) => stock.optimizer.params.learning_rate *= 2.0,
            (UPDATE, Engine::Fused(_)) => self.0.config.learning_rate *= 2.0,
            _ => {}
        }
        // Synthetic signals of one length, which may stand for each other.
        if WHAT == LABELS {
            self.state().pairs.signals.ids.rotate_left(1);
        }
    }
}

fn disturb_fused(what: usize, fused: &mut Fused) {
    let parameters = fused.mlp.parameters().len();
    match what {
        WEIGHT => fused.mlp.parameters_mut()[5] += 0.5,
        BIAS_OF_THE_LAST_LAYER => fused.mlp.parameters_mut()[parameters - 3] += 0.5,
        GRADIENT => {
            let gradients = fused.pass.gradients_mut();
            gradients[parameters / 3] += 0.1 * gradients.iter().fold(0.0f32, |a, b| a.max(*b));
        }
        FACTOR => fused
            .pass
            .gradients_mut()
            .iter_mut()
            .for_each(|g| *g *= 2.0),
        MOMENT => fused.spots[3].second += 1.0,
        EMBEDDING => fused.pass.output_mut()[2] *= 1.5,
        MASK => fused.masks[0].iter_mut().for_each(|factor| *factor *= 1.1),
        SAMPLE => fused.batch.views[1] += 1.0,
        VIEW => fused
            .batch
            .views
            .copy_within(9 * WIDTH..10 * WIDTH, 8 * WIDTH),
        WINDOW => fused.batch.starts[3][1] ^= 1,
        _ => {}
    }
}

fn disturb_stock(what: usize, stock: &mut Stock) {
    let changed = |tensor: &Tensor, change: &dyn Fn(&mut [f32])| -> Tensor {
        let flat = tensor.to_dtype(DType::F32).unwrap().flatten_all().unwrap();
        let mut values: Vec<f32> = flat.to_vec1().unwrap();
        change(&mut values);
        let tensor_f32 = Tensor::from_vec(values, tensor.shape(), tensor.device()).unwrap();
        tensor_f32.to_dtype(tensor.dtype()).unwrap()
    };
    let half = stock.dtype != DType::F32;
    let step = stock.last.as_mut().expect("a step");
    let slots = &stock.optimizer.slots;
    match what {
        WEIGHT => {
            let var = &slots[0].var;
            var.set(&changed(var, &|v| v[5] += 0.5)).unwrap();
        }
        BIAS_OF_THE_LAST_LAYER => {
            let var = &slots[5].var;
            var.set(&changed(var, &|v| v[13] += 0.5)).unwrap();
        }
        GRADIENT => {
            let var = &slots[2].var;
            let gradient = changed(step.gradients.get(var).unwrap(), &|g| {
                let largest = g.iter().fold(0.0f32, |a, b| a.max(*b));
                // What a half type leaves of a gradient is a tenth or a fifth of the length of all.
                let length = g.iter().map(|g| g * g).sum::<f32>().sqrt();
                g[UNITS + 3] += if half { length } else { 0.1 * largest };
            });
            step.gradients.insert(var, gradient);
        }
        FACTOR => {
            for slot in slots {
                let gradient = (step.gradients.get(&slot.var).unwrap() * 2.0).unwrap();
                step.gradients.insert(&slot.var, gradient);
            }
        }
        MOMENT => {
            let second = &mut step.strips[1].values[2];
            *second = changed(second, &|v| v[3] += 1.0);
        }
        EMBEDDING => {
            let anchor = &mut step.embeddings[0];
            *anchor = changed(anchor, &|v| v[2] *= 1.5);
        }
        MASK => {
            let mask = step.hidden[0][0].mask.as_mut().expect("dropout");
            *mask = changed(mask, &|v| v.iter_mut().for_each(|factor| *factor *= 1.1));
        }
        SAMPLE => step.views = changed(&step.views, &|v| v[1] += 1.0),
        VIEW => {
            step.views = changed(&step.views, &|v| {
                v.copy_within(9 * WIDTH..10 * WIDTH, 8 * WIDTH);
            });
        }
        WINDOW => step.starts[3][1] ^= 1,
        _ => {}
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
        self.before();
        let digest = self.0.iterate();
        if WHAT == LABELS {
            self.state().pairs.signals.ids.rotate_right(1);
        }
        digest
    }

    fn verify(&mut self) -> Result<(), Error> {
        match &mut self.state().engine {
            Engine::Fused(fused) => disturb_fused(WHAT, fused),
            Engine::Candle(stock) => disturb_stock(WHAT, stock),
        }
        self.0.verify()
    }
}

/// What three steps with something disturbed are told.
fn told<const WHAT: usize>(who: &str) -> Result<(), String> {
    let params = format!(
        "signals = 'complex'\nids = 16\nlength = 400\nbatch = 8\nwindow = {WIDTH}\noutput = 16\nencoder = 'medium'\n{who}"
    );
    let run = bench::<Disturbed<WHAT>>()
        .params(params)
        .iterations(3)
        .run();
    run.map(drop).map_err(|failure| {
        assert_eq!(failure.code, status::WRONG, "{failure}");
        failure.message
    })
}

/// That each disturbance is seen, and by whom.
fn assert_each_is_wrong(who: &str) {
    assert_eq!(told::<NOTHING>(who), Ok(()), "{who}");
    for (found, part) in [
        (told::<WEIGHT>(who), "behind layer 0"),
        (told::<BIAS_OF_THE_LAST_LAYER>(who), "behind layer 2"),
        (told::<GRADIENT>(who), "gradients of the weights of layer 1"),
        (told::<FACTOR>(who), "gradients of the "),
        (told::<PAIRS>(who), "the loss of the last step is"),
        (told::<MOMENT>(who), "second moment of parameter"),
        (told::<MASK>(who), "a factor of dropout behind layer 0"),
        (told::<SAMPLE>(who), "the anchor of pair 0 does not hold"),
        (told::<VIEW>(who), "the positive of pair 0 does not hold"),
        (told::<LABELS>(who), "the anchor of pair 0 does not hold"),
        (told::<WINDOW>(who), "the positive of pair 3 does not hold"),
    ] {
        let message = found.expect_err(part);
        assert!(
            message.contains(part),
            "{who}: {message} does not say {part}"
        );
    }
    // The embedding moves the loss a little, then the slope, then it is not what the last layer gives.
    told::<EMBEDDING>(who).expect_err("an embedding");
    told::<UPDATE>(who).expect_err("an update");
}

#[test]
fn a_fused_step_with_anything_disturbed_is_wrong() {
    assert_each_is_wrong("implementation = 'fused'");
}

#[test]
fn factors_in_bf16_hide_no_disturbance() {
    assert_each_is_wrong("implementation = 'fused'\ndtype = 'bf16'");
}

#[test]
fn a_step_of_candle_with_anything_disturbed_is_wrong() {
    assert_each_is_wrong("implementation = 'candle'");
}

#[test]
fn half_types_of_candle_hide_no_disturbance() {
    assert_each_is_wrong("implementation = 'candle'\ndtype = 'bf16'");
    // A factor at which the first step is not skipped.
    assert_each_is_wrong("implementation = 'candle'\ndtype = 'f16'\ninitial-loss-scale = 64.0");
}

/// After an overflow there is no update to prove, but what led to it.
#[test]
fn a_skipped_step_with_anything_disturbed_is_wrong() {
    let who = "implementation = 'candle'\ndtype = 'f16'\ninitial-loss-scale = 1e30";

    assert_eq!(told::<NOTHING>(who), Ok(()));
    for (found, part) in [
        (told::<WEIGHT>(who), "behind layer 0"),
        (told::<PAIRS>(who), "the loss of the last step is"),
        (told::<MOMENT>(who), "has changed, but the step was skipped"),
        (told::<LABELS>(who), "the anchor of pair 0 does not hold"),
    ] {
        let message = found.expect_err(part);
        assert!(message.contains(part), "{message} does not say {part}");
    }
}
