//! Workload `decode`: an answer, one token after the other.

use std::{iter, time::Instant};

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload, ensure_right,
};
use serde::{Deserialize, Serialize};

use super::{
    latency::Latencies,
    model::{CONTEXT, LanguageModel, largest},
    subject::{Subject, check},
};
use crate::{Implementation, pinned::Source};

/// Parameters of [`Decode`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct DecodeConfig {
    pub model: String,
    pub implementation: Implementation,
    pub prompt: usize,
    pub tokens: usize,
}

impl Default for DecodeConfig {
    fn default() -> Self {
        Self {
            model: String::new(),
            implementation: Implementation::Fused,
            prompt: 20,
            tokens: 32,
        }
    }
}

/// Writes an answer.
pub struct Decode {
    config: DecodeConfig,
    source: Source,
    ctx: Ctx,
    state: Option<State>,
}

struct State {
    subject: Subject,
    prompt: Vec<u32>,
    /// Of the first iteration.
    first: Vec<u32>,
    /// Of the last iteration.
    said: Vec<u32>,
    /// Of this sample.
    latencies: Latencies,
}

/// Bounds of `tokens`: one would have nothing between tokens.
pub(crate) const TOKENS: (usize, usize) = (2, CONTEXT / 2);

impl Workload for Decode {
    type Config = DecodeConfig;

    fn describe() -> Description {
        let description = Description::new(
            "Reads a prompt and writes tokens, the likeliest each time, without regard to an end of text.",
        )
        .param(Param::new("model", "path of a GGUF file; empty: SmolLM2-135M from the folders of BENCHHOST_DATA"))
        .param(Param::new("implementation", "who computes").choices(Implementation::NAMES))
        .param(Param::new("prompt", "length of the prompt").unit("tokens").range(1.0, CONTEXT as f64))
        .param(
            Param::new("tokens", "tokens written in an iteration")
                .unit("tokens")
                .range(TOKENS.0 as f64, TOKENS.1 as f64),
        )
        .metric(
            Metric::lower("time-to-first-token", "ns")
                .time()
                .help("reading the prompt and choosing the first token: the median over the iterations of the sample"),
        );
        Latencies::describe(description)
    }

    fn create(config: DecodeConfig, ctx: &Ctx) -> Result<Self, Error> {
        super::within("tokens", config.tokens, TOKENS)?;
        config.implementation.check(ctx)?;
        let source = check(&config.model, config.prompt, config.tokens)?;
        Ok(Self {
            config,
            source,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let DecodeConfig {
            implementation,
            prompt,
            tokens,
            ..
        } = self.config;
        let subject = Subject::new(&self.source, implementation, prompt + tokens, &self.ctx)?;
        self.state = Some(State {
            prompt: subject.tokens.prompt(prompt)?,
            subject,
            first: Vec::new(),
            said: Vec::new(),
            latencies: Latencies::default(),
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = self.state.as_mut().ok_or_else(super::not_set_up)?;
        write(
            state.subject.model.as_mut(),
            &state.prompt,
            self.config.tokens,
            &mut state.said,
            &mut state.latencies,
        )?;
        if state.first.is_empty() {
            state.first.clone_from(&state.said);
        }
        self.ctx.progress();
        Ok(Digest::from(
            state
                .said
                .iter()
                .map(|token| u64::from(*token))
                .sum::<u64>(),
        ))
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = self.state.as_mut().ok_or_else(super::not_set_up)?;
        ensure_right(
            state.said.len() == self.config.tokens,
            || "too few tokens were written",
        )?;
        ensure_right(state.said == state.first, || {
            format!(
                "the tokens {:?} are not those of the first iteration, {:?}",
                state.said, state.first
            )
        })?;
        state.subject.prove(&state.prompt)
    }

    /// Items are the tokens written; the prompt is a pass, and each token but the last another.
    fn work(&self) -> Work {
        let DecodeConfig { prompt, tokens, .. } = self.config;
        let work = Work::items(tokens as f64, "tokens");
        match &self.state {
            Some(state) => {
                let passes = iter::once(prompt).chain(iter::repeat_n(1, tokens - 1));
                state.subject.cost.of(work, passes)
            }
            None => work,
        }
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        if let Some(state) = &mut self.state {
            let latencies = std::mem::take(&mut state.latencies);
            if let Some(first) = latencies.first_token_ns() {
                metrics.set("time-to-first-token", first);
            }
            latencies.report(metrics);
        }
        Ok(())
    }
}

/// Forgets the context, reads `prompt` and writes `count` tokens to `said`.
///
/// # Errors
/// Those of the model.
pub(crate) fn write(
    model: &mut dyn LanguageModel,
    prompt: &[u32],
    count: usize,
    said: &mut Vec<u32>,
    latencies: &mut Latencies,
) -> Result<(), Error> {
    model.reset();
    said.clear();
    let mut last = Instant::now();
    let mut next = largest(model.forward(prompt)?);
    latencies.first(&mut last);
    said.push(next);
    while said.len() < count {
        next = largest(model.forward(&[next])?);
        latencies.next(&mut last);
        said.push(next);
    }
    Ok(())
}
