//! Training by energy.
//!
//! Placeholder until the workloads are there.

use benchhost_support as _;
