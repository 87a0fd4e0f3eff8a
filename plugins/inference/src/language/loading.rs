//! The language model as `load` sees it.

use std::path::{Path, PathBuf};

use benchhost_plugin_api::{Ctx, Error};

use super::{
    gguf::{ModelFile, locate},
    model::{CONTEXT, LanguageModel, Loaded},
    proof,
    tokens::Tokens,
};
use crate::{Implementation, load};

/// A GGUF file on its way into memory.
pub(crate) struct Loading {
    implementation: Implementation,
    path: PathBuf,
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
            path: locate(path)?,
            tokens: None,
            loaded: None,
        })
    }
}

impl load::Loading for Loading {
    fn path(&self) -> &Path {
        &self.path
    }

    fn set_up(&mut self) -> Result<(), Error> {
        self.tokens = Some(Tokens::new()?);
        Ok(())
    }

    fn load(&mut self, ctx: &Ctx) -> Result<(), Error> {
        let file = ModelFile::open(&self.path)?;
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
        proof::knows_paris(model.as_mut(), tokens)
    }
}
