//! The regression engine: what was measured, what was measured before, and rules in; verdicts out.
//!
//! Pure: no files, no clock. Every path of the host (run, check, import, serve) judges with [`judge`]. Rules are TOML
//! tables ([`Rules`]); docs/gates.md shows each kind. Where no rule speaks, defaults by class of metric do.

mod bound;
mod class;
mod error;
mod expression;
mod family;
mod glob;
mod judge;
mod judgement;
mod life;
mod read;
mod rule;
mod rules;
mod schema;
mod subject;

pub use bound::Bound;
pub use class::Class;
pub use error::Error;
pub use expression::{Expression, Names, unit_in_expressions, unit_of_kind, usual_unit};
pub use glob::matchers;
pub use judge::{Terms, judge};
pub use judgement::{Judgement, Judgements, Verdict};
pub use life::{LifeTerms, Lived, live, recall};
pub use rule::{Against, Allowance, Rule, RuleKind};
pub use rules::{DEFAULTS, Rules};
pub use schema::{file_schema, schema};
pub use subject::{BaselineValue, Past, Subject, Value};
