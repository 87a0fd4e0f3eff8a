//! The encoder as `load` sees it.

use std::path::Path;

use benchhost_plugin_api::{Ctx, Error};
use benchhost_support::device;

use super::{
    encoder::{Encoder, Files},
    pairs::{Texts, check_cosines},
};
use crate::{Implementation, load};

/// A safetensors file on its way into memory.
pub(crate) struct Loading {
    implementation: Implementation,
    files: Files,
    /// Whether the cosines of the known texts hold.
    is_pinned: bool,
    texts: Option<Texts>,
    loaded: Option<Encoder>,
}

impl Loading {
    /// The model at `path`, or the pinned one where it is empty.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn find(path: &str, implementation: Implementation) -> Result<Self, Error> {
        Ok(Self {
            implementation,
            files: Files::find(path)?,
            is_pinned: false,
            texts: None,
            loaded: None,
        })
    }
}

impl load::Loading for Loading {
    fn path(&self) -> &Path {
        &self.files.source.path
    }

    fn set_up(&mut self) -> Result<(), Error> {
        self.is_pinned = self.files.source.is_pinned()?;
        self.texts = Some(Texts::new(&self.files, super::KNOWN)?);
        Ok(())
    }

    fn load(&mut self, ctx: &Ctx) -> Result<(), Error> {
        let place = (&device(ctx)?, ctx.threads());
        self.loaded = Some(Encoder::load(self.implementation, &self.files, place)?);
        Ok(())
    }

    fn free(&mut self) {
        self.loaded = None;
    }

    fn prove(&mut self) -> Result<(), Error> {
        let (Some(encoder), Some(texts)) = (&mut self.loaded, &self.texts) else {
            return Err(Error::wrong("no model was loaded"));
        };
        let cosines = texts.cosines(encoder)?;
        check_cosines(&cosines, self.is_pinned)
    }
}
