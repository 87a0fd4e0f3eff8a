//! Text of a suite to [`PlanFile`]: every key known, every value of the right type, unit and range.

mod benchmark;
mod fields;
mod range;
mod scalar;
mod search;
mod settings;
mod suite;
mod sweep;

pub(crate) use benchmark::{AGAINST_KEYS, KEYS as BENCHMARK_KEYS};
pub(crate) use fields::Source;
pub(crate) use range::PARTS as RANGE_KEYS;
pub(crate) use scalar::{DTYPES, MOST_INSTANCES, MOST_THREADS, quoted};
pub(crate) use search::{KEYS as SEARCH_KEYS, NOT_SEARCHED};
pub(crate) use settings::{
    ENERGY_KEYS, INSTANCES_MODES, KEYS as SETTINGS_KEYS, LIMIT_KEYS, MEMORY_BYS, MODES,
    SEED_POLICIES,
};
pub(crate) use suite::{KEYS as SUITE_KEYS, suite};
pub(crate) use sweep::{KEYS as SWEEP_KEYS, PLACEMENT};

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
