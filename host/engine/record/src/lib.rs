//! The data of benchhost: what was asked, what was seen, under which circumstances.
//!
//! Plain records with a stable serialised form, and nothing else: no statistics, no files, no clock. Every other
//! part of the host speaks in these words. The form is versioned by [`SCHEMA`]; readers ignore keys they do not
//! know, writers only add keys within one schema.

mod alert;
mod case;
mod comparison;
mod contrast;
mod curve;
mod environment;
mod flag;
mod measurement;
mod metric;
pub mod openmetrics;
mod outcome;
mod peaks;
mod quantity;
mod reading;
mod run;
mod scaling;
mod search;
mod summary;
mod trace;
mod unit;

pub use alert::{Alert, AlertKind, AlertState, Severity};
pub use case::{Case, CaseId, Instances, InstancesMode, ParamValue, Params};
pub use comparison::{ComparedSide, Comparison, Comparisons, Method, Verdict};
pub use contrast::{BothValues, Contrast, ContrastPair};
pub use curve::{Axis, Curve, CurveLaw, Fit, Growth, UpperLaw};
pub use environment::{CgroupLimits, Cpu, Environment, Gpu, Memory};
pub use flag::{Flag, FlagKind};
pub use measurement::{Measurement, Samples};
pub use metric::{Direction, Metric, MetricKind, names};
pub use outcome::{Outcome, Phase};
pub use peaks::{MachinePeaks, PeakLevel};
pub use quantity::{Quantity, conversion};
pub use reading::{Basis, Extent, ProbeCost, Reading};
pub use run::{
    CaseResult, CrashReport, Git, MachineNoise, Output, Overhead, PluginRecord, Repetition, Run,
    RunState, SetupTimes, Sharing, StopReason, SuiteSource, Usage, WarmUpResult, Work, WrittenGate,
};
pub use scaling::{
    Amdahl, Bound, Estimate, Goodness, Peak, PowerLaw, Roofline, RooflineUnit, ScalingLevel, Usl,
};
pub use search::{Search, Tried};
pub use summary::{Interval, Quantile, Summary};
pub use trace::Trace;
pub use unit::{Bytes, Nanos, format_quantity};

/// Version of the serialised form of [`Run`].
pub const SCHEMA: u32 = 1;
