//! Workload `prefill`: reading a prompt, all tokens at once.

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Param, Work, Workload, ensure_right};
use serde::{Deserialize, Serialize};

use super::{
    model::CONTEXT,
    proof,
    subject::{Subject, check},
};
use crate::{Implementation, pinned::Source};

/// Parameters of [`Prefill`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct PrefillConfig {
    pub model: String,
    pub implementation: Implementation,
    pub prompt: usize,
}

impl Default for PrefillConfig {
    fn default() -> Self {
        Self {
            model: String::new(),
            implementation: Implementation::Fused,
            prompt: 100,
        }
    }
}

/// Reads a prompt.
pub struct Prefill {
    config: PrefillConfig,
    source: Source,
    ctx: Ctx,
    state: Option<State>,
}

struct State {
    subject: Subject,
    prompt: Vec<u32>,
    /// Of the last iteration.
    logits: Vec<f32>,
    /// The prompt read one token at a time.
    expected: Option<Vec<f32>>,
}

impl Workload for Prefill {
    type Config = PrefillConfig;

    fn describe() -> Description {
        Description::new("Reads a prompt of plain English: all its tokens at once, and the logits of what comes next.")
            .param(Param::new("model", "path of a GGUF file; empty: SmolLM2-135M from the folders of BENCHHOST_DATA"))
            .param(Param::new("implementation", "who computes").choices(Implementation::NAMES))
            .param(Param::new("prompt", "length of the prompt").unit("tokens").range(1.0, CONTEXT as f64))
    }

    fn create(config: PrefillConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.implementation.check(ctx)?;
        let source = check(&config.model, config.prompt, 0)?;
        Ok(Self {
            config,
            source,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let subject = Subject::new(
            &self.source,
            self.config.implementation,
            self.config.prompt,
            &self.ctx,
        )?;
        self.state = Some(State {
            prompt: subject.tokens.prompt(self.config.prompt)?,
            subject,
            logits: Vec::new(),
            expected: None,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = self.state.as_mut().ok_or_else(super::not_set_up)?;
        state.subject.model.reset();
        let logits = state.subject.model.forward(&state.prompt)?;
        state.logits.clear();
        state.logits.extend_from_slice(logits);
        Ok(Digest::from(state.logits[0]))
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = self.state.as_mut().ok_or_else(super::not_set_up)?;
        ensure_right(!state.logits.is_empty(), || "no prompt was read")?;
        if state.expected.is_none() {
            state.expected = Some(self.config.one_by_one(state)?);
        }
        let expected = state.expected.as_deref().unwrap_or_default();
        match self.config.implementation {
            // Not a bit may differ: the sums are the same, in the same order.
            Implementation::Fused => ensure_right(state.logits == expected, || {
                format!(
                    "the logits of the prompt differ by {:.1e} of their deviation from those of the same prompt read one token \
                     at a time, expected not at all",
                    proof::difference(&state.logits, expected)
                )
            })?,
            Implementation::Candle => {
                proof::near("the prompt", &state.logits, expected, proof::MANY_TOKENS)?
            }
        }
        state.subject.prove(&state.prompt)
    }

    /// Items are tokens; all of them are one pass.
    fn work(&self) -> Work {
        let work = Work::items(self.config.prompt as f64, "tokens");
        match &self.state {
            Some(state) => state.subject.cost.of(work, [self.config.prompt]),
            None => work,
        }
    }
}

impl PrefillConfig {
    /// The same prompt, one token at a time; by the fused model, because candle would take minutes.
    fn one_by_one(&self, state: &mut State) -> Result<Vec<f32>, Error> {
        // On one thread: how many there are must not change a bit, either.
        let mut model = match self.implementation {
            Implementation::Fused => state.subject.context(1),
            Implementation::Candle => state.subject.other()?,
        };
        let (last, before) = state.prompt.split_last().ok_or_else(super::not_set_up)?;
        for token in before {
            model.forward(&[*token])?;
        }
        Ok(model.forward(&[*last])?.to_vec())
    }
}
