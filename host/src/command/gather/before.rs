//! The run before: what a difference may come from.

use benchhost_record::Run;
use benchhost_report::Before;

use crate::store::{Store, StoreError};

/// Earlier runs of the machine that are looked through for one of the same suite.
const RUNS: usize = 200;

/// Heads of earlier runs of the same suite on the same machine, the newest first.
pub(super) fn earlier(store: &Store, run: &Run) -> Result<Vec<Run>, StoreError> {
    let suite = run.suite.as_ref().map(|suite| &suite.name);
    let mut heads = store.heads(&run.environment.fingerprint, RUNS)?;
    heads.retain(|other| {
        other.started < run.started && other.suite.as_ref().map(|suite| &suite.name) == suite
    });
    Ok(heads)
}

/// The last run of the same suite on the same machine that began before `run`.
pub(super) fn before(store: &Store, run: &Run) -> Result<Option<Before>, StoreError> {
    let found = earlier(store, run)?.into_iter().next();
    Ok(found.map(|other| Before {
        id: other.id,
        started: other.started,
        host_version: other.host_version,
        environment: other.environment,
        git: other.git,
        plugins: other.plugins,
    }))
}
