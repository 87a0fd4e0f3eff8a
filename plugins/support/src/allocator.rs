//! The allocator of plugins that train.
//!
//! Every temporary of candle is a fresh allocation. The system allocator hands large ones back to the kernel at
//! once, so each step pays for page faults instead of arithmetic; mimalloc keeps them. The `local_dynamic_tls`
//! feature (see the workspace's `Cargo.toml`) keeps such a plugin loadable after many others.

#[doc(hidden)]
pub use mimalloc::MiMalloc;

/// Makes mimalloc the global allocator of the plugin. Use once, in the root of a plugin crate, and say
/// `allocator: "mimalloc"` in its `export_plugin!`: the allocator is part of what is measured.
///
/// ```
/// benchhost_support::use_mimalloc!();
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! use_mimalloc {
    () => {
        #[global_allocator]
        static ALLOCATOR: $crate::allocator::MiMalloc = $crate::allocator::MiMalloc;
    };
}
