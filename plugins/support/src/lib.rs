//! What the candle plugins share, so that two workloads which say "seeded", "window" or "Adam" mean the same.
//!
//! A folder or file a topic. Nothing here measures or prints; errors are those of the plugin API, so that a
//! workload passes them on with `?`.

pub mod allocator;
mod device;
mod dtype;
pub mod files;
pub mod idx;
pub mod kernels;
pub mod memory;
pub mod nn;
pub mod page_cache;
pub mod random;
pub mod signals;
pub mod windows;

pub use device::device;
pub use dtype::dtype;
