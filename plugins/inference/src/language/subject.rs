//! The model under measurement with its tokenizer, and the proof that it is right.

use benchhost_plugin_api::{Ctx, Error};

use super::{
    cost::Cost,
    gguf::ModelFile,
    model::{CONTEXT, LanguageModel, Loaded, other},
    proof,
    tokens::Tokens,
};
use crate::{
    Implementation,
    pinned::{SMOLLM2, Source},
};

/// Tokens at the beginning of a prompt that both implementations read.
const REFERENCE_PROMPT: usize = 16;

/// Tokens that they then decode.
const REFERENCE_STEPS: usize = 4;

/// Room that the questions of a proof need.
const PROOF: usize = 128;

/// What the workloads measure.
pub(crate) struct Subject {
    implementation: Implementation,
    file: ModelFile,
    is_pinned: bool,
    ctx: Ctx,
    loaded: Loaded,
    pub(crate) model: Box<dyn LanguageModel>,
    pub(crate) tokens: Tokens,
    /// What passes cost.
    pub(crate) cost: Cost,
    /// Tokens the context has room for.
    capacity: usize,
    /// The reference has agreed once; it would agree again.
    proved: bool,
}

impl Subject {
    /// Loads the model of `source`, with a context for `capacity` tokens.
    ///
    /// # Errors
    /// Those of the loading.
    pub(crate) fn new(
        source: &Source,
        implementation: Implementation,
        capacity: usize,
        ctx: &Ctx,
    ) -> Result<Self, Error> {
        let file = ModelFile::open(&source.path)?;
        let loaded = Loaded::new(implementation, &file, None, ctx)?;
        let capacity = capacity.max(PROOF);
        Ok(Self {
            implementation,
            is_pinned: source.is_pinned()?,
            cost: file.cost(None)?,
            file,
            ctx: ctx.clone(),
            model: loaded.context(capacity, ctx.threads()),
            loaded,
            tokens: Tokens::new()?,
            capacity,
            proved: false,
        })
    }

    /// Another context over the same weights, computed by `threads`.
    pub(crate) fn context(&self, threads: usize) -> Box<dyn LanguageModel> {
        self.loaded.context(self.capacity, threads)
    }

    /// Whether this is the model whose answers are known.
    pub(crate) fn is_pinned(&self) -> bool {
        self.is_pinned
    }

    /// The same file in the other implementation.
    ///
    /// # Errors
    /// Those of the loading.
    pub(crate) fn other(&self) -> Result<Box<dyn LanguageModel>, Error> {
        let loaded = Loaded::new(other(self.implementation), &self.file, None, &self.ctx)?;
        Ok(loaded.context(self.capacity, self.ctx.threads()))
    }

    /// Proves the model on `prompt`, once: the other implementation has the same logits for its beginning and for some
    /// tokens after that; and the pinned model knows the capital of France.
    ///
    /// # Errors
    /// [`Error::wrong`] saying what differs.
    pub(crate) fn prove(&mut self, prompt: &[u32]) -> Result<(), Error> {
        if self.proved {
            return Ok(());
        }
        let mut reference = self.other()?;
        let beginning = &prompt[..REFERENCE_PROMPT.min(prompt.len())];
        proof::agree(
            self.model.as_mut(),
            reference.as_mut(),
            beginning,
            REFERENCE_STEPS,
        )?;
        if self.is_pinned() {
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
pub(crate) fn check(path: &str, prompt: usize, answer: usize) -> Result<Source, Error> {
    super::within("prompt", prompt, (1, CONTEXT - answer))?;
    SMOLLM2.locate(path)
}
