//! Exit codes. They are API: scripts depend on them.

/// Everything is fine.
pub const FINE: u8 = 0;
/// A case failed or was wrong, the results could not be kept, `doctor --strict` found the machine unfit, or `data` could not fetch
/// something or found it damaged. `plugin check --try` failed, or found something to mend with `--strict`.
pub const FAILED: u8 = 1;
/// The command line or the suite cannot be used.
pub const USAGE: u8 = 2;
/// A plugin cannot be loaded.
pub const PLUGIN: u8 = 3;
/// A regression, or a target that was missed.
pub const REGRESSION: u8 = 4;
/// Inconclusive where `--require-conclusive` was asked.
pub const INCONCLUSIVE: u8 = 5;
/// Ended by the user with Ctrl-C (128 + SIGINT).
pub const INTERRUPTED: u8 = 130;
