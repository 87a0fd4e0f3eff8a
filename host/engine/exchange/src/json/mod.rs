//! JSON with a memory of where it is: every wrong value is named by file and path of keys.
//!
//! Python's writers (asv, pytest-benchmark, pyperf, any `json.dump`) put bare `NaN` and `Infinity` into their files.
//! That is no JSON: such a file is read a second time by jiter, which knows these words. Everything else is as
//! strict as serde_json: nesting is limited, a number that does not fit is an error.

mod node;
mod value;

pub(crate) use node::Node;
pub(crate) use value::{Json, check_text, parse, without_place};
