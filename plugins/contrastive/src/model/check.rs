//! Holds what `model` computed against plain f64 arithmetic.

use benchhost_plugin_api::{Error, ensure_right};
use candle_core::{DType, Tensor, backprop::GradStore};

use crate::{
    encoder::Encoder,
    loss::LossKind,
    reference::{self, Layer},
};

/// Rows of the embedding that are compared; the first ones.
const ROWS: usize = 4;

/// Parameters of each layer whose gradient is compared, spread over weights and biases.
const SPOTS: usize = 4;

/// Step of the central difference: so small that no ReLU changes its side, and in f64 still far above rounding.
const STEP: f64 = 1e-7;

/// Largest difference allowed, relative to the largest value compared. In half precision a ReLU near 0 may take the
/// other side than in f64, which moves a gradient by a few per cent (3 % was seen with f16).
fn tolerance(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => 1e-1,
        DType::BF16 => 2e-1,
        _ => 1e-3,
    }
}

/// The first rows of `found` against a forward pass in f64.
pub(crate) fn embedding(
    encoder: &Encoder,
    input: &Tensor,
    found: &Tensor,
    dtype: DType,
) -> Result<(), Error> {
    let (rows, outputs) = (
        input.dims()[0],
        encoder.layers.last().map_or(0, |l| l.shape().1),
    );
    ensure_right(found.dims() == [rows, outputs], || {
        format!(
            "the embedding has shape {:?}, expected [{rows}, {outputs}]",
            found.dims()
        )
    })?;
    let layers = layers(encoder)?;
    let input = rows_f64(&input.narrow(0, 0, rows.min(ROWS))?)?;
    let plain: Vec<f64> = input
        .iter()
        .flat_map(|row| reference::embed(&layers, row))
        .collect();
    let all: Vec<f64> = rows_f64(found)?.concat();
    ensure_right(
        all.iter().all(|v| v.is_finite()),
        || "the embedding is not finite",
    )?;
    compare("embedding", &all[..plain.len()], &plain, tolerance(dtype))
}

/// A few gradients of each layer against central differences of the f64 forward pass.
pub(super) fn gradients(
    encoder: &Encoder,
    input: &Tensor,
    found: &GradStore,
    dtype: DType,
) -> Result<(), Error> {
    let plain = layers(encoder)?;
    let mut activations = rows_f64(input)?;
    let count = activations.len() as f64;
    for (index, layer) in encoder.layers.iter().enumerate() {
        let mut grads = Vec::new();
        for var in layer.vars() {
            let Some(grad) = found.get(&var) else {
                return Err(Error::wrong(format!(
                    "layer {index} has a parameter without gradient"
                )));
            };
            grads.extend(flat_f64(grad)?);
        }
        ensure_right(grads.iter().all(|g| g.is_finite()), || {
            format!("a gradient of layer {index} is not finite")
        })?;
        let (this, rest) = (&plain[index], &plain[index + 1..]);
        let outputs: Vec<Vec<f64>> = activations
            .iter()
            .map(|x| reference::linear(this, x))
            .collect();
        let loss = |parameter, delta| {
            let rows = activations.iter().zip(&outputs).map(|(x, y)| {
                reference::finish(rest, reference::nudged(this, (x, y), parameter, delta))
            });
            rows.flatten().map(|v| v * v).sum::<f64>() / (2.0 * count)
        };
        let spots = spots(&grads, this.weight.len());
        let difference = |spot| (loss(spot, STEP) - loss(spot, -STEP)) / (2.0 * STEP);
        let expected: Vec<f64> = spots.iter().map(|spot| difference(*spot)).collect();
        let picked: Vec<f64> = spots.iter().map(|spot| grads[*spot]).collect();
        compare(
            &format!("gradients of layer {index}"),
            &picked,
            &expected,
            tolerance(dtype),
        )?;
        activations = outputs.iter().map(|y| reference::relu(y)).collect();
    }
    Ok(())
}

/// The largest gradient, one in the middle of the weights, the first and the last bias.
fn spots(grads: &[f64], weights: usize) -> [usize; SPOTS] {
    let largest = (0..grads.len()).max_by(|a, b| grads[*a].abs().total_cmp(&grads[*b].abs()));
    [largest.unwrap_or(0), weights / 2, weights, grads.len() - 1]
}

/// The loss against its definition in f64.
pub(super) fn info_nce(
    [anchor, positive]: &[Tensor; 2],
    found: &Tensor,
    temperature: f64,
) -> Result<(), Error> {
    let ids: Vec<usize> = (0..anchor.dims()[0]).collect();
    let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
    let views = (&*flat(anchor)?, &*flat(positive)?);
    let plain = reference::loss(LossKind::InfoNce, views, &ids, temperature);
    let found = f64::from(found.to_scalar::<f32>()?);
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

fn layers(encoder: &Encoder) -> Result<Vec<Layer>, Error> {
    let layer = |layer: &benchhost_support::nn::Linear| {
        Ok(Layer {
            weight: flat_f64(&layer.weight)?,
            bias: flat_f64(&layer.bias)?,
        })
    };
    encoder.layers.iter().map(layer).collect()
}

fn flat_f64(tensor: &Tensor) -> Result<Vec<f64>, Error> {
    Ok(tensor.flatten_all()?.to_dtype(DType::F64)?.to_vec1()?)
}

fn rows_f64(tensor: &Tensor) -> Result<Vec<Vec<f64>>, Error> {
    Ok(tensor.to_dtype(DType::F64)?.to_vec2()?)
}
