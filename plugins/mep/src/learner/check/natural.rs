//! The inverse Fisher matrix before Newton–Schulz: the moving average and the answer of its equation.

use benchhost_plugin_api::{Error, ensure_right};
use candle_core::{DType, Device, Tensor};

use super::{
    TOLERANCE,
    dense::{close, largest, matrix, squares},
};

/// What a Cholesky factor in f32 may leave of the equation, relative to ‖F + λI‖·‖X‖.
const ROUNDING: f64 = 1e-6;

/// F before and after a step, and X with (F + λI)·X = G.
#[derive(Debug, Clone)]
pub(super) struct Solved {
    /// `[inputs, inputs]`.
    pub fisher: [Vec<f32>; 2],
    /// `[inputs, outputs]`: what Newton–Schulz was given.
    pub answer: Vec<f32>,
}

impl Solved {
    /// F' = decay·F + (1 − decay)·GGᵀ and (F' + λI)·X = G, `gradient` G stored as `[inputs, outputs]`.
    pub(super) fn check(
        &self,
        gradient: &[f32],
        (inputs, outputs): (usize, usize),
        (decay, damping): (f64, f64),
    ) -> Result<(), Error> {
        let g = matrix(gradient, inputs, outputs)?;
        let [old, new] = &self.fisher;
        let (old, new) = (matrix(old, inputs, inputs)?, matrix(new, inputs, inputs)?);
        let average = ((old * decay)? + (g.matmul(&g.t()?)? * (1.0 - decay))?)?;
        close(
            "the Fisher matrix",
            (&new, &average),
            TOLERANCE * largest(&average)? + f64::from(f32::MIN_POSITIVE),
        )?;
        let damped = (new + (Tensor::eye(inputs, DType::F64, &Device::Cpu)? * damping)?)?;
        let x = matrix(&self.answer, inputs, outputs)?;
        let left = (damped.matmul(&x)? - &g)?;
        let (left, length) = (squares(&left)?.sqrt(), squares(&g)?.sqrt());
        let reach = squares(&damped)?.sqrt() * squares(&x)?.sqrt();
        ensure_right(
            reach.is_finite() && left <= TOLERANCE * length + ROUNDING * reach,
            || format!("(F + λI)·X differs from the gradient by {left:.2e} of {length:.2e}"),
        )
    }
}
