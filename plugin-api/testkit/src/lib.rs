//! Runs a workload in process, for the tests of its author.
//!
//! The instance goes through the same shim as in a loaded plugin: parameters are parsed, panics are caught, the
//! metadata is checked. What is not here: another process, limits, statistics. That is the host's job.
//!
//! ```
//! use benchhost_plugin_api::prelude::*;
//! use benchhost_testkit::bench;
//!
//! struct Count(u64);
//!
//! impl Workload for Count {
//!     type Config = std::collections::BTreeMap<String, u64>;
//!     fn describe() -> Description {
//!         Description::new("Counts.").metric(Metric::higher("count", "calls"))
//!     }
//!     fn create(config: Self::Config, _ctx: &Ctx) -> Result<Self, Error> {
//!         Ok(Self(config.get("start").copied().unwrap_or(0)))
//!     }
//!     fn iterate(&mut self) -> Result<Digest, Error> {
//!         self.0 += 1;
//!         Ok(self.0.into())
//!     }
//!     fn verify(&mut self) -> Result<(), Error> {
//!         ensure_right(self.0 > 0, || "did not count")
//!     }
//!     fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
//!         metrics.set("count", self.0 as f64);
//!         Ok(())
//!     }
//! }
//!
//! let report = bench::<Count>().params("start = 4").iterations(3).run().unwrap();
//! assert_eq!(report.metric("count"), Some(7.0));
//! ```

mod report;

use std::{
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64},
    },
};

use benchhost_plugin_api::{
    Workload,
    abi::{
        BatchOut, WorkloadBox, flags,
        host::{HostFacts, describe, instantiate, services},
        status,
    },
};

pub use report::{Failure, Phase, Report};

/// Starts a bench of workload `W` with its default parameters, one thread, on the CPU, for one iteration.
///
/// ```
/// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
/// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
/// let report = bench::<Sum>().run().unwrap();
///
/// assert_eq!(report.work.item, "numbers");
/// ```
#[must_use]
pub fn bench<W: Workload>() -> Bench<W> {
    Bench {
        params: String::new(),
        threads: 1,
        device: "cpu".to_owned(),
        seed: 42,
        iterations: 1,
        workload: PhantomData,
    }
}

/// A workload about to be run in process.
#[derive(Debug, Clone)]
pub struct Bench<W> {
    params: String,
    threads: u32,
    device: String,
    seed: u64,
    iterations: u64,
    workload: PhantomData<fn() -> W>,
}

impl<W: Workload> Bench<W> {
    /// Parameters as TOML text: `batch = 8`.
    ///
    /// ```
    /// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
    /// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
    /// let report = bench::<Sum>().params("length = 8\nfirst = 1").run().unwrap();
    /// assert_eq!(report.metric("total"), Some(36.0));
    ///
    /// let failure = bench::<Sum>().params("lenght = 8").run().unwrap_err();
    /// assert_eq!(failure.message, "unknown parameter `lenght`; there are: first, length");
    /// ```
    #[must_use]
    pub fn params(mut self, toml: impl Into<String>) -> Self {
        self.params = toml.into();
        self
    }

    /// Threads the workload is told it may use.
    ///
    /// ```
    /// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
    /// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
    /// let totals = [1, 2, 3].map(|threads| bench::<Sum>().threads(threads).run().unwrap().digest);
    /// assert_eq!(totals, [totals[0]; 3]);
    /// ```
    #[must_use]
    pub fn threads(mut self, threads: u32) -> Self {
        self.threads = threads;
        self
    }

    /// Device the workload is asked to use.
    ///
    /// ```
    /// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
    /// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
    /// let failure = bench::<Sum>().device("cuda:99").run().unwrap_err();
    /// assert_eq!(failure.message, "runs on `cpu` only");
    /// ```
    #[must_use]
    pub fn device(mut self, device: impl Into<String>) -> Self {
        self.device = device.into();
        self
    }

