//! Workload `model`: one pass alone, on fixed random input, without data preparation and optimiser.
//!
//! Dropout is off, so that the answer can be compared with a plain one in f64.

mod check;
mod fused;
mod input;
mod stock;
#[cfg(test)]
mod tests;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload,
};
use benchhost_support::{device, dtype};
use candle_core::{DType, Device};
use serde::{Deserialize, Serialize};

use self::{fused::Fused, input::Input, stock::Stock};
use crate::{
    encoder::{EncoderKind, backward_flop, backward_numbers, forward_flop, forward_numbers},
    implementation::Implementation,
    loss::LossKind,
    training::{at_least_one, check_temperature},
};

pub(crate) use check::tolerance;

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
    pub implementation: Implementation,
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
            implementation: Implementation::Fused,
            dtype: "f32".to_owned(),
        }
    }
}

impl ModelConfig {
    /// Values of a row of the input.
    fn width(&self) -> usize {
        self.window * self.channels
    }
}

/// One pass of an encoder or of its loss.
#[derive(Debug)]
pub struct Model {
    config: ModelConfig,
    ctx: Ctx,
    device: Device,
    dtype: DType,
    engine: Option<Engine>,
}

impl Model {
    /// Bytes of a number in memory: factors are rounded on their way into a fused product, the numbers stay in f32.
    fn number_bytes(&self) -> usize {
        if self.config.implementation.is_fused_on(&self.device) {
            DType::F32.size_in_bytes()
        } else {
            self.dtype.size_in_bytes()
        }
    }
}

/// What makes the pass.
#[derive(Debug)]
enum Engine {
    Fused(Box<Fused>),
    Candle(Box<Stock>),
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
            .param(
                Param::new("output", "length of an embedding")
                    .unit("values")
                    .range(1.0, 65536.0),
            )
            .param(Param::new("temperature", "divides the similarities").range(0.001, 1000.0))
            .param(Implementation::param())
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
        let device = device(ctx)?;
        config.implementation.check(dtype, &device, ctx)?;
        Ok(Self {
            device,
            dtype,
            config,
            ctx: ctx.clone(),
            engine: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let (config, seed) = (&self.config, self.ctx.seed());
        let input = Input::new(config, seed);
        self.engine = Some(if config.implementation.is_fused_on(&self.device) {
            let place = (self.dtype, self.ctx.threads());
            Engine::Fused(Box::new(Fused::new(config, input, place, seed)))
        } else {
            let place = (self.dtype, &self.device);
            Engine::Candle(Box::new(Stock::new(config, &input, place, seed)?))
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        match &mut self.engine {
            Some(Engine::Fused(fused)) => fused.pass(&self.config),
            Some(Engine::Candle(stock)) => stock.pass(&self.config)?,
            None => return Err(Error::failed("used before setup")),
        }
        // The result is kept and read by `verify`: there is nothing the compiler could drop.
        Ok(().into())
    }

    fn synchronise(&mut self) -> Result<(), Error> {
        Ok(self.device.synchronize()?)
    }

    fn verify(&mut self) -> Result<(), Error> {
        match &self.engine {
            Some(Engine::Fused(fused)) => fused.verify(&self.config),
            Some(Engine::Candle(stock)) => stock.verify(&self.config),
            None => Err(Error::wrong("used before setup")),
        }
    }

    fn work(&self) -> Work {
        let config = &self.config;
        let widths = config.encoder.widths((config.width(), config.output));
        let (flop, numbers) = match config.pass {
            Pass::Forward => (
                forward_flop(&widths, config.batch),
                forward_numbers(&widths, config.batch),
            ),
            Pass::Backward => (
                backward_flop(&widths, config.batch),
                backward_numbers(&widths, config.batch),
            ),
            // Two batches of embeddings are read; the loss is one number.
            Pass::InfoNce => (
                LossKind::InfoNce.forward_flop(config.batch, config.output),
                2.0 * (config.batch * config.output) as f64,
            ),
        };
        Work::items(config.batch as f64, "samples")
            .flop(flop)
            .bytes(numbers * self.number_bytes() as f64)
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let (parameters, dtype) = match &self.engine {
            // Factors are rounded on their way into a product; the weights stay in f32.
            Some(Engine::Fused(fused)) => (fused.parameters(), DType::F32),
            Some(Engine::Candle(stock)) => (stock.parameters(), self.dtype),
            None => return Ok(()),
        };
        metrics.set("parameters", parameters as f64);
        metrics.set("model-bytes", (parameters * dtype.size_in_bytes()) as f64);
        Ok(())
    }
}
