//! Holds what `model` computed against plain f64 arithmetic.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::random::stream;
use candle_core::DType;

use crate::{
    loss::LossKind,
    reference::{self, Layer, dot, signs},
};

/// Rows of the embedding that are compared; the first ones.
pub(super) const ROWS: usize = 4;

/// Parameters of each layer whose gradient is compared, spread over weights and biases.
const SPOTS: usize = 4;

/// Step of the central difference: so small that no ReLU changes its side, and in f64 still far above rounding.
const STEP: f64 = 1e-7;

/// Largest difference allowed, relative to the largest value compared. In half precision a ReLU near 0 may take the
/// other side than in f64, which moves a gradient by a few per cent (3 % was seen with f16).
pub(crate) fn tolerance(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => 1e-1,
        DType::BF16 => 2e-1,
        _ => 1e-3,
    }
}

/// An encoder and rows of its input in f64.
pub(super) struct Plain {
    pub layers: Vec<Layer>,
    pub rows: Vec<Vec<f64>>,
}

impl Plain {
    /// The embedding `found`, `[rows or more, outputs]`, against a forward pass in f64.
    pub(super) fn check_embedding(&self, found: &[f64], dtype: DType) -> Result<(), Error> {
        let rows = self.rows.iter().take(ROWS);
        let plain: Vec<f64> = rows
            .flat_map(|row| reference::embed(&self.layers, row))
            .collect();
        ensure_right(
            found.iter().all(|v| v.is_finite()),
            || "the embedding is not finite",
        )?;
        compare("embedding", &found[..plain.len()], &plain, tolerance(dtype))
    }

    /// The gradients `found` of each layer (weights `[out, in]`, then biases) against central differences of the f64
    /// forward pass: a few of them, and all in the direction of random signs (Freivalds, 1977, IFIP Congress, 839–842).
    pub(super) fn check_gradients(&self, found: &[Vec<f64>], dtype: DType) -> Result<(), Error> {
        let mut rng = stream(0, "proof");
        let mut activations = self.rows.clone();
        let count = activations.len() as f64;
        for (index, (layer, grads)) in self.layers.iter().zip(found).enumerate() {
            ensure_right(grads.iter().all(|g| g.is_finite()), || {
                format!("a gradient of layer {index} is not finite")
            })?;
            let rest = &self.layers[index + 1..];
            let outputs: Vec<Vec<f64>> = activations
                .iter()
                .map(|x| reference::linear(layer, x))
                .collect();
            let loss = |parameter, delta| {
                let rows = activations.iter().zip(&outputs).map(|(x, y)| {
                    reference::finish(rest, reference::nudged(layer, (x, y), parameter, delta))
                });
                rows.flatten().map(|v| v * v).sum::<f64>() / (2.0 * count)
            };
            let spots = spots(grads, layer.weight.len());
            let difference = |spot| (loss(spot, STEP) - loss(spot, -STEP)) / (2.0 * STEP);
            let expected: Vec<f64> = spots.iter().map(|spot| difference(*spot)).collect();
            let picked: Vec<f64> = spots.iter().map(|spot| grads[*spot]).collect();
            let name = format!("gradients of layer {index}");
            compare(&name, &picked, &expected, tolerance(dtype))?;

            // W + h·t·sᵀ and b + h·t: one direction that every gradient has its part in.
            let inputs = layer.weight.len() / layer.bias.len();
            let (s, t) = (signs(&mut rng, inputs), signs(&mut rng, layer.bias.len()));
            let moved = |delta: f64| {
                let rows = activations.iter().zip(&outputs).map(|(x, y)| {
                    let way = delta * (dot(&s, x) + 1.0);
                    let y = y.iter().zip(&t).map(|(y, t)| y + way * t).collect();
                    reference::finish(rest, y)
                });
                rows.flatten().map(|v| v * v).sum::<f64>() / (2.0 * count)
            };
            let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            let (weights, biases) = grads.split_at(layer.weight.len());
            let lines = weights.chunks_exact(inputs).zip(biases).zip(&t);
            let found: f64 = lines
                .map(|((line, bias), t)| (dot(line, &s) + bias) * t)
                .sum();
            let allowed = tolerance(dtype) * dot(grads, grads).sqrt();
            ensure_right((found - expected).abs() <= allowed, || {
                format!(
                    "{name}: all of them, with random signs, add up to {found}, its f64 reference {expected} (tolerance {allowed:.1e})"
                )
            })?;
            activations = outputs.iter().map(|y| reference::relu(y)).collect();
        }
        Ok(())
    }
}

/// The largest gradient, one in the middle of the weights, the first and the last bias.
fn spots(grads: &[f64], weights: usize) -> [usize; SPOTS] {
    let largest = (0..grads.len()).max_by(|a, b| grads[*a].abs().total_cmp(&grads[*b].abs()));
    [largest.unwrap_or(0), weights / 2, weights, grads.len() - 1]
}

/// The loss of `[anchor, positive]`, `[batch, output]` each, against its definition in f64.
pub(super) fn info_nce(
    [anchor, positive]: [&[f32]; 2],
    batch: usize,
    found: f64,
    temperature: f64,
) -> Result<(), Error> {
    let ids: Vec<usize> = (0..batch).collect();
    let plain = reference::loss(LossKind::InfoNce, (anchor, positive), &ids, temperature);
    compare("loss", &[found], &[plain], tolerance(DType::F32))
}

fn compare(what: &str, found: &[f64], plain: &[f64], tolerance: f64) -> Result<(), Error> {
    let scale = plain
        .iter()
        .fold(f64::MIN_POSITIVE, |scale, v| scale.max(v.abs()));
    let differences = found
        .iter()
        .zip(plain)
        .map(|(found, plain)| (found - plain).abs());
    let (worst, difference) = differences
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .ok_or_else(|| Error::wrong(format!("{what}: nothing to compare")))?;
    ensure_right(difference <= tolerance * scale, || {
        format!(
            "{what}: value {worst} is {}, its f64 reference {} (largest {scale}, tolerance {tolerance})",
            found[worst], plain[worst]
        )
    })
}

/// `values` in rows of `width`, in f64.
pub(super) fn rows_f64(values: &[f32], width: usize) -> Vec<Vec<f64>> {
    values.chunks_exact(width).map(to_f64).collect()
}

pub(super) fn to_f64(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}
