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
///
/// Required are [`create`](Self::create), [`iterate`](Self::iterate) and [`verify`](Self::verify). With everything
/// else, here a sum of squares:
///
/// ```
/// use benchhost_plugin_api::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Config {
///     length: usize,
/// }
///
/// impl Default for Config {
///     fn default() -> Self {
///         Self { length: 1000 }
///     }
/// }
///
/// struct Squares {
///     ctx: Ctx,
///     length: usize,
///     numbers: Vec<f64>,
///     sum: f64,
/// }
///
/// impl Workload for Squares {
///     type Config = Config;
///
///     const PREPARES_EACH_ITERATION: bool = true;
///
///     fn describe() -> Description {
///         Description::new("Squares numbers in place and adds them.")
///             .param(Param::new("length", "how many").unit("numbers").range(1.0, 1e9))
///             .metric(Metric::lower("error", "1").quality().help("relative, against the formula"))
///     }
///
///     fn create(config: Config, ctx: &Ctx) -> Result<Self, Error> {
///         if ctx.device() != "cpu" {
///             return Err(Error::unsupported("runs on `cpu` only"));
///         }
///         Ok(Self { ctx: ctx.clone(), length: config.length, numbers: Vec::new(), sum: 0.0 })
///     }
///
///     fn setup(&mut self) -> Result<(), Error> {
///         self.numbers.reserve_exact(self.length); // so that no sample allocates
///         Ok(())
///     }
///
///     fn prepare(&mut self) -> Result<(), Error> {
///         self.numbers.clear(); // the last iteration has used them up
///         self.numbers.extend((1..=self.length).map(|number| number as f64));
///         Ok(())
///     }
///
///     fn iterate(&mut self) -> Result<Digest, Error> {
///         self.ctx.time("square", || self.numbers.iter_mut().for_each(|number| *number *= *number));
///         self.sum = self.ctx.time("add", || self.numbers.iter().sum());
///         Ok(self.sum.into())
///     }
///
///     fn synchronise(&mut self) -> Result<(), Error> {
///         Ok(()) // nothing goes on in the background; for candle: `Ok(self.device.synchronize()?)`
///     }
///
///     fn verify(&mut self) -> Result<(), Error> {
///         ensure_right(self.error() < 1e-9, || format!("the sum is {}", self.sum))
///     }
///
///     fn work(&self) -> Work {
///         let length = self.length as f64;
///         Work::items(length, "numbers").flop(2.0 * length).bytes(16.0 * length)
///     }
///
///     fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
///         metrics.set("error", self.error());
///         Ok(())
///     }
///
///     fn teardown(&mut self) -> Result<(), Error> {
///         self.numbers = Vec::new(); // what `drop` would do; here it may fail
///         Ok(())
///     }
/// }
///
/// impl Squares {
///     fn error(&self) -> f64 {
///         let n = self.length as f64;
///         (self.sum / (n * (n + 1.0) * (2.0 * n + 1.0) / 6.0) - 1.0).abs()
///     }
/// }
/// # benchhost_plugin_api::export_plugin! { name: "squares", workloads: { "squares" => Squares } }
/// # fn main() {}
/// ```
pub trait Workload: Sized + Send + 'static {
    /// Parameters of the workload. The value of `Default` documents itself: its keys, types and values are
    /// what `benchhost plugin check` shows and what a suite may set; a key that is not there is refused. An
    /// `Option` that is `None` has no key: describe it. Without parameters: `type Config = ()`.
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
