//! From gradients to new weights: a direction for each matrix, momentum, decay, and a bound on the singular values.
//!
//! In this order (`u` the direction): m ← μm + u; θ ← θ(1 − lr·λ) − lr·m; W ← W·bound/σ where σ > bound. Biases take
//! their raw gradient as `u`.

mod low_rank;
mod natural;
mod newton_schulz;
mod spectral;

use benchhost_support::{nn::fused::Mlp, random::stream, wide};

pub(crate) use self::{low_rank::LowRank, newton_schulz::NORMS};
use self::{natural::Natural, newton_schulz::NewtonSchulz, spectral::Spectral};
use crate::network::shape;

/// Elements above which `sdmep` takes the low-rank direction.
pub(crate) const LARGE_MATRIX: usize = 100_000;

/// How a matrix's direction is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Direction {
    /// Newton–Schulz alone.
    Orthogonal,
    /// The low-rank direction for large matrices, with this share of their small side as rank.
    LowRank { share: f64 },
    /// The inverse of F + λI before Newton–Schulz.
    Natural { decay: f64, damping: f64 },
}

/// The numbers of an update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rule {
    pub direction: Direction,
    /// Steps of Newton–Schulz; with 0 the gradient is divided by its norm.
    pub newton_schulz_steps: usize,
    pub learning_rate: f32,
    pub momentum: f32,
    pub weight_decay: f32,
    /// Bound on the largest singular value; `None` leaves it free.
    pub spectral_bound: Option<f64>,
}

/// The state of the update for all layers.
#[derive(Debug)]
pub(crate) struct Updater {
    rule: Rule,
    /// m, as the parameters lie.
    momentum: Vec<f32>,
    slots: Vec<Slot>,
    /// Updates since the last reset.
    steps: usize,
}

/// What belongs to the matrix of a layer.
#[derive(Debug)]
struct Slot {
    direction: Vec<f32>,
    /// What Newton–Schulz is given when something comes before it.
    before: Vec<f32>,
    newton_schulz: NewtonSchulz,
    low_rank: Option<LowRank>,
    natural: Option<Natural>,
    spectral: Spectral,
}

impl Updater {
    /// An updater of networks like `network`; [`reset`](Self::reset) makes it ready for a training.
    pub(crate) fn new(network: &Mlp, rule: Rule, threads: usize) -> Self {
        let slots =
            (0..network.layers()).map(|index| Slot::new(shape(network, index), &rule, threads));
        Self {
            slots: slots.collect(),
            momentum: vec![0.0; network.parameters().len()],
            steps: 0,
            rule,
        }
    }

    /// As new, for another training with `seed`.
    pub(crate) fn reset(&mut self, seed: u64) {
        self.momentum.fill(0.0);
        self.steps = 0;
        for slot in &mut self.slots {
            slot.spectral.restart(&mut stream(seed, "power"));
            if let Some(natural) = &mut slot.natural {
                natural.reset();
            }
            if let Some(low_rank) = &mut slot.low_rank {
                low_rank.restart(stream(seed, "sketch"));
            }
        }
    }

    /// One update of `network` by `gradients`, which lie as the parameters do.
    pub(crate) fn step(&mut self, network: &mut Mlp, gradients: &[f32]) {
        self.steps += 1;
        for (index, slot) in self.slots.iter_mut().enumerate() {
            let (weight_gradient, bias_gradient) = network.layer_of(gradients, index);
            slot.find_direction(weight_gradient);
            let (weight_momentum, bias_momentum) = network.layer_of_mut(&mut self.momentum, index);
            let (weight, bias) = network.layer_mut(index);
            descend(weight, weight_momentum, &slot.direction, &self.rule);
            descend(bias, bias_momentum, bias_gradient, &self.rule);
            if let Some(bound) = self.rule.spectral_bound {
                slot.spectral.bound(weight, bound);
            }
        }
    }

    /// Direction of the matrix of layer `index` in the last step.
    pub(crate) fn direction(&self, index: usize) -> &[f32] {
        &self.slots[index].direction
    }

    /// The answer of the damped equation, which Newton–Schulz was given in the last step, and F (`[inputs, inputs]`) of
    /// layer `index`; `None` without such an equation.
    pub(crate) fn natural(&self, index: usize) -> Option<(&[f32], &[f32])> {
        let slot = &self.slots[index];
        let natural = slot.natural.as_ref()?;
        Some((&slot.before, natural.fisher()))
    }

