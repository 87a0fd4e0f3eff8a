//! Momentum, decay and step of an update, every parameter of it.

use benchhost_plugin_api::{Error, ensure_right};

use super::TOLERANCE;
use crate::update::Rule;

/// Rounding of a parameter in f32, relative to the largest one.
const ROUNDING: f64 = 8.0 * f32::EPSILON as f64;

/// Weights or biases of a layer; parameters and momentum before and after.
pub(super) struct Descended<'a> {
    pub parameters: [&'a [f32]; 2],
    pub momentum: [&'a [f32]; 2],
    pub direction: &'a [f32],
}

impl Descended<'_> {
    /// m' = μm + u, and θ' = (θ(1 − lr·λ) − lr·m')·`factor`. The step is held with an error relative to the step, not to the
    /// parameters, beside which it may be small.
    pub(super) fn check(&self, rule: &Rule, factor: f64) -> Result<(), Error> {
        let share = f64::from(rule.momentum);
        let steps = self.momentum[0].iter().zip(self.direction);
        let momentum: Vec<f64> = steps
            .map(|(m, u)| share * f64::from(*m) + f64::from(*u))
            .collect();
        let longest = momentum.iter().fold(0.0, |most: f64, m| most.max(m.abs()));
        let found = self.momentum[1];
        close("momentum", found, &momentum, TOLERANCE * longest)?;
        let expected: Vec<f64> = self.free(rule).iter().map(|free| factor * free).collect();
        let largest = expected.iter().fold(0.0, |most: f64, e| most.max(e.abs()));
        let step = f64::from(rule.learning_rate) * longest;
        let tolerance = TOLERANCE * step * factor + ROUNDING * largest;
        close("parameter", self.parameters[1], &expected, tolerance)
    }

    /// θ(1 − lr·λ) − lr·m', the parameters before any bound.
    pub(super) fn free(&self, rule: &Rule) -> Vec<f64> {
        let rate = f64::from(rule.learning_rate);
        let shrink = 1.0 - rate * f64::from(rule.weight_decay);
        let pairs = self.parameters[0].iter().zip(self.momentum[1]);
        pairs
            .map(|(theta, m)| f64::from(*theta) * shrink - rate * f64::from(*m))
            .collect()
    }

    /// What all of `free` were multiplied by, by least squares; 1 where all are 0.
    pub(super) fn factor(&self, free: &[f64]) -> f64 {
        let pairs = free.iter().zip(self.parameters[1]);
        let dot: f64 = pairs.map(|(free, found)| free * f64::from(*found)).sum();
        let square: f64 = free.iter().map(|free| free * free).sum();
        if square > 0.0 { dot / square } else { 1.0 }
    }
}

fn close(what: &str, found: &[f32], expected: &[f64], tolerance: f64) -> Result<(), Error> {
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let off = (f64::from(*found) - expected).abs();
        // Written so that "not a number" is wrong.
        ensure_right(off <= tolerance + f64::from(f32::MIN_POSITIVE), || {
            format!("{what} {at} is {found:.6e}; momentum, decay and step give {expected:.6e}")
        })?;
    }
    Ok(())
}
