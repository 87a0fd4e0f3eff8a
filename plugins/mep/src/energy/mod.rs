//! Learning by settling: a network whose states, pulled towards the target, come to rest where the energy is low.
//!
//! The state of a layer is its pre-activation s; h = a·W + b is what the layer below predicts, a = relu(s) of it, the
//! data at the bottom. With the residual r = s − h,
//!
//! ```text
//! E        = (½ Σ ‖r‖² + β ‖s_L − y‖²) / B
//! ∂E/∂s_L  = (r_L + 2β(s_L − y)) / B
//! ∂E/∂s_l  = (r_l − relu'(s_l) ⊙ (r_{l+1}·W_{l+1}ᵀ)) / B
//! gradient = −aᵀr / (βB) for the weights, −Σ r / (βB) for the biases
//! ```
//!
//! All in closed form on slices; after `new` nothing is allocated. Source: Scellier & Bengio (2017), Front. Comput.
//! Neurosci. 11:24, for learning from the difference of two phases; the momentum and the rule for the step are those
//! of the system in the README.

mod settling;
mod sums;

pub(crate) use self::{
    settling::{Rule, Settled, Settling},
    sums::square,
};
