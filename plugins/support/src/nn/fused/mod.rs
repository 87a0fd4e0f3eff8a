//! Training of a perceptron on the CPU without candle: explicit passes over buffers that are made once.
//!
//! What stock operations cost here is not arithmetic: temporaries, a pass over memory for each operation of the
//! optimiser, products whose weights lie the slow way round, a gradient of the data that nobody asked for. So weights lie
//! `[in, out]`, all parameters in one slice, and a step allocates nothing of its own.
//!
//! ```
//! use benchhost_support::{kernels::softmax, nn::fused, random::stream};
//!
//! let mut mlp = fused::Mlp::new(&[4, 8, 3], &mut stream(1, "init"));
//! let mut pass = fused::Pass::new(&mlp, 2, 1);
//! let mut optimizer = fused::Optimizer::new(&mlp, fused::Rule::Adam(Default::default()), 1);
//! let (x, labels) = ([0.5; 2 * 4], [0, 2]);
//!
//! let mut losses = [0.0; 2];
//! for loss in &mut losses {
//!     pass.forward(&mlp, &x, &[]);
//!     let (logits, gradient) = pass.output_and_gradient();
//!     *loss = softmax::cross_entropy(gradient, logits, &labels);
//!     pass.backward(&mlp, &x, &[]);
//!     optimizer.step(mlp.parameters_mut(), pass.gradients());
//! }
//! assert!(losses[1] < losses[0]);
//! ```
//!
//! With more than one thread, do the steps inside [`in_pool`].

mod mlp;
mod optimizer;
mod pass;

pub use mlp::Mlp;
pub use optimizer::{Optimizer, Rule, SgdParams};
pub use pass::{Factors, Pass};

/// Runs `work` on a thread of rayon's global pool if `threads` is more than 1, else here. From inside the pool, splitting
/// work costs about a microsecond; from outside, each split wakes a thread and is waited for.
pub fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    if threads > 1 {
        rayon::scope(|_| work())
    } else {
        work()
    }
}
