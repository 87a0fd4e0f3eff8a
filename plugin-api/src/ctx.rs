//! What a workload is told about where it runs, and how it talks back.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    abi::{HostServices_Ref, log_level},
    spans::{Span, Spans},
};

/// The context of one instance: threads, device, seed, scratch folder, phase spans, cancellation.
///
/// Cheap to clone; keep a clone in the workload to open spans in `iterate`.
///
/// ```
/// use benchhost_plugin_api::prelude::*;
///
/// struct Sort {
///     ctx: Ctx,
///     numbers: Vec<u64>,
/// }
///
/// impl Workload for Sort {
///     type Config = ();
///
///     fn create((): (), ctx: &Ctx) -> Result<Self, Error> {
///         Ok(Self { ctx: ctx.clone(), numbers: Vec::new() })
///     }
///
///     fn iterate(&mut self) -> Result<Digest, Error> {
///         self.ctx.time("fill", || self.numbers.extend((0..1000).rev()));
///         let _span = self.ctx.span("sort");
///         self.numbers.sort_unstable();
///         Ok(self.numbers[0].into())
///     }
/// #    fn verify(&mut self) -> Result<(), Error> { ensure_right(self.numbers.is_sorted(), || "not sorted") }
/// }
/// ```
#[derive(Clone)]
pub struct Ctx {
    shared: Arc<Shared>,
}

struct Shared {
    host: HostServices_Ref,
    spans: Arc<Spans>,
    finished: AtomicBool,
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx")
            .field("threads", &self.threads())
            .field("device", &self.device())
            .field("seed", &self.seed())
            .finish_non_exhaustive()
    }
}

impl Ctx {
    pub(crate) fn new(host: HostServices_Ref) -> Self {
        let shared = Shared {
            host,
            spans: Arc::default(),
            finished: AtomicBool::new(false),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Threads the workload may use. The worker has already set the usual environment variables
    /// (`RAYON_NUM_THREADS` and friends) and the CPU affinity to match. Using more voids the case.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn sum(ctx: &Ctx, numbers: &[u64]) -> u64 {
    ///     let share = numbers.len().div_ceil(ctx.threads()).max(1);
    ///     std::thread::scope(|scope| {
    ///         let parts = numbers.chunks(share);
    ///         let running: Vec<_> = parts.map(|part| scope.spawn(|| part.iter().sum::<u64>())).collect();
    ///         running.into_iter().flat_map(|part| part.join()).sum()
    ///     })
    /// }
    /// ```
    #[must_use]
    pub fn threads(&self) -> usize {
        self.shared.host.threads().max(1) as usize
    }

    /// CPUs the process is pinned to; empty when it is not pinned.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn note_where(ctx: &Ctx) {
    ///     if ctx.cpus().is_empty() {
    ///         ctx.warn("not pinned: threads may wander from CPU to CPU");
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn cpus(&self) -> Vec<usize> {
        self.shared
            .host
            .cpu_list()
            .split(',')
            .filter_map(|cpu| cpu.parse().ok())
            .collect()
    }

    /// The device asked for: `cpu`, `cuda`, `cuda:1`.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn gpu(ctx: &Ctx) -> Result<Option<usize>, Error> {
    ///     match ctx.device() {
    ///         "cpu" => Ok(None),
    ///         "cuda" => Ok(Some(0)),
    ///         other => match other.strip_prefix("cuda:").map(str::parse) {
    ///             Some(Ok(number)) => Ok(Some(number)),
    ///             _ => Err(Error::unsupported(format!("there is no device `{other}` here"))),
    ///         },
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn device(&self) -> &str {
        match self.shared.host.device().as_str() {
            "" => "cpu",
            device => device,
        }
    }

    /// Seed for everything random; the same for every repetition of a case unless the suite says otherwise.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// /// `count` numbers in 0..1 (xorshift64*).
    /// fn random(ctx: &Ctx, count: usize) -> Vec<f64> {
    ///     let mut state = ctx.seed() | 1;
    ///     let mut next = || {
    ///         state ^= state >> 12;
    ///         state ^= state << 25;
    ///         state ^= state >> 27;
    ///         (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    ///     };
    ///     (0..count).map(|_| next()).collect()
    /// }
    /// ```
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.shared.host.seed()
    }

    /// Index of this repetition, from 0: a fresh process each.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn shard(ctx: &Ctx) -> String {
    ///     format!("data/part-{}.bin", ctx.repetition() % 4)
    /// }
    /// ```
    #[must_use]
    pub fn repetition(&self) -> u32 {
        self.shared.host.repetition()
    }

    /// An empty folder of this instance alone; the host removes it afterwards, also after a crash.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn unpack(ctx: &Ctx) -> Result<(), Error> {
    ///     std::fs::create_dir(ctx.scratch_dir().join("unpacked"))?;
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn scratch_dir(&self) -> &Path {
        Path::new(self.shared.host.scratch_dir().as_str())
    }

    /// [`scratch_dir`](Self::scratch_dir) with a name in it.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn input(ctx: &Ctx) -> Result<std::fs::File, Error> {
    ///     std::fs::write(ctx.scratch_file("input"), [0; 4096])?;
    ///     Ok(std::fs::File::open(ctx.scratch_file("input"))?)
    /// }
    /// ```
    #[must_use]
    pub fn scratch_file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.scratch_dir().join(name)
    }

