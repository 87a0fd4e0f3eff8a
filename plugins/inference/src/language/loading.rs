//! The language model as `load` sees it.

use std::path::Path;

use benchhost_plugin_api::{Ctx, Error};

use super::{
    gguf::ModelFile,
    model::{CONTEXT, LanguageModel, Loaded},
    proof,
    tokens::Tokens,
};
use crate::{
    Implementation, load,
    pinned::{SMOLLM2, Source},
};

/// A GGUF file on its way into memory.
pub(crate) struct Loading {
    implementation: Implementation,
    source: Source,
    is_pinned: bool,
    tokens: Option<Tokens>,
    loaded: Option<Box<dyn LanguageModel>>,
}

impl Loading {
    /// The file at `path`, or the pinned one where it is empty.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn find(path: &str, implementation: Implementation) -> Result<Self, Error> {
        Ok(Self {
            implementation,
            source: SMOLLM2.locate(path)?,
            is_pinned: false,
            tokens: None,
            loaded: None,
        })
    }
}

impl load::Loading for Loading {
    fn path(&self) -> &Path {
        &self.source.path
    }

    fn set_up(&mut self) -> Result<(), Error> {
        self.tokens = Some(Tokens::new()?);
        self.is_pinned = self.source.is_pinned()?;
        Ok(())
    }

    fn load(&mut self, ctx: &Ctx) -> Result<(), Error> {
        let file = ModelFile::open(&self.source.path)?;
        let loaded = Loaded::new(self.implementation, &file, None, ctx)?;
        self.loaded = Some(loaded.context(CONTEXT, ctx.threads()));
        Ok(())
    }

    fn free(&mut self) {
        self.loaded = None;
    }

    fn prove(&mut self) -> Result<(), Error> {
        let (Some(model), Some(tokens)) = (&mut self.loaded, &self.tokens) else {
            return Err(Error::wrong("no model was loaded"));
        };
        match self.is_pinned {
            true => proof::knows_paris(model.as_mut(), tokens),
            false => proof::is_finite(model.as_mut(), tokens),
        }
    }
}
