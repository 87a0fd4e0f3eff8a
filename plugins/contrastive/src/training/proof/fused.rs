//! The links of a fused step, which has left the output of every layer and the gradient behind it.

use benchhost_plugin_api::Error;
use benchhost_support::{
    nn::fused::Factors,
    random::{Random, stream},
};
use candle_core::DType;

use super::{
    MOST_PAIRS, ROWS, Row, Spot, TOLERANCE, Undo, as_factor, check_loss, check_mask, close, dot,
    length, slope_doubts,
};
use crate::{
    reference::{self, rounding, signs},
    training::{config::TrainingConfig, fused::Fused},
};

/// See the head of [`super`]. `found` is the loss of the last step.
pub(in crate::training) fn check(
    fused: &Fused,
    config: &TrainingConfig,
    (seed, found): (u64, f64),
) -> Result<(), Error> {
    let ids = &fused.batch.ids;
    let embeddings = fused.pass.output();
    let views = embeddings.split_at(embeddings.len() / 2);
    check_loss(config, views, ids, found)?;
    if ids.len() <= MOST_PAIRS {
        check_slope(fused, config)?;
    }
    let before = Before {
        fused,
        undo: Undo::new(config.adam(), fused.optimizer.steps()),
    };
    let mut rng = stream(seed, "proof");
    for layer in 0..fused.mlp.layers() {
        if let Some((_, rate)) = config.encoder.hidden().get(layer)
            && *rate > 0.0
        {
            let kept = f64::from((1.0 / (1.0 - rate)) as f32);
            check_mask(layer, &fused.masks[layer], (*rate, kept))?;
        }
        check_forward(&before, layer)?;
        check_gradients(fused, layer, &mut rng)?;
        if layer > 0 {
            check_backward(&before, layer)?;
        }
    }
    check_update(&before)
}

/// The gradient of the loss with respect to each embedding.
fn check_slope(fused: &Fused, config: &TrainingConfig) -> Result<(), Error> {
    let (embeddings, ids) = (fused.pass.output(), &fused.batch.ids);
    let views = embeddings.split_at(embeddings.len() / 2);
    let plain = reference::slope(config.loss, views, ids, config.temperature);
    let doubts = slope_doubts(embeddings, (ids.len(), config.temperature));
    let found = fused.pass.layer_gradient(fused.mlp.layers() - 1);
    let rows = plain
        .chunks_exact(config.output)
        .zip(found.chunks_exact(config.output));
    for (number, ((plain, found), doubt)) in rows.zip(doubts).enumerate() {
        let row = Row {
            values: plain.to_vec(),
            doubts: vec![doubt; plain.len()],
        };
        let name = format!("the slope of the loss at embedding {number}");
        row.check(&name, (found, TOLERANCE), |_, _| 1.0)?;
    }
    Ok(())
}

/// A few rows of the output of `layer` from its input.
fn check_forward(before: &Before<'_>, layer: usize) -> Result<(), Error> {
    let fused = before.fused;
    let (inputs, outputs) = widths(fused, layer);
    let start = start_of(fused, layer);
    let hidden = layer + 1 < fused.mlp.layers();
    let factor = factor_of(fused);
    let rows: Vec<usize> = rows(fused).collect();
    let mut plain = vec![Row::zeros(outputs); rows.len()];
    for unit in 0..outputs {
        let bias = before.at(start + inputs * outputs + unit);
        plain.iter_mut().for_each(|row| row.add(unit, 1.0, bias));
    }
    for i in 0..inputs {
        let x: Vec<f64> = rows
            .iter()
            .map(|row| factor(f64::from(input(fused, layer)[row * inputs + i])))
            .collect();
        for unit in 0..outputs {
            let weight = before.factor_at(start + i * outputs + unit);
            for (row, x) in plain.iter_mut().zip(&x) {
                row.add(unit, *x, weight);
            }
        }
    }
    for (plain, row) in plain.iter().zip(rows) {
        let found = &fused.pass.layer_output(layer)[row * outputs..][..outputs];
        let name = format!("row {row} behind layer {layer}");
        plain.check(&name, (found, TOLERANCE), |unit, value| {
            if !hidden {
                return 1.0;
            }
            let index = row * outputs + unit;
            // Which side of 0 a value near it falls on is for f32 to say; that it is small is checked all the same.
            let passes = value > 0.0 || found[unit] > 0.0;
            f64::from(u8::from(passes)) * mask(fused, layer, index)
        })?;
    }
    Ok(())
}

