//! Optimisers that read and write each value once: everything an update needs happens while it is in a register.
//!
//! Semantics of `torch.optim`; the caller keeps the moments and counts the steps.

use crate::wide;

/// What all values of one Adam step share.
#[derive(Debug, Clone, Copy)]
pub struct AdamStep {
    /// Decay of the mean of gradients.
    pub beta1: f32,
    /// 1 − β₁: in f32, the difference of 1 and a β near it would have lost digits.
    pub rest1: f32,
    /// Decay of the mean of squares.
    pub beta2: f32,
    /// 1 − β₂.
    pub rest2: f32,
    /// 1/√(1 − β₂ᵗ).
    pub root_factor: f32,
    /// Added to the root of the second moment.
    pub eps: f32,
    /// lr/(1 − β₁ᵗ).
    pub step_size: f32,
    /// λ added to the gradient as λθ; 0 when decay is decoupled.
    pub l2: f32,
    /// Factor of θ before the step: 1 − lr·λ when decay is decoupled, else 1.
    pub shrink: f32,
}

/// One step of Adam (L2) or AdamW (decoupled), by what `step` holds, of `theta` with gradients `gradient` and
/// moments `first` and `second`, all of one length.
///
/// Source: order of operations as in `torch/optim/adam.py` (`_single_tensor_adam`); two divisions became factors.
pub fn adam(
    theta: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    step: &AdamStep,
) {
    let AdamStep {
        beta1,
        rest1,
        beta2,
        rest2,
        root_factor,
        eps,
        step_size,
        l2,
        shrink,
    } = *step;
    wide!({
        let moments = first.iter_mut().zip(second.iter_mut());
        for ((theta, gradient), (first, second)) in theta.iter_mut().zip(gradient).zip(moments) {
            let gradient = gradient + l2 * *theta;
            *first = beta1 * *first + rest1 * gradient;
            *second = beta2 * *second + rest2 * (gradient * gradient);
            let root = second.sqrt() * root_factor + eps;
            *theta = *theta * shrink - step_size * (*first / root);
        }
    });
}

/// One step of SGD: g ← g + λθ, b ← μb + g, θ ← θ − lr·b; all slices of one length.
///
/// Source: `torch/optim/sgd.py` (`_single_tensor_sgd`), dampening 0, no Nesterov; there the buffer starts as the first
/// gradient, here as 0, which is the same.
pub fn sgd_momentum(
    theta: &mut [f32],
    gradient: &[f32],
    buffer: &mut [f32],
    (learning_rate, momentum, weight_decay): (f32, f32, f32),
) {
    wide!({
        for ((theta, gradient), buffer) in theta.iter_mut().zip(gradient).zip(buffer.iter_mut()) {
            *buffer = momentum * *buffer + (gradient + weight_decay * *theta);
            *theta -= learning_rate * *buffer;
        }
    });
}

/// One step of SGD without momentum, which needs no buffer: θ ← θ − lr·(g + λθ).
pub fn sgd(theta: &mut [f32], gradient: &[f32], (learning_rate, weight_decay): (f32, f32)) {
    wide!({
        for (theta, gradient) in theta.iter_mut().zip(gradient) {
            *theta -= learning_rate * (gradient + weight_decay * *theta);
        }
    });
}
