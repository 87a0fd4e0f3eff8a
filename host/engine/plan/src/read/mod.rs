//! Text of a suite to [`PlanFile`]: every key known, every value of the right type, unit and range.

mod benchmark;
mod fields;
mod range;
mod scalar;
mod search;
mod settings;
mod suite;
mod sweep;

pub(crate) use fields::Source;
pub(crate) use scalar::quoted;
pub(crate) use settings::{INSTANCES_MODES, MEMORY_BYS, MODES, SEED_POLICIES};
pub(crate) use suite::suite;
pub(crate) use sweep::PLACEMENT;

/// Every key of a suite with the table it stands in: `defaults.max-time`, `benchmark.axes`.
#[must_use]
pub fn keys() -> Vec<String> {
    let of = |table: &str, keys: &[&str]| -> Vec<String> {
        keys.iter().map(|key| format!("{table}{key}")).collect()
    };
    [
        of("", suite::KEYS),
        of("defaults.", settings::KEYS),
        of("defaults.limits.", settings::LIMIT_KEYS),
        of("benchmark.", benchmark::KEYS),
        of("benchmark.", sweep::KEYS),
        of("defaults.energy.", settings::ENERGY_KEYS),
        of("benchmark.search.KEY.", search::KEYS),
    ]
    .concat()
}
