//! The multilayer perceptrons that turn a window into an embedding.

use benchhost_plugin_api::Error;
use benchhost_support::{
    nn::Linear,
    random::{Random, Rng, stream},
};
use candle_core::{DType, Device, Tensor, Var};
use serde::{Deserialize, Serialize};

/// Size of the encoder; d is window · channels, o the length of the embedding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncoderKind {
    /// d → 256 → o.
    Simple,
    /// d → 512 → 256 → o, dropout 0.2, 0.2.
    Medium,
    /// d → 1024 → 512 → 256 → o, dropout 0.3, 0.3, 0.2.
    Complex,
    /// d → 1024 → 512 → 512 → 256 → 256 → o, dropout 0.3, 0.3, 0.2, 0.2, 0.2: six linear layers.
    Deep,
}

impl EncoderKind {
    /// The names in a suite.
    pub(crate) const NAMES: &'static [&'static str] = &["simple", "medium", "complex", "deep"];

    /// d, the hidden layers, o.
    pub(crate) fn widths(self, (input, output): (usize, usize)) -> Vec<usize> {
        let hidden = self.hidden().iter().map(|(width, _)| *width);
        [input].into_iter().chain(hidden).chain([output]).collect()
    }

    /// Width and dropout rate of each hidden layer.
    pub(crate) fn hidden(self) -> &'static [(usize, f64)] {
        match self {
            Self::Simple => &[(256, 0.0)],
            Self::Medium => &[(512, 0.2), (256, 0.2)],
            Self::Complex => &[(1024, 0.3), (512, 0.3), (256, 0.2)],
            Self::Deep => &[(1024, 0.3), (512, 0.3), (512, 0.2), (256, 0.2), (256, 0.2)],
        }
    }
}

/// Linear layers with ReLU and, in training, dropout between.
#[derive(Debug)]
pub(crate) struct Encoder {
    pub layers: Vec<Linear>,
    kind: EncoderKind,
}

impl Encoder {
    /// Fresh weights; `shape` is (d, o).
    pub(crate) fn new(
        kind: EncoderKind,
        shape: (usize, usize),
        place: (DType, &Device),
        seed: u64,
    ) -> Result<Self, Error> {
        let mut rng = stream(seed, "init");
        let widths = kind.widths(shape);
        let layers = widths
            .windows(2)
            .map(|pair| Linear::new(pair[0], pair[1], place, &mut rng))
            .collect::<Result<_, Error>>()?;
        Ok(Self { layers, kind })
    }

    /// `x`: `[rows, d]`; returns `[rows, o]`, as in use: without dropout.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let (last, hidden) = self.split();
        let mut x = x.clone();
        for layer in hidden {
            x = layer.forward(&x)?.relu()?;
        }
        last.forward(&x)
    }

    /// What each layer gives to `x` before its ReLU, `[rows, width]`; of the last one that is the embedding.
    pub(crate) fn sums(&self, x: &Tensor) -> Result<Vec<Tensor>, Error> {
        let mut x = x.clone();
        let of_layer = |layer: &Linear| {
            let sums = layer.forward(&x)?;
            x = sums.relu()?;
            Ok(sums)
        };
        self.layers.iter().map(of_layer).collect()
    }

    /// The same as [`forward`](Self::forward) in training: with dropout, and with what each hidden layer gave. That is kept as references: nothing is
    /// copied.
    pub(crate) fn train(
        &self,
        x: &Tensor,
        dropout: &mut Dropout,
    ) -> Result<(Tensor, Vec<Hidden>), Error> {
        let (last, hidden) = self.split();
        let mut x = x.clone();
        let mut kept = Vec::with_capacity(hidden.len());
        for (layer, (_, rate)) in hidden.iter().zip(self.kind.hidden()) {
            let sums = layer.forward(&x)?;
            let active = sums.relu()?;
            let mask = dropout.mask(&active, *rate)?;
            x = match &mask {
                Some(mask) => (active * mask)?,
                None => active,
            };
            // Detached: a graph kept until the next step would double the memory.
            kept.push(Hidden {
                sums: sums.detach(),
                mask,
                output: x.detach(),
            });
        }
        Ok((last.forward(&x)?, kept))
    }

    fn split(&self) -> (&Linear, &[Linear]) {
        self.layers
            .split_last()
            .expect("an encoder has at least two layers")
    }

    /// Every variable, layer by layer.
    pub(crate) fn vars(&self) -> Vec<Var> {
        self.layers.iter().flat_map(Linear::vars).collect()
    }

    /// Numbers that are learned.
    pub(crate) fn parameters(&self) -> usize {
        self.vars().iter().map(|var| var.elem_count()).sum()
    }
}

/// What a hidden layer gave in training, `[rows, width]`.
#[derive(Debug)]
pub(crate) struct Hidden {
    /// Before ReLU.
    pub sums: Tensor,
    /// After ReLU and dropout.
    pub output: Tensor,
    /// Factors of dropout; `None` where there is none.
    pub mask: Option<Tensor>,
}

/// Floating-point operations of a forward pass of `rows` rows through layers of `widths`: 2mnk for each; bias, ReLU and
/// dropout are not counted.
pub(crate) fn forward_flop(widths: &[usize], rows: usize) -> f64 {
    widths.windows(2).map(|pair| matmul_flop(rows, pair)).sum()
}