    /// Opens a phase of the iteration; it ends when the value is dropped. The host reports the time of phase
    /// `forward` as metric `time.forward`, per iteration. At most [`Spans::CAPACITY`] names; about 50 ns each.
    /// Wait for a device before its span ends.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn step(ctx: &Ctx, numbers: &mut Vec<u64>) {
    ///     let span = ctx.span("sort");
    ///     numbers.sort_unstable();
    ///     drop(span); // or at the end of its block
    ///
    ///     let _span = ctx.span("sum");
    ///     numbers[0] = numbers.iter().sum();
    /// }
    /// ```
    pub fn span(&self, name: &'static str) -> Span {
        self.shared.spans.open(name)
    }

    /// Runs `body` as phase `name`; see [`span`](Self::span).
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn step(ctx: &Ctx, text: &str) -> usize {
    ///     let words: Vec<&str> = ctx.time("split", || text.split_whitespace().collect());
    ///     ctx.time("count", || words.iter().filter(|word| word.len() > 3).count())
    /// }
    /// ```
    pub fn time<T>(&self, name: &'static str, body: impl FnOnce() -> T) -> T {
        let _span = self.span(name);
        body()
    }

    /// Whether the host wants this iteration to end early (time is up, Ctrl-C). Long iterations look now and
    /// then and return what they have: half a second later the process is ended.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn epoch(ctx: &Ctx, batches: &[Vec<f32>]) -> f32 {
    ///     let mut loss = 0.0;
    ///     for batch in batches {
    ///         if ctx.should_stop() {
    ///             break;
    ///         }
    ///         loss += batch.iter().sum::<f32>();
    ///         ctx.progress();
    ///     }
    ///     loss
    /// }
    /// ```
    #[must_use]
    pub fn should_stop(&self) -> bool {
        self.shared.host.stop().load(Ordering::Relaxed) != 0
    }

    /// Says that the workload has nothing more to do after this iteration; the host then stops sampling. Warm-up
    /// counts, too: a suite for such a workload says `warm-up = "none"` and `iterations = 1`.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn after_epoch(ctx: &Ctx, epoch: u32, loss: f64) {
    ///     if epoch == 20 || loss < 1e-6 {
    ///         ctx.finish();
    ///     }
    /// }
    /// ```
    pub fn finish(&self) {
        self.shared.finished.store(true, Ordering::Relaxed);
    }

    /// Shows life during a long iteration, so that the host does not take it for hung (the limit `stall`).
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn convert(ctx: &Ctx, files: &[&str]) -> Result<usize, Error> {
    ///     let mut bytes = 0;
    ///     for file in files {
    ///         bytes += std::fs::read(file)?.len();
    ///         ctx.progress();
    ///     }
    ///     Ok(bytes)
    /// }
    /// ```
    pub fn progress(&self) {
        self.shared.host.progress().fetch_add(1, Ordering::Relaxed);
    }

    /// Writes a line to the log of the case: what is worth knowing about this measurement.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn loaded(ctx: &Ctx, rows: usize, path: &str) {
    ///     ctx.info(format!("{rows} rows from {path}"));
    /// }
    /// ```
    pub fn info(&self, message: impl AsRef<str>) {
        self.log(log_level::INFO, message.as_ref());
    }

    /// Writes a warning: the number may be less good than it looks. It becomes a flag of the case.
    ///
    /// ```
    /// # use benchhost_plugin_api::prelude::*;
    /// fn check_kernel(ctx: &Ctx) {
    ///     if !cfg!(target_feature = "avx2") {
    ///         ctx.warn("built without AVX2: the portable loop is measured");
    ///     }
    /// }
    /// ```
    pub fn warn(&self, message: impl AsRef<str>) {
        self.log(log_level::WARN, message.as_ref());
    }

    fn log(&self, level: u32, message: &str) {
        (self.shared.host.log())(
            self.shared.host.handle(),
            level,
            "plugin".into(),
            message.into(),
        );
    }

    pub(crate) fn report(&self, name: &str, unit: &str, value: f64) {
        (self.shared.host.metric())(self.shared.host.handle(), name.into(), unit.into(), value);
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.shared.finished.load(Ordering::Relaxed)
    }

    pub(crate) fn spans(&self) -> &Spans {
        &self.shared.spans
    }
}
