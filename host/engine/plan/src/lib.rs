//! Text of a suite in, a [`Plan`] out, or an [`Error`] that names file, line, key, what was found and expected.
//!
//! Pure: no files, no clock, no environment. The host reads the file and gives its text and name to [`parse`],
//! loads the plugins that the plan names, tells [`check_params`] what their workloads accept, and then does what
//! the plan says. Every key is described in `docs/suites.md`.

mod adhoc;
mod against;
mod bracket;
mod build;
mod check;
pub mod defaults;
mod error;
mod expand;
mod filter;
mod layer;
mod meant;
mod names;
mod place;
mod plan;
mod quantity;
mod read;
mod render;
mod schema;
mod search;
mod settings;
mod sources;
mod target;
mod written;

pub use adhoc::{Offer, adhoc};
pub use against::{Against, counterparts};
pub use bracket::Bracket;
pub use build::{case_id, parse};
pub use check::{KnownParam, KnownWorkload, ParamKind, check_params};
pub use error::Error;
pub use filter::matching;
pub use meant::closest_glob;
pub use names::{closest, plugin_name};
pub use place::{Place, WayOut};
pub use plan::{Benchmark, Comparison, GateTable, Overrides, Plan, PluginSource, Target};
pub use quantity::{NotADuration, parse_duration, parse_percentage};
pub use read::keys;
pub use render::render;
pub use schema::schema;
pub use search::{Condition, Search, Statistic};
pub use settings::{
    EnergySpec, IterationsPerSample, Limits, MemoryBy, Mode, PROBES, Pin, Probing, Sampling,
    SeedPolicy, Settings, WarmUp,
};
