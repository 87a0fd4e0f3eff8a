//! Proves a fused step in f64, link by link: loss, its gradient, each layer forward and backward, the update.
//!
//! Everything is about the last step as it was. Its weights are gone, but Adam's moments are still there, so that the
//! update can be undone. Whole matrices are held against products with random signs, which see every entry at the cost
//! of none (Freivalds, 1977, IFIP Congress, 839–842).

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::{
    nn::{AdamParams, Decay, fused::Factors},
    random::{Random, stream},
};

use super::{
    config::TrainingConfig,
    fused::{Fused, Spot},
    stock::check_loss,
};
use crate::reference::{self, signs};

/// Largest difference, relative to the largest value compared, or to the length of the vector compared.
const TOLERANCE: f64 = 1e-3;

/// The same for products of factors rounded to bf16. The reference rounds as well, but a weight that the undone update has
/// moved by its last bit may be rounded the other way, by 2⁻⁸ of itself.
const BF16_TOLERANCE: f64 = 3e-3;

/// Rows whose way through the layers is followed; the first ones of each view.
const ROWS: usize = 2;

/// Pairs up to which the gradient of the loss is proved: a loss in f64 takes batch² · output operations, and a difference
/// needs two.
const MOST_PAIRS: usize = 1024;

/// See the head of the file. `found` is the loss of the last step.
pub(super) fn check(
    fused: &Fused,
    config: &TrainingConfig,
    seed: u64,
    found: f64,
) -> Result<(), Error> {
    let embeddings = fused.pass.output();
    if fused.batch.ids.is_empty() {
        return Err(Error::wrong("no step was taken"));
    }
    let middle = embeddings.len() / 2;
    let ids = &fused.batch.ids;
    check_loss(config, embeddings.split_at(middle), ids, found)?;
    let mut rng = stream(seed, "proof");
    if ids.len() <= MOST_PAIRS {
        check_slope(fused, config, &mut rng)?;
    }
    let before = Before::new(fused, &config.adam());
    for layer in 0..fused.mlp.layers() {
        check_forward(fused, &before, layer)?;
        check_gradients(fused, layer, &mut rng)?;
        if layer > 0 {
            check_backward(fused, &before, layer)?;
        }
    }
    check_update(fused, &before, &config.adam())
}

/// The gradient of the loss with respect to the embeddings, against a central difference in a random direction.
fn check_slope(fused: &Fused, config: &TrainingConfig, rng: &mut Random) -> Result<(), Error> {
    let embeddings = fused.pass.output();
    let slope = fused.pass.layer_gradient(fused.mlp.layers() - 1);
    let middle = embeddings.len() / 2;
    // Small beside each embedding, and so small that the similarities, which are divided by τ, hardly move.
    let relative = 1e-2 * config.temperature.min(1.0);
    let way = |row: &[f32]| relative * length(row) / (row.len() as f64).sqrt();
    let ways = embeddings.chunks_exact(config.output).map(way);
    let signs = signs(rng, embeddings.len());
    let signs = signs.chunks_exact(config.output).zip(ways);
    let ways: Vec<f64> = signs
        .flat_map(|(signs, way)| signs.iter().map(move |s| s * way))
        .collect();
    let moved = |sign: f64| -> Vec<f32> {
        let pairs = embeddings.iter().zip(&ways);
        pairs
            .map(|(value, way)| (f64::from(*value) + sign * way) as f32)
            .collect()
    };
    let (above, below) = (moved(1.0), moved(-1.0));
    let loss = |views: &[f32]| {
        let views = views.split_at(middle);
        reference::loss(config.loss, views, &fused.batch.ids, config.temperature)
    };
    let expected = loss(&above) - loss(&below);
    // What f32 has made of the way.
    let ways = above
        .iter()
        .zip(&below)
        .map(|(a, b)| f64::from(*a) - f64::from(*b));
    let shares: Vec<f64> = slope
        .iter()
        .zip(ways)
        .map(|(g, way)| f64::from(*g) * way)
        .collect();
    let found: f64 = shares.iter().sum();
    let size = shares.iter().map(|share| share * share).sum::<f64>().sqrt();
    // The second term: what f32 leaves of a gradient that is nearly 0, because the loss is.
    let rounding = 1e-6 / config.temperature * relative;
    close(
        "the slope of the loss",
        (found, expected),
        10.0 * TOLERANCE * size + rounding,
    )
}

