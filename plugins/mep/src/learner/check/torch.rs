//! A step of one of torch's optimisers: the learner's own moments and parameters before and after it, all of them.
//!
//! Each link is held against what it was really given: the moments against those before and the gradient, the parameters
//! against the new moments. An update that never reaches the parameters is wrong.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::nn::{
    AdamParams, Decay,
    fused::{Optimizer, Rule, SgdParams},
};

use super::TOLERANCE;

/// Rounding of a parameter in f32 by the few operations of an update, relative to it.
const ROUNDING: f64 = 4.0 * f32::EPSILON as f64;

/// Squares of gradients below this are no normal numbers of f32 any more.
const SMALLEST: f64 = 1e-36;

/// Parameters and moments at one moment, as the parameters lie.
#[derive(Debug, Clone)]
pub(super) struct TorchState {
    pub parameters: Vec<f32>,
    /// Empty where the rule keeps none.
    pub first: Vec<f32>,
    pub second: Vec<f32>,
    pub steps: i32,
}

/// What a step did.
#[derive(Debug, Clone)]
pub(super) struct TorchStep {
    pub rule: Rule,
    pub gradients: Vec<f32>,
    pub before: TorchState,
    pub after: TorchState,
}

/// A parameter in f64: its value, gradient and moments before the step, and what the step left of them.
struct Place {
    theta: f64,
    gradient: f64,
    first: f64,
    second: f64,
    new_theta: f64,
    new_first: Option<f64>,
    new_second: f64,
}

impl TorchState {
    pub(super) fn of(parameters: &[f32], optimizer: &Optimizer) -> Self {
        let (first, second) = optimizer.moments();
        Self {
            parameters: parameters.to_vec(),
            first: first.to_vec(),
            second: second.to_vec(),
            steps: optimizer.steps(),
        }
    }
}

impl TorchStep {
    /// Every moment and every parameter.
    pub(super) fn check(&self) -> Result<(), Error> {
        let (before, after) = (self.before.steps, self.after.steps);
        ensure_right(after == before + 1, || {
            format!("a step took the optimiser from step {before} to step {after}")
        })?;
        for at in 0..self.gradients.len() {
            let place = self.place(at);
            let checked = match &self.rule {
                Rule::Adam(params) => place.check_adam(params, after),
                Rule::Sgd(params) => place.check_sgd(params),
            };
            checked.map_err(|error| error.context(format!("parameter {at}, step {after}")))?;
        }
        Ok(())
    }

    fn place(&self, at: usize) -> Place {
        let wide = |values: &[f32]| values.get(at).copied().map(f64::from);
        Place {
            theta: self.before.parameters[at].into(),
            gradient: self.gradients[at].into(),
            first: wide(&self.before.first).unwrap_or(0.0),
            second: wide(&self.before.second).unwrap_or(0.0),
            new_theta: self.after.parameters[at].into(),
            new_first: wide(&self.after.first),
            new_second: wide(&self.after.second).unwrap_or(0.0),
        }
    }
}

impl Place {
    /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − lr·(m/c₁)/(√(v/c₂) + ε) with cᵢ = 1 − βᵢᵗ; L2 adds λθ to g, AdamW
    /// takes lr·λ·θ off θ.
    ///
    /// Sources: Kingma & Ba (2015), arXiv:1412.6980, algorithm 1; Loshchilov & Hutter (2019), arXiv:1711.05101.
    fn check_adam(&self, params: &AdamParams, steps: i32) -> Result<(), Error> {
        let (l2, shrink) = match params.decay {
            Decay::L2 => (params.weight_decay, 1.0),
            Decay::Decoupled => (0.0, 1.0 - params.learning_rate * params.weight_decay),
        };
        let gradient = self.gradient + l2 * self.theta;
        let size = self.gradient.abs() + l2 * self.theta.abs();
        let (kept, rest) = (params.beta1 * self.first, 1.0 - params.beta1);
        let new_first = self.new_first.unwrap_or(f64::NAN);
        close(
            "the mean of the gradients",
            (new_first, kept + rest * gradient),
            TOLERANCE * (kept.abs() + rest * size),
        )?;
        let (kept, rest) = (params.beta2 * self.second, 1.0 - params.beta2);
        close(
            "the mean of their squares",
            (self.new_second, kept + rest * gradient * gradient),
            TOLERANCE * (kept + rest * size * size),
        )?;
        let (correction1, correction2) = (
            1.0 - params.beta1.powi(steps),
            1.0 - params.beta2.powi(steps),
        );
        let root = (self.new_second / correction2).sqrt() + params.eps;
        let change = params.learning_rate * new_first / correction1 / root;
        self.check_theta(self.theta * shrink, change, change.abs())
    }

    /// m ← μm + g + λθ, θ ← θ − lr·m. Source: `torch/optim/sgd.py`.
    fn check_sgd(&self, params: &SgdParams) -> Result<(), Error> {
        let l2 = params.weight_decay;
        let kept = params.momentum * self.first;
        let step = kept + self.gradient + l2 * self.theta;
        let size = kept.abs() + self.gradient.abs() + l2 * self.theta.abs();
        if let Some(found) = self.new_first {
            close("the buffer", (found, step), TOLERANCE * size)?;
        }
        let rate = params.learning_rate;
        let step = self.new_first.unwrap_or(step);
        self.check_theta(self.theta, rate * step, rate * size)
    }

    /// `change` is held with an error relative to `size`, not to the parameter, beside which it may be small.
    fn check_theta(&self, kept: f64, change: f64, size: f64) -> Result<(), Error> {
        close(
            "its new value",
            (self.new_theta, kept - change),
            TOLERANCE * size + ROUNDING * self.theta.abs(),
        )
    }
}

fn close(what: &str, (found, expected): (f64, f64), tolerance: f64) -> Result<(), Error> {
    // Written so that "not a number" is wrong.
    ensure_right((found - expected).abs() <= tolerance + SMALLEST, || {
        format!("{what} is {found:.8e}, its f64 reference {expected:.8e}")
    })
}
