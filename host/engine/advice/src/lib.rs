//! What could be done about what was measured: rules in data, recommendations with their evidence out.
//!
//! Pure: the text of the rules is given, nothing is read. A rule is a TOML table with a condition over names
//! (`rules/` has ours, docs/recommendations.md tells each); [`recommend`] asks every rule of every case, of the run and
//! of its curves. A condition with a name that is not known there says nothing: no number, no advice.

mod error;
mod facts;
mod idle;
mod known;
mod read;
mod recommend;
mod recommendation;
mod rule;
mod rules;
mod show;

pub use error::Error;
pub use facts::{Earlier, Facts};
pub use idle::idle;
pub use recommend::recommend;
pub use recommendation::Recommendation;
pub use rule::{Rule, Scope};
pub use rules::{BUILTIN, Rules};