/// A few rows of the output of `layer` from its input.
fn check_forward(fused: &Fused, before: &Before<'_>, layer: usize) -> Result<(), Error> {
    let (inputs, outputs) = widths(fused, layer);
    let start = start_of(fused, layer);
    let hidden = layer + 1 < fused.mlp.layers();
    let factor = factor_of(fused);
    for row in rows(fused) {
        let input = &input(fused, layer)[row * inputs..][..inputs];
        let found = &fused.pass.layer_output(layer)[row * outputs..][..outputs];
        let biases = start + inputs * outputs..start + (inputs + 1) * outputs;
        let mut plain: Vec<f64> = biases.map(|index| before.at(index)).collect();
        for (i, x) in input.iter().enumerate() {
            for (j, sum) in plain.iter_mut().enumerate() {
                *sum += factor(f64::from(*x)) * factor(before.at(start + i * outputs + j));
            }
        }
        if hidden {
            for (unit, value) in plain.iter_mut().enumerate() {
                *value = value.max(0.0) * mask(fused, layer, row * outputs + unit);
            }
        }
        compare(
            &format!("row {row} behind layer {layer}"),
            found,
            (&plain, of_products(fused)),
        )?;
    }
    Ok(())
}

/// A few rows of the gradient before `layer`, from the one behind it.
fn check_backward(fused: &Fused, before: &Before<'_>, layer: usize) -> Result<(), Error> {
    let (inputs, outputs) = widths(fused, layer);
    let start = start_of(fused, layer);
    for row in rows(fused) {
        let behind = &fused.pass.layer_gradient(layer)[row * outputs..][..outputs];
        let found = &fused.pass.layer_gradient(layer - 1)[row * inputs..][..inputs];
        let output = &fused.pass.layer_output(layer - 1)[row * inputs..][..inputs];
        let factor = factor_of(fused);
        let of_unit = |unit: usize| {
            let first = start + unit * outputs;
            let products = behind.iter().enumerate();
            let sum: f64 = products
                .map(|(j, g)| factor(before.at(first + j)) * factor(f64::from(*g)))
                .sum();
            let passes = f64::from(u8::from(output[unit] > 0.0));
            sum * passes * mask(fused, layer - 1, row * inputs + unit)
        };
        let plain: Vec<f64> = (0..inputs).map(of_unit).collect();
        compare(
            &format!("gradient of row {row} before layer {layer}"),
            found,
            (&plain, of_products(fused)),
        )?;
    }
    Ok(())
}

/// All gradients of `layer`: sᵀ·G·t = Σ over the rows (x·s)(δ·t), the same for the biases with s = 1.
fn check_gradients(fused: &Fused, layer: usize, rng: &mut Random) -> Result<(), Error> {
    let (inputs, outputs) = widths(fused, layer);
    let (s, t) = (signs(rng, inputs), signs(rng, outputs));
    let (weight, bias) = fused.mlp.layer_of(fused.pass.gradients(), layer);
    let factor = factor_of(fused);
    let as_factors = |values: &[f32], signs: &[f64]| -> f64 {
        let pairs = values.iter().zip(signs);
        pairs.map(|(v, s)| factor(f64::from(*v)) * s).sum()
    };
    let of_row = |row: &[f32]| dot(row, &t);
    let found: f64 = weight
        .chunks_exact(outputs)
        .zip(&s)
        .map(|(row, s)| of_row(row) * s)
        .sum();
    let input = input(fused, layer).chunks_exact(inputs);
    let deltas = fused.pass.layer_gradient(layer).chunks_exact(outputs);
    let (mut plain, mut plain_bias) = (0.0, 0.0);
    for (x, delta) in input.zip(deltas) {
        plain += as_factors(x, &s) * as_factors(delta, &t);
        plain_bias += of_row(delta);
    }
    let tolerance = |values| of_products(fused) * length(values) + f64::from(f32::MIN_POSITIVE);
    let name = |what: &str| format!("gradients of the {what} of layer {layer}");
    close(&name("weights"), (found, plain), tolerance(weight))?;
    close(&name("biases"), (of_row(bias), plain_bias), tolerance(bias))
}

/// The parameters before the last update, each computed when it is asked for: a copy of all would be the largest thing in
/// memory.
struct Before<'a> {
    theta: &'a [f32],
    first: &'a [f32],
    second: &'a [f32],
    step_size: f64,
    correction2: f64,
    eps: f64,
    shrink: f64,
}

impl<'a> Before<'a> {
    fn new(fused: &'a Fused, adam: &AdamParams) -> Self {
        let steps = fused.optimizer.steps();
        let (first, second) = fused.optimizer.moments();
        Self {
            theta: fused.mlp.parameters(),
            first,
            second,
            step_size: adam.learning_rate / (1.0 - adam.beta1.powi(steps)),
            correction2: 1.0 - adam.beta2.powi(steps),
            eps: adam.eps,
            shrink: match adam.decay {
                Decay::L2 => 1.0,
                Decay::Decoupled => 1.0 - adam.learning_rate * adam.weight_decay,
            },
        }
    }

