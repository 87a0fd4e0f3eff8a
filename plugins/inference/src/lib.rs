//! Inference of real models.
//!
//! Placeholder until the workloads are there.

use benchhost_support as _;
