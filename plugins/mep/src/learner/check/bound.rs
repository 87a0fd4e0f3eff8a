//! The bound on the largest singular value: that the weights were scaled by what three power iterations from the
//! learner's vector give, and that the true value is where it belongs.

use benchhost_plugin_api::{Error, ensure_right};
use candle_core::{Device, Tensor};

use super::{
    TOLERANCE,
    dense::{entries, matrix},
    spectrum::{largest_singular_value, norm},
};

/// Power iterations of an update.
const ITERATIONS: usize = 3;

/// A vector that persists lags behind weights that move: this share of the bound, before the update that is proved.
const LAG: f64 = 0.05;

/// The vector of the power iteration of a matrix before and after an update.
pub(super) type Vectors = [Vec<f32>; 2];

/// `free`: the weights `[inputs, outputs]` before the bound; `factor`: what they were multiplied by; `moved`: singular value
/// of the step that led to them, by which the true value may grow in a direction that the vector has not yet seen (Weyl);
/// `updates`: those since the vector was drawn, this one included.
pub(super) fn check_bound(
    (free, (inputs, outputs)): (&[f64], (usize, usize)),
    (factor, bound): (f64, f64),
    vectors: &Vectors,
    (moved, updates): (f64, usize),
) -> Result<(), Error> {
    let free = &Tensor::from_slice(free, (inputs, outputs), &Device::Cpu)?;
    let (estimate, vector) = iterate(free, &vectors[0])?;
    let expected = (bound / estimate).min(1.0);
    ensure_right((factor - expected).abs() <= TOLERANCE * expected, || {
        format!(
            "the spectral bound scaled the weights by {factor:.6}; power iterations of their vector give {estimate:.6}, so \
             that {expected:.6} is right"
        )
    })?;
    let persists = vectors[1].iter().zip(&vector);
    let off = persists.map(|(found, expected)| (f64::from(*found) - expected).abs());
    ensure_right(
        off.fold(0.0, f64::max) <= TOLERANCE,
        || "the vector of the power iteration is not the one that this update leaves",
    )?;
    let sigma = largest_singular_value(free)?;
    let most = bound * (1.0 + slack(vector.len(), updates)) + moved;
    ensure_right(factor * sigma <= most, || {
        format!(
            "the largest singular value is {:.6} after update {updates}, expected at most {most:.6}",
            factor * sigma
        )
    })
}

/// Three iterations in f64 from `vector`: the estimate of σ, and the vector they leave.
fn iterate(free: &Tensor, vector: &[f32]) -> Result<(f64, Vec<f64>), Error> {
    let mut u = matrix(vector, vector.len(), 1)?;
    let length = norm(&entries(&u)?);
    ensure_right((length - 1.0).abs() <= TOLERANCE, || {
        format!("the vector of the power iteration has length {length:.6}, expected 1")
    })?;
    let mut estimate = 0.0;
    for _ in 0..ITERATIONS {
        let v = free.matmul(&u)?;
        let v = (&v / norm(&entries(&v)?).max(f64::MIN_POSITIVE))?;
        u = free.t()?.matmul(&v)?;
        estimate = norm(&entries(&u)?);
        u = (u / estimate.max(f64::MIN_POSITIVE))?;
    }
    Ok((estimate, entries(&u)?))
}

/// How far the true value may be above the estimate, relative to it: a vector of this length drawn at random, after the
/// power iterations of so many updates, whatever the matrix. Half of what Kuczyński & Woźniakowski (1992) state for the
/// eigenvalue, the square.
fn slack(length: usize, updates: usize) -> f64 {
    let iterations = (ITERATIONS * updates) as f64;
    LAG.max(0.5 * 0.871 * (length as f64).ln() / (iterations - 1.0))
}
