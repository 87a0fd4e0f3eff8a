//! Which optimiser, with which constants: the parameters that all workloads share.
//!
//! What a suite leaves out takes the value of its optimiser; what an optimiser does not use is refused when it is set.

use benchhost_plugin_api::{Description, Error, Param};
use serde::{Deserialize, Serialize};

use super::{Losses, constants::CONSTANTS};
use crate::{energy, update};

/// Which optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerKind {
    /// Settling, Newton–Schulz, spectral bound.
    Smep,
    /// The same with a low-rank direction for large matrices.
    Sdmep,
    /// The same without Newton–Schulz.
    Eqprop,
    /// The same with a few small steps of fixed rate.
    LocalEp,
    /// The same with the inverse Fisher matrix before Newton–Schulz.
    NaturalEp,
    /// Cross-entropy by backprop, Newton–Schulz.
    Muon,
    /// SGD with momentum.
    Sgd,
    /// Adam with L2.
    Adam,
    /// Adam with decoupled decay.
    #[serde(rename = "adamw")]
    AdamW,
}

/// Their names, as a suite writes them.
pub(crate) const NAMES: [&str; 9] = [
    "smep",
    "sdmep",
    "eqprop",
    "local_ep",
    "natural_ep",
    "muon",
    "sgd",
    "adam",
    "adamw",
];

impl OptimizerKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Smep => "smep",
            Self::Sdmep => "sdmep",
            Self::Eqprop => "eqprop",
            Self::LocalEp => "local_ep",
            Self::NaturalEp => "natural_ep",
            Self::Muon => "muon",
            Self::Sgd => "sgd",
            Self::Adam => "adam",
            Self::AdamW => "adamw",
        }
    }

    /// Whether it learns by settling.
    pub(crate) fn settles(self) -> bool {
        !self.is_torch() && self != Self::Muon
    }

    /// Whether it is one of `torch.optim`.
    pub(crate) fn is_torch(self) -> bool {
        matches!(self, Self::Sgd | Self::Adam | Self::AdamW)
    }
}

/// Which code computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Implementation {
    /// Explicit passes over buffers made once.
    Fused,
    /// Stock candle operations and its autograd.
    Candle,
}

/// Whether the phase without a target is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FreePhase {
    /// It starts where it ends, so nothing is lost.
    Skip,
    /// Settled, and subtracted.
    Run,
}

/// How the rate of settling behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// Follows the energy.
    Adaptive,
    /// Stays.
    Fixed,
}

/// The shared parameters; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct LearnerConfig {
    pub optimizer: OptimizerKind,
    pub implementation: Implementation,
    pub free_phase: FreePhase,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle_steps: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle_rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle_momentum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle_pace: Option<Pace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle_tolerance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newton_schulz_steps: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spectral_bound: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_share: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fisher_decay: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fisher_damping: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta1: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta2: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eps: Option<f64>,
}

impl Default for LearnerConfig {
    fn default() -> Self {
        Self {
            optimizer: OptimizerKind::Smep,
            implementation: Implementation::Fused,
            free_phase: FreePhase::Skip,
            learning_rate: None,
            momentum: None,
            weight_decay: None,
            beta: None,
            settle_steps: None,
            settle_rate: None,
            settle_momentum: None,
            settle_pace: None,
            settle_tolerance: None,
            newton_schulz_steps: None,
            spectral_bound: None,
            rank_share: None,
            fisher_decay: None,
            fisher_damping: None,
            beta1: None,
            beta2: None,
            eps: None,
        }
    }
}

/// What is learned, as far as the constants depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Images,
    Xor,
}

/// An optimiser with every constant: nothing is optional any more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Settings {
    /// Settling, then an update.
    Energy {
        settling: energy::Rule,
        free_phase: FreePhase,
        update: update::Rule,
    },
    /// Cross-entropy by backprop, then an update.
    Muon(update::Rule),
    /// One of `torch.optim`.
    Torch(benchhost_support::nn::fused::Rule, Implementation),
}

impl Settings {
    /// Which loss is told.
    pub(crate) fn losses(&self) -> Losses {
        match self {
            Self::Energy { .. } => Losses::Squares,
            Self::Muon(_) | Self::Torch(..) => Losses::CrossEntropy,
        }
    }

    /// Whether the constants are those of `other`; code and free phase change no result.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Energy {
                    settling: a,
                    update: b,
                    ..
                },
                Self::Energy {
                    settling: c,
                    update: d,
                    ..
                },
            ) => (a, b) == (c, d),
            (Self::Muon(a), Self::Muon(b)) => a == b,
            (Self::Torch(a, _), Self::Torch(b, _)) => a == b,
            _ => false,
        }
    }
}

impl LearnerConfig {
    /// Checks every constant and fills in those of the optimiser.
    pub(crate) fn settings(&self, task: Task) -> Result<Settings, Error> {
        self.check()?;
        let rate = |usual: f64| {
            let usual = if task == Task::Xor { 0.1 } else { usual };
            self.learning_rate.unwrap_or(usual)
        };
        Ok(match self.optimizer {
            OptimizerKind::Muon => Settings::Muon(self.update(rate(0.02), 0.0)),
            OptimizerKind::Sgd | OptimizerKind::Adam | OptimizerKind::AdamW => {
                let usual = if self.optimizer == OptimizerKind::Sgd {
                    0.1
                } else {
                    1e-3
                };
                Settings::Torch(self.torch(rate(usual)), self.implementation)
            }
            _ => Settings::Energy {
                settling: self.settling(task),
                free_phase: self.free_phase,
                update: self.update(rate(0.01), 0.95),
            },
        })
    }

