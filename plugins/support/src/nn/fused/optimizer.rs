//! Optimisers with their state, over parameters in one slice.

use super::Mlp;
use crate::{
    kernels::optimizer::{AdamStep, adam, sgd, sgd_momentum},
    nn::{AdamParams, Decay},
};

/// Settings of SGD; `Default` is torch's with its usual learning rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdParams {
    /// Learning rate.
    pub learning_rate: f64,
    /// μ; 0 keeps no buffer.
    pub momentum: f64,
    /// λ, added to the gradient as λθ.
    pub weight_decay: f64,
}

impl Default for SgdParams {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            momentum: 0.0,
            weight_decay: 0.0,
        }
    }
}

/// What an update does with a gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// `torch.optim.Adam` or `AdamW`, by `decay`.
    Adam(AdamParams),
    /// `torch.optim.SGD`.
    Sgd(SgdParams),
}

/// A rule and the moments it keeps, zero at first.
#[derive(Debug)]
pub struct Optimizer {
    rule: Rule,
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
    threads: usize,
}

impl Optimizer {
    /// An optimiser of the parameters of `mlp`, whose steps use `threads` threads.
    #[must_use]
    pub fn new(mlp: &Mlp, rule: Rule, threads: usize) -> Self {
        Self::of_length(mlp.parameters().len(), rule, threads)
    }

    /// An optimiser of `length` parameters.
    #[must_use]
    pub fn of_length(length: usize, rule: Rule, threads: usize) -> Self {
        let (first, second) = match rule {
            Rule::Adam(_) => (length, length),
            Rule::Sgd(SgdParams { momentum: 0.0, .. }) => (0, 0),
            Rule::Sgd(_) => (length, 0),
        };
        Self {
            rule,
            first: vec![0.0; first],
            second: vec![0.0; second],
            steps: 0,
            threads,
        }
    }

    /// Updates so far.
    #[must_use]
    pub fn steps(&self) -> i32 {
        self.steps
    }

    /// First and second moments (the buffer of SGD is the first); empty where the rule keeps none.
    #[must_use]
    pub fn moments(&self) -> (&[f32], &[f32]) {
        (&self.first, &self.second)
    }

    /// One update of `theta` from `gradients`.
    ///
    /// # Panics
    /// Their lengths are not that of the optimiser.
    pub fn step(&mut self, theta: &mut [f32], gradients: &[f32]) {
        assert_eq!(theta.len(), gradients.len(), "parameters and gradients");
        self.steps = self.steps.saturating_add(1);
        let all = Slices {
            theta,
            gradients,
            first: &mut self.first,
            second: &mut self.second,
        };
        match self.rule {
            Rule::Adam(params) => {
                assert_eq!(gradients.len(), all.first.len(), "parameters and moments");
                let step = adam_step(&params, self.steps);
                all.share(self.threads, &|part: Slices<'_>| {
                    adam(part.theta, part.gradients, part.first, part.second, &step);
                });
            }
            Rule::Sgd(params) => {
                let (rate, decay) = (params.learning_rate as f32, params.weight_decay as f32);
                let momentum = params.momentum as f32;
                if params.momentum == 0.0 {
                    all.share(self.threads, &|part: Slices<'_>| {
                        sgd(part.theta, part.gradients, (rate, decay));
                    });
                    return;
                }
                assert_eq!(gradients.len(), all.first.len(), "parameters and buffer");
                all.share(self.threads, &|part: Slices<'_>| {
                    let numbers = (rate, momentum, decay);
                    sgd_momentum(part.theta, part.gradients, part.first, numbers);
                });
            }
        }
    }
}

