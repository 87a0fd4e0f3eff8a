//! The model under measurement with its tokenizer, and the proof that it is right.

use std::path::PathBuf;

use benchhost_plugin_api::{Ctx, Error};

use super::{
    gguf::{ModelFile, locate},
    model::{self, CONTEXT, Implementation, LanguageModel},
    proof,
    tokens::Tokens,
};

/// Tokens of a prompt that candle, which is slow, reads to be the reference.
const REFERENCE_PROMPT: usize = 16;

/// Tokens that it then decodes.
const REFERENCE_STEPS: usize = 4;

/// What `prefill` and `decode` measure.
pub(crate) struct Subject {
    implementation: Implementation,
    path: PathBuf,
    ctx: Ctx,
    pub(crate) model: Box<dyn LanguageModel>,
    pub(crate) tokens: Tokens,
    /// The reference has agreed once; it would agree again.
    proved: bool,
}

impl Subject {
    /// Loads the model at `path`.
    ///
    /// # Errors
    /// Those of the loading.
    pub(crate) fn new(
        path: PathBuf,
        implementation: Implementation,
        ctx: &Ctx,
    ) -> Result<Self, Error> {
        Ok(Self {
            implementation,
            model: model::load(implementation, &path, ctx)?,
            path,
            ctx: ctx.clone(),
            tokens: Tokens::new()?,
            proved: false,
        })
    }

    /// The same file in the other implementation.
    ///
    /// # Errors
    /// Those of the loading.
    pub(crate) fn other(&self, ctx: &Ctx) -> Result<Box<dyn LanguageModel>, Error> {
        model::load(self.implementation.other(), &self.path, ctx)
    }

    /// Proves the model on `prompt`, once: the other implementation has the same logits for the prompt (its beginning,
    /// where the other one is candle) and some tokens after it; and the pinned model knows the capital of France.
    ///
    /// # Errors
    /// [`Error::wrong`] saying what differs.
    pub(crate) fn prove(&mut self, prompt: &[u32]) -> Result<(), Error> {
        if self.proved {
            return Ok(());
        }
        let mut reference = self.other(&self.ctx)?;
        let most = match self.implementation {
            Implementation::Fused => REFERENCE_PROMPT,
            Implementation::Candle => prompt.len(),
        };
        let beginning = &prompt[..most.min(prompt.len())];
        proof::agree(
            self.model.as_mut(),
            reference.as_mut(),
            beginning,
            REFERENCE_STEPS,
        )?;
        if ModelFile::open(&self.path)?.is_pinned() {
            proof::knows_paris(self.model.as_mut(), &self.tokens)?;
        }
        self.proved = true;
        Ok(())
    }
}

/// The file at `path`, or the pinned one; and a prompt that fits into a context beside `answer` tokens.
///
/// # Errors
/// [`Error::config`] for a length that does not fit; [`Error::unsupported`] without the file.
pub(crate) fn check(path: &str, prompt: usize, answer: usize) -> Result<PathBuf, Error> {
    let most = CONTEXT - answer;
    if !(1..=most).contains(&prompt) {
        return Err(Error::config(format!(
            "prompt is {prompt}, expected 1 to {most} tokens"
        )));
    }
    locate(path)
}
