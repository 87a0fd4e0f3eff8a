//! Workload `quantised`: how fast weights of fewer bits are, and what they cost in the answer.

use std::iter;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload, ensure_right,
};
use serde::{Deserialize, Serialize};

use super::{
    cost::Cost,
    drift::Drift,
    gguf::ModelFile,
    model::{LanguageModel, Loaded},
    quantity::Quantity,
    subject::check,
    tokens::Tokens,
};
use crate::{Implementation, pinned::Source};

/// Bounds of `text`: each token keeps 49 152 logits twice.
const TEXT: (usize, usize) = (8, 256);

/// Parameters of [`Quantised`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct QuantisedConfig {
    pub model: String,
    pub implementation: Implementation,
    pub weights: Quantity,
    pub text: usize,
}

impl Default for QuantisedConfig {
    fn default() -> Self {
        Self {
            model: String::new(),
            implementation: Implementation::Fused,
            weights: Quantity::Q4_1,
            text: 64,
        }
    }
}

/// Reads a text with weights of some quantity.
pub struct Quantised {
    config: QuantisedConfig,
    source: Source,
    ctx: Ctx,
    state: Option<State>,
}

struct State {
    model: Box<dyn LanguageModel>,
    weight_bytes: usize,
    cost: Cost,
    text: Vec<u32>,
    /// Logits after each token of the text: of the last iteration, and with weights in f32.
    logits: Vec<f32>,
    expected: Vec<f32>,
    drift: Option<Drift>,
}

impl Workload for Quantised {
    type Config = QuantisedConfig;

    fn describe() -> Description {
        let description = Description::new(
            "Reads a text one token at a time, with the layers' weights requantised, beside the same weights in f32.",
        )
        .param(Param::new("model", "path of a GGUF file; empty: SmolLM2-135M from the folders of BENCHHOST_DATA"))
        .param(Param::new("implementation", "who computes; fused has q4_1 and q8_0").choices(Implementation::NAMES))
        .param(Param::new("weights", "format of the layers' matrices").choices(Quantity::NAMES))
        .param(Param::new("text", "length of the text").unit("tokens").range(TEXT.0 as f64, TEXT.1 as f64))
        .metric(Metric::lower("weight-bytes", "B").memory().help("all weights, as the model reads them"));
        Drift::describe(description)
    }

    fn create(config: QuantisedConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.implementation.check(ctx)?;
        super::within("text", config.text, TEXT)?;
        if config.implementation == Implementation::Fused {
            config.weights.packing()?;
        }
        let source = check(&config.model, config.text, 0)?;
        Ok(Self {
            config,
            source,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let QuantisedConfig {
            implementation,
            weights,
            text,
            ..
        } = self.config;
        let file = ModelFile::open(&self.source.path)?;
        let text = Tokens::new()?.prompt(text)?;
        let threads = self.ctx.threads();
        let mut expected = Vec::new();
        let reference = Loaded::new(
            Implementation::Candle,
            &file,
            Some(Quantity::F32),
            &self.ctx,
        )?;
        read(
            reference.context(text.len(), threads).as_mut(),
            &text,
            &mut expected,
        )?;
        drop(reference);
        let loaded = Loaded::new(implementation, &file, Some(weights), &self.ctx)?;
        self.state = Some(State {
            model: loaded.context(text.len(), threads),
            weight_bytes: file.weight_bytes(weights),
            cost: file.cost(Some(weights))?,
            text,
            logits: Vec::new(),
            expected,
            drift: None,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = self.state.as_mut().ok_or_else(super::not_set_up)?;
        read(state.model.as_mut(), &state.text, &mut state.logits)?;
        self.ctx.progress();
        Ok(Digest::from(
            state.logits.last().copied().unwrap_or_default(),
        ))
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = self.state.as_mut().ok_or_else(super::not_set_up)?;
        ensure_right(
            state.logits.len() == state.expected.len(),
            || "the text was not read",
        )?;
        state.drift = None;
        state.drift().check(self.config.weights)
    }

    /// Items are tokens read, a pass each.
    fn work(&self) -> Work {
        let work = Work::items(self.config.text as f64, "tokens");
        match &self.state {
            Some(state) => state.cost.of(work, iter::repeat_n(1, self.config.text)),
            None => work,
        }
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        if let Some(state) = &mut self.state {
            metrics.set("weight-bytes", state.weight_bytes as f64);
            if state.logits.len() == state.expected.len() {
                state.drift().report(metrics);
            }
        }
        Ok(())
    }
}

impl State {
    /// Of the last iteration that was looked at; all are alike.
    fn drift(&mut self) -> Drift {
        let Self {
            logits,
            expected,
            text,
            ..
        } = &*self;
        let new = || Drift::new(logits, expected, text.len());
        let drift = self.drift.unwrap_or_else(new);
        self.drift = Some(drift);
        drift
    }
}

/// Reads `text` one token at a time; the logits after each one into `logits`.
fn read(model: &mut dyn LanguageModel, text: &[u32], logits: &mut Vec<f32>) -> Result<(), Error> {
    model.reset();
    logits.clear();
    for token in text {
        logits.extend_from_slice(model.forward(&[*token])?);
    }
    Ok(())
}