/// A few rows of the gradient before `layer`, from the one behind it.
fn check_backward(before: &Before<'_>, layer: usize) -> Result<(), Error> {
    let fused = before.fused;
    let (inputs, outputs) = widths(fused, layer);
    let start = start_of(fused, layer);
    let factor = factor_of(fused);
    let rows: Vec<usize> = rows(fused).collect();
    let behind: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| {
            let row = &fused.pass.layer_gradient(layer)[row * outputs..][..outputs];
            row.iter().map(|g| factor(f64::from(*g))).collect()
        })
        .collect();
    let mut plain = vec![Row::zeros(inputs); rows.len()];
    for unit in 0..inputs {
        for j in 0..outputs {
            let weight = before.factor_at(start + unit * outputs + j);
            for (row, behind) in plain.iter_mut().zip(&behind) {
                row.add(unit, behind[j], weight);
            }
        }
    }
    for (plain, row) in plain.iter().zip(rows) {
        let found = &fused.pass.layer_gradient(layer - 1)[row * inputs..][..inputs];
        let output = &fused.pass.layer_output(layer - 1)[row * inputs..][..inputs];
        let name = format!("gradient of row {row} before layer {layer}");
        plain.check(&name, (found, TOLERANCE), |unit, _| {
            let passes = f64::from(u8::from(output[unit] > 0.0));
            passes * mask(fused, layer - 1, row * inputs + unit)
        })?;
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
    let lines = weight.chunks_exact(outputs).zip(&s);
    let found: f64 = lines.map(|(line, s)| dot(line, &t) * s).sum();
    let input = input(fused, layer).chunks_exact(inputs);
    let deltas = fused.pass.layer_gradient(layer).chunks_exact(outputs);
    let (mut plain, mut plain_bias) = (0.0, 0.0);
    for (x, delta) in input.zip(deltas) {
        plain += as_factors(x, &s) * as_factors(delta, &t);
        plain_bias += dot(delta, &t);
    }
    let tolerance = |values| TOLERANCE * length(values) + f64::from(f32::MIN_POSITIVE);
    let name = |what: &str| format!("gradients of the {what} of layer {layer}");
    close(&name("weights"), (found, plain), tolerance(weight))?;
    close(
        &name("biases"),
        (dot(bias, &t), plain_bias),
        tolerance(bias),
    )
}

/// Moments and parameters at the spots that the step has written down.
fn check_update(before: &Before<'_>) -> Result<(), Error> {
    for spot in &before.fused.spots {
        let Spot { index, .. } = *spot;
        let name = format!("parameter {index}");
        let gradient = before.fused.pass.gradients()[index];
        let after = before.after(index);
        before.undo.check((&name, spot), gradient, after)?;
    }
    Ok(())
}

/// The parameters before the last update, each computed when it is asked for: a copy of all would be the largest thing in
/// memory.
struct Before<'a> {
    fused: &'a Fused,
    undo: Undo,
}

impl Before<'_> {
    /// Parameter `index` and its moments after the update.
    fn after(&self, index: usize) -> [f32; 3] {
        let (first, second) = self.fused.optimizer.moments();
        [self.fused.mlp.parameters(), first, second].map(|values| values[index])
    }

    /// Parameter `index` and how far it may be off.
    fn at(&self, index: usize) -> (f64, f64) {
        self.undo.before(self.after(index))
    }

    /// The same as a factor of a product.
    fn factor_at(&self, index: usize) -> (f64, f64) {
        as_factor(factor_of(self.fused), self.at(index))
    }
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

/// What a product makes of its factors.
fn factor_of(fused: &Fused) -> fn(f64) -> f64 {
    match fused.pass.factors() {
        Factors::F32 => rounding(DType::F32),
        Factors::Bf16 => rounding(DType::BF16),
    }
}
