//! Layers in f64 as their definitions say, slow and without tricks: what `verify` compares the fast ones with.

/// Sums that a dot product keeps apart.
const APART: usize = 8;

/// `x`: `[rows, inputs]`, `weights`: `[bias.len(), inputs]`; returns `[rows, bias.len()]`.
pub(crate) fn linear(x: &[f64], weights: &[f32], bias: &[f32]) -> Vec<f64> {
    let inputs = weights.len() / bias.len();
    let rows = x.chunks_exact(inputs);
    let row = |x| {
        let columns = weights.chunks_exact(inputs).zip(bias);
        columns.map(move |(w, b)| dot(x, w) + f64::from(*b))
    };
    rows.flat_map(row).collect()
}

/// Σ x·w. Several sums, so that an addition need not wait for the one before.
fn dot(x: &[f64], w: &[f32]) -> f64 {
    assert_eq!(x.len(), w.len(), "as many weights as values");
    let ((x, x_rest), (w, w_rest)) = (x.as_chunks::<APART>(), w.as_chunks::<APART>());
    let mut sums = [0.0; APART];
    for (x, w) in x.iter().zip(w) {
        for (sum, (x, w)) in sums.iter_mut().zip(x.iter().zip(w)) {
            *sum += x * f64::from(*w);
        }
    }
    let rest = x_rest.iter().zip(w_rest).map(|(x, w)| x * f64::from(*w));
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}

/// Normalises each row of `x` in place; scale and shift have a value for each column.
pub(crate) fn layer_norm(x: &mut [f64], (scale, shift): (&[f32], &[f32]), epsilon: f64) {
    let columns = scale.len();
    for row in x.chunks_exact_mut(columns) {
        let mean = row.iter().sum::<f64>() / columns as f64;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / columns as f64;
        for (x, (scale, shift)) in row.iter_mut().zip(scale.iter().zip(shift)) {
            *x = (*x - mean) / (variance + epsilon).sqrt() * f64::from(*scale) + f64::from(*shift);
        }
    }
}

/// softmax(q·kᵀ/√width)·v for each of `heads` heads beside each other in rows of `hidden` values.
pub(crate) fn attention(
    (q, k, v): (&[f64], &[f64], &[f64]),
    heads: usize,
    hidden: usize,
) -> Vec<f64> {
    let width = hidden / heads;
    let mut out = vec![0.0; q.len()];
    for (row, head) in (0..q.len() / hidden).flat_map(|row| (0..heads).map(move |head| (row, head)))
    {
        let part = |x: &[f64], row: usize| x[row * hidden + head * width..][..width].to_vec();
        let query = part(q, row);
        let weights: Vec<f64> = (0..k.len() / hidden)
            .map(|other| {
                let products = query.iter().zip(part(k, other)).map(|(q, k)| q * k);
                (products.sum::<f64>() / (width as f64).sqrt()).exp()
            })
            .collect();
        let total: f64 = weights.iter().sum();
        for (other, weight) in weights.iter().enumerate() {
            let value = part(v, other).into_iter().map(|v| v * weight / total);
            add(
                &mut out[row * hidden + head * width..][..width],
                &value.collect::<Vec<_>>(),
            );
        }
    }
    out
}

/// x·Φ(x).
pub(crate) fn gelu(x: f64) -> f64 {
    0.5 * x * (1.0 + erf(x / std::f64::consts::SQRT_2))
}

