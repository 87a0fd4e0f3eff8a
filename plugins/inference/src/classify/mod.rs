//! Workload `classify`: one iteration classifies a batch of photos with EfficientNet-Lite0.

mod config;
mod labels;
mod layout;
mod net;
mod photos;
#[cfg(test)]
mod reference;
mod state;
mod stock;
#[cfg(test)]
mod tests;

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Metrics, Work, Workload};
use benchhost_support::device;
use candle_core::Device;
use rayon::prelude::*;

use self::{
    layout::Layout,
    net::{Net, Scratch},
    state::State,
    stock::Stock,
};
use crate::{
    Implementation,
    pinned::{EFFICIENT_NET, Source},
    tensors::Tensors,
};

pub use config::ClassifyConfig;
pub(crate) use labels::{Labels, Loading};
pub(crate) use layout::{fold_with, normalisation};
pub(crate) use net::channels_last;

/// Classifies photos.
#[derive(Debug)]
pub struct Classify {
    config: ClassifyConfig,
    ctx: Ctx,
    device: Device,
    source: Source,
    state: Option<State>,
}

/// A net that is ready, of either implementation.
#[derive(Debug)]
pub(crate) enum Classifier {
    Fused {
        net: Box<Net>,
        /// For each thread.
        scratch: Vec<Scratch>,
    },
    Candle(Box<Stock>),
}

impl Classifier {
    pub(crate) fn new(
        implementation: Implementation,
        (layout, tensors): (Layout, &Tensors),
        (device, threads): (&Device, usize),
    ) -> Result<Self, Error> {
        Ok(match implementation {
            Implementation::Fused => Self::Fused {
                net: Box::new(Net::new(layout, tensors)?),
                scratch: vec![Scratch::default(); threads.max(1)],
            },
            Implementation::Candle => Self::Candle(Box::new(Stock::new(&layout, tensors, device)?)),
        })
    }

    /// Logits of `images`, `[batch, side, side, 3]`, into `logits`, `[batch, classes]`.
    pub(crate) fn classify(
        &mut self,
        images: &[f32],
        side: usize,
        logits: &mut [f32],
    ) -> Result<(), Error> {
        let image = 3 * side * side;
        let batch = images.len() / image;
        match self {
            Self::Fused { net, scratch } => {
                let classes = net.classes();
                let all = |images: &[f32], logits: &mut [f32], scratch: &mut Scratch| {
                    let images = images.chunks_exact(image);
                    for (image, logits) in images.zip(logits.chunks_exact_mut(classes)) {
                        net.classify(image, logits, scratch);
                    }
                };
                let share = batch.div_ceil(scratch.len());
                if share == batch {
                    all(images, logits, &mut scratch[0]);
                    return Ok(());
                }
                let shares = images.par_chunks(share * image);
                let shares = shares.zip(logits.par_chunks_mut(share * classes));
                shares
                    .zip(scratch)
                    .for_each(|((images, logits), scratch)| all(images, logits, scratch));
            }
            Self::Candle(stock) => {
                logits.copy_from_slice(&stock.classify(images, (batch, side))?);
            }
        }
        Ok(())
    }
}

impl Workload for Classify {
    type Config = ClassifyConfig;

    fn describe() -> Description {
        config::describe()
    }

    fn create(config: ClassifyConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.check(ctx)?;
        Ok(Self {
            device: device(ctx)?,
            source: EFFICIENT_NET.locate(&config.model)?,
            config,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let tensors = Tensors::load(&self.source.path)?;
        let place = (&self.device, self.ctx.threads());
        let layout = Layout::lite0();
        let classifier = Classifier::new(
            self.config.implementation,
            (layout.clone(), &tensors),
            place,
        )?;
        let state = State::new(classifier, (&layout, &tensors), self.config.batch)?;
        self.state = Some(state.with_known_answers(self.source.is_pinned()?));
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = set_up(&mut self.state)?;
        state.iterate()?;
        Ok(state.logits[0].into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = set_up(&mut self.state)?;
        state.check()?;
        state.check_others()
    }

    fn work(&self) -> Work {
        let batch = self.config.batch as f64;
        let work = Work::items(batch, "images");
        match &self.state {
            Some(state) => work.flop(batch * state.flop).bytes(state.bytes()),
            None => work,
        }
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        metrics.set("parameters", set_up(&mut self.state)?.parameters as f64);
        Ok(())
    }
}

fn set_up(state: &mut Option<State>) -> Result<&mut State, Error> {
    state
        .as_mut()
        .ok_or_else(|| Error::failed("used before setup"))
}