    /// θ = (θ' + lr/(1−β₁ᵗ)·m/(√(v/(1−β₂ᵗ)) + ε))/(1 − lr·λ), λ only when decoupled.
    fn at(&self, index: usize) -> f64 {
        let root = (f64::from(self.second[index]) / self.correction2).sqrt() + self.eps;
        let change = self.step_size * f64::from(self.first[index]) / root;
        (f64::from(self.theta[index]) + change) / self.shrink
    }
}

/// Moments and parameters at the spots that the step has written down.
fn check_update(fused: &Fused, before: &Before<'_>, adam: &AdamParams) -> Result<(), Error> {
    let (first, second) = fused.optimizer.moments();
    for Spot {
        index,
        theta,
        first: m,
        second: v,
    } in fused.spots
    {
        let [theta, m, v] = [theta, m, v].map(f64::from);
        let l2 = match adam.decay {
            Decay::L2 => adam.weight_decay,
            Decay::Decoupled => 0.0,
        };
        let gradient = f64::from(fused.pass.gradients()[index]) + l2 * theta;
        let m = adam.beta1 * m + (1.0 - adam.beta1) * gradient;
        let v = adam.beta2 * v + (1.0 - adam.beta2) * gradient * gradient;
        let near = |what: &str, found: f64, plain: f64| {
            let name = format!("{what} of parameter {index}");
            // Denormal numbers have few digits.
            close(&name, (found, plain), TOLERANCE * plain.abs() + 1e-37)
        };
        near("first moment", f64::from(first[index]), m)?;
        near("second moment", f64::from(second[index]), v)?;
        let name = format!("parameter {index} before its update");
        close(
            &name,
            (before.at(index), theta),
            1e-6 * theta.abs().max(1e-2),
        )?;
    }
    Ok(())
}

fn rows(fused: &Fused) -> impl Iterator<Item = usize> {
    let batch = fused.batch.ids.len();
    (0..ROWS.min(batch)).chain(batch..batch + ROWS.min(batch))
}

fn widths(fused: &Fused, layer: usize) -> (usize, usize) {
    let widths = fused.mlp.widths();
    (widths[layer], widths[layer + 1])
}

/// Index of the first parameter of `layer`.
fn start_of(fused: &Fused, layer: usize) -> usize {
    let before = fused.mlp.widths()[..=layer].windows(2);
    before.map(|pair| (pair[0] + 1) * pair[1]).sum()
}

fn input(fused: &Fused, layer: usize) -> &[f32] {
    match layer.checked_sub(1) {
        Some(before) => fused.pass.layer_output(before),
        None => &fused.batch.views,
    }
}

fn mask(fused: &Fused, layer: usize, index: usize) -> f64 {
    let mask = &fused.masks[layer];
    mask.get(index).map_or(1.0, |factor| f64::from(*factor))
}

fn dot(values: &[f32], signs: &[f64]) -> f64 {
    values
        .iter()
        .zip(signs)
        .map(|(v, s)| f64::from(*v) * s)
        .sum()
}

fn length(values: &[f32]) -> f64 {
    values
        .iter()
        .map(|v| f64::from(*v).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// What a product makes of its factors.
fn factor_of(fused: &Fused) -> fn(f64) -> f64 {
    match fused.pass.factors() {
        Factors::F32 => |value| value,
        Factors::Bf16 => to_bf16,
    }
}

/// To the nearest number with 8 binary digits, ties to even.
fn to_bf16(value: f64) -> f64 {
    let bits = (value as f32).to_bits();
    let up = 0x7fff + ((bits >> 16) & 1);
    f64::from(f32::from_bits(bits.wrapping_add(up) & 0xffff_0000))
}

/// How far a product may be from its reference, relative to the largest value.
fn of_products(fused: &Fused) -> f64 {
    match fused.pass.factors() {
        Factors::F32 => TOLERANCE,
        Factors::Bf16 => BF16_TOLERANCE,
    }
}

fn compare(what: &str, found: &[f32], (plain, relative): (&[f64], f64)) -> Result<(), Error> {
    let scale = plain.iter().fold(0.0f64, |scale, v| scale.max(v.abs()));
    for (found, plain) in found.iter().zip(plain) {
        let tolerance = relative * scale + f64::from(f32::MIN_POSITIVE);
        close(what, (f64::from(*found), *plain), tolerance)?;
    }
    Ok(())
}

fn close(what: &str, (found, plain): (f64, f64), tolerance: f64) -> Result<(), Error> {
    ensure_right((found - plain).abs() <= tolerance, || {
        format!("{what}: {found:e}, its f64 reference {plain:e}, tolerance {tolerance:.1e}")
    })
}
