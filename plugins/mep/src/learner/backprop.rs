//! A step by backprop of the cross-entropy: the shared passes, then one of torch's optimisers or an update of ours.

use benchhost_support::{
    kernels::softmax::cross_entropy,
    nn::fused::{Mlp, Optimizer, Pass, Rule},
};

use super::{Phases, Step};
use crate::{
    data::Batch,
    energy::Settled,
    network::{forward_flop, layer_flop},
    update::{self, Updater},
};

#[derive(Debug)]
pub(crate) struct BackpropLearner {
    pub network: Mlp,
    pub pass: Pass,
    pub descent: Descent,
    threads: usize,
}

/// What follows the gradient.
#[derive(Debug)]
pub(crate) enum Descent {
    Torch(Optimizer, Rule),
    Update(Updater),
}

impl BackpropLearner {
    pub(crate) fn torch(network: Mlp, rule: Rule, (rows, threads): (usize, usize)) -> Self {
        let optimizer = Optimizer::new(&network, rule, threads);
        Self::new(network, Descent::Torch(optimizer, rule), (rows, threads))
    }

    pub(crate) fn muon(network: Mlp, rule: update::Rule, (rows, threads): (usize, usize)) -> Self {
        let updater = Updater::new(&network, rule, threads);
        Self::new(network, Descent::Update(updater), (rows, threads))
    }

    fn new(network: Mlp, descent: Descent, (rows, threads): (usize, usize)) -> Self {
        Self {
            pass: Pass::new(&network, rows, threads),
            network,
            descent,
            threads,
        }
    }

    pub(crate) fn restart(&mut self, seed: u64) {
        match &mut self.descent {
            Descent::Torch(optimizer, rule) => {
                *optimizer = Optimizer::new(&self.network, *rule, self.threads);
            }
            Descent::Update(updater) => updater.reset(seed),
        }
    }

    pub(crate) fn step(&mut self, batch: &Batch, phases: &Phases) -> Step {
        let (network, pass) = (&mut self.network, &mut self.pass);

        let span = phases.span("forward");
        pass.forward(network, &batch.points, &[]);
        drop(span);

        let span = phases.span("loss");
        let (logits, gradient) = pass.output_and_gradient();
        let loss = cross_entropy(gradient, logits, &batch.labels);
        drop(span);

        let span = phases.span("backward");
        pass.backward(network, &batch.points, &[]);
        drop(span);

        let span = phases.span("optimizer");
        match &mut self.descent {
            Descent::Torch(optimizer, _) => {
                optimizer.step(network.parameters_mut(), pass.gradients());
            }
            Descent::Update(updater) => updater.step(network, pass.gradients()),
        }
        drop(span);
        Step {
            loss: loss.into(),
            settled: Settled::default(),
        }
    }

    pub(crate) fn flop(&self, rows: usize) -> f64 {
        let update = match &self.descent {
            Descent::Torch(..) => 0.0,
            Descent::Update(updater) => updater.flop(),
        };
        backprop_flop(&self.network, rows) + update
    }
}

/// Three products for each layer, but two for the first, whose input is data.
pub(crate) fn backprop_flop(network: &Mlp, rows: usize) -> f64 {
    rows as f64 * (3.0 * forward_flop(network) - layer_flop(network, 0))
}
