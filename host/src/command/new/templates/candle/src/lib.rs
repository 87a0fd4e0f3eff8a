//! {{ name }}: steps of training a small network with candle. Replace it with your own.

use benchhost_plugin_api::prelude::*;
use candle_core::{DType, Device, Tensor};
use candle_nn::{AdamW, Linear, Module as _, Optimizer as _, ParamsAdamW, VarBuilder, VarMap};
use serde::{Deserialize, Serialize};

/// Length of an input.
const INPUTS: usize = 16;

/// What a suite may set. The default value documents itself: its keys, types and values are what
/// `benchhost plugin check` shows, and a key that is not here is refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    batch: usize,
    hidden: usize,
    learning_rate: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            batch: 64,
            hidden: 128,
            learning_rate: 0.001,
        }
    }
}

/// A network with one hidden layer learns the mean of the squares of its inputs.
pub struct Training {
    config: Config,
    ctx: Ctx,
    device: Device,
    state: Option<State>,
}

struct State {
    first: Linear,
    second: Linear,
    optimizer: AdamW,
    inputs: Tensor,
    wanted: Tensor,
    /// What the network said before the last update, and the loss of it.
    said: Tensor,
    loss: f64,
    first_loss: Option<f64>,
    steps: u64,
}

impl Workload for Training {
    type Config = Config;

    fn describe() -> Description {
        Description::new("One step of training: forward, backward, AdamW.")
            .param(
                Param::new("batch", "rows in one step")
                    .unit("rows")
                    .range(1.0, 1e6),
            )
            .param(Param::new("hidden", "width of the hidden layer").range(1.0, 1e5))
            .param(Param::new("learning-rate", "of AdamW").range(0.0, 1.0))
            .metric(
                Metric::lower("loss", "1")
                    .quality()
                    .help("mean squared error of the last step"),
            )
    }

    // Cheap: checks what was asked for and remembers the context.
    fn create(config: Config, ctx: &Ctx) -> Result<Self, Error> {
        Ok(Self {
            config,
            ctx: ctx.clone(),
            device: device(ctx.device())?,
            state: None,
        })
    }

    // Heavy: timed on its own, never part of a sample.
    fn setup(&mut self) -> Result<(), Error> {
        let (batch, hidden) = (self.config.batch, self.config.hidden);
        let mut state = self.ctx.seed();
        let variables = VarMap::new();
        let builder = VarBuilder::from_varmap(&variables, DType::F32, &self.device);
        let first = candle_nn::linear(INPUTS, hidden, builder.pp("first"))?;
        let second = candle_nn::linear(hidden, 1, builder.pp("second"))?;
        // candle's own initialisation has no seed, and the same seed must give the same training.
        for (name, inputs) in [("first", INPUTS), ("second", hidden)] {
            let mut data = variables
                .data()
                .lock()
                .map_err(|_| Error::failed("the weights are lost"))?
                .clone();
            for part in ["weight", "bias"] {
                if let Some(var) = data.get_mut(&format!("{name}.{part}")) {
                    let bound = 1.0 / (inputs as f32).sqrt();
                    let values: Vec<f32> = random(var.elem_count(), &mut state)
                        .iter()
                        .map(|v| v * bound)
                        .collect();
                    var.set(&Tensor::from_vec(values, var.shape(), &self.device)?)?;
                }
            }
        }
        let inputs = Tensor::from_vec(
            random(batch * INPUTS, &mut state),
            (batch, INPUTS),
            &self.device,
        )?;
        let wanted = inputs.sqr()?.mean_keepdim(1)?;
        let params = ParamsAdamW {
            lr: self.config.learning_rate,
            ..ParamsAdamW::default()
        };
        self.state = Some(State {
            first,
            second,
            optimizer: AdamW::new(variables.all_vars(), params)?,
            said: wanted.clone(),
            inputs,
            wanted,
            loss: f64::NAN,
            first_loss: None,
            steps: 0,
        });
        Ok(())
    }