    /// Seed; 42 when not set.
    ///
    /// ```
    /// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
    /// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
    /// let drawn = |seed| bench::<Sum>().seed(seed).run().unwrap().digest;
    /// assert_eq!(drawn(7), drawn(7));
    /// ```
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Iterations of the one sample: 1 when not set.
    ///
    /// ```
    /// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
    /// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
    /// let report = bench::<Sum>().iterations(3).run().unwrap();
    /// assert_eq!(report.log, ["added"; 3]);
    /// ```
    #[must_use]
    pub fn iterations(mut self, iterations: u64) -> Self {
        self.iterations = iterations.max(1);
        self
    }

    /// Create, setup, the iterations as one sample, metrics, verify, teardown.
    ///
    /// # Errors
    /// [`Failure`] with the phase, the kind and the message of whatever went wrong first, a panic included; also
    /// for metrics the host would void: undeclared ones and values that are not finite.
    ///
    /// ```
    /// # mod sum { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sum/mod.rs")); }
    /// # use {benchhost_testkit::{Phase, bench}, sum::Sum};
    /// let failure = bench::<Sum>().params("length = 1000").run().unwrap_err();
    /// assert_eq!(failure.phase, Phase::Verify);
    /// assert_eq!(failure.to_string(), "Verify: the sum is of 1000 numbers, 100 is the most");
    /// ```
    pub fn run(&self) -> Result<Report, Failure> {
        let scratch = tempfile::tempdir().map_err(|error| Failure::outside(error.to_string()))?;
        let collected = Arc::new(report::Collected::default());
        let host = services(
            HostFacts {
                progress: Box::leak(Box::new(AtomicU64::new(0))),
                stop: Box::leak(Box::new(AtomicU32::new(0))),
                threads: self.threads,
                cpus: Vec::new(),
                device: self.device.clone(),
                seed: self.seed,
                repetition: 0,
                scratch_dir: scratch.path().display().to_string(),
            },
            Box::new(Arc::clone(&collected)),
        );
        let mut instance = instantiate::<W>(host, &self.params)
            .map_err(|error| Failure::of(Phase::Create, error))?;
        let done = self.drive(&mut instance)?;
        let work = work_of(&mut instance)?;
        step(Phase::Teardown, &mut instance, |instance| {
            instance.teardown()
        })?;
        Report::new(describe::<W>("workload"), work, done, &collected)
    }

    fn drive(&self, instance: &mut WorkloadBox) -> Result<Done, Failure> {
        step(Phase::Setup, instance, |instance| instance.setup())?;
        let mut out = BatchOut::new();
        let batches = if W::PREPARES_EACH_ITERATION {
            self.iterations
        } else {
            1
        };
        let mut done = Done::default();
        for _ in 0..batches {
            step(Phase::Prepare, instance, |instance| instance.prepare())?;
            let n = self.iterations / batches;
            step(Phase::Iterate, instance, |instance| {
                instance.run_batch(n, &mut out)
            })?;
            // As the host does it: phases and metrics after each sample.
            step(Phase::Metrics, instance, |instance| instance.flush())?;
            done.iterations += out.iters_done;
            done.finished = out.flags & flags::FINISHED != 0;
            if done.finished {
                break;
            }
        }
        step(Phase::Verify, instance, |instance| instance.verify())?;
        done.digest = out.digest;
        Ok(done)
    }
}

/// What the iterations came to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done {
    pub(crate) digest: u64,
    pub(crate) iterations: u64,
    pub(crate) finished: bool,
}

fn step(
    phase: Phase,
    instance: &mut WorkloadBox,
    call: impl FnOnce(&mut WorkloadBox) -> u32,
) -> Result<(), Failure> {
    match call(instance) {
        status::OK => Ok(()),
        _ => Err(Failure::of(phase, instance.take_error())),
    }
}

fn work_of(instance: &mut WorkloadBox) -> Result<benchhost_plugin_api::Work, Failure> {
    #[derive(serde::Deserialize)]
    struct Facts {
        work: benchhost_plugin_api::Work,
    }
    let facts = instance.facts();
    toml::from_str::<Facts>(&facts)
        .map(|facts| facts.work)
        .map_err(|error| Failure::outside(format!("facts cannot be read: {error}")))
}
