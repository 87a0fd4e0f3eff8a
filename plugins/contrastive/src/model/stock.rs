//! A pass from stock candle operations, on any device.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::nn::Linear;
use candle_core::{DType, Device, Tensor, backprop::GradStore};

use super::{
    ModelConfig, Pass,
    check::{self, Hidden, Plain},
    input::Input,
};
use crate::{
    encoder::Encoder,
    loss::{LossKind, Targets},
    reference::Layer,
};

/// Encoder, input and what the last pass gave, as tensors.
#[derive(Debug)]
pub(super) struct Stock {
    dtype: DType,
    encoder: Encoder,
    /// `[batch, window · channels]`.
    input: Tensor,
    /// ½·‖embedding‖², averaged over the rows, with its graph.
    half_square: Tensor,
    /// Two `[batch, output]` for InfoNCE.
    embeddings: [Tensor; 2],
    targets: Targets,
    output: Output,
}

#[derive(Debug)]
enum Output {
    Nothing,
    Embedding(Tensor),
    Gradients(Box<GradStore>),
    Loss(Tensor),
}

impl Stock {
    pub(super) fn new(
        config: &ModelConfig,
        input: &Input,
        (dtype, device): (DType, &Device),
        seed: u64,
    ) -> Result<Self, Error> {
        let shape = (config.width(), config.output);
        let encoder = Encoder::new(config.encoder, shape, (dtype, device), seed)?;
        let tensor = |values: &[f32], columns: usize| {
            Tensor::from_slice(values, (config.batch, columns), device)
        };
        let [anchor, positive] = input.embeddings();
        let embeddings = [
            tensor(anchor, config.output)?,
            tensor(positive, config.output)?,
        ];
        let input = tensor(&input.rows, config.width())?.to_dtype(dtype)?;
        let square = encoder.forward(&input)?.to_dtype(DType::F32)?.sqr()?;
        let ids: Vec<usize> = (0..config.batch).collect();
        Ok(Self {
            dtype,
            half_square: (square.sum_all()? / (2.0 * config.batch as f64))?,
            encoder,
            input,
            embeddings,
            targets: Targets::new(LossKind::InfoNce, &ids, device)?,
            output: Output::Nothing,
        })
    }

    pub(super) fn pass(&mut self, config: &ModelConfig) -> Result<(), Error> {
        self.output = match config.pass {
            Pass::Forward => Output::Embedding(self.encoder.forward(&self.input)?),
            Pass::Backward => Output::Gradients(Box::new(self.half_square.backward()?)),
            Pass::InfoNce => {
                let [anchor, positive] = &self.embeddings;
                let kind = LossKind::InfoNce;
                let s = kind.similarities(anchor, positive, config.temperature)?;
                Output::Loss(kind.loss(&s, &self.targets)?)
            }
        };
        Ok(())
    }

    pub(super) fn verify(&self, config: &ModelConfig) -> Result<(), Error> {
        match &self.output {
            Output::Nothing => Err(Error::wrong("no iteration was done")),
            Output::Embedding(found) => {
                check_embedding(&self.encoder, &self.input, found, self.dtype)
            }
            Output::Gradients(found) => {
                let mut sums = self.encoder.sums(&self.input)?;
                let embedding = sums
                    .pop()
                    .map_or_else(|| Ok(Vec::new()), |y| flat_f64(&y))?;
                let hidden: Vec<Hidden> = sums.iter().map(hidden).collect::<Result<_, _>>()?;
                let found = gradients(&self.encoder, found)?;
                let plain = plain(&self.encoder, &self.input)?;
                plain.check_gradients(&hidden, &embedding, &found, self.dtype)
            }
            Output::Loss(found) => {
                let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
                let [anchor, positive] = &self.embeddings;
                let found = f64::from(found.to_scalar::<f32>()?);
                let views = [&*flat(anchor)?, &*flat(positive)?];
                check::info_nce(views, config.batch, found, config.temperature)
            }
        }
    }

    /// Changes a weight (1), a gradient (2), or which anchor belongs to which positive (3).
    #[cfg(test)]
    pub(super) fn disturb(&mut self, what: usize) {
        let first = &self.encoder.layers[0].weight;
        let bump = |tensor: &Tensor| {
            let mut values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
            values[77] += 0.5 * values.iter().fold(0.0f32, |a, b| a.max(*b));
            Tensor::from_vec(values, tensor.dims(), tensor.device()).unwrap()
        };
        match (what, &mut self.output) {
            (1, _) => first.set(&bump(first)).unwrap(),
            (2, Output::Gradients(found)) => {
                let gradient = bump(found.get(first).unwrap());
                found.insert(first, gradient);
            }
            (3, _) => self.embeddings.swap(0, 1),
            _ => {}
        }
    }

    /// Numbers that are learned.
    pub(super) fn parameters(&self) -> usize {
        self.encoder.parameters()
    }
}

/// The first rows of `found`, what `encoder` made of `input`, against a forward pass in f64.
fn check_embedding(
    encoder: &Encoder,
    input: &Tensor,
    found: &Tensor,
    dtype: DType,
) -> Result<(), Error> {
    let (rows, outputs) = (
        input.dims()[0],
        encoder.layers.last().map_or(0, |l| l.shape().1),
    );
    ensure_right(found.dims() == [rows, outputs], || {
        format!(
            "the embedding has shape {:?}, expected [{rows}, {outputs}]",
            found.dims()
        )
    })?;
    let first = input.narrow(0, 0, rows.min(check::ROWS))?;
    plain(encoder, &first)?.check_embedding(&flat_f64(found)?, dtype)
}

/// A hidden layer by its sums before ReLU, whose derivative at 0 is 1 in candle.
fn hidden(sums: &Tensor) -> Result<Hidden, Error> {
    let sums = flat_f64(sums)?;
    Ok(Hidden {
        output: sums.iter().map(|sum| sum.max(0.0)).collect(),
        open: sums.iter().map(|sum| *sum >= 0.0).collect(),
    })
}

/// Gradients of each layer: weights `[out, in]`, then biases.
fn gradients(encoder: &Encoder, found: &GradStore) -> Result<Vec<Vec<f64>>, Error> {
    let of_layer = |(index, layer): (usize, &Linear)| {
        let mut grads = Vec::new();
        for var in layer.vars() {
            let Some(grad) = found.get(&var) else {
                return Err(Error::wrong(format!(
                    "layer {index} has a parameter without gradient"
                )));
            };
            grads.extend(flat_f64(grad)?);
        }
        Ok(grads)
    };
    encoder.layers.iter().enumerate().map(of_layer).collect()
}

fn plain(encoder: &Encoder, input: &Tensor) -> Result<Plain, Error> {
    let layer = |layer: &Linear| {
        Ok::<_, Error>(Layer {
            weight: flat_f64(&layer.weight)?,
            bias: flat_f64(&layer.bias)?,
        })
    };
    Ok(Plain {
        layers: encoder.layers.iter().map(layer).collect::<Result<_, _>>()?,
        rows: input.to_dtype(DType::F64)?.to_vec2()?,
    })
}

fn flat_f64(tensor: &Tensor) -> Result<Vec<f64>, Error> {
    Ok(tensor.flatten_all()?.to_dtype(DType::F64)?.to_vec1()?)
}
