//! Workload `data`: making signals, cutting windows, putting batches together — what happens before a model.

mod check;
mod config;
mod views;

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Work, Workload};
use benchhost_support::{
    device,
    signals::{Signals, Synthetic},
};
use candle_core::{Device, Tensor};

use self::{check::check_family, views::Views};
use crate::{
    pairs::{Batch, Pairs},
    source::warn_left_out,
};

pub use config::{DataConfig, Stage};

/// Prepares data for a model.
#[derive(Debug)]
pub struct Data {
    config: DataConfig,
    ctx: Ctx,
    device: Device,
    state: State,
}

#[derive(Debug)]
enum State {
    Empty,
    Generate {
        family: Synthetic,
        last: Option<Signals>,
    },
    Windows(Box<Views>),
    Batch {
        pairs: Box<Pairs>,
        last: Option<(Batch, Tensor)>,
    },
}

impl Workload for Data {
    type Config = DataConfig;

    fn describe() -> Description {
        config::describe()
    }

    fn create(config: DataConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.check()?;
        Ok(Self {
            device: device(ctx)?,
            config,
            ctx: ctx.clone(),
            state: State::Empty,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let (config, seed) = (&self.config, self.ctx.seed());
        self.state = match (config.stage, config.source().synthetic()) {
            (Stage::Generate, Some(family)) => State::Generate { family, last: None },
            (Stage::Generate | Stage::Windows, _) => {
                let views = Views::new(config.source().load(seed)?, config.windowing(), seed)?;
                warn_left_out(&self.ctx, &views.signals);
                State::Windows(Box::new(views))
            }
            (Stage::Batch, _) => {
                let signals = config.source().load(seed)?;
                let batch = (config.batch, config.repeat_ids);
                let pairs = Pairs::new(signals, config.windowing(), batch, seed)?;
                warn_left_out(&self.ctx, &pairs.signals);
                State::Batch {
                    pairs: Box::new(pairs),
                    last: None,
                }
            }
        };
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        match &mut self.state {
            State::Empty => Err(Error::failed("used before setup")),
            State::Generate { family, last } => {
                let signals = family.generate(self.config.ids, self.config.length, self.ctx.seed());
                let digest = signals.ids.iter().map(|id| id.values[0]).sum::<f32>();
                *last = Some(signals);
                Ok(digest.into())
            }
            State::Windows(views) => Ok(views.find().into()),
            State::Batch { pairs, last } => {
                let mut batch = pairs.next_batch();
                let shape = (2 * self.config.batch, pairs.width());
                let views = std::mem::take(&mut batch.views);
                let views = Tensor::from_vec(views, shape, &self.device)?;
                let digest = batch.starts.iter().map(|starts| starts[0]).sum::<usize>();
                *last = Some((batch, views));
                Ok(digest.into())
            }
        }
    }

    fn synchronise(&mut self) -> Result<(), Error> {
        Ok(self.device.synchronize()?)
    }

    fn verify(&mut self) -> Result<(), Error> {
        let nothing = || Error::wrong("no iteration was done");
        match &self.state {
            State::Empty => Err(nothing()),
            State::Generate { family, last } => {
                let signals = last.as_ref().ok_or_else(nothing)?;
                check_family(*family, signals, self.ctx.seed())
            }
            State::Windows(views) => views.check(),
            State::Batch { pairs, last } => {
                let (batch, views) = last.as_ref().ok_or_else(nothing)?;
                let views: Vec<f32> = views.flatten_all()?.to_vec1()?;
                pairs.check(&batch.ids, &batch.starts, (&views, |value| value))
            }
        }
    }

    /// Bytes: values written (generate), read and written (batch); windows are views and move none.
    fn work(&self) -> Work {
        match &self.state {
            State::Empty => Work::default(),
            State::Generate { .. } => {
                let samples = (self.config.ids * self.config.length) as f64;
                Work::items(samples, "samples").bytes(4.0 * samples)
            }
            State::Windows(views) => Work::items(views.total() as f64, "windows"),
            State::Batch { pairs, .. } => {
                let values = (2 * self.config.batch * pairs.width()) as f64;
                Work::items(self.config.batch as f64, "samples").bytes(2.0 * 4.0 * values)
            }
        }
    }
}
