//! The states of a batch and how they come to rest.

use benchhost_support::{
    kernels::gemm::{Matrix, product},
    nn::fused::Mlp,
    random::{Rng, fill_normal},
    wide,
};

use super::sums::{relu, square_distance, subtract_from, subtract_into};
use crate::network::{forward, layer_flop, shape, weight};

/// Most that a rate may grow, as a multiple of the first one.
const LARGEST_GROWTH: f32 = 10.0;

/// Factors of the rate after an accepted and after a refused step.
const GROW: f32 = 1.1;
const SHRINK: f32 = 0.5;

/// Steps in a row with a small change of energy before settling ends.
const CALM_STEPS: usize = 3;

/// How states come to rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rule {
    /// Strength of the pull towards the target.
    pub beta: f32,
    /// Most steps.
    pub steps: usize,
    /// First rate.
    pub rate: f32,
    /// Share of the velocity that stays.
    pub momentum: f32,
    /// Settling ends when energy changes by less, relative to max(1, |E|); 0: never before `steps`.
    pub tolerance: f64,
    /// Whether the rate follows the energy; else it stays, and every step is accepted.
    pub adaptive: bool,
}

/// What settling took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Steps that were tried.
    pub steps: usize,
    /// Passes through every layer but the first, one product each: a look at the energy for each step and one before
    /// the first, a pull back for each look that another step follows, refused ones excepted.
    pub passes: usize,
}

impl std::ops::AddAssign for Settled {
    fn add_assign(&mut self, other: Self) {
        self.steps += other.steps;
        self.passes += other.passes;
    }
}

/// States of a batch with what belongs to them.
#[derive(Debug, Clone)]
struct States {
    /// s of each layer, `[rows, outputs]`.
    state: Vec<Vec<f32>>,
    /// relu(s) of each layer but the last.
    active: Vec<Vec<f32>>,
    /// r of each layer.
    residual: Vec<Vec<f32>>,
    energy: f64,
}

/// The buffers of settling, for batches of up to a number of rows.
#[derive(Debug)]
pub(crate) struct Settling {
    rows: usize,
    widths: Vec<usize>,
    threads: usize,
    /// h of the first layer: the data do not change while the states do.
    first: Vec<f32>,
    now: States,
    trial: States,
    velocity: Vec<Vec<f32>>,
    /// r·Wᵀ of the layer above, for each layer but the last.
    pull: Vec<Vec<f32>>,
}

impl Settling {
    pub(crate) fn new(network: &Mlp, rows: usize, threads: usize) -> Self {
        let widths = network.widths()[1..].to_vec();
        let buffers = |count: usize| -> Vec<Vec<f32>> {
            widths[..count]
                .iter()
                .map(|width| vec![0.0; rows * width])
                .collect()
        };
        let (all, hidden) = (widths.len(), widths.len() - 1);
        let states = States {
            state: buffers(all),
            active: buffers(hidden),
            residual: buffers(all),
            energy: 0.0,
        };
        Self {
            rows,
            threads,
            first: vec![0.0; rows * widths[0]],
            trial: states.clone(),
            now: states,
            velocity: buffers(all),
            pull: buffers(hidden),
            widths,
        }
    }

    /// Puts the states where the forward pass of `points` (`[rows, inputs]`) leads, with no velocity. Returns the mean of
    /// ‖s_L − y‖² over the rows.
    pub(crate) fn start(&mut self, network: &Mlp, points: &[f32], targets: &[f32]) -> f64 {
        self.resize(points.len() / network.widths()[0]);
        let States { state, active, .. } = &mut self.now;
        forward(network, 0, points, &mut self.first, self.threads);
        state[0].copy_from_slice(&self.first);
        for index in 1..network.layers() {
            let below = &mut active[index - 1];
            relu(&state[index - 1], below);
            forward(network, index, below, &mut state[index], self.threads);
        }
        self.velocity
            .iter_mut()
            .for_each(|velocity| velocity.fill(0.0));
        let last = self.now.state.last().expect("a network has a layer");
        square_distance(last, targets) / self.rows as f64
    }

    /// Moves the states downhill by `rule`.
    pub(crate) fn settle(&mut self, network: &Mlp, targets: &[f32], rule: &Rule) -> Settled {
        self.velocity
            .iter_mut()
            .for_each(|velocity| velocity.fill(0.0));
        let (mut rate, mut calm) = (rule.rate, 0);
        self.now
            .look(network, (&self.first, targets), rule.beta, self.threads);
        self.pull_down(network);
        let mut settled = Settled {
            steps: 0,
            passes: 2,
        };
        while settled.steps < rule.steps {
            self.try_step(targets, rule, rate);
            self.trial
                .look(network, (&self.first, targets), rule.beta, self.threads);
            settled.steps += 1;
            settled.passes += 1;
            let change = self.trial.energy - self.now.energy;
            if rule.adaptive && change > 0.0 {
                rate *= SHRINK;
                continue;
            }
            std::mem::swap(&mut self.now, &mut self.trial);
            if rule.adaptive {
                rate = (rate * GROW).min(LARGEST_GROWTH * rule.rate);
            }
            let is_calm = change.abs() < rule.tolerance * self.now.energy.abs().max(1.0);
            calm = if is_calm { calm + 1 } else { 0 };
            if calm == CALM_STEPS || settled.steps == rule.steps {
                break;
            }
            self.pull_down(network);
            settled.passes += 1;
        }
        settled
    }

