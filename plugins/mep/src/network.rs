//! What every optimiser here does with the network, fully connected layers with ReLU between them, beside its passes.

use benchhost_support::{
    kernels::{
        activation::add_bias,
        gemm::{Matrix, product},
    },
    nn::fused::Mlp,
    random::stream,
};

/// A network of `widths` with the initial weights of PyTorch.
pub(crate) fn network(widths: &[usize], seed: u64) -> Mlp {
    Mlp::new(widths, &mut stream(seed, "init"))
}

/// `(inputs, outputs)` of layer `index`.
pub(crate) fn shape(mlp: &Mlp, index: usize) -> (usize, usize) {
    (mlp.widths()[index], mlp.widths()[index + 1])
}

/// Weights of layer `index`, `[inputs, outputs]`.
pub(crate) fn weight(mlp: &Mlp, index: usize) -> Matrix<'_> {
    let (inputs, outputs) = shape(mlp, index);
    Matrix::new(mlp.layer(index).0, inputs, outputs)
}

/// `y ← x·W + b` of layer `index`, `x` `[rows, inputs]`; no ReLU.
pub(crate) fn forward(mlp: &Mlp, index: usize, x: &[f32], y: &mut [f32], threads: usize) {
    let (inputs, _) = shape(mlp, index);
    let x = Matrix::new(x, x.len() / inputs, inputs);
    product(y, 0.0, x, weight(mlp, index), 1.0, threads);
    add_bias(y, mlp.layer(index).1);
}

/// 2mnk of layer `index` for one row.
pub(crate) fn layer_flop(mlp: &Mlp, index: usize) -> f64 {
    let (inputs, outputs) = shape(mlp, index);
    2.0 * inputs as f64 * outputs as f64
}

/// 2mnk of all layers for one row.
pub(crate) fn forward_flop(mlp: &Mlp) -> f64 {
    (0..mlp.layers()).map(|index| layer_flop(mlp, index)).sum()
}

/// What the network says of `points` (`[rows, inputs]`): `[rows, outputs]`. Allocates; not for the timed part.
pub(crate) fn predict(mlp: &Mlp, points: &[f32], threads: usize) -> Vec<f32> {
    let mut x = points.to_vec();
    for index in 0..mlp.layers() {
        let (inputs, outputs) = shape(mlp, index);
        let mut y = vec![0.0; x.len() / inputs * outputs];
        forward(mlp, index, &x, &mut y, threads);
        if index + 1 < mlp.layers() {
            y.iter_mut().for_each(|value| *value = relu(*value));
        }
        x = y;
    }
    x
}

/// max(0, x), but "not a number" stays what it is instead of hiding as 0.
#[inline(always)]
pub(crate) fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// The class that `output` (one row of a prediction) stands for: the largest, or whether the only one is above ½.
pub(crate) fn class(output: &[f32]) -> usize {
    if let [only] = output {
        return usize::from(*only > 0.5);
    }
    let first = (0, f32::NEG_INFINITY);
    let largest = output.iter().copied().enumerate();
    largest
        .fold(
            first,
            |best, next| if next.1 > best.1 { next } else { best },
        )
        .0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_the_largest_output_or_a_half() {
        assert_eq!(class(&[0.1, 0.7, 0.2]), 1);
        assert_eq!(class(&[f32::NAN, -1.0, -2.0]), 1);
        assert_eq!((class(&[0.4]), class(&[0.6])), (0, 1));
    }
}
