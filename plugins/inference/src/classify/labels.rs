//! Photos whose class is known, as `accuracy` and `load` see them.

use std::path::Path;

use benchhost_plugin_api::{Ctx, Digest, Error};
use benchhost_support::device;
use candle_core::Device;

use super::{
    Classifier,
    layout::Layout,
    photos::PHOTOS,
    state::{State, most_likely},
};
use crate::{
    Implementation,
    accuracy::KnownAnswers,
    load,
    pinned::{EFFICIENT_NET, Source},
    tensors::Tensors,
};

/// The kind `labels` of `accuracy`.
pub(crate) struct Labels {
    state: State,
}

impl Labels {
    /// Loads the model of `source`; the probabilities of the pinned one are known.
    ///
    /// # Errors
    /// It cannot be loaded.
    pub(crate) fn new(
        source: &Source,
        implementation: Implementation,
        place: (&Device, usize),
    ) -> Result<Self, Error> {
        let (tensors, layout) = (Tensors::load(&source.path)?, Layout::lite0());
        let classifier = Classifier::new(implementation, (layout.clone(), &tensors), place)?;
        Ok(Self {
            state: State::new(classifier, (&layout, &tensors), PHOTOS.len())?
                .with_known_answers(source.is_pinned()?),
        })
    }
}

impl KnownAnswers for Labels {
    fn ask(&mut self, _: &Ctx) -> Result<Digest, Error> {
        self.state.iterate()?;
        Ok(self.state.logits[0].into())
    }

    fn count(&self) -> usize {
        self.state.photos.len()
    }

    fn right(&self) -> usize {
        let rows = self.state.rows();
        rows.filter(|(photo, logits)| most_likely(logits).0 == photo.class)
            .count()
    }

    fn check(&self) -> Result<(), Error> {
        self.state.check()
    }
}

/// A safetensors file on its way into memory.
pub(crate) struct Loading {
    implementation: Implementation,
    source: Source,
    is_pinned: bool,
    loaded: Option<Classifier>,
}

impl Loading {
    /// The file at `path`, or the pinned one where it is empty.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn find(path: &str, implementation: Implementation) -> Result<Self, Error> {
        Ok(Self {
            implementation,
            source: EFFICIENT_NET.locate(path)?,
            is_pinned: false,
            loaded: None,
        })
    }
}

impl load::Loading for Loading {
    fn path(&self) -> &Path {
        &self.source.path
    }

    fn set_up(&mut self) -> Result<(), Error> {
        self.is_pinned = self.source.is_pinned()?;
        Ok(())
    }

    fn load(&mut self, ctx: &Ctx) -> Result<(), Error> {
        let place = (&device(ctx)?, ctx.threads());
        let tensors = Tensors::load(&self.source.path)?;
        let model = (Layout::lite0(), &tensors);
        self.loaded = Some(Classifier::new(self.implementation, model, place)?);
        Ok(())
    }

    fn free(&mut self) {
        self.loaded = None;
    }

    /// Classifies the photos; the model is moved to them and back.
    fn prove(&mut self) -> Result<(), Error> {
        let Some(classifier) = self.loaded.take() else {
            return Err(Error::wrong("no model was loaded"));
        };
        let (tensors, layout) = (Tensors::load(&self.source.path)?, Layout::lite0());
        let mut state = State::new(classifier, (&layout, &tensors), PHOTOS.len())?
            .with_known_answers(self.is_pinned);
        state.iterate()?;
        let proof = state.check();
        self.loaded = Some(state.classifier);
        proof
    }
}
