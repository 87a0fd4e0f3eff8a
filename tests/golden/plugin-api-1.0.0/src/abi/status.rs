//! Status words that cross the boundary. Numbers are for ever; unknown ones mean [`FAILED`].

/// Everything went well.
pub const OK: u32 = 0;
/// Something failed.
pub const FAILED: u32 = 1;
/// A parameter has a value the workload cannot use.
pub const CONFIG: u32 = 2;
/// The answer is wrong.
pub const WRONG: u32 = 3;
/// This machine cannot run the case.
pub const UNSUPPORTED: u32 = 4;
/// The plugin panicked; the instance must not be used again.
pub const PANIC: u32 = 5;
/// The instance panicked before and refuses every call.
pub const POISONED: u32 = 6;
