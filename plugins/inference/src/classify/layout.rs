//! What the file of EfficientNet-Lite0 does not say: steps, padding and how a normalisation folds.

use benchhost_plugin_api::Error;

use crate::tensors::Tensors;

/// Added to the variance by the batch normalisations of TensorFlow's EfficientNet.
pub(crate) const EPSILON: f32 = 1e-3;

/// Steps of the depthwise convolutions, block by block.
const LITE0_STEPS: [usize; 16] = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1];

/// Width and height of the image that Lite0 was trained on, in pixels.
pub(crate) const LITE0_SIDE: usize = 224;

/// The shape of the net; widths and windows are those of the tensors.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Width and height of the image in pixels.
    pub side: usize,
    /// Step of each block.
    pub steps: Vec<usize>,
}

impl Layout {
    /// EfficientNet-Lite0.
    pub(crate) fn lite0() -> Self {
        Self {
            side: LITE0_SIDE,
            steps: LITE0_STEPS.to_vec(),
        }
    }

    /// Weights `[outputs, inputs of a group, size, size]` and biases of convolution `conv` with the batch normalisation
    /// `norm` folded in.
    pub(crate) fn folded(
        &self,
        tensors: &Tensors,
        conv: &str,
        norm: &str,
    ) -> Result<(Vec<f32>, Vec<f32>), Error> {
        let [outputs, inputs, size, _] = self.shape_of(tensors, conv)?;
        let weights = tensors.get(&format!("{conv}.weight"), &[outputs, inputs, size, size])?;
        let norm = normalisation(tensors, norm, outputs)?;
        Ok(fold(weights, norm))
    }

    /// Shape of the weights of a convolution.
    pub(crate) fn shape_of(&self, tensors: &Tensors, conv: &str) -> Result<[usize; 4], Error> {
        let name = format!("{conv}.weight");
        let shape = tensors.shape(&name)?;
        shape.try_into().map_err(|_| {
            Error::config(format!(
                "tensor {name} of the model has shape {shape:?}, expected that of a convolution"
            ))
        })
    }

    /// Floating-point operations of the convolutions and of the last layer, for one image.
    pub(crate) fn flop(&self, tensors: &Tensors) -> Result<f64, Error> {
        let elements = |name: &str| Ok::<_, Error>(tensors.shape(name)?.iter().product::<usize>());
        let (mut side, ..) = same(self.side, 3, 2);
        let mut products = side * side * elements("_conv_stem.weight")?;
        for (block, step) in self.steps.iter().enumerate() {
            let name = |part: &str| format!("_blocks.{block}.{part}.weight");
            if tensors.has(&name("_expand_conv")) {
                products += side * side * elements(&name("_expand_conv"))?;
            }
            side = side.div_ceil(*step);
            products += side * side * elements(&name("_depthwise_conv"))?;
            products += side * side * elements(&name("_project_conv"))?;
        }
        products += side * side * elements("_conv_head.weight")? + elements("_fc.weight")?;
        Ok(2.0 * products as f64)
    }
}

/// Weight, bias, running mean and variance of a batch normalisation.
pub(crate) fn normalisation<'a>(
    tensors: &'a Tensors,
    name: &str,
    channels: usize,
) -> Result<[&'a [f32]; 4], Error> {
    let part = |part: &str| tensors.get(&format!("{name}.{part}"), &[channels]);
    Ok([
        part("weight")?,
        part("bias")?,
        part("running_mean")?,
        part("running_var")?,
    ])
}

/// Weights and biases of a convolution followed by a batch normalisation, as one convolution.
pub(crate) fn fold(weights: &[f32], norm: [&[f32]; 4]) -> (Vec<f32>, Vec<f32>) {
    fold_with(weights, norm, EPSILON)
}

/// The same with another epsilon.
pub(crate) fn fold_with(
    weights: &[f32],
    [weight, bias, mean, variance]: [&[f32]; 4],
    epsilon: f32,
) -> (Vec<f32>, Vec<f32>) {
    let channels = weight.len();
    let factor = |c: usize| weight[c] / (variance[c] + epsilon).sqrt();
    let rows = weights.chunks_exact(weights.len() / channels).enumerate();
    let folded = rows.flat_map(|(c, row)| row.iter().map(move |w| w * factor(c)));
    let biases = (0..channels).map(|c| bias[c] - mean[c] * factor(c));
    (folded.collect(), biases.collect())
}

/// TensorFlow's padding "SAME" for windows of `size` pixels `step` apart: pixels of the output, zeros before the
/// image, and pixels of the padded image as far as windows reach.
pub(crate) fn same(side: usize, size: usize, step: usize) -> (usize, usize, usize) {
    let outputs = side.div_ceil(step);
    let padded = (outputs - 1) * step + size;
    let before = padded.saturating_sub(side) / 2;
    (outputs, before, padded.max(before + side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_that_of_tensorflow() {
        // (side, size, step) → (outputs, before, padded).
        for ((side, size, step), expected) in [
            ((224, 3, 2), (112, 0, 225)),
            ((112, 3, 1), (112, 1, 114)),
            ((56, 5, 2), (28, 1, 59)),
            ((7, 5, 1), (7, 2, 11)),
            ((7, 3, 2), (4, 1, 9)),
        ] {
            assert_eq!(same(side, size, step), expected);
        }
    }
}