    /// The vector of the power iteration for layer `index`, as long as the layer has outputs.
    pub(crate) fn power_vector(&self, index: usize) -> &[f32] {
        self.slots[index].spectral.vector()
    }

    /// Updates since the last reset.
    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// m, as the parameters lie.
    pub(crate) fn momentum(&self) -> &[f32] {
        &self.momentum
    }

    pub(crate) fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Operations of one step: those of the directions. Passes over the weights are not counted.
    pub(crate) fn flop(&self) -> f64 {
        self.slots.iter().map(Slot::flop).sum()
    }
}

impl Slot {
    fn new(shape: (usize, usize), rule: &Rule, threads: usize) -> Self {
        let count = shape.0 * shape.1;
        let (mut low_rank, mut natural) = (None, None);
        match rule.direction {
            Direction::Orthogonal => {}
            Direction::LowRank { share } => {
                if count > LARGE_MATRIX {
                    low_rank = Some(LowRank::new(shape, share, threads));
                }
            }
            Direction::Natural { decay, damping } => {
                natural = Some(Natural::new(shape, (decay, damping), threads));
            }
        }
        Self {
            direction: vec![0.0; count],
            before: vec![0.0; natural.as_ref().map_or(0, |_| count)],
            newton_schulz: NewtonSchulz::new(shape, rule.newton_schulz_steps, threads),
            low_rank,
            natural,
            spectral: Spectral::new(shape.1),
        }
    }

    fn find_direction(&mut self, gradient: &[f32]) {
        if let Some(low_rank) = &mut self.low_rank {
            return low_rank.direction(gradient, &mut self.direction);
        }
        let Some(natural) = &mut self.natural else {
            return self.newton_schulz.direction(gradient, &mut self.direction);
        };
        natural.direction(gradient, &mut self.before);
        self.newton_schulz
            .direction(&self.before, &mut self.direction);
    }

    fn flop(&self) -> f64 {
        let natural = self.natural.as_ref().map_or(0.0, Natural::flop);
        match &self.low_rank {
            Some(low_rank) => low_rank.flop(),
            None => natural + self.newton_schulz.flop(),
        }
    }
}

/// m ← μm + u, θ ← θ(1 − lr·λ) − lr·m.
fn descend(parameters: &mut [f32], momentum: &mut [f32], direction: &[f32], rule: &Rule) {
    let (share, rate) = (rule.momentum, rule.learning_rate);
    let shrink = 1.0 - rate * rule.weight_decay;
    wide!({
        let places = parameters.iter_mut().zip(momentum.iter_mut());
        for ((parameter, momentum), u) in places.zip(direction) {
            *momentum = share * *momentum + u;
            *parameter = *parameter * shrink - rate * *momentum;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::network;

    const RULE: Rule = Rule {
        direction: Direction::Orthogonal,
        newton_schulz_steps: 0,
        learning_rate: 0.1,
        momentum: 0.9,
        weight_decay: 0.5,
        spectral_bound: None,
    };

    #[test]
    fn momentum_then_decay_then_the_step() {
        let (mut parameters, mut momentum) = ([2.0], [1.0]);

        descend(&mut parameters, &mut momentum, &[0.1], &RULE);

        assert_eq!(momentum, [1.0]);
        assert_eq!(parameters, [2.0 * 0.95 - 0.1]);
    }

    #[test]
    fn after_a_reset_everything_repeats() {
        let start = network(&[400, 300, 10], 1);
        let directions = [
            Direction::Orthogonal,
            Direction::LowRank { share: 0.02 },
            Direction::Natural {
                decay: 0.95,
                damping: 1e-3,
            },
        ];
        let values = (0..start.parameters().len()).map(|i| (i % 13) as f32 / 100.0 - 0.06);
        let gradients: Vec<f32> = values.collect();
        for direction in directions {
            let rule = Rule {
                direction,
                spectral_bound: Some(0.95),
                newton_schulz_steps: 2,
                ..RULE
            };
            let mut updater = Updater::new(&start, rule, 1);
            let mut run = || {
                let mut network = start.clone();
                updater.reset(5);
                (0..2).for_each(|_| updater.step(&mut network, &gradients));
                network
            };

            let first = run();

            // Not `assert_eq!`: nobody reads a hundred thousand numbers.
            assert!(first == run(), "{direction:?} does not repeat");
            assert!(first != start, "{direction:?} moves nothing");
        }
    }
}
