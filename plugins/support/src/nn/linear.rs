//! A fully connected layer with the initial weights of `torch.nn.Linear`.

use benchhost_plugin_api::Error;
use candle_core::{DType, Device, Tensor, Var};

use crate::random::{Random, fill_uniform};

/// `y = x · Wᵀ + b`.
#[derive(Debug, Clone)]
pub struct Linear {
    /// `[out, in]`.
    pub weight: Var,
    /// `[out]`.
    pub bias: Var,
}

impl Linear {
    /// A layer of `inputs` → `outputs` with W, b ~ U(±1/√`inputs`), drawn in f32: weights row by row, then
    /// biases.
    ///
    /// Source: `torch.nn.Linear.reset_parameters` (`kaiming_uniform_` with a = √5 is the same distribution).
    ///
    /// # Errors
    /// The device refuses the memory.
    pub fn new(
        inputs: usize,
        outputs: usize,
        (dtype, device): (DType, &Device),
        rng: &mut Random,
    ) -> Result<Self, Error> {
        let limit = 1.0 / (inputs as f32).sqrt();
        let mut draw = |count: usize| {
            let mut values = vec![0.0; count];
            fill_uniform(rng, limit, &mut values);
            values
        };
        let weight = Tensor::from_vec(draw(outputs * inputs), (outputs, inputs), device)?;
        let bias = Tensor::from_vec(draw(outputs), outputs, device)?;
        Ok(Self {
            weight: Var::from_tensor(&weight.to_dtype(dtype)?)?,
            bias: Var::from_tensor(&bias.to_dtype(dtype)?)?,
        })
    }

    /// `x`: `[rows, in]`; returns `[rows, out]`, in the dtype of `x`: for another one than the layer's, weights and biases
    /// are cast, and their gradients cast back.
    ///
    /// # Errors
    /// Shapes or types do not fit.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let weight = self.weight.to_dtype(x.dtype())?;
        let bias = self.bias.to_dtype(x.dtype())?;
        Ok(x.matmul(&weight.t()?)?.broadcast_add(&bias)?)
    }

    /// `(in, out)`.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        let dims = self.weight.dims();
        (dims[1], dims[0])
    }

    /// Weights and biases, in this order.
    #[must_use]
    pub fn vars(&self) -> [Var; 2] {
        [self.weight.clone(), self.bias.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    fn layer(inputs: usize, outputs: usize, seed: u64) -> Linear {
        Linear::new(
            inputs,
            outputs,
            (DType::F32, &Device::Cpu),
            &mut stream(seed, "init"),
        )
        .unwrap()
    }

    #[test]
    fn weights_fill_the_interval_of_torch_and_repeat_with_the_seed() {
        let limit = 1.0 / 10.0;
        let weights: Vec<f32> = layer(100, 400, 3)
            .weight
            .flatten_all()
            .unwrap()
            .to_vec1()
            .unwrap();

        let variance = weights.iter().map(|w| w * w).sum::<f32>() / weights.len() as f32;
        assert!(weights.iter().all(|w| w.abs() <= limit));
        assert!(weights.iter().any(|w| *w > 0.99 * limit));
        assert!(weights.iter().any(|w| *w < -0.99 * limit));
        // Variance of U(±a) is a²/3; five standard errors at n = 40 000 are 2.3 %.
        assert!(
            (variance / (limit * limit / 3.0) - 1.0).abs() < 0.023,
            "{variance}"
        );
        let again: Vec<f32> = layer(100, 400, 3)
            .weight
            .flatten_all()
            .unwrap()
            .to_vec1()
            .unwrap();
        assert_eq!(weights, again);
    }

    #[test]
    fn forward_is_the_plain_sum() {
        let layer = layer(3, 2, 1);
        let x = [[1.0f32, -2.0, 0.5], [0.0, 4.0, 3.0]];
        let (w, b) = (
            layer.weight.to_vec2::<f32>().unwrap(),
            layer.bias.to_vec1::<f32>().unwrap(),
        );

        let y = layer
            .forward(&Tensor::new(&x, &Device::Cpu).unwrap())
            .unwrap();

        for (row, out) in x.iter().zip(y.to_vec2::<f32>().unwrap()) {
            for (j, value) in out.iter().enumerate() {
                let plain = row.iter().zip(&w[j]).map(|(x, w)| x * w).sum::<f32>() + b[j];
                assert!((value - plain).abs() < 1e-6);
            }
        }
    }
}
