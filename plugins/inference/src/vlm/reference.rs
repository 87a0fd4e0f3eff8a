//! TinyVLM's answer once more, in f64 from the drawn weights: what `verify` compares with.

use benchhost_plugin_api::Error;

use super::weights::{CHANNELS, EPSILON, GRID, HEADS, HIDDEN, INNER, LAYERS, SIDE, TEXT, VISUAL};
use crate::{classify::normalisation, plain, tensors::Tensors};

/// The answer to `text` about `image`, `[64, 64, 3]`.
pub(super) fn answer(tensors: &Tensors, image: &[f32], text: &[u32]) -> Result<f64, Error> {
    let linear = |x: &[f64], name: &str, inputs: usize, outputs: usize| {
        let weights = tensors.get(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = tensors.get(&format!("{name}.bias"), &[outputs])?;
        Ok::<_, Error>(plain::linear(x, weights, bias))
    };
    let norm = |x: &[f64], name: &str, width: usize| {
        let values = |part: &str| tensors.get(&format!("{name}.{part}"), &[width]);
        let mut x = x.to_vec();
        plain::layer_norm(
            &mut x,
            (values("weight")?, values("bias")?),
            f64::from(EPSILON),
        );
        Ok::<_, Error>(x)
    };

    let seen = see(tensors, image)?;
    let mut seen = linear(&seen, "visual", VISUAL, VISUAL)?;

    let words = tensors.get("words", tensors.shape("words")?)?;
    let positions = tensors.get("positions", tensors.shape("positions")?)?;
    let value = |at: usize| {
        let word = words[text[at / TEXT] as usize * TEXT + at % TEXT];
        f64::from(word) + f64::from(positions[at])
    };
    let mut read: Vec<f64> = (0..text.len() * TEXT).map(value).collect();
    for layer in 0..LAYERS {
        let name = |part: &str| format!("text.{layer}.{part}");
        let x = norm(&read, &name("norm1"), TEXT)?;
        let qkv = linear(&x, &name("qkv"), TEXT, 3 * TEXT)?;
        let part = |first: usize| -> Vec<f64> {
            let rows = qkv.chunks_exact(3 * TEXT);
            rows.flat_map(|row| row[first..first + TEXT].to_vec())
                .collect()
        };
        let qkv = (&*part(0), &*part(TEXT), &*part(2 * TEXT));
        let context = plain::attention(qkv, HEADS, TEXT);
        plain::add(&mut read, &linear(&context, &name("out"), TEXT, TEXT)?);
        let x = norm(&read, &name("norm2"), TEXT)?;
        let mut inner = linear(&x, &name("up"), TEXT, INNER)?;
        relu(&mut inner);
        plain::add(&mut read, &linear(&inner, &name("down"), INNER, TEXT)?);
    }
    let read = norm(&read, "text.norm", TEXT)?;

    let projected = linear(&read, "projected", TEXT, VISUAL)?;
    let q = linear(&seen, "cross.q", VISUAL, VISUAL)?;
    let k = linear(&projected, "cross.k", VISUAL, VISUAL)?;
    let v = linear(&projected, "cross.v", VISUAL, VISUAL)?;
    let context = plain::attention((&q, &k, &v), HEADS, VISUAL);
    plain::add(&mut seen, &linear(&context, "cross.out", VISUAL, VISUAL)?);
    let seen = norm(&seen, "cross.norm", VISUAL)?;

    let mut pooled = mean(&seen, VISUAL);
    pooled.extend(mean(&read, TEXT));
    let mut hidden = linear(&pooled, "head.0", VISUAL + TEXT, HIDDEN)?;
    relu(&mut hidden);
    Ok(linear(&hidden, "head.1", HIDDEN, 1)?[0])
}

/// The means of the patches, `[16, 128]`.
fn see(tensors: &Tensors, image: &[f32]) -> Result<Vec<f64>, Error> {
    let mut x: Vec<f64> = image.iter().map(|x| f64::from(*x)).collect();
    let mut side = SIDE;
    for (index, pair) in CHANNELS.windows(2).enumerate() {
        let shape = [pair[1], pair[0], 3, 3];
        let weights = tensors.get(&format!("conv{index}.weight"), &shape)?;
        let place = (side, side, pair[0]);
        let mut y = plain::convolution(&x, place, (weights, pair[1]), (3, 1, 1));
        let norm = normalisation(tensors, &format!("bn{index}"), pair[1])?;
        plain::batch_norm(&mut y, norm, f64::from(EPSILON));
        relu(&mut y);
        let is_last = index + 2 == CHANNELS.len();
        let pool = if is_last { side / GRID } else { 2 };
        side /= pool;
        x = pooled(&y, (side, pair[1]), pool, is_last);
    }
    Ok(x)
}

/// The mean or the largest of `pool` × `pool` pixels; `side` is that of the result.
fn pooled(x: &[f64], (side, channels): (usize, usize), pool: usize, is_mean: bool) -> Vec<f64> {
    let value = |at: usize| {
        let (y, column, c) = (at / channels / side, at / channels % side, at % channels);
        let tap = |tap: usize| {
            let (y, column) = (y * pool + tap / pool, column * pool + tap % pool);
            x[(y * side * pool + column) * channels + c]
        };
        let taps = (0..pool * pool).map(tap);
        match is_mean {
            true => taps.sum::<f64>() / (pool * pool) as f64,
            false => taps.fold(f64::NEG_INFINITY, f64::max),
        }
    };
    (0..side * side * channels).map(value).collect()
}

fn mean(x: &[f64], width: usize) -> Vec<f64> {
    let mut mean = vec![0.0; width];
    x.chunks_exact(width)
        .for_each(|row| plain::add(&mut mean, row));
    let rows = (x.len() / width) as f64;
    mean.iter_mut().for_each(|x| *x /= rows);
    mean
}

fn relu(x: &mut [f64]) {
    x.iter_mut().for_each(|x| *x = x.max(0.0));
}
