//! The parameters of a perceptron, in one slice.

use crate::{
    kernels::activation::transpose,
    random::{Random, fill_uniform},
};

/// Linear layers with ReLU between them, none behind the last: y = relu(x·W + b).
///
/// All parameters lie in one slice, layer by layer: weights `[in, out]` row-major, then biases `[out]`. Gradients and
/// moments lie in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct Mlp {
    widths: Vec<usize>,
    parameters: Vec<f32>,
}

impl Mlp {
    /// A perceptron of `widths` = input, hidden layers, output, with the initial weights of [`nn::Linear`], drawn in the
    /// same order: from the same stream it is the same perceptron.
    ///
    /// [`nn::Linear`]: crate::nn::Linear
    ///
    /// # Panics
    /// Fewer than two widths, or one is 0.
    #[must_use]
    pub fn new(widths: &[usize], rng: &mut Random) -> Self {
        assert!(
            widths.len() >= 2 && !widths.contains(&0),
            "widths of a perceptron: {widths:?}"
        );
        let mut parameters = Vec::new();
        for pair in widths.windows(2) {
            let (inputs, outputs) = (pair[0], pair[1]);
            let limit = 1.0 / (inputs as f32).sqrt();
            let mut drawn = vec![0.0; inputs * outputs];
            fill_uniform(rng, limit, &mut drawn);
            let start = parameters.len();
            parameters.resize(start + (inputs + 1) * outputs, 0.0);
            let (weight, bias) = parameters[start..].split_at_mut(inputs * outputs);
            transpose(weight, &drawn, inputs);
            fill_uniform(rng, limit, bias);
        }
        Self {
            widths: widths.to_vec(),
            parameters,
        }
    }

    /// Input, hidden layers, output.
    #[must_use]
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// Number of linear layers.
    #[must_use]
    pub fn layers(&self) -> usize {
        self.widths.len() - 1
    }

    /// All parameters.
    #[must_use]
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// All parameters, for an optimiser.
    pub fn parameters_mut(&mut self) -> &mut [f32] {
        &mut self.parameters
    }

    /// Weights `[in, out]` and biases `[out]` of layer `index`.
    #[must_use]
    pub fn layer(&self, index: usize) -> (&[f32], &[f32]) {
        self.layer_of(&self.parameters, index)
    }

    /// What belongs to layer `index` in `all`, which lies as the parameters do (gradients, moments).
    #[must_use]
    pub fn layer_of<'a>(&self, all: &'a [f32], index: usize) -> (&'a [f32], &'a [f32]) {
        let (start, inputs, outputs) = self.place(index);
        all[start..][..(inputs + 1) * outputs].split_at(inputs * outputs)
    }

    /// [`layer_of`](Self::layer_of) for writing.
    pub fn layer_of_mut<'a>(
        &self,
        all: &'a mut [f32],
        index: usize,
    ) -> (&'a mut [f32], &'a mut [f32]) {
        let (start, inputs, outputs) = self.place(index);
        all[start..][..(inputs + 1) * outputs].split_at_mut(inputs * outputs)
    }

    /// Weights of layer `index` as torch and [`nn::Linear`](crate::nn::Linear) have them, `[out, in]`, of `all` as in
    /// [`layer_of`](Self::layer_of). Copies.
    #[must_use]
    pub fn weight_out_in(&self, all: &[f32], index: usize) -> Vec<f32> {
        let (weight, _) = self.layer_of(all, index);
        let mut out = vec![0.0; weight.len()];
        transpose(&mut out, weight, self.widths[index + 1]);
        out
    }

    fn place(&self, index: usize) -> (usize, usize, usize) {
        let before = self.widths[..=index].windows(2);
        let start = before.map(|pair| (pair[0] + 1) * pair[1]).sum();
        (start, self.widths[index], self.widths[index + 1])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;
    use crate::{nn::Linear, random::stream};

    #[test]
    fn a_stream_gives_the_weights_it_gives_to_stock_layers() {
        let mlp = Mlp::new(&[5, 7, 3], &mut stream(4, "init"));
        let mut rng = stream(4, "init");

        for (index, (inputs, outputs)) in [(5, 7), (7, 3)].into_iter().enumerate() {
            let stock = Linear::new(inputs, outputs, (DType::F32, &Device::Cpu), &mut rng).unwrap();
            let weight: Vec<f32> = stock.weight.flatten_all().unwrap().to_vec1().unwrap();
            assert_eq!(mlp.weight_out_in(mlp.parameters(), index), weight);
            assert_eq!(mlp.layer(index).1, stock.bias.to_vec1::<f32>().unwrap());
            // Output 2 of input 1.
            assert_eq!(mlp.layer(index).0[outputs + 2], weight[2 * inputs + 1]);
        }
        assert_eq!(mlp.parameters().len(), 6 * 7 + 8 * 3);
    }
}
