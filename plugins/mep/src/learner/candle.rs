//! A step by stock candle operations and its autograd: what a user of candle gets without further work.

use benchhost_plugin_api::Error;
use benchhost_support::nn::fused::{Mlp, Rule};
use candle_core::{Device, Tensor, Var, backprop::GradStore};

use super::{Phases, Step, descent::Descent};
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

impl CandleLearner {
    pub(crate) fn new(widths: &[usize], rule: Rule, device: &Device) -> Result<Self, Error> {
        let vars = variables(&network(widths, 0), device)?;
        Ok(Self {
            widths: widths.to_vec(),
            device: device.clone(),
            descent: Descent::new(&vars, rule)?,
            rule,
            vars,
        })
    }

    pub(crate) fn restart(&mut self, seed: u64) -> Result<(), Error> {
        self.vars = variables(&network(&self.widths, seed), &self.device)?;
        self.descent = Descent::new(&self.vars, self.rule)?;
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

    pub(crate) fn rule(&self) -> Rule {
        self.rule
    }

    /// `grads` as parameters lie.
    ///
    /// # Errors
    /// A parameter has no gradient.
    pub(crate) fn gradients(&self, grads: &GradStore) -> Result<Vec<f32>, Error> {
        let of_each = self.vars.iter().map(|var| grads.get(var));
        let Some(gradients) = of_each.collect::<Option<Vec<&Tensor>>>() else {
            return Err(Error::wrong("a parameter has no gradient"));
        };
        Ok(self.flat(gradients)?.parameters().to_vec())
    }

    /// First and second moments as parameters lie (no second ones for SGD), and the updates so far.
    pub(crate) fn moments(&self) -> Result<(Vec<f32>, Vec<f32>, i32), Error> {
        let (first, second) = self.descent.moments();
        let second = match second.is_empty() {
            true => Vec::new(),
            false => self.flat(second)?.parameters().to_vec(),
        };
        let first = self.flat(first)?.parameters().to_vec();
        Ok((first, second, self.descent.steps()))
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
        Ok(self.step_and_gradients(batch, phases)?.0)
    }

    /// A step with the gradients that it followed.
    pub(crate) fn step_and_gradients(
        &mut self,
        batch: &Batch,
        phases: &Phases,
    ) -> Result<(Step, GradStore), Error> {
        let span = phases.span("forward");
        let loss = self.loss(batch)?;
        let value = loss.to_scalar::<f32>()?;
        drop(span);

        let span = phases.span("backward");
        let grads = loss.backward()?;
        self.device.synchronize()?;
        drop(span);

        let span = phases.span("optimizer");
        self.descent.step(&grads)?;
        self.device.synchronize()?;
        drop(span);
        let step = Step {
            loss: value.into(),
            settled: Settled::default(),
        };
        Ok((step, grads))
    }
}

/// Weights `[outputs, inputs]` and biases of `mlp`, layer by layer.
fn variables(mlp: &Mlp, device: &Device) -> Result<Vec<Var>, Error> {
    let mut vars = Vec::with_capacity(2 * mlp.layers());
    for index in 0..mlp.layers() {
        let (inputs, outputs) = shape(mlp, index);
        let weight = mlp.weight_out_in(mlp.parameters(), index);
        let weight = Tensor::from_vec(weight, (outputs, inputs), device)?;
        let bias = Tensor::new(mlp.layer(index).1, device)?;
        vars.push(Var::from_tensor(&weight)?);
        vars.push(Var::from_tensor(&bias)?);
    }
    Ok(vars)
}
