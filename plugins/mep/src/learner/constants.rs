//! The numbers of the optimisers: name, help, range, and who uses them.

use super::config::{LearnerConfig, OptimizerKind};

/// A number that may be set, what it may be, and who uses it.
pub(super) struct Constant {
    pub name: &'static str,
    pub help: &'static str,
    pub range: (f64, f64),
    pub value: fn(&LearnerConfig) -> Option<f64>,
    pub used_by: fn(OptimizerKind) -> bool,
}

/// Every number that a suite may set.
pub(super) const CONSTANTS: [Constant; 16] = [
    Constant {
        name: "learning-rate",
        help: "step size",
        range: (1e-9, 1e3),
        value: |c| c.learning_rate,
        used_by: |_| true,
    },
    Constant {
        name: "momentum",
        help: "share of the last step that stays",
        range: (0.0, 0.9999),
        value: |c| c.momentum,
        used_by: |o| !matches!(o, OptimizerKind::Adam | OptimizerKind::AdamW),
    },
    Constant {
        name: "weight-decay",
        help: "decay of the weights; L2 for sgd and adam, decoupled for the others",
        range: (0.0, 1e3),
        value: |c| c.weight_decay,
        used_by: |_| true,
    },
    Constant {
        name: "beta",
        help: "strength of the pull towards the target",
        range: (1e-3, 1e3),
        value: |c| c.beta,
        used_by: OptimizerKind::settles,
    },
    Constant {
        name: "settle-steps",
        help: "most steps of settling",
        range: (1.0, 1e4),
        value: |c| c.settle_steps.map(|steps| steps as f64),
        used_by: OptimizerKind::settles,
    },
    Constant {
        name: "settle-rate",
        help: "first rate of settling",
        range: (1e-9, 1e3),
        value: |c| c.settle_rate,
        used_by: OptimizerKind::settles,
    },
    Constant {
        name: "settle-momentum",
        help: "share of the velocity of the states that stays",
        range: (0.0, 0.9999),
        value: |c| c.settle_momentum,
        used_by: OptimizerKind::settles,
    },
    Constant {
        name: "settle-tolerance",
        help: "settling ends when energy changes by less three times in a row; 0: never early",
        range: (0.0, 1.0),
        value: |c| c.settle_tolerance,
        used_by: OptimizerKind::settles,
    },
    Constant {
        name: "newton-schulz-steps",
        help: "steps of Newton–Schulz; 0: the gradient by its norm",
        range: (0.0, 100.0),
        value: |c| c.newton_schulz_steps.map(|steps| steps as f64),
        used_by: |o| !o.is_torch(),
    },
    Constant {
        name: "spectral-bound",
        help: "bound on the largest singular value of each matrix; 0: none",
        range: (0.0, 1e6),
        value: |c| c.spectral_bound,
        used_by: |o| !o.is_torch(),
    },
    Constant {
        name: "rank-share",
        help: "rank of the direction of large matrices, as a share of their small side",
        range: (0.0, 1.0),
        value: |c| c.rank_share,
        used_by: |o| o == OptimizerKind::Sdmep,
    },
    Constant {
        name: "fisher-decay",
        help: "share of the Fisher matrix that stays",
        range: (0.0, 0.9999),
        value: |c| c.fisher_decay,
        used_by: |o| o == OptimizerKind::NaturalEp,
    },
    Constant {
        name: "fisher-damping",
        help: "added to its diagonal",
        range: (1e-9, 1e6),
        value: |c| c.fisher_damping,
        used_by: |o| o == OptimizerKind::NaturalEp,
    },
    Constant {
        name: "beta1",
        help: "decay of the mean of gradients",
        range: (0.0, 0.999_999),
        value: |c| c.beta1,
        used_by: |o| matches!(o, OptimizerKind::Adam | OptimizerKind::AdamW),
    },
    Constant {
        name: "beta2",
        help: "decay of the mean of squared gradients",
        range: (0.0, 0.999_999),
        value: |c| c.beta2,
        used_by: |o| matches!(o, OptimizerKind::Adam | OptimizerKind::AdamW),
    },
    Constant {
        name: "eps",
        help: "added to the root of the second moment",
        range: (1e-16, 1.0),
        value: |c| c.eps,
        used_by: |o| matches!(o, OptimizerKind::Adam | OptimizerKind::AdamW),
    },
];