    /// Writes `keep` · what is there + `scale`·aᵀr/B for weights and biases of layer `index`; `points` is the batch.
    pub(crate) fn gradient(
        &self,
        index: usize,
        points: &[f32],
        (keep, scale): (f32, f32),
        (weight, bias): (&mut [f32], &mut [f32]),
    ) {
        let residual = &self.now.residual[index];
        let outputs = self.widths[index];
        let below = match index {
            0 => points,
            _ => &self.now.active[index - 1],
        };
        let inputs = below.len() / self.rows;
        let scale = scale / self.rows as f32;
        let a = Matrix::new(below, self.rows, inputs).transposed();
        let r = Matrix::new(residual, self.rows, outputs);
        product(weight, keep, a, r, scale, self.threads);
        wide!({
            bias.iter_mut().for_each(|value| *value *= keep);
            for row in residual.chunks_exact(outputs) {
                for (sum, value) in bias.iter_mut().zip(row) {
                    *sum += scale * value;
                }
            }
        });
    }

    /// State of each layer, `[rows, outputs]`.
    pub(crate) fn states(&self) -> &[Vec<f32>] {
        &self.now.state
    }

    /// Moves every state by N(0, 1)·`scale`, so that residuals are large enough to be compared; for `verify`.
    pub(crate) fn displace(&mut self, rng: &mut impl Rng, scale: f32) {
        for state in &mut self.now.state {
            let mut noise = vec![0.0; state.len()];
            fill_normal(rng, &mut noise);
            state
                .iter_mut()
                .zip(noise)
                .for_each(|(state, noise)| *state += scale * noise);
        }
    }

    /// ∂E/∂s of each layer at the present states, for `verify`; allocates.
    pub(crate) fn state_gradient(
        &mut self,
        network: &Mlp,
        targets: &[f32],
        beta: f32,
    ) -> Vec<Vec<f32>> {
        self.now
            .look(network, (&self.first, targets), beta, self.threads);
        self.pull_down(network);
        self.velocity
            .iter_mut()
            .for_each(|velocity| velocity.fill(0.0));
        let rule = Rule {
            beta,
            steps: 1,
            rate: 0.0,
            momentum: 0.0,
            tolerance: 0.0,
            adaptive: false,
        };
        self.try_step(targets, &rule, 0.0);
        self.velocity.clone()
    }

    /// Operations of so many `passes`: a product for each layer but the first, whose prediction stays.
    pub(crate) fn flop(network: &Mlp, rows: usize, passes: f64) -> f64 {
        let above: f64 = (1..network.layers())
            .map(|index| layer_flop(network, index))
            .sum();
        rows as f64 * above * passes
    }

    fn resize(&mut self, rows: usize) {
        if rows == self.rows {
            return;
        }
        // Within the capacity that `new` made: nothing is allocated.
        self.rows = rows;
        let fit = |buffers: &mut [Vec<f32>], widths: &[usize]| {
            for (buffer, width) in buffers.iter_mut().zip(widths) {
                buffer.resize(rows * width, 0.0);
            }
        };
        self.first.resize(rows * self.widths[0], 0.0);
        for states in [&mut self.now, &mut self.trial] {
            fit(&mut states.state, &self.widths);
            fit(&mut states.active, &self.widths);
            fit(&mut states.residual, &self.widths);
        }
        fit(&mut self.velocity, &self.widths);
        fit(&mut self.pull, &self.widths);
    }

    /// r·Wᵀ for each layer below another.
    fn pull_down(&mut self, network: &Mlp) {
        for index in 1..network.layers() {
            let (_, outputs) = shape(network, index);
            let residual = Matrix::new(&self.now.residual[index], self.rows, outputs);
            let weight = weight(network, index).transposed();
            product(
                &mut self.pull[index - 1],
                0.0,
                residual,
                weight,
                1.0,
                self.threads,
            );
        }
    }

