//! Holds what `model` computed against plain f64 arithmetic.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::random::{Random, stream};
use candle_core::DType;

use crate::{
    loss::LossKind,
    reference::{self, Layer, dot, signs},
};

/// Rows of the embedding that are compared; the first ones.
pub(super) const ROWS: usize = 4;

/// Parameters of each layer whose gradient is compared, spread over weights and biases.
const SPOTS: usize = 4;

/// Largest difference allowed, relative to the largest value compared, or to the length of all gradients of a layer.
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

    /// A whole pass back, link by link: each layer's output from its input, and from the embedding backwards all gradients
    /// `found` of each layer (weights `[out, in]`, then biases), a few of them one by one and all in the direction of random
    /// signs (Freivalds, 1977, IFIP Congress, 839–842).
    ///
    /// `hidden` and `embedding`, `[rows, out]`, are what the implementation has: a ReLU so near 0 that rounding decides takes
    /// the side it took there.
    pub(super) fn check_gradients(
        &self,
        hidden: &[Hidden],
        embedding: &[f64],
        found: &[Vec<f64>],
        dtype: DType,
    ) -> Result<(), Error> {
        let input = |index: usize| match index.checked_sub(1) {
            Some(before) => self.in_rows(&hidden[before].output),
            None => self.rows.iter().map(Vec::as_slice).collect(),
        };
        for (index, layer) in self.layers.iter().enumerate() {
            let sums: Vec<f64> = input(index)
                .iter()
                .flat_map(|x| reference::linear(layer, x))
                .collect();
            match hidden.get(index) {
                Some(hidden) => hidden.check(index, &sums, tolerance(dtype))?,
                None => compare("embedding", embedding, &sums, tolerance(dtype))?,
            }
        }
        let mut rng = stream(0, "proof");
        let count = self.rows.len() as f64;
        // ½·‖y‖² of a row has the gradient y.
        let mut behind: Vec<f64> = embedding.iter().map(|y| y / count).collect();
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let (input, behind_rows) = (input(index), self.in_rows(&behind));
            let rows: Vec<_> = input.into_iter().zip(behind_rows).collect();
            check_layer(index, layer, &rows, &found[index], dtype, &mut rng)?;
            if let Some(before) = index.checked_sub(1) {
                let back = rows.iter().flat_map(|(_, delta)| through(layer, delta));
                let open = back.zip(&hidden[before].open);
                behind = open.map(|(g, open)| if *open { g } else { 0.0 }).collect();
            }
        }
        Ok(())
    }

    fn in_rows<'a>(&self, values: &'a [f64]) -> Vec<&'a [f64]> {
        values
            .chunks_exact(values.len() / self.rows.len())
            .collect()
    }
}

/// What an implementation has of a hidden layer, `[rows, width]`.
pub(super) struct Hidden {
    /// Behind ReLU.
    pub output: Vec<f64>,
    /// Whether ReLU lets the gradient through.
    pub open: Vec<bool>,
}

impl Hidden {
    /// Holds it against the plain sums before ReLU.
    fn check(&self, index: usize, sums: &[f64], tolerance: f64) -> Result<(), Error> {
        compare(
            &format!("output of layer {index}"),
            &self.output,
            &reference::relu(sums),
            tolerance,
        )?;
        let near = tolerance * sums.iter().fold(0.0f64, |most, sum| most.max(sum.abs()));
        let mut sides = sums.iter().zip(&self.open);
        ensure_right(
            sides.all(|(sum, open)| sum.abs() <= near || *open == (*sum > 0.0)),
            || format!("a ReLU behind layer {index} took the wrong side"),
        )
    }
}

/// The gradients `found` of a layer from its input and the gradient behind it, row by row.
fn check_layer(
    index: usize,
    layer: &Layer,
    rows: &[(&[f64], &[f64])],
    found: &[f64],
    dtype: DType,
    rng: &mut Random,
) -> Result<(), Error> {
    ensure_right(found.iter().all(|g| g.is_finite()), || {
        format!("a gradient of layer {index} is not finite")
    })?;
    let (weights, outputs) = (layer.weight.len(), layer.bias.len());
    let inputs = weights / outputs;
    let name = format!("gradients of layer {index}");
    let plain = |spot: usize| -> f64 {
        let of_row = |(x, delta): &(&[f64], &[f64])| match spot.checked_sub(weights) {
            Some(bias) => delta[bias],
            None => delta[spot / inputs] * x[spot % inputs],
        };
        rows.iter().map(of_row).sum()
    };
    let spots = spots(found, weights);
    compare(
        &name,
        &spots.map(|spot| found[spot]),
        &spots.map(plain),
        tolerance(dtype),
    )?;

    let (s, t) = (signs(rng, inputs), signs(rng, outputs));
    let expected: f64 = rows
        .iter()
        .map(|(x, delta)| (dot(&s, x) + 1.0) * dot(&t, delta))
        .sum();
    let (weights, biases) = found.split_at(weights);
    let lines = weights.chunks_exact(inputs).zip(biases).zip(&t);
    let sum: f64 = lines
        .map(|((line, bias), t)| (dot(line, &s) + bias) * t)
        .sum();
    let allowed = tolerance(dtype) * dot(found, found).sqrt();
    ensure_right((sum - expected).abs() <= allowed, || {
        format!(
            "{name}: all of them, with random signs, add up to {sum}, its f64 reference {expected} (tolerance {allowed:.1e})"
        )
    })
}

/// The gradient before a layer from the one behind it: δ·W.
fn through(layer: &Layer, delta: &[f64]) -> Vec<f64> {
    let inputs = layer.weight.len() / layer.bias.len();
    let mut back = vec![0.0; inputs];
    for (line, delta) in layer.weight.chunks_exact(inputs).zip(delta) {
        for (back, weight) in back.iter_mut().zip(line) {
            *back += weight * delta;
        }
    }
    back
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