/// What an update reads and writes; moments that a rule does not keep are empty.
struct Slices<'a> {
    theta: &'a mut [f32],
    gradients: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl Slices<'_> {
    /// Gives each of `threads` threads a part of equal size.
    fn share(self, threads: usize, update: &(impl Fn(Slices<'_>) + Sync)) {
        if threads <= 1 {
            return update(self);
        }
        let left = threads / 2;
        let middle = self.theta.len() * left / threads;
        let (theta, theta_right) = self.theta.split_at_mut(middle);
        let (gradients, gradients_right) = self.gradients.split_at(middle);
        let (first, first_right) = self.first.split_at_mut(middle.min(self.first.len()));
        let (second, second_right) = self.second.split_at_mut(middle.min(self.second.len()));
        let (this, other) = (
            Slices {
                theta,
                gradients,
                first,
                second,
            },
            Slices {
                theta: theta_right,
                gradients: gradients_right,
                first: first_right,
                second: second_right,
            },
        );
        rayon::join(
            || this.share(left, update),
            || other.share(threads - left, update),
        );
    }
}

/// The numbers of step `steps`, from 1 on; corrections in f64.
fn adam_step(params: &AdamParams, steps: i32) -> AdamStep {
    let correction1 = 1.0 - params.beta1.powi(steps);
    let correction2 = 1.0 - params.beta2.powi(steps);
    let (l2, shrink) = match params.decay {
        Decay::L2 => (params.weight_decay, 1.0),
        Decay::Decoupled => (0.0, 1.0 - params.learning_rate * params.weight_decay),
    };
    AdamStep {
        beta1: params.beta1 as f32,
        rest1: (1.0 - params.beta1) as f32,
        beta2: params.beta2 as f32,
        rest2: (1.0 - params.beta2) as f32,
        root_factor: (1.0 / correction2.sqrt()) as f32,
        eps: params.eps as f32,
        step_size: (params.learning_rate / correction1) as f32,
        l2: l2 as f32,
        shrink: shrink as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const C: [f64; 4] = [1.0, -2.0, 0.5, 3.0];

    /// θ after five steps on Σ cθ²/2 + θ³/3, lr 0.05, from (½, −1¼, 2, 0), repeated so that vectors and the rest
    /// after them are both used; returns one period after comparing all of them.
    fn five_steps(rule: Rule, threads: usize) -> Vec<f64> {
        let mut theta: Vec<f32> = [0.5, -1.25, 2.0, 0.0].repeat(19);
        let mut optimizer = Optimizer::of_length(theta.len(), rule, threads);
        for _ in 0..5 {
            let gradient = |(i, t): (usize, &f32)| {
                let t = f64::from(*t);
                (C[i % 4] * t + t * t) as f32
            };
            let gradients: Vec<f32> = theta.iter().enumerate().map(gradient).collect();
            optimizer.step(&mut theta, &gradients);
        }
        for period in theta.chunks(4) {
            assert_eq!(period, &theta[..4]);
        }
        theta[..4].iter().map(|t| f64::from(*t)).collect()
    }

    fn assert_close(rule: Rule, golden: [f64; 4]) {
        for threads in [1, 2, 3] {
            for (found, golden) in five_steps(rule, threads).iter().zip(golden) {
                assert!((found - golden).abs() < 2e-6, "{found} instead of {golden}");
            }
        }
    }

    fn adam(weight_decay: f64, decay: Decay) -> Rule {
        Rule::Adam(AdamParams {
            learning_rate: 0.05,
            weight_decay,
            decay,
            ..AdamParams::default()
        })
    }

    fn sgd(momentum: f64, weight_decay: f64) -> Rule {
        Rule::Sgd(SgdParams {
            learning_rate: 0.05,
            momentum,
            weight_decay,
        })
    }

    /// Golden numbers: those of [`nn::Adam`](crate::nn::Adam).
    #[test]
    fn adam_and_adamw_are_torchs() {
        assert_close(
            adam(0.0, Decay::L2),
            [0.255586001, -1.500850993, 1.751232109, 0.0],
        );
        assert_close(
            adam(2.0, Decay::L2),
            [0.25462734, -1.501038117, 1.750951007, 0.0],
        );
        assert_close(
            adam(2.0, Decay::Decoupled),
            [0.10472877, -0.940654561, 0.985934143, 0.0],
        );
    }

    #[test]
    fn adam_takes_the_steps_of_the_stock_one() {
        use candle_core::{Device, Tensor, Var};

        let values = |step: usize| -> Vec<f32> {
            (0..83)
                .map(|i| ((i * step) % 29) as f32 / 9.0 - 1.4)
                .collect()
        };
        for decay in [Decay::L2, Decay::Decoupled] {
            let mut theta = values(5);
            let var = Var::new(&theta[..], &Device::Cpu).unwrap();
            let params = AdamParams {
                learning_rate: 0.01,
                weight_decay: 0.1,
                decay,
                ..AdamParams::default()
            };
            let mut fused = Optimizer::of_length(theta.len(), Rule::Adam(params), 2);
            let mut stock = crate::nn::Adam::new(vec![var.clone()], params).unwrap();

            for step in 1..20 {
                let gradients = values(step);
                let slope = Tensor::new(&gradients[..], &Device::Cpu).unwrap();
                let loss = (var.as_tensor() * slope).unwrap().sum_all().unwrap();
                stock.step(&loss.backward().unwrap()).unwrap();
                fused.step(&mut theta, &gradients);
            }

            for (fused, stock) in theta.iter().zip(var.to_vec1::<f32>().unwrap()) {
                assert!((fused - stock).abs() < 1e-6, "{fused} is not {stock}");
            }
        }
    }

    /// Golden numbers: `torch.optim.SGD` of torch 2.15.0 in float64.
    #[test]
    fn sgd_is_torchs() {
        assert_close(sgd(0.0, 0.0), [0.344866846, -2.96220367, 1.150585787, 0.0]);
        assert_close(sgd(0.0, 2.0), [0.199588044, -1.764735816, 0.691041239, 0.0]);
        assert_close(
            sgd(0.9, 0.0),
            [0.104931952, -6.274447856, -0.147270488, 0.0],
        );
        assert_close(
            sgd(0.9, 2.0),
            [-0.229475767, -2.684759535, -1.247278474, 0.0],
        );
    }

    #[test]
    #[should_panic(expected = "parameters and moments")]
    fn another_length_is_refused() {
        Optimizer::of_length(3, adam(0.0, Decay::L2), 1).step(&mut [0.0; 4], &[0.0; 4]);
    }
}
