//! The one trait that an author implements.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Ctx, Description, Digest, Error, Metrics, Work};

/// A piece of work that can be measured.
///
/// The host calls, always on one thread at a time:
///
/// ```text
/// create → setup → [prepare → iterate] → verify      once, untimed: is the answer right at all?
///        → [prepare → iterate]…                      warm-up, discarded
///        → ([prepare…] iterate… → metrics)…          samples; only `iterate` (and `synchronise`) is timed
///        → verify → teardown → drop
/// ```
///
/// Every panic is caught and reported as the outcome of the case; after one the instance is not used again.
pub trait Workload: Sized + Send + 'static {
    /// Parameters of the workload. The value of `Default` documents itself: its keys, types and values are
    /// what `benchhost plugin check` shows and what a suite may set; a key that is not there is refused.
    type Config: Serialize + DeserializeOwned + Default;

    /// `true` makes the host take one iteration a sample, so that [`prepare`](Self::prepare) runs before each
    /// iteration and stays outside the timed part.
    const PREPARES_EACH_ITERATION: bool = false;

    /// One sentence about the workload, help for its parameters, and its metrics. Must be quick: it runs when
    /// the plugin is looked at, not only when it is measured.
    #[must_use]
    fn describe() -> Description {
        Description::default()
    }

    /// Makes an instance: check the parameters, remember the context. Cheap; heavy work belongs in
    /// [`setup`](Self::setup), which is timed and shown on its own.
    ///
    /// # Errors
    /// [`Error::config`] for parameters that cannot work, [`Error::unsupported`] for what this machine lacks.
    fn create(config: Self::Config, ctx: &Ctx) -> Result<Self, Error>;

    /// Loads data, builds models, allocates. Timed as phase `setup`, never part of a sample.
    ///
    /// # Errors
    /// Whatever failed.
    fn setup(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// Makes the input of the next iteration, outside the timed part.
    /// See [`PREPARES_EACH_ITERATION`](Self::PREPARES_EACH_ITERATION).
    ///
    /// # Errors
    /// Whatever failed.
    fn prepare(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// The measured body. Return a value that depends on the whole result.
    ///
    /// # Errors
    /// Whatever failed; the case ends there.
    fn iterate(&mut self) -> Result<Digest, Error>;

    /// Waits until an asynchronous device has finished; called at the end of each timed block, inside it.
    ///
    /// # Errors
    /// Whatever the device reports.
    fn synchronise(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// Proves the answer of the last iteration. Called after the first iteration and after the last.
    ///
    /// # Errors
    /// [`Error::wrong`] voids the measurement.
    fn verify(&mut self) -> Result<(), Error>;

    /// Work of one iteration. Asked after `setup`.
    #[must_use]
    fn work(&self) -> Work {
        Work::default()
    }

    /// Reports the workload's own metrics after each sample, outside the timed part.
    ///
    /// # Errors
    /// Whatever failed while computing them.
    fn metrics(&mut self, _metrics: &mut Metrics) -> Result<(), Error> {
        Ok(())
    }

    /// Releases what `Drop` should not, and reports if that failed.
    ///
    /// # Errors
    /// Whatever failed.
    fn teardown(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
