//! What Ctrl-C does to a command.

use std::sync::{Arc, atomic::AtomicBool};

use anyhow::Context as _;
use signal_hook::{
    consts::{SIGINT, SIGTERM, SIGXFSZ},
    flag,
};

use super::Failure;
use crate::{exit, load};

/// Ctrl-C and SIGTERM end the run cleanly; a second Ctrl-C ends it at once. A limit on the size of files becomes an error
/// of the write that meets it, like a full disk, instead of the end of the program.
pub(super) fn catch() -> Result<Arc<AtomicBool>, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let code = i32::from(exit::INTERRUPTED);
    flag::register_conditional_shutdown(SIGINT, code, Arc::clone(&interrupted))
        .and_then(|_| flag::register(SIGINT, Arc::clone(&interrupted)))
        .and_then(|_| flag::register(SIGTERM, Arc::clone(&interrupted)))
        .and_then(|_| flag::register(SIGXFSZ, Arc::default()))
        .context("cannot watch for Ctrl-C")?;
    load::heed(&interrupted);
    Ok(interrupted)
}
