//! Adam's update: undone for all parameters, repeated in f64 for a few.

use benchhost_plugin_api::Error;
use benchhost_support::nn::{AdamParams, Decay};

use super::{TOLERANCE, close};

/// Half of the distance of neighbouring f32, relative to them: what one operation may lose.
const LOST: f64 = 1.0 / (1 << 24) as f64;

/// A parameter and its moments before the last step, written down by the step.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(in crate::training) struct Spot {
    pub index: usize,
    pub theta: f32,
    pub first: f32,
    pub second: f32,
}

/// The update number `steps`, from its end to its beginning.
#[derive(Debug)]
pub(in crate::training) struct Undo {
    adam: AdamParams,
    step_size: f64,
    correction2: f64,
    /// Factor of a parameter before the step.
    shrink: f64,
}

impl Undo {
    /// `steps`: updates so far, at least one.
    pub(super) fn new(adam: AdamParams, steps: i32) -> Self {
        Self {
            step_size: adam.learning_rate / (1.0 - adam.beta1.powi(steps)),
            correction2: 1.0 - adam.beta2.powi(steps),
            shrink: match adam.decay {
                Decay::L2 => 1.0,
                Decay::Decoupled => 1.0 - adam.learning_rate * adam.weight_decay,
            },
            adam,
        }
    }

    /// The parameter before the update, from the `[parameter, first moment, second moment]` after it, and how far it may be
    /// off: a large change, like a shrinking to almost nothing, has taken digits along.
    ///
    /// θ = (θ' + lr/(1−β₁ᵗ)·m/(√(v/(1−β₂ᵗ)) + ε))/(1 − lr·λ), λ only when decoupled.
    pub(super) fn before(&self, after: [f32; 3]) -> (f64, f64) {
        let [theta, first, second] = after.map(f64::from);
        let root = (second / self.correction2).sqrt() + self.adam.eps;
        let change = self.step_size * first / root;
        if self.shrink == 0.0 {
            // Nothing is left of it, so that it may have been anything.
            return (0.0, 1e30);
        }
        // About eight operations have rounded the change, and two the parameter.
        let lost = LOST * (16.0 * change.abs() + 4.0 * theta.abs());
        ((theta + change) / self.shrink, lost / self.shrink.abs())
    }

    /// The moments and the parameter `after` a step with `gradient`, from what `spot` has written down before.
    pub(super) fn check(
        &self,
        (name, spot): (&str, &Spot),
        gradient: f32,
        after: [f32; 3],
    ) -> Result<(), Error> {
        let [theta, first, second] = [spot.theta, spot.first, spot.second].map(f64::from);
        let adam = &self.adam;
        let l2 = match adam.decay {
            Decay::L2 => adam.weight_decay,
            Decay::Decoupled => 0.0,
        };
        let gradient = f64::from(gradient) + l2 * theta;
        let near = |what: &str, found: f32, (old, new): (f64, f64)| {
            let plain = old + new;
            // Where both parts cancel, their last digits remain; denormal numbers have few digits.
            let tolerance = TOLERANCE * plain.abs() + 8.0 * LOST * (old.abs() + new.abs()) + 1e-37;
            let pair = (f64::from(found), plain);
            close(&format!("{what} of {name}"), pair, tolerance)
        };
        let (beta1, beta2) = (adam.beta1, adam.beta2);
        let square = (1.0 - beta2) * gradient * gradient;
        near(
            "first moment",
            after[1],
            (beta1 * first, (1.0 - beta1) * gradient),
        )?;
        near("second moment", after[2], (beta2 * second, square))?;
        let (before, doubt) = self.before(after);
        close(
            &format!("{name} before its update"),
            (before, theta),
            doubt + 1e-37,
        )
    }
}

#[cfg(test)]
mod tests {
    use benchhost_support::{
        nn::fused::{Optimizer, Rule},
        random::{fill_normal, stream},
    };

    use super::*;

    /// A hundred parameters before a step, after it, and its gradients.
    fn step(adam: AdamParams, steps: u64) -> (Vec<Spot>, Vec<[f32; 3]>, Vec<f32>) {
        let mut rng = stream(1, "step");
        let (mut theta, mut gradients) = (vec![0.0; 100], vec![0.0; 100]);
        fill_normal(&mut rng, &mut theta);
        let mut optimizer = Optimizer::of_length(100, Rule::Adam(adam), 1);
        let mut before = Vec::new();
        for _ in 0..steps {
            fill_normal(&mut rng, &mut gradients);
            let (first, second) = optimizer.moments();
            let spot = |index: usize| Spot {
                index,
                theta: theta[index],
                first: first[index],
                second: second[index],
            };
            before = (0..100).map(spot).collect();
            optimizer.step(&mut theta, &gradients);
        }
        let (first, second) = optimizer.moments();
        let after = |i: usize| [theta[i], first[i], second[i]];
        (before, (0..100).map(after).collect(), gradients)
    }

    fn adam(learning_rate: f64, weight_decay: f64, decay: Decay) -> AdamParams {
        AdamParams {
            learning_rate,
            weight_decay,
            decay,
            ..AdamParams::default()
        }
    }

    #[test]
    fn every_learning_rate_is_undone_within_what_it_loses() {
        for learning_rate in [1e-9, 1e-7, 1e-3, 0.1, 1.0, 1000.0] {
            for (decay, rate) in [(Decay::L2, 0.0), (Decay::L2, 0.1), (Decay::Decoupled, 0.01)] {
                for steps in [1, 2, 30] {
                    let adam = adam(learning_rate, rate, decay);
                    let (before, after, gradients) = step(adam, steps);
                    let undo = Undo::new(adam, steps as i32);
                    for ((spot, after), gradient) in before.iter().zip(after).zip(gradients) {
                        undo.check(("parameter", spot), gradient, after)
                            .unwrap_or_else(|e| panic!("{learning_rate} {decay:?} {steps}: {e}"));
                    }
                }
            }
        }
    }

    #[test]
    fn another_learning_rate_moment_or_gradient_is_wrong() {
        for learning_rate in [1e-7, 1e-3, 1000.0] {
            let right = adam(learning_rate, 0.0, Decay::L2);
            let (before, after, gradients) = step(right, 3);
            let complaint = |adam, gradient, after| {
                let result = Undo::new(adam, 3).check(("it", &before[7]), gradient, after);
                result.unwrap_err().to_string()
            };
            let (gradient, now) = (gradients[7], after[7]);

            // At 1e-7 a step is less than the last digit of a parameter of size 1, so that it takes many to be seen.
            let times = if learning_rate == 1e-7 { 100.0 } else { 1.1 };
            let other = adam(times * learning_rate, 0.0, Decay::L2);
            let message = complaint(other, gradient, now);
            assert!(message.starts_with("it before its update"), "{message}");
            let message = complaint(right, 1.1 * gradient, now);
            assert!(message.starts_with("first moment of it"), "{message}");
            let message = complaint(right, gradient, [now[0], now[1], 1.1 * now[2]]);
            assert!(message.starts_with("second moment of it"), "{message}");
        }
    }

    #[test]
    fn what_has_shrunk_to_nothing_may_have_been_anything() {
        let undo = Undo::new(adam(10.0, 0.1, Decay::Decoupled), 1);

        assert_eq!(undo.before([1.0, 2.0, 3.0]), (0.0, 1e30));
    }
}
