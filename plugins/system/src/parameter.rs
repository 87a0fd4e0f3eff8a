//! Checks of parameters, with one form of sentence for all workloads.

use benchhost_plugin_api::Error;

/// Refuses a value outside `lowest..=highest`; `unit` follows the numbers, and may be empty.
pub(crate) fn within(
    name: &str,
    value: u64,
    (lowest, highest): (u64, u64),
    unit: &str,
) -> Result<(), Error> {
    if (lowest..=highest).contains(&value) {
        return Ok(());
    }
    let unit = if unit.is_empty() {
        String::new()
    } else {
        format!(" {unit}")
    };
    Err(Error::config(format!(
        "{name} is {value}, expected {lowest} to {highest}{unit}"
    )))
}

/// Refuses a `value` that is no whole number of `step`s.
pub(crate) fn multiple(name: &str, value: u64, (other, step): (&str, u64)) -> Result<(), Error> {
    if value.is_multiple_of(step) {
        return Ok(());
    }
    Err(Error::config(format!(
        "{name} is {value}, expected a multiple of {other}, which is {step}"
    )))
}

/// What every workload says when the host did not set it up first.
pub(crate) fn not_set_up() -> Error {
    Error::failed("used before setup")
}
