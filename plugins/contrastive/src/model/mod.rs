//! Workload `model`: one pass alone, on fixed random input, without data preparation and optimiser.
//!
//! Dropout is off, so that the answer can be compared with a plain one in f64.

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload,
};
use benchhost_support::{
    device, dtype,
    random::{fill_normal, stream},
};
use candle_core::{DType, Device, Tensor, backprop::GradStore};
use serde::{Deserialize, Serialize};

use crate::{
    encoder::{Encoder, EncoderKind, backward_flop, forward_flop},
    loss::{LossKind, Targets},
    training::{at_least_one, check_temperature},
};

pub(crate) mod check;

/// Which pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pass {
    /// Input to embedding.
    Forward,
    /// Gradients of ½·‖embedding‖², averaged over the rows, with respect to all weights; the graph exists already.
    Backward,
    /// InfoNCE of two batches of embeddings.
    InfoNce,
}

/// Parameters of [`Model`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct ModelConfig {
    pub pass: Pass,
    pub encoder: EncoderKind,
    pub batch: usize,
    pub window: usize,
    pub channels: usize,
    pub output: usize,
    pub temperature: f64,
    pub dtype: String,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            pass: Pass::Forward,
            encoder: EncoderKind::Simple,
            batch: 16,
            window: 1024,
            channels: 1,
            output: 128,
            temperature: 0.07,
            dtype: "f32".to_owned(),
        }
    }
}

/// One pass of an encoder or of its loss.
#[derive(Debug)]
pub struct Model {
    config: ModelConfig,
    ctx: Ctx,
    device: Device,
    dtype: DType,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    encoder: Encoder,
    /// `[batch, window · channels]`.
    input: Tensor,
    /// ½·‖embedding‖², averaged over the rows, with its graph.
    half_square: Tensor,
    /// Two `[batch, output]` for InfoNCE.
    embeddings: [Tensor; 2],
    targets: Targets,
    output: Output,
}

#[derive(Debug)]
enum Output {
    Nothing,
    Embedding(Tensor),
    Gradients(Box<GradStore>),
    Loss(Tensor),
}

impl Workload for Model {
    type Config = ModelConfig;

    fn describe() -> Description {
        Description::new("One pass of an encoder, or its loss, on fixed random input.")
            .param(Param::new("pass", "which pass").choices(&["forward", "backward", "infonce"]))
            .param(Param::new("encoder", "size of the encoder").choices(EncoderKind::NAMES))
            .param(
                Param::new("batch", "rows of the input")
                    .unit("samples")
                    .range(1.0, 65536.0),
            )
            .param(
                Param::new("window", "length of a window")
                    .unit("samples")
                    .range(1.0, 1e6),
            )
            .param(Param::new("channels", "channels of a window").range(1.0, 1024.0))
            .param(Param::new("output", "length of an embedding").unit("values"))
            .param(Param::new("temperature", "divides the similarities").range(0.001, 1000.0))
            .param(Param::new("dtype", "element type").choices(&["f32", "f16", "bf16"]))
            .metric(Metric::neutral("parameters", "1").help("numbers that are learned"))
            .metric(
                Metric::lower("model-bytes", "B")
                    .memory()
                    .help("bytes of the parameters"),
            )
    }

    fn create(config: ModelConfig, ctx: &Ctx) -> Result<Self, Error> {
        at_least_one("batch", config.batch)?;
        at_least_one("window", config.window)?;
        at_least_one("channels", config.channels)?;
        at_least_one("output", config.output)?;
        check_temperature(config.temperature)?;
        if config.pass == Pass::InfoNce && config.batch < 2 {
            return Err(Error::config(
                "batch is 1, expected at least 2: a pair needs a negative",
            ));
        }
        let dtype = dtype(&config.dtype)?;
        if config.pass == Pass::InfoNce && dtype != DType::F32 {
            return Err(Error::unsupported(format!(
                "the loss is computed in f32, as under autocast; pass = \"infonce\" in {} is not offered",
                config.dtype
            )));
        }
        Ok(Self {
            device: device(ctx)?,
            dtype,
            config,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let (config, seed) = (&self.config, self.ctx.seed());
        let width = config.window * config.channels;
        let place = (self.dtype, &self.device);
        let encoder = Encoder::new(config.encoder, (width, config.output), place, seed)?;
        let mut rng = stream(seed, "input");
        let mut normal = |columns: usize, dtype| {
            let mut values = vec![0.0; config.batch * columns];
            fill_normal(&mut rng, &mut values);
            let tensor = Tensor::from_vec(values, (config.batch, columns), &self.device)?;
            Ok::<_, Error>(tensor.to_dtype(dtype)?)
        };
        let input = normal(width, self.dtype)?;
        let embeddings = [
            normal(config.output, DType::F32)?,
            normal(config.output, DType::F32)?,
        ];
        let square = encoder.forward(&input, None)?.to_dtype(DType::F32)?.sqr()?;
        let ids: Vec<usize> = (0..config.batch).collect();
        self.state = Some(State {
            half_square: (square.sum_all()? / (2.0 * config.batch as f64))?,
            encoder,
            input,
            embeddings,
            targets: Targets::new(LossKind::InfoNce, &ids, &self.device)?,
            output: Output::Nothing,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = self
            .state
            .as_mut()
            .ok_or_else(|| Error::failed("used before setup"))?;
        state.output = match self.config.pass {
            Pass::Forward => Output::Embedding(state.encoder.forward(&state.input, None)?),
            Pass::Backward => Output::Gradients(Box::new(state.half_square.backward()?)),
            Pass::InfoNce => {
                let [anchor, positive] = &state.embeddings;
                let kind = LossKind::InfoNce;
                let s = kind.similarities(anchor, positive, self.config.temperature)?;
                Output::Loss(kind.loss(&s, &state.targets)?)
            }
        };
        // The result is kept, and candle computes at once: there is nothing the compiler could drop.
        Ok(().into())
    }

    fn synchronise(&mut self) -> Result<(), Error> {
        Ok(self.device.synchronize()?)
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = self
            .state
            .as_ref()
            .ok_or_else(|| Error::wrong("used before setup"))?;
        match &state.output {
            Output::Nothing => Err(Error::wrong("no iteration was done")),
            Output::Embedding(found) => {
                check::embedding(&state.encoder, &state.input, found, self.dtype)
            }
            Output::Gradients(found) => {
                check::gradients(&state.encoder, &state.input, found, self.dtype)
            }
            Output::Loss(found) => {
                check::info_nce(&state.embeddings, found, self.config.temperature)
            }
        }
    }

    fn work(&self) -> Work {
        let batch = self.config.batch;
        let work = Work::items(batch as f64, "samples");
        let Some(state) = &self.state else {
            return work;
        };
        work.flop(match self.config.pass {
            Pass::Forward => forward_flop(&state.encoder.widths(), batch),
            Pass::Backward => backward_flop(&state.encoder.widths(), batch),
            Pass::InfoNce => LossKind::InfoNce.forward_flop(batch, self.config.output),
        })
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        if let Some(state) = &self.state {
            let parameters = state.encoder.parameters() as f64;
            metrics.set("parameters", parameters);
            metrics.set(
                "model-bytes",
                parameters * self.dtype.size_in_bytes() as f64,
            );
        }
        Ok(())
    }
}