    // The measured body, in phases: the table shows how long each takes.
    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = self
            .state
            .as_mut()
            .ok_or_else(|| Error::failed("not set up"))?;
        let loss = {
            let _span = self.ctx.span("forward");
            let hidden = state.first.forward(&state.inputs)?.relu()?;
            state.said = state.second.forward(&hidden)?;
            (&state.said - &state.wanted)?.sqr()?.mean_all()?
        };
        {
            let _span = self.ctx.span("backward");
            state.optimizer.backward_step(&loss)?;
        }
        state.loss = f64::from(loss.to_scalar::<f32>()?);
        state.first_loss.get_or_insert(state.loss);
        state.steps += 1;
        Ok(state.loss.into())
    }

    // A GPU works on while the CPU goes ahead: waits for it, inside the timed part.
    fn synchronise(&mut self) -> Result<(), Error> {
        Ok(self.device.synchronize()?)
    }

    // A case with a wrong answer has no speed.
    fn verify(&mut self) -> Result<(), Error> {
        let state = self
            .state
            .as_ref()
            .ok_or_else(|| Error::failed("not set up"))?;
        let said: Vec<f32> = state.said.flatten_all()?.to_vec1()?;
        let wanted: Vec<f32> = state.wanted.flatten_all()?.to_vec1()?;
        let squares = said
            .iter()
            .zip(&wanted)
            .map(|(s, w)| f64::from(s - w).powi(2));
        let exact = squares.sum::<f64>() / said.len() as f64;
        ensure_right((state.loss - exact).abs() <= 1e-4 * exact.max(1e-6), || {
            format!("the loss is {}, by hand it is {exact}", state.loss)
        })?;
        let first = state.first_loss.unwrap_or(f64::NAN);
        ensure_right(state.steps < 100 || state.loss < first, || {
            format!(
                "after {} steps the loss is {}, it began at {first}",
                state.steps, state.loss
            )
        })
    }

    // What one iteration does: 2·m·n·k for each product, twice as much backward.
    fn work(&self) -> Work {
        let (batch, hidden) = (self.config.batch as f64, self.config.hidden as f64);
        Work::items(batch, "rows").flop(3.0 * 2.0 * batch * hidden * (INPUTS as f64 + 1.0))
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        metrics.set(
            "loss",
            self.state.as_ref().map_or(f64::NAN, |state| state.loss),
        );
        Ok(())
    }
}

/// The device called `name`.
{%- if cuda %}
fn device(name: &str) -> Result<Device, Error> {
    let number = match name {
        "cpu" => return Ok(Device::Cpu),
        "cuda" => 0,
        _ => match name.strip_prefix("cuda:").map(str::parse) {
            Some(Ok(number)) => number,
            _ => {
                return Err(Error::unsupported(format!(
                    "there is no device `{name}` here"
                )));
            }
        },
    };
    if !cfg!(feature = "cuda") {
        return Err(Error::unsupported(
            "built without CUDA: install nvcc and build again",
        ));
    }
    Device::new_cuda(number)
        .map_err(|error| Error::unsupported(format!("no CUDA device {number}: {error}")))
}
{%- else %}
fn device(name: &str) -> Result<Device, Error> {
    match name {
        "cpu" => Ok(Device::Cpu),
        _ => Err(Error::unsupported(format!(
            "there is no device `{name}` in this plugin, only `cpu`"
        ))),
    }
}
{%- endif %}

/// `count` numbers in −1…1 from `state`, which moves on (xorshift64*, Vigna 2016).
fn random(count: usize, state: &mut u64) -> Vec<f32> {
    *state |= 1;
    let mut next = || {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        let bits = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
        bits as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

export_plugin! {
    name: "{{ name }}",
    summary: "Trains a small network with candle.",
    workloads: { "training" => Training },
}

#[cfg(test)]
mod tests {
    use benchhost_testkit::bench;

    use super::Training;

    #[test]
    fn it_learns_and_the_same_seed_learns_the_same() {
        let train = |steps| {
            let bench = bench::<Training>()
                .params("learning-rate = 0.01")
                .iterations(steps);
            bench.run().unwrap().metric("loss").unwrap()
        };

        let (begin, end) = (train(1), train(300));

        assert!(end < begin / 4.0, "{begin} → {end}");
        assert_eq!(train(300), end);
    }

    #[test]
    fn a_device_that_is_not_there_is_said() {
        let failure = bench::<Training>().device("cuda:99").run().unwrap_err();

        assert!(!failure.message.is_empty());
    }
}
