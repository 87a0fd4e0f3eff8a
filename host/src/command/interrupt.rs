//! What Ctrl-C does to a command.

use std::sync::{Arc, atomic::AtomicBool};

use anyhow::Context as _;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use super::Failure;
use crate::exit;

/// Ctrl-C and SIGTERM end the run cleanly; a second Ctrl-C ends it at once.
pub(super) fn catch() -> Result<Arc<AtomicBool>, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let code = i32::from(exit::INTERRUPTED);
    flag::register_conditional_shutdown(SIGINT, code, Arc::clone(&interrupted))
        .and_then(|_| flag::register(SIGINT, Arc::clone(&interrupted)))
        .and_then(|_| flag::register(SIGTERM, Arc::clone(&interrupted)))
        .context("cannot watch for Ctrl-C")?;
    Ok(interrupted)
}
