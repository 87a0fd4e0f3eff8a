//! How a workload describes itself: parameters and metrics, with units.

use crate::meta::{Direction, MetricKind, MetricSpec, ParamSpec};

/// One sentence, the parameters worth a word, and the metrics of a workload.
///
/// ```
/// use benchhost_plugin_api::{Description, Metric, Param};
///
/// let description = Description::new("Trains an encoder on pairs of windows.")
///     .param(Param::new("batch", "pairs in one step").unit("samples").range(2.0, 65536.0))
///     .param(Param::new("size", "encoder").choices(&["simple", "medium"]))
///     .metric(Metric::lower("loss", "nat").quality().help("InfoNCE of the last step"));
/// assert_eq!(description.metrics.len(), 1);
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Description {
    /// One sentence: what is measured.
    pub summary: String,
    /// Parameters with help; those left out appear with name, type and default only.
    pub params: Vec<ParamSpec>,
    /// Metrics the workload reports through [`Workload::metrics`](crate::Workload::metrics).
    pub metrics: Vec<MetricSpec>,
}

impl Description {
    /// Starts a description with its sentence: what is measured.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// assert!(Description::new("One step of training.").params.is_empty());
    /// ```
    #[must_use]
    pub fn new(summary: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            ..Self::default()
        }
    }

    /// Adds a parameter.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").param(Param::new("batch", "rows in one step"));
    /// assert_eq!(description.params[0].name, "batch");
    /// ```
    #[must_use]
    pub fn param(mut self, param: Param) -> Self {
        self.params.push(param.0);
        self
    }

    /// Adds a metric, which [`Workload::metrics`](crate::Workload::metrics) reports.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").metric(Metric::lower("loss", "nat").quality());
    /// assert_eq!(description.metrics[0].unit, "nat");
    /// ```
    #[must_use]
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metrics.push(metric.0);
        self
    }
}

/// One parameter: help, unit, bounds or choices. Type and default come from `Config::default()`.
///
/// ```
/// use benchhost_plugin_api::Param;
///
/// let batch = Param::new("batch", "pairs in one step").unit("samples").range(2.0, 65536.0);
/// let encoder = Param::new("encoder", "which network").choices(&["simple", "deep"]);
/// ```
#[derive(Debug, Clone)]
pub struct Param(ParamSpec);

impl Param {
    /// Parameter `name` (a key of the config, as serde spells it) with a help text.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let param = Param::new("keep-every", "one value of so many is kept");
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self(ParamSpec {
            name: name.into(),
            help: help.into(),
            ..ParamSpec::default()
        })
    }

    /// Unit of the value, like `samples` or `bytes`.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let param = Param::new("window", "length of the input").unit("samples");
    /// ```
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.0.unit = unit.into();
        self
    }

    /// Smallest and largest value accepted; others are refused before anything runs.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").param(Param::new("rate", "of learning").range(0.0, 1.0));
    /// assert_eq!(description.params[0].max, Some(1.0));
    /// ```
    #[must_use]
    pub fn range(mut self, min: f64, max: f64) -> Self {
        (self.0.min, self.0.max) = (Some(min), Some(max));
        self
    }

    /// The only values accepted, for a text.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").param(Param::new("method", "how").choices(&["plain", "lanes"]));
    /// assert_eq!(description.params[0].choices, ["plain", "lanes"]);
    /// ```
    #[must_use]
    pub fn choices(mut self, choices: &[&str]) -> Self {
        self.0.choices = choices.iter().map(ToString::to_string).collect();
        self
    }
}

/// One metric: name, unit, direction, kind. A count, unless it is said to be something else.
///
/// ```
/// use benchhost_plugin_api::Metric;
///
/// let loss = Metric::lower("loss", "nat").quality().help("InfoNCE of the last step");
/// let accuracy = Metric::higher("accuracy", "1").ratio();
/// let epoch = Metric::neutral("epoch", "epochs");
/// ```
#[derive(Debug, Clone)]
pub struct Metric(MetricSpec);

impl Metric {
    /// A metric that is better when lower.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").metric(Metric::lower("loss", "nat"));
    /// assert_eq!(description.metrics[0].direction, meta::Direction::Lower);
    /// ```
    #[must_use]
    pub fn lower(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Self::new(name, unit, Direction::Lower)
    }

    /// A metric that is better when higher.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").metric(Metric::higher("accuracy", "1"));
    /// assert_eq!(description.metrics[0].direction, meta::Direction::Higher);
    /// ```
    #[must_use]
    pub fn higher(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Self::new(name, unit, Direction::Higher)
    }

    /// A metric that is only shown: neither direction is better.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").metric(Metric::neutral("epoch", "epochs"));
    /// assert_eq!(description.metrics[0].direction, meta::Direction::Neither);
    /// ```
    #[must_use]
    pub fn neutral(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Self::new(name, unit, Direction::Neither)
    }

    fn new(name: impl Into<String>, unit: impl Into<String>, direction: Direction) -> Self {
        Self(MetricSpec {
            name: name.into(),
            unit: unit.into(),
            direction,
            ..MetricSpec::default()
        })
    }

    /// What the number means.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let metric = Metric::lower("loss", "nat").help("InfoNCE of the last step");
    /// ```
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = help.into();
        self
    }

    /// The metric is a time.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").metric(Metric::lower("first-token", "ns").time());
    /// assert_eq!(description.metrics[0].kind, meta::MetricKind::Time);
    /// ```
    #[must_use]
    pub fn time(self) -> Self {
        self.kind(MetricKind::Time)
    }

    /// The metric is a rate of work.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").metric(Metric::higher("reads", "1/s").throughput());
    /// assert_eq!(description.metrics[0].kind, meta::MetricKind::Throughput);
    /// ```
    #[must_use]
    pub fn throughput(self) -> Self {
        self.kind(MetricKind::Throughput)
    }

    /// The metric is an amount of memory.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").metric(Metric::lower("weights", "B").memory());
    /// assert_eq!(description.metrics[0].kind, meta::MetricKind::Memory);
    /// ```
    #[must_use]
    pub fn memory(self) -> Self {
        self.kind(MetricKind::Memory)
    }

    /// The metric says how good the answer is: accuracy, loss.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").metric(Metric::lower("loss", "nat").quality());
    /// assert_eq!(description.metrics[0].kind, meta::MetricKind::Quality);
    /// ```
    #[must_use]
    pub fn quality(self) -> Self {
        self.kind(MetricKind::Quality)
    }

    /// The metric is a ratio, stored as 0–1 and shown in per cent.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Description, Metric, Param, meta};
    /// let description = Description::new("…").metric(Metric::higher("hits", "1").ratio());
    /// assert_eq!(description.metrics[0].kind, meta::MetricKind::Ratio);
    /// ```
    #[must_use]
    pub fn ratio(self) -> Self {
        self.kind(MetricKind::Ratio)
    }

    fn kind(mut self, kind: MetricKind) -> Self {
        self.0.kind = kind;
        self
    }
}
