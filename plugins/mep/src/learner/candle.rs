//! A step by stock candle operations and its autograd: what a user of candle gets without further work.

use benchhost_plugin_api::Error;
use benchhost_support::nn::{
    Adam,
    fused::{Mlp, Rule, SgdParams},
};
use candle_core::{Device, Tensor, Var, backprop::GradStore};

use super::{Phases, Step};
use crate::{
    data::Batch,
    energy::Settled,
    network::{network, shape},
};

#[derive(Debug)]
pub(crate) struct CandleLearner {
    widths: Vec<usize>,
    rule: Rule,
    device: Device,
    /// Weights `[outputs, inputs]` and biases, layer by layer.
    vars: Vec<Var>,
    descent: Descent,
}

#[derive(Debug)]
enum Descent {
    Adam(Adam),
    Sgd {
        params: SgdParams,
        buffers: Vec<Tensor>,
    },
}

impl CandleLearner {
    pub(crate) fn new(widths: &[usize], rule: Rule, device: &Device) -> Result<Self, Error> {
        let mut learner = Self {
            widths: widths.to_vec(),
            rule,
            device: device.clone(),
            vars: Vec::new(),
            descent: Descent::Sgd {
                params: SgdParams::default(),
                buffers: Vec::new(),
            },
        };
        learner.restart(0)?;
        Ok(learner)
    }

    pub(crate) fn restart(&mut self, seed: u64) -> Result<(), Error> {
        self.set(&network(&self.widths, seed))?;
        self.descent = match self.rule {
            Rule::Adam(params) => Descent::Adam(Adam::new(self.vars.clone(), params)?),
            Rule::Sgd(params) => {
                let zeros = self.vars.iter().map(|var| var.zeros_like());
                Descent::Sgd {
                    params,
                    buffers: zeros.collect::<Result<_, _>>()?,
                }
            }
        };
        Ok(())
    }

    /// Takes the parameters of `mlp`.
    fn set(&mut self, mlp: &Mlp) -> Result<(), Error> {
        self.vars.clear();
        for index in 0..mlp.layers() {
            let (inputs, outputs) = shape(mlp, index);
            let weight = mlp.weight_out_in(mlp.parameters(), index);
            let weight = Tensor::from_vec(weight, (outputs, inputs), &self.device)?;
            let bias = Tensor::new(mlp.layer(index).1, &self.device)?;
            self.vars.push(Var::from_tensor(&weight)?);
            self.vars.push(Var::from_tensor(&bias)?);
        }
        Ok(())
    }

    /// Copies `values`, one tensor for each parameter, into the layout of the other learners.
    fn flat<'a>(&self, values: impl IntoIterator<Item = &'a Tensor>) -> Result<Mlp, Error> {
        let mut mlp = network(&self.widths, 0);
        for (at, tensor) in values.into_iter().enumerate() {
            let (weight, bias) = mlp.layer_mut(at / 2);
            let (place, tensor) = match at % 2 {
                0 => (weight, tensor.t()?),
                _ => (bias, tensor.clone()),
            };
            place.copy_from_slice(&tensor.contiguous()?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(mlp)
    }

    pub(crate) fn network(&self) -> Result<Mlp, Error> {
        self.flat(self.vars.iter().map(|var| var.as_tensor()))
    }

    /// Gradient of the loss of `batch`, as parameters lie.
    pub(crate) fn gradients(&self, batch: &Batch) -> Result<Vec<f32>, Error> {
        let grads = self.loss(batch)?.backward()?;
        let gradients: Vec<&Tensor> = self.vars.iter().filter_map(|var| grads.get(var)).collect();
        Ok(self.flat(gradients)?.parameters().to_vec())
    }

    fn loss(&self, batch: &Batch) -> Result<Tensor, Error> {
        let rows = batch.rows();
        let (inputs, outputs) = (self.widths[0], self.widths[self.widths.len() - 1]);
        let mut x = Tensor::from_slice(&batch.points, (rows, inputs), &self.device)?;
        let one_hot = Tensor::from_slice(&batch.targets, (rows, outputs), &self.device)?;
        for (index, layer) in self.vars.chunks(2).enumerate() {
            if index > 0 {
                x = x.relu()?;
            }
            x = x.matmul(&layer[0].t()?)?.broadcast_add(&layer[1])?;
        }
        let right = (&x * one_hot)?.sum(1)?;
        Ok((x.log_sum_exp(1)? - right)?.mean_all()?)
    }

    pub(crate) fn step(&mut self, batch: &Batch, phases: &Phases) -> Result<Step, Error> {
        let span = phases.span("forward");
        let loss = self.loss(batch)?;
        let value = loss.to_scalar::<f32>()?;
        drop(span);

        let span = phases.span("backward");
        let grads = loss.backward()?;
        self.device.synchronize()?;
        drop(span);

        let span = phases.span("optimizer");
        match &mut self.descent {
            Descent::Adam(adam) => adam.step(&grads)?,
            Descent::Sgd { params, buffers } => descend(&self.vars, &grads, params, buffers)?,
        }
        self.device.synchronize()?;
        drop(span);
        Ok(Step {
            loss: value.into(),
            settled: Settled::default(),
        })
    }
}

/// One step of SGD with momentum, an operation after the other.
///
/// Source: `torch/optim/sgd.py` (`_single_tensor_sgd`).
fn descend(
    vars: &[Var],
    grads: &GradStore,
    params: &SgdParams,
    buffers: &mut [Tensor],
) -> Result<(), Error> {
    for (var, buffer) in vars.iter().zip(buffers) {
        let Some(grad) = grads.get(var) else { continue };
        let theta = var.as_detached_tensor();
        let grad = (grad + (&theta * params.weight_decay)?)?;
        *buffer = ((&*buffer * params.momentum)? + grad)?;
        var.set(&(theta - (&*buffer * params.learning_rate)?)?)?;
    }
    Ok(())
}
