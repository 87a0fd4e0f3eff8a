//! The network: fully connected layers with ReLU between, each half as wide as the one before.

use benchhost_plugin_api::Error;
use benchhost_support::{nn::Linear, random::stream};
use candle_core::{DType, Device, Tensor, Var};

use crate::{
    clusters::{Batch, CLASSES, FEATURES},
    reference::PlainLayer,
};

/// `FEATURES → hidden → hidden/2 → … → CLASSES`.
#[derive(Debug)]
pub(crate) struct Mlp {
    layers: Vec<Linear>,
    /// Weights and biases as they were at the start, in the order of [`vars`](Self::vars).
    initial: Vec<Tensor>,
}

impl Mlp {
    /// A network of `layers` layers on `device`, f32; no hidden layer is narrower than the output.
    pub(crate) fn new(
        hidden: usize,
        layers: usize,
        device: &Device,
        seed: u64,
    ) -> Result<Self, Error> {
        let mut rng = stream(seed, "init");
        let mut inputs = FEATURES;
        let layers = (1..=layers)
            .map(|index| {
                let outputs = if index == layers {
                    CLASSES
                } else {
                    (hidden >> (index - 1)).max(CLASSES)
                };
                let layer = Linear::new(inputs, outputs, (DType::F32, device), &mut rng);
                inputs = outputs;
                layer
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let initial = layers
            .iter()
            .flat_map(Linear::vars)
            .map(|var| var.copy())
            .collect::<Result<_, _>>()?;
        Ok(Self { layers, initial })
    }

    /// Puts every weight back to where it was at the start.
    pub(crate) fn reset(&self) -> Result<(), Error> {
        for (var, initial) in self.vars().iter().zip(&self.initial) {
            var.set(initial)?;
        }
        Ok(())
    }

    /// Cross-entropy of `batch` in nats, mean over its rows; a scalar.
    pub(crate) fn loss(&self, batch: &Batch) -> Result<Tensor, Error> {
        let logits = self.logits(&batch.points)?;
        let right = (&logits * &batch.one_hot)?.sum(1)?;
        Ok((logits.log_sum_exp(1)? - right)?.mean_all()?)
    }

    fn logits(&self, points: &Tensor) -> Result<Tensor, Error> {
        let (last, hidden) = self
            .layers
            .split_last()
            .expect("checked: two or more layers");
        let mut x = points.clone();
        for layer in hidden {
            x = layer.forward(&x)?.relu()?;
        }
        last.forward(&x)
    }

    /// Every variable, layer by layer.
    pub(crate) fn vars(&self) -> Vec<Var> {
        self.layers.iter().flat_map(Linear::vars).collect()
    }

    /// Initial weights and bias of each layer, as plain numbers.
    pub(crate) fn initial(&self) -> Result<Vec<PlainLayer>, Error> {
        self.initial
            .chunks(2)
            .map(|layer| {
                Ok(PlainLayer {
                    weights: layer[0].flatten_all()?.to_vec1()?,
                    biases: layer[1].to_vec1()?,
                })
            })
            .collect()
    }

    /// Floating-point operations that one step of `rows` rows cannot avoid: 2mnk for each layer forward, as much for
    /// the gradient of its weights, and as much for that of its input, but in the first layer, whose input is data.
    pub(crate) fn step_flop(&self, rows: usize) -> f64 {
        let product = |layer: &Linear| {
            let (inputs, outputs) = layer.shape();
            2.0 * rows as f64 * inputs as f64 * outputs as f64
        };
        let forward: f64 = self.layers.iter().map(product).sum();
        3.0 * forward - product(&self.layers[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(hidden: usize, layers: usize) -> Vec<(usize, usize)> {
        let mlp = Mlp::new(hidden, layers, &Device::Cpu, 1).unwrap();
        mlp.layers.iter().map(Linear::shape).collect()
    }

    #[test]
    fn widths_halve_and_end_with_the_classes() {
        assert_eq!(shapes(512, 3), [(256, 512), (512, 256), (256, 10)]);
        assert_eq!(shapes(16, 4), [(256, 16), (16, 10), (10, 10), (10, 10)]);
    }

    #[test]
    fn a_reset_undoes_whatever_happened_to_the_weights() {
        let mlp = Mlp::new(16, 2, &Device::Cpu, 1).unwrap();
        let before = mlp.initial().unwrap();
        for var in mlp.vars() {
            var.set(&(var.as_tensor() * 3.0).unwrap()).unwrap();
        }

        mlp.reset().unwrap();

        let now = Mlp {
            initial: mlp.vars().iter().map(|var| var.copy().unwrap()).collect(),
            layers: mlp.layers,
        };
        assert_eq!(now.initial().unwrap(), before);
    }
}
