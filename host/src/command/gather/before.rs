//! The run before: what a difference may come from.

use benchhost_record::Run;
use benchhost_report::Before;

use crate::store::{Store, StoreError};

/// Earlier runs of the machine that are looked through for one of the same suite.
const RUNS: usize = 200;

/// The last run of the same suite on the same machine that began before `run`.
pub(super) fn before(store: &Store, run: &Run) -> Result<Option<Before>, StoreError> {
    let suite = run.suite.as_ref().map(|suite| &suite.name);
    let heads = store.heads(&run.environment.fingerprint, RUNS)?;
    let found = heads.into_iter().find(|other| {
        other.started < run.started && other.suite.as_ref().map(|suite| &suite.name) == suite
    });
    Ok(found.map(|other| Before {
        id: other.id,
        started: other.started,
        host_version: other.host_version,
        environment: other.environment,
        git: other.git,
        plugins: other.plugins,
    }))
}
