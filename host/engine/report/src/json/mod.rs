//! Results as JSON, for scripts, and the schemas of these forms. Keys are only ever added.

mod change;
mod comparison;
mod judgement;
mod report;

pub use change::{ChangedSeries, changes, changes_schema};
pub use comparison::{comparisons, comparisons_schema};
pub use judgement::{JudgedRun, judgements, judgements_schema, verdict};
pub use report::{REPORT_SCHEMA, report, report_schema};

use schemars::{JsonSchema, Schema, generate::SchemaSettings};

/// JSON knows no NaN and no infinity: what is not known is `null`.
fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// The JSON Schema, draft 2020-12, of what is written as `T`.
fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>()
}