/// The error function to 1e-15: its series where it converges fast, 1 beyond.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    // erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ·x²ⁿ⁺¹/(2n+1)!!, whose terms all have one sign (DLMF 7.6.2).
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > 1e-17 * sum.abs() {
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

/// `x ← x + y`.
pub(crate) fn add(x: &mut [f64], y: &[f64]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

/// A convolution with windows of `size` × `size` over `x`, `[height, width, channels]`, zeros around it. `weights`:
/// `[outputs, channels of a group, size, size]`; with as many groups as channels each sees only itself. The first
/// window begins `pad` pixels before the image. Returns `[height/step, width/step, outputs]`, rounded up.
pub(crate) fn convolution(
    x: &[f64],
    (height, width, channels): (usize, usize, usize),
    (weights, outputs): (&[f32], usize),
    (size, step, pad): (usize, usize, usize),
) -> Vec<f64> {
    let taps = size * size;
    let group = weights.len() / outputs / taps;
    // `[outputs, size, size, channels of a group]`: the channels of a pixel lie beside each other.
    let order = (0..weights.len()).map(|at| {
        let (output, tap, c) = (at / group / taps, at / group % taps, at % group);
        weights[(output * group + c) * taps + tap]
    });
    let weights: Vec<f32> = order.collect();
    let (rows, columns) = (height.div_ceil(step), width.div_ceil(step));
    let mut out = Vec::with_capacity(rows * columns * outputs);
    for (row, column, output) in product3(rows, columns, outputs) {
        let first = if group == channels { 0 } else { output * group };
        let mut sum = 0.0;
        for tap in 0..taps {
            let (y, column) = (row * step + tap / size, column * step + tap % size);
            if y < pad || column < pad || y - pad >= height || column - pad >= width {
                continue;
            }
            let pixel = &x[((y - pad) * width + column - pad) * channels + first..][..group];
            sum += dot(pixel, &weights[(output * taps + tap) * group..][..group]);
        }
        out.push(sum);
    }
    out
}

/// (a, b, c) with c fastest.
fn product3(a: usize, b: usize, c: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..a * b * c).map(move |at| (at / c / b, at / c % b, at % c))
}

/// Batch normalisation of each channel (the last dimension), with the statistics of training. `norm`: weight, bias,
/// running mean and variance.
pub(crate) fn batch_norm(x: &mut [f64], norm: [&[f32]; 4], epsilon: f64) {
    let [weight, bias, mean, variance] = norm;
    for pixel in x.chunks_exact_mut(weight.len()) {
        for (c, x) in pixel.iter_mut().enumerate() {
            let deviation = (f64::from(variance[c]) + epsilon).sqrt();
            *x = (*x - f64::from(mean[c])) / deviation * f64::from(weight[c]) + f64::from(bias[c]);
        }
    }
}

/// The largest difference between `found` and `plain`, relative to the largest value of `plain`; infinite when a value
/// is not finite or the lengths differ.
pub(crate) fn difference(found: &[f32], plain: &[f64]) -> f64 {
    if found.len() != plain.len() || found.iter().any(|x| !x.is_finite()) {
        return f64::INFINITY;
    }
    let largest = plain
        .iter()
        .fold(f64::MIN_POSITIVE, |largest, x| largest.max(x.abs()));
    let differences = found
        .iter()
        .zip(plain)
        .map(|(x, y)| (f64::from(*x) - y).abs());
    differences.fold(0.0, f64::max) / largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erf_has_the_digits_of_the_tables() {
        // Abramowitz & Stegun (1964), table 7.1.
        for (x, expected) in [
            (0.0, 0.0),
            (0.5, 0.520_499_877_8),
            (1.0, 0.842_700_792_9),
            (2.0, 0.995_322_265_0),
        ] {
            assert!((erf(x) - expected).abs() < 1e-10, "{x}");
            assert!((erf(-x) + expected).abs() < 1e-10, "-{x}");
        }
        assert!((erf(5.9) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn a_convolution_by_hand() {
        // 2 × 2 pixels of one channel, a window that sums its left column.
        let x = [1.0, 2.0, 3.0, 4.0];
        let weights = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

        let out = convolution(&x, (2, 2, 1), (&weights, 1), (3, 1, 1));

        assert_eq!(out, [0.0, 4.0, 0.0, 4.0]);
    }

    #[test]
    fn one_wrong_value_is_a_difference() {
        assert_eq!(difference(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
        assert_eq!(difference(&[1.0, 2.0], &[1.0, 4.0]), 0.5);
        assert_eq!(difference(&[f32::NAN], &[1.0]), f64::INFINITY);
        assert_eq!(difference(&[1.0], &[1.0, 1.0]), f64::INFINITY);
    }
}
