//! Results as JSON, for scripts. Keys are only ever added.

mod change;
mod comparison;
mod judgement;
mod report;

pub use change::{ChangedSeries, changes};
pub use comparison::comparisons;
pub use judgement::{JudgedRun, judgements, verdict};
pub use report::report;

/// JSON knows no NaN and no infinity: what is not known is `null`.
fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
