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
    /// (`RAYON_NUM_THREADS` and friends) and the CPU affinity to match.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.shared.host.threads().max(1) as usize
    }

    /// CPUs the process is pinned to; empty when it is not pinned.
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
    #[must_use]
    pub fn device(&self) -> &str {
        match self.shared.host.device().as_str() {
            "" => "cpu",
            device => device,
        }
    }

    /// Seed for everything random; the same for every repetition of a case unless the suite says otherwise.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.shared.host.seed()
    }

    /// Index of this repetition, from 0.
    #[must_use]
    pub fn repetition(&self) -> u32 {
        self.shared.host.repetition()
    }

    /// An empty folder of this instance alone; the host removes it afterwards.
    #[must_use]
    pub fn scratch_dir(&self) -> &Path {
        Path::new(self.shared.host.scratch_dir().as_str())
    }

    /// [`scratch_dir`](Self::scratch_dir) with a name in it.
    #[must_use]
    pub fn scratch_file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.scratch_dir().join(name)
    }

    /// Opens a phase of the iteration; it ends when the value is dropped. The host reports the time of phase
    /// `forward` as metric `time.forward`, per iteration. At most [`Spans::CAPACITY`] names; about 50 ns each.
    pub fn span(&self, name: &'static str) -> Span {
        self.shared.spans.open(name)
    }

    /// Runs `body` as phase `name`; see [`span`](Self::span).
    pub fn time<T>(&self, name: &'static str, body: impl FnOnce() -> T) -> T {
        let _span = self.span(name);
        body()
    }

    /// Whether the host wants this iteration to end early (time is up, Ctrl-C). Long iterations look now and
    /// then and return what they have.
    #[must_use]
    pub fn should_stop(&self) -> bool {
        self.shared.host.stop().load(Ordering::Relaxed) != 0
    }

    /// Says that the workload has nothing more to do after this iteration; the host then stops sampling.
    pub fn finish(&self) {
        self.shared.finished.store(true, Ordering::Relaxed);
    }

    /// Shows life during a long iteration, so that the host does not take it for hung.
    pub fn progress(&self) {
        self.shared.host.progress().fetch_add(1, Ordering::Relaxed);
    }

    /// Writes a line to the log of the case: what is worth knowing about this measurement.
    pub fn info(&self, message: impl AsRef<str>) {
        self.log(log_level::INFO, message.as_ref());
    }

    /// Writes a warning: the number may be less good than it looks.
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