/// Those a backward pass cannot avoid: gradients of all weights, and of the inputs of all layers but the first, whose
/// input is data.
pub(crate) fn backward_flop(widths: &[usize], rows: usize) -> f64 {
    2.0 * forward_flop(widths, rows) - matmul_flop(rows, &widths[..2])
}

/// Numbers that a forward pass of `rows` rows must read or write: weights and biases once, the input, the embedding. What is
/// between two layers may stay in caches.
pub(crate) fn forward_numbers(widths: &[usize], rows: usize) -> f64 {
    let ends = widths.first().unwrap_or(&0) + widths.last().unwrap_or(&0);
    learned(widths) + rows as f64 * ends as f64
}

/// Those of a backward pass: the weights of all layers but the first, whose input is data; the gradients of all weights and
/// biases; the input and what every layer gave.
pub(crate) fn backward_numbers(widths: &[usize], rows: usize) -> f64 {
    let behind = widths.get(1..).unwrap_or_default();
    let weights: usize = behind.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let kept: usize = widths.iter().sum();
    weights as f64 + learned(widths) + rows as f64 * kept as f64
}

/// Weights and biases of layers of `widths`.
fn learned(widths: &[usize]) -> f64 {
    let layers = widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]);
    layers.sum::<usize>() as f64
}

fn matmul_flop(rows: usize, pair: &[usize]) -> f64 {
    2.0 * rows as f64 * pair[0] as f64 * pair[1] as f64
}

/// Seeded dropout: candle's own draws from a generator that cannot be seeded on the CPU.
#[derive(Debug)]
pub(crate) struct Dropout {
    rng: Random,
}

impl Dropout {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: stream(seed, "dropout"),
        }
    }

    /// Factors for `x`: 0 with probability `rate`, else 1/(1 − `rate`); `None` at a rate of 0.
    fn mask(&mut self, x: &Tensor, rate: f64) -> Result<Option<Tensor>, Error> {
        if rate == 0.0 {
            return Ok(None);
        }
        let mut mask = vec![0.0; x.elem_count()];
        self.draw(rate, &mut mask);
        let mask = Tensor::from_vec(mask, x.shape(), x.device())?;
        Ok(Some(mask.to_dtype(x.dtype())?))
    }

    /// Fills `mask` with factors: 0 with probability `rate`, else 1/(1 − `rate`).
    pub(crate) fn draw(&mut self, rate: f64, mask: &mut [f32]) {
        let threshold = (rate * f64::from(u32::MAX)) as u32;
        let kept = (1.0 / (1.0 - rate)) as f32;
        for factor in mask {
            *factor = if self.rng.next_u32() < threshold {
                0.0
            } else {
                kept
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoder(kind: EncoderKind) -> Encoder {
        Encoder::new(kind, (512, 128), (DType::F32, &Device::Cpu), 1).unwrap()
    }

    #[test]
    fn sizes_are_the_documented_ones() {
        let parameters = [
            EncoderKind::Simple,
            EncoderKind::Medium,
            EncoderKind::Complex,
            EncoderKind::Deep,
        ]
        .map(|kind| encoder(kind).parameters());

        let simple = 512 * 256 + 256 + 256 * 128 + 128;
        let medium = 512 * 512 + 512 + 512 * 256 + 256 + 256 * 128 + 128;
        let complex = 512 * 1024 + 1024 + 1024 * 512 + 512 + 512 * 256 + 256 + 256 * 128 + 128;
        let deep = complex + 512 * 512 + 512 + 256 * 256 + 256;
        assert_eq!(parameters, [simple, medium, complex, deep]);
        assert_eq!(encoder(EncoderKind::Deep).layers.len(), 6);
    }

    #[test]
    fn flop_are_counted_for_the_products_that_are_needed() {
        let widths = EncoderKind::Simple.widths((512, 128));
        let (first, second) = (2.0 * 16.0 * 512.0 * 256.0, 2.0 * 16.0 * 256.0 * 128.0);

        assert_eq!(forward_flop(&widths, 16), first + second);
        assert_eq!(backward_flop(&widths, 16), first + 2.0 * second);
        assert_eq!(widths, [512, 256, 128]);
    }

    #[test]
    fn numbers_that_move_are_what_a_hand_counts() {
        let widths = [5, 3, 2];

        // Weights 5·3 and 3·2, biases 3 and 2; two rows of 5 in, two of 2 out.
        assert_eq!(forward_numbers(&widths, 2), 26.0 + 2.0 * 7.0);
        // Weights 3·2 read, 26 gradients written; two rows of 5, 3 and 2.
        assert_eq!(backward_numbers(&widths, 2), 6.0 + 26.0 + 2.0 * 10.0);
    }

    #[test]
    fn dropout_keeps_the_mean_zeroes_its_share_and_repeats_with_the_seed() {
        let x = Tensor::ones((100, 400), DType::F32, &Device::Cpu).unwrap();
        let drop = |seed| {
            let mask = Dropout::new(seed).mask(&x, 0.3).unwrap();
            let y = mask.expect("a rate above 0");
            y.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };

        let y = drop(1);

        let zeros = y.iter().filter(|v| **v == 0.0).count() as f64 / 40_000.0;
        assert!((zeros - 0.3).abs() < 0.012, "{zeros}");
        assert!((y.iter().sum::<f32>() / 40_000.0 - 1.0).abs() < 0.017);
        assert_eq!(y, drop(1));
        assert_ne!(y, drop(2));
    }
}
