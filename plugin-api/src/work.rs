//! What one iteration did: a value that keeps the compiler honest, the declared work, and the metrics.

use serde::{Deserialize, Serialize};

/// A value that depends on the whole result of an iteration.
///
/// The batch loop passes it through `black_box`, so that the compiler cannot drop work whose result nobody
/// reads. Convert from whatever the iteration produced; `()` is for work with visible side effects.
///
/// ```
/// use benchhost_plugin_api::Digest;
///
/// let sum: f64 = [1.0, 2.0].iter().sum();
/// assert_eq!(Digest::from(sum), Digest(3.0_f64.to_bits()));
/// assert_eq!(Digest::from(7_usize), Digest(7));
/// assert_eq!(Digest::from(()), Digest(0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digest(pub u64);

macro_rules! digest_from {
    ($($source:ty => |$value:ident| $bits:expr),+ $(,)?) => {$(
        impl From<$source> for Digest {
            fn from($value: $source) -> Self {
                Self($bits)
            }
        }
    )+};
}

digest_from! {
    () => |_value| 0,
    u64 => |value| value,
    u32 => |value| u64::from(value),
    usize => |value| value as u64,
    f64 => |value| value.to_bits(),
    f32 => |value| u64::from(value.to_bits()),
}

/// Work of *one* iteration, so that the host can show items/s, GFLOP/s, GB/s and the share of the machine's peak.
///
/// ```
/// # use benchhost_plugin_api::Work;
/// let (m, n, k) = (64.0, 64.0, 256.0);
/// let work = Work::items(m, "rows").flop(2.0 * m * n * k).bytes(4.0 * (m * k + k * n + m * n));
/// assert_eq!(work.flop, 2_097_152.0);
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Work {
    /// How many items one iteration handles; 0 when it has no natural items.
    #[serde(default)]
    pub items: f64,
    /// What an item is, in the plural: `samples`, `windows`, `tokens`.
    #[serde(default)]
    pub item: String,
    /// Floating-point operations of one iteration (a multiply-add is 2); 0 when not known.
    #[serde(default)]
    pub flop: f64,
    /// Bytes of memory traffic one iteration cannot avoid; 0 when not known.
    #[serde(default)]
    pub bytes: f64,
}

impl Work {
    /// `count` items an iteration; `item` is their name in the plural. `Work::default()` has none.
    ///
    /// ```
    /// # use benchhost_plugin_api::Work;
    /// assert_eq!(Work::items(32.0, "samples").item, "samples");
    /// ```
    #[must_use]
    pub fn items(count: f64, item: impl Into<String>) -> Self {
        Self {
            items: count,
            item: item.into(),
            ..Self::default()
        }
    }

    /// Floating-point operations of one iteration; a multiply-add is 2.
    ///
    /// ```
    /// # use benchhost_plugin_api::Work;
    /// let (m, n, k) = (64.0, 64.0, 256.0);
    /// assert_eq!(Work::default().flop(2.0 * m * n * k).flop, 2_097_152.0);
    /// ```
    #[must_use]
    pub fn flop(mut self, flop: f64) -> Self {
        self.flop = flop;
        self
    }

    /// Bytes that one iteration must read and write: each value once, however often a cache helps.
    ///
    /// ```
    /// # use benchhost_plugin_api::Work;
    /// let values = 1000.0;
    /// assert_eq!(Work::default().bytes(values * size_of::<f32>() as f64).bytes, 4000.0);
    /// ```
    #[must_use]
    pub fn bytes(mut self, bytes: f64) -> Self {
        self.bytes = bytes;
        self
    }
}

/// Receives a workload's own metrics after each sample.
///
/// A metric must be declared in [`Workload::describe`](crate::Workload::describe), and its value must be a
/// finite number: the host voids a case that reports an unknown name or a NaN. One that has no value for this sample
/// is left out.
///
/// ```
/// use benchhost_plugin_api::{Error, Metrics};
///
/// struct Training {
///     loss: Option<f64>,
/// }
///
/// impl Training {
///     // Of `impl Workload for Training`.
///     fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
///         if let Some(loss) = self.loss {
///             metrics.set("loss", loss);
///         }
///         Ok(())
///     }
/// }
///
/// Training { loss: Some(0.5) }.metrics(&mut Metrics::default())?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Metrics {
    pub(crate) values: Vec<(String, f64)>,
}

impl Metrics {
    /// Reports the value of metric `name` for the sample just taken, in the unit that was declared.
    pub fn set(&mut self, name: impl Into<String>, value: f64) {
        self.values.push((name.into(), value));
    }
}
