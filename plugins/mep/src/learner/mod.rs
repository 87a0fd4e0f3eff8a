//! Who turns a batch into new weights: one type over all optimisers, so that every workload drives them alike.

mod backprop;
mod candle;
mod check;
pub(crate) mod config;
mod constants;
mod descent;
mod energy;
mod judge;
mod run;
mod seeds;

use benchhost_plugin_api::{Ctx, Error, Span};
use benchhost_support::{device, nn::fused::Mlp};
use candle_core::Device;

use self::{
    backprop::{BackpropLearner, backprop_flop},
    candle::CandleLearner,
    config::{Implementation, Settings},
    energy::EnergyLearner,
};
use crate::{data::Batch, energy::Settled, network::network};

pub(crate) use judge::Losses;
pub(crate) use run::Trainer;
pub(crate) use seeds::{Seeds, describe_metrics};

/// What a step found before it changed the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    /// Cross-entropy in nats, or the mean of ‖s_L − y‖² of learners that settle.
    pub loss: f64,
    /// What settling took; nothing of learners by backprop.
    pub settled: Settled,
}

/// Where phases are told, if anywhere: proofs and tests tell nobody.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phases(Option<Ctx>);

impl Phases {
    pub(crate) fn of(ctx: &Ctx) -> Self {
        Self(Some(ctx.clone()))
    }

    /// Phase `name` lasts until the value is dropped.
    pub(crate) fn span(&self, name: &'static str) -> Option<Span> {
        self.0.as_ref().map(|ctx| ctx.span(name))
    }
}

/// A network with what changes it.
#[derive(Debug)]
pub(crate) struct Learner {
    kind: Kind,
    widths: Vec<usize>,
}

#[derive(Debug)]
enum Kind {
    Energy(Box<EnergyLearner>),
    Backprop(Box<BackpropLearner>),
    Candle(Box<CandleLearner>),
}

impl Learner {
    /// A learner of networks of `widths`, for batches of up to `rows` rows. Call [`restart`](Self::restart) first.
    pub(crate) fn new(
        settings: &Settings,
        widths: &[usize],
        rows: usize,
        ctx: &Ctx,
    ) -> Result<Self, Error> {
        let device = device(ctx)?;
        let size = (rows, ctx.threads());
        let mlp = || network(widths, 0);
        let kind = match *settings {
            Settings::Torch(rule, Implementation::Candle) => {
                Kind::Candle(Box::new(CandleLearner::new(widths, rule, &device)?))
            }
            _ if !matches!(device, Device::Cpu) => {
                return Err(Error::unsupported(
                    "only implementation = \"candle\" runs on a GPU; use it, or device = \"cpu\"",
                ));
            }
            Settings::Energy {
                settling,
                free_phase,
                update,
            } => Kind::Energy(Box::new(EnergyLearner::new(
                mlp(),
                (settling, free_phase),
                update,
                size,
            ))),
            Settings::Muon(rule) => {
                Kind::Backprop(Box::new(BackpropLearner::muon(mlp(), rule, size)))
            }
            Settings::Torch(rule, Implementation::Fused) => {
                Kind::Backprop(Box::new(BackpropLearner::torch(mlp(), rule, size)))
            }
        };
        Ok(Self {
            kind,
            widths: widths.to_vec(),
        })
    }

    /// Fresh weights from `seed`, everything else as new.
    pub(crate) fn restart(&mut self, seed: u64) -> Result<(), Error> {
        match &mut self.kind {
            Kind::Energy(learner) => {
                learner.network = network(&self.widths, seed);
                learner.updater.reset(seed);
            }
            Kind::Backprop(learner) => {
                learner.network = network(&self.widths, seed);
                learner.restart(seed);
            }
            Kind::Candle(learner) => learner.restart(seed)?,
        }
        Ok(())
    }

    /// One step.
    pub(crate) fn step(&mut self, batch: &Batch, phases: &Phases) -> Result<Step, Error> {
        match &mut self.kind {
            Kind::Energy(learner) => Ok(learner.step(batch, phases)),
            Kind::Backprop(learner) => Ok(learner.step(batch, phases)),
            Kind::Candle(learner) => learner.step(batch, phases),
        }
    }

    /// A copy of the network as it is.
    pub(crate) fn network(&self) -> Result<Mlp, Error> {
        match &self.kind {
            Kind::Energy(learner) => Ok(learner.network.clone()),
            Kind::Backprop(learner) => Ok(learner.network.clone()),
            Kind::Candle(learner) => learner.network(),
        }
    }

    /// Operations of a step of `rows` rows whose settling takes so many passes.
    pub(crate) fn flop(&self, rows: usize, settle_passes: f64) -> f64 {
        match &self.kind {
            Kind::Energy(learner) => learner.flop(rows, settle_passes),
            Kind::Backprop(learner) => learner.flop(rows),
            Kind::Candle(_) => backprop_flop(&network(&self.widths, 0), rows),
        }
    }

    pub(crate) fn settles(&self) -> bool {
        matches!(self.kind, Kind::Energy(_))
    }

    /// Holds one further step on `batch` against plain f64 arithmetic. The learner has taken that step afterwards.
    ///
    /// # Errors
    /// [`Error::wrong`] with the first number that differs.
    pub(crate) fn check(&mut self, batch: &Batch) -> Result<(), Error> {
        match &mut self.kind {
            Kind::Energy(learner) => check::energy(learner, batch),
            Kind::Backprop(learner) => check::backprop(learner, batch),
            Kind::Candle(learner) => check::candle(learner, batch),
        }
    }
}
