//! Loss and gradients of backprop, and the first step of torch's optimisers, against f64.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::nn::{
    Decay,
    fused::{Mlp, Optimizer, Rule},
};

use super::{is_near, largest};
use crate::{data::Batch, reference};

/// Loss and gradients of `batch` against the f64 reference.
pub(super) fn check_backprop(
    network: &Mlp,
    batch: &Batch,
    loss: f64,
    gradients: &[f32],
) -> Result<(), Error> {
    let (expected_loss, expected) = reference::backprop(network, &batch.points, &batch.labels);
    ensure_right(is_near(loss, expected_loss, expected_loss.max(1.0)), || {
        format!("the loss is {loss:.6} nat, its f64 reference {expected_loss:.6}")
    })?;
    let scale = largest(gradients);
    let pairs = gradients.iter().zip(&expected).enumerate();
    for (at, (found, expected)) in pairs {
        ensure_right(is_near((*found).into(), *expected, scale), || {
            format!(
                "the gradient of parameter {at} is {found:.6e}, its f64 reference {expected:.6e}"
            )
        })?;
    }
    Ok(())
}

/// The first step of the optimiser on these parameters against the formula; later ones differ by their moments only.
pub(super) fn check_torch(network: &Mlp, rule: Rule, gradients: &[f32]) -> Result<(), Error> {
    let mut theta = network.parameters().to_vec();
    Optimizer::new(network, rule, 1).step(&mut theta, gradients);
    let pairs = network.parameters().iter().zip(gradients).zip(&theta);
    for (at, ((old, gradient), found)) in pairs.enumerate() {
        let (old, gradient) = (f64::from(*old), f64::from(*gradient));
        let (expected, rate) = match rule {
            Rule::Sgd(params) => {
                let gradient = gradient + params.weight_decay * old;
                (
                    old - params.learning_rate * gradient,
                    params.learning_rate * gradient.abs(),
                )
            }
            Rule::Adam(params) => {
                let (gradient, shrink) = match params.decay {
                    Decay::L2 => (gradient + params.weight_decay * old, 1.0),
                    Decay::Decoupled => {
                        (gradient, 1.0 - params.learning_rate * params.weight_decay)
                    }
                };
                let step = params.learning_rate * gradient / (gradient.abs() + params.eps);
                (old * shrink - step, params.learning_rate)
            }
        };
        ensure_right(
            is_near((*found).into(), expected, rate.max(old.abs())),
            || {
                format!(
                    "the first step takes parameter {at} to {found:.6e}, its f64 reference to {expected:.6e}"
                )
            },
        )?;
    }
    Ok(())
}
