//! An encoder of either implementation, from its files to embeddings.

use std::path::PathBuf;

use benchhost_plugin_api::Error;
use candle_core::Device;
use rayon::prelude::*;

use super::{
    bert::{Bert, Scratch, Shape},
    stock::Stock,
};
use crate::{
    Implementation,
    pinned::{MINI_LM, Source},
    tensors::Tensors,
};

/// Where the three files of a model lie.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    pub source: Source,
    pub config: String,
    pub tokenizer: PathBuf,
}

impl Files {
    /// The files beside `model`, or those of all-MiniLM-L6-v2 when it is empty.
    pub(crate) fn find(model: &str) -> Result<Self, Error> {
        Self::beside(MINI_LM.locate(model)?)
    }

    /// The files beside the weights at `source`.
    pub(crate) fn beside(source: Source) -> Result<Self, Error> {
        let config = source.beside("config.json")?;
        let text = std::fs::read_to_string(&config);
        let context = |error| Error::from(error).context(format!("reading {}", config.display()));
        Ok(Self {
            config: text.map_err(context)?,
            tokenizer: source.beside("tokenizer.json")?,
            source,
        })
    }

    pub(crate) fn shape(&self) -> Result<Shape, Error> {
        let shape = serde_json::from_str(&self.config).map_err(Error::from);
        let shape = shape.and_then(|shape: Shape| shape.check().map(|()| shape));
        let config = self.source.path.with_file_name("config.json");
        shape.map_err(|error| error.context(format!("reading {}", config.display())))
    }
}

/// A model that is ready.
#[derive(Debug)]
pub(crate) enum Encoder {
    Fused {
        bert: Box<Bert>,
        /// For each thread.
        scratch: Vec<Scratch>,
    },
    Candle(Box<Stock>),
}

impl Encoder {
    /// Reads and prepares the model; `threads` share a batch by its sentences.
    pub(crate) fn load(
        implementation: Implementation,
        files: &Files,
        (device, threads): (&Device, usize),
    ) -> Result<Self, Error> {
        let (shape, weights) = (files.shape()?, &files.source.path);
        match implementation {
            Implementation::Fused => Self::fused(shape, Tensors::load(weights)?, threads),
            Implementation::Candle => {
                let stock = Stock::load(weights, &files.config, device);
                let stock = stock
                    .map_err(|error| error.context(format!("reading {}", weights.display())))?;
                Ok(Self::Candle(Box::new(stock)))
            }
        }
    }

    pub(crate) fn fused(shape: Shape, tensors: Tensors, threads: usize) -> Result<Self, Error> {
        Ok(Self::Fused {
            bert: Box::new(Bert::new(shape, tensors)?),
            scratch: vec![Scratch::new(); threads.max(1)],
        })
    }

    /// The unit-length embeddings of sentences of equal length into `out`, `[sentences, hidden]`.
    pub(crate) fn embed(&mut self, sentences: &[Vec<u32>], out: &mut [f32]) -> Result<(), Error> {
        match self {
            Self::Fused { bert, scratch } => {
                let share = sentences.len().div_ceil(scratch.len());
                let hidden = out.len() / sentences.len();
                if share == sentences.len() {
                    bert.embed(sentences, out, &mut scratch[0]);
                    return Ok(());
                }
                let shares = sentences
                    .par_chunks(share)
                    .zip(out.par_chunks_mut(share * hidden));
                shares
                    .zip(scratch)
                    .for_each(|((sentences, out), scratch)| bert.embed(sentences, out, scratch));
            }
            Self::Candle(stock) => out.copy_from_slice(&stock.embed(sentences)?),
        }
        Ok(())
    }
}
