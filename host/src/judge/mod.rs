//! The way from a run to its verdicts: what is known from before is gathered, the regression engine judges, alerts live on.
//!
//! No rule lives here: those are in the engine (`host/engine/gate`). Here is what it must be given.

mod accepted;
mod again;
mod circumstances;
mod rules;
mod subjects;
mod value;

pub use accepted::{Acceptance, Accepted, AcceptedError, FILE as ACCEPTED_FILE};
pub use again::{AgainError, again};
pub use circumstances::known_yardstick;
pub use rules::{ADVICE_FILE, GATES_FILE, RulesError, advice, readable_rules, rules, written};
pub use subjects::{Known, asked, subjects};
pub use value::value;
