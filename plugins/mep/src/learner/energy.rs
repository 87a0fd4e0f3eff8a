//! A step by settling: forward, pull towards the target, settle, gradient from what remains, update.

use benchhost_support::nn::fused::Mlp;

use super::{Phases, Step, config::FreePhase};
use crate::{
    data::Batch,
    energy::{Rule, Settled, Settling},
    network::forward_flop,
    update::{self, Updater},
};

#[derive(Debug)]
pub(crate) struct EnergyLearner {
    pub network: Mlp,
    pub rule: Rule,
    pub settling: Settling,
    pub updater: Updater,
    pub gradients: Vec<f32>,
    free_phase: FreePhase,
}

impl EnergyLearner {
    pub(crate) fn new(
        network: Mlp,
        (rule, free_phase): (Rule, FreePhase),
        update: update::Rule,
        (rows, threads): (usize, usize),
    ) -> Self {
        Self {
            settling: Settling::new(&network, rows, threads),
            updater: Updater::new(&network, update, threads),
            gradients: vec![0.0; network.parameters().len()],
            network,
            rule,
            free_phase,
        }
    }

    pub(crate) fn step(&mut self, batch: &Batch, phases: &Phases) -> Step {
        let Self {
            network, settling, ..
        } = self;
        let targets = &batch.targets;

        let span = phases.span("forward");
        let loss = settling.start(network, &batch.points, targets);
        drop(span);

        let span = phases.span("settle");
        let mut settled = Settled::default();
        let keep = match self.free_phase {
            FreePhase::Skip => 0.0,
            FreePhase::Run => {
                let free = Rule {
                    beta: 0.0,
                    ..self.rule
                };
                settled += settling.settle(network, targets, &free);
                find_gradients(
                    settling,
                    network,
                    batch,
                    (0.0, 1.0 / self.rule.beta),
                    &mut self.gradients,
                );
                1.0
            }
        };
        settled += settling.settle(network, targets, &self.rule);
        drop(span);

        let span = phases.span("backward");
        find_gradients(
            settling,
            network,
            batch,
            (keep, -1.0 / self.rule.beta),
            &mut self.gradients,
        );
        drop(span);

        let span = phases.span("optimizer");
        self.updater.step(network, &self.gradients);
        drop(span);
        Step { loss, settled }
    }

    /// Operations of a step whose settling takes so many passes: forward, settling, gradient (of each phase), update.
    pub(crate) fn flop(&self, rows: usize, settle_passes: f64) -> f64 {
        let products = match self.free_phase {
            FreePhase::Skip => 2.0,
            FreePhase::Run => 3.0,
        };
        products * rows as f64 * forward_flop(&self.network)
            + Settling::flop(&self.network, rows, settle_passes)
            + self.updater.flop()
    }
}

/// keep · what is there + scale · aᵀr/B, for all layers.
pub(crate) fn find_gradients(
    settling: &Settling,
    network: &Mlp,
    batch: &Batch,
    (keep, scale): (f32, f32),
    gradients: &mut [f32],
) {
    for index in 0..network.layers() {
        let places = network.layer_of_mut(gradients, index);
        settling.gradient(index, &batch.points, (keep, scale), places);
    }
}