    /// v ← momentum·v + ∂E/∂s, and s − rate·v into the trial states.
    fn try_step(&mut self, targets: &[f32], rule: &Rule, rate: f32) {
        let per_row = 1.0 / self.rows as f32;
        let (momentum, nudge) = (rule.momentum, 2.0 * rule.beta);
        let last = self.widths.len() - 1;
        for index in 0..=last {
            let residual = &self.now.residual[index][..];
            let state = &self.now.state[index][..];
            let velocity = &mut self.velocity[index][..];
            let trial = &mut self.trial.state[index][..];
            let other = if index == last {
                targets
            } else {
                &self.pull[index][..]
            };
            wide!({
                let values = residual.iter().zip(state).zip(other);
                let places = velocity.iter_mut().zip(trial.iter_mut());
                for (((r, s), other), (v, trial)) in values.zip(places) {
                    let force = if index == last {
                        r + nudge * (s - other)
                    } else {
                        r - if *s > 0.0 { *other } else { 0.0 }
                    };
                    *v = momentum * *v + force * per_row;
                    *trial = s - rate * *v;
                }
            });
        }
    }
}

impl States {
    /// Activations, residuals and energy of the present states. `first`: prediction of the first layer.
    fn look(
        &mut self,
        network: &Mlp,
        (first, targets): (&[f32], &[f32]),
        beta: f32,
        threads: usize,
    ) {
        let last = network.layers() - 1;
        let mut squares = subtract_into(&self.state[0], first, &mut self.residual[0]);
        for index in 1..=last {
            let below = &mut self.active[index - 1];
            relu(&self.state[index - 1], below);
            forward(network, index, below, &mut self.residual[index], threads);
            squares += subtract_from(&self.state[index], &mut self.residual[index]);
        }
        let rows = targets.len() / shape(network, last).1;
        let nudge = match beta {
            0.0 => 0.0,
            _ => f64::from(beta) * square_distance(&self.state[last], targets),
        };
        self.energy = (0.5 * squares + nudge) / rows as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data::Rows, network::network};

    const RULE: Rule = Rule {
        beta: 0.5,
        steps: 30,
        rate: 0.15,
        momentum: 0.5,
        tolerance: 1e-3,
        adaptive: true,
    };

    fn started() -> (Mlp, Settling, Rows) {
        let (network, rows) = (network(&[2, 9, 7, 2], 3), Rows::xor(2));
        let mut settling = Settling::new(&network, 4, 1);
        settling.start(&network, &rows.points, &rows.targets);
        (network, settling, rows)
    }

    #[test]
    fn the_free_phase_moves_nothing() {
        let (network, mut settling, rows) = started();
        let before = settling.states().to_vec();
        let free = Rule { beta: 0.0, ..RULE };

        let settled = settling.settle(&network, &rows.targets, &free);

        assert_eq!(settling.states(), before);
        assert_eq!((settled.steps, settling.now.energy), (3, 0.0));
        assert!(settling.now.residual.iter().flatten().all(|r| *r == 0.0));
    }

    #[test]
    fn energy_never_rises_when_the_rate_follows_it() {
        let (network, mut settling, rows) = started();
        // A first rate that is far too large for the narrow energy: the first steps are refused.
        let wild = Rule {
            rate: 50.0,
            tolerance: 0.0,
            ..RULE
        };
        let mut energies = vec![];
        for steps in 1..30 {
            settling.start(&network, &rows.points, &rows.targets);
            settling.settle(&network, &rows.targets, &Rule { steps, ..wild });
            energies.push(settling.now.energy);
        }

        assert!(
            energies.windows(2).all(|pair| pair[1] <= pair[0]),
            "{energies:?}"
        );
        assert_eq!(energies[0], energies[1], "the first steps were too large");
        assert!(energies[28] < energies[0]);
    }

    #[test]
    fn settling_ends_when_it_is_calm_and_without_tolerance_never_early() {
        let (network, mut settling, rows) = started();
        let mut steps = |tolerance| {
            settling.start(&network, &rows.points, &rows.targets);
            let rule = Rule { tolerance, ..RULE };
            settling.settle(&network, &rows.targets, &rule).steps
        };

        assert_eq!(steps(1.0), 3);
        assert_eq!(steps(0.0), 30);
    }

    #[test]
    fn passes_are_those_that_were_done() {
        let (network, mut settling, rows) = started();
        let mut settle = |rate, steps, adaptive| {
            settling.start(&network, &rows.points, &rows.targets);
            let rule = Rule {
                rate,
                steps,
                adaptive,
                tolerance: 0.0,
                ..RULE
            };
            settling.settle(&network, &rows.targets, &rule).passes
        };

        // Accepted: n + 1 looks, n pulls. Refused: n + 1 looks, the first pull only.
        assert_eq!(settle(0.15, 5, false), 6 + 5);
        assert_eq!(settle(0.15, 5, true), 6 + 5);
        assert_eq!(settle(1e6, 5, true), 6 + 1);
    }

    #[test]
    fn a_smaller_batch_after_a_larger_one_uses_the_front_of_the_buffers() {
        let (network, mut settling, rows) = started();
        let (points, targets) = (&rows.points[..6], &rows.targets[..6]);
        let mut fresh = Settling::new(&network, 3, 1);

        for settling in [&mut settling, &mut fresh] {
            settling.start(&network, points, targets);
            settling.settle(&network, targets, &RULE);
        }

        assert_eq!(settling.states(), fresh.states());
    }
}