    fn check(&self) -> Result<(), Error> {
        let name = self.optimizer.name();
        if self.implementation == Implementation::Candle && !self.optimizer.is_torch() {
            return Err(Error::config(format!(
                "implementation = \"candle\" is there for sgd, adam and adamw, not for {name}"
            )));
        }
        let not_used = |key: &str| {
            Err(Error::config(format!(
                "{key} is set, but {name} does not use it"
            )))
        };
        if !self.optimizer.settles() && self.free_phase == FreePhase::Run {
            return not_used("free-phase");
        }
        if !self.optimizer.settles() && self.settle_pace.is_some() {
            return not_used("settle-pace");
        }
        for constant in &CONSTANTS {
            let Some(value) = (constant.value)(self) else {
                continue;
            };
            if !(constant.used_by)(self.optimizer) {
                return not_used(constant.name);
            }
            let (least, most) = constant.range;
            if !(least..=most).contains(&value) {
                return Err(Error::config(format!(
                    "{} is {value}, expected {least} to {most}",
                    constant.name
                )));
            }
        }
        Ok(())
    }

    fn settling(&self, task: Task) -> energy::Rule {
        let (beta, steps, rate, pace) = match (task, self.optimizer) {
            (Task::Xor, _) => (0.3, 50, 0.1, Pace::Adaptive),
            (_, OptimizerKind::LocalEp) => (0.2, 15, 0.02, Pace::Fixed),
            (_, OptimizerKind::NaturalEp) => (0.5, 10, 0.05, Pace::Adaptive),
            _ => (0.5, 30, 0.15, Pace::Adaptive),
        };
        let pace = self.settle_pace.unwrap_or(pace);
        let tolerance = if pace == Pace::Fixed { 0.0 } else { 1e-3 };
        energy::Rule {
            beta: self.beta.unwrap_or(beta) as f32,
            steps: self.settle_steps.unwrap_or(steps),
            rate: self.settle_rate.unwrap_or(rate) as f32,
            momentum: self.settle_momentum.unwrap_or(0.5) as f32,
            tolerance: self.settle_tolerance.unwrap_or(tolerance),
            adaptive: pace == Pace::Adaptive,
        }
    }

    fn update(&self, learning_rate: f64, bound: f64) -> update::Rule {
        let bound = self.spectral_bound.unwrap_or(bound);
        let steps = if self.optimizer == OptimizerKind::Eqprop {
            0
        } else {
            5
        };
        update::Rule {
            direction: match self.optimizer {
                OptimizerKind::Sdmep => update::Direction::LowRank {
                    share: self.rank_share.unwrap_or(0.2),
                },
                OptimizerKind::NaturalEp => update::Direction::Natural {
                    decay: self.fisher_decay.unwrap_or(0.95),
                    damping: self.fisher_damping.unwrap_or(1e-3),
                },
                _ => update::Direction::Orthogonal,
            },
            newton_schulz_steps: self.newton_schulz_steps.unwrap_or(steps),
            learning_rate: learning_rate as f32,
            momentum: self.momentum.unwrap_or(0.9) as f32,
            weight_decay: self.weight_decay.unwrap_or(5e-4) as f32,
            spectral_bound: (bound > 0.0).then_some(bound),
        }
    }

    fn torch(&self, learning_rate: f64) -> benchhost_support::nn::fused::Rule {
        use benchhost_support::nn::{
            AdamParams, Decay,
            fused::{Rule, SgdParams},
        };
        let weight_decay = |usual: f64| self.weight_decay.unwrap_or(usual);
        let (decay, lambda) = match self.optimizer {
            OptimizerKind::AdamW => (Decay::Decoupled, weight_decay(0.01)),
            _ => (Decay::L2, weight_decay(5e-4)),
        };
        if self.optimizer == OptimizerKind::Sgd {
            return Rule::Sgd(SgdParams {
                learning_rate,
                momentum: self.momentum.unwrap_or(0.9),
                weight_decay: lambda,
            });
        }
        let usual = AdamParams::default();
        Rule::Adam(AdamParams {
            learning_rate,
            beta1: self.beta1.unwrap_or(usual.beta1),
            beta2: self.beta2.unwrap_or(usual.beta2),
            eps: self.eps.unwrap_or(usual.eps),
            weight_decay: lambda,
            decay,
        })
    }
}

/// Adds the shared parameters to the description of a workload.
pub(crate) fn describe(description: Description) -> Description {
    let description = description
        .param(Param::new("optimizer", "who turns a batch into new weights").choices(&NAMES))
        .param(
            Param::new(
                "implementation",
                "explicit passes, or stock candle (sgd, adam, adamw)",
            )
            .choices(&["fused", "candle"]),
        )
        .param(
            Param::new(
                "free-phase",
                "whether the phase without a target, which moves nothing, is settled",
            )
            .choices(&["skip", "run"]),
        )
        .param(
            Param::new(
                "settle-pace",
                "whether the rate of settling follows the energy",
            )
            .choices(&["adaptive", "fixed"]),
        );
    CONSTANTS.iter().fold(description, |description, constant| {
        let (least, most) = constant.range;
        let help = format!("{}; unset: that of the optimizer", constant.help);
        description.param(Param::new(constant.name, help).range(least, most))
    })
}
