//! What can be wrong with a suite. Each variant knows the place; each sentence names the key, what was found, what
//! was expected, and where there is one, the way out.

use crate::{
    names,
    place::{Place, WayOut},
    read::quoted,
};

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not TOML.
    #[error("{at}: not valid TOML: {message}")]
    Syntax {
        /// Where.
        at: Place,
        /// What the TOML reader says.
        message: String,
    },
    /// A key that means nothing here.
    #[error("{at}: unknown key `{key}` in {table}{way_out}")]
    UnknownKey {
        /// Where.
        at: Place,
        /// The key.
        key: String,
        /// The table it stands in.
        table: String,
        /// The name that was probably meant.
        way_out: Box<WayOut>,
    },
    /// A key that must be there is not.
    #[error("{at}: {table} has no `{key}`, expected {expected}")]
    MissingKey {
        /// Where.
        at: Place,
        /// The table it should stand in.
        table: String,
        /// The key.
        key: String,
        /// What is expected of it.
        expected: String,
    },
    /// A value of the wrong type, unit or range.
    #[error("{at}: `{key}` is {found}, expected {expected}")]
    Unexpected {
        /// Where.
        at: Place,
        /// The key.
        key: String,
        /// The value as written.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// An axis or a list of a zip without values.
    #[error("{at}: benchmark `{benchmark}`: axis `{axis}` has no values")]
    EmptyAxis {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: String,
        /// The axis.
        axis: String,
    },
    /// Lists that go together have different lengths.
    #[error(
        "{at}: benchmark `{benchmark}`: zip needs lists of equal length, found {}", counted(.lengths)
    )]
    UnequalZip {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: String,
        /// Length of each list, in the order of the file.
        lengths: Vec<(String, usize)>,
    },
    /// One parameter is set in two ways.
    #[error(
        "{at}: benchmark `{benchmark}`: `{key}` is set in {first} and in {second}, keep one of them"
    )]
    SetTwice {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: String,
        /// The parameter.
        key: String,
        /// One way.
        first: &'static str,
        /// The other way.
        second: &'static str,
    },
    /// An `include` or `exclude` names something that is no parameter of the benchmark.
    #[error(
        "{at}: benchmark `{benchmark}`: `{list}` names `{key}`, which is neither in `params` nor an axis{way_out}"
    )]
    UnknownPointKey {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: String,
        /// `include` or `exclude`.
        list: &'static str,
        /// The key.
        key: String,
        /// The name that was probably meant.
        way_out: Box<WayOut>,
    },
    /// An `exclude` removes nothing.
    #[error("{at}: benchmark `{benchmark}`: the exclude {point} matches no point of the axes")]
    UselessExclude {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: String,
        /// Its keys and values.
        point: String,
    },
    /// Everything was excluded.
    #[error("{at}: benchmark `{benchmark}` has no cases left, its excludes remove all of them")]
    NoCases {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: String,
    },
    /// More cases than anyone will wait for.
    #[error(
        "{at}: with benchmark `{benchmark}` the suite has {found} cases or more, expected at most {most}"
    )]
    TooManyCases {
        /// Where.
        at: Place,
        /// The benchmark at which there were too many.
        benchmark: String,
        /// How many.
        found: u128,
        /// How many are accepted.
        most: usize,
    },
    /// A benchmark uses a plugin that is not listed.
    #[error(
        "{at}: benchmark `{benchmark}` uses plugin `{plugin}`, which is not in [plugins]{way_out}"
    )]
    UnknownPlugin {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: String,
        /// The plugin.
        plugin: String,
        /// The name that was probably meant.
        way_out: Box<WayOut>,
    },
    /// A plugin of the command line that nothing uses.
    #[error("{at}: no benchmark uses the plugin `{plugin}` of the command line{way_out}")]
    UnusedPlugin {
        /// The suite.
        at: Place,
        /// The plugin.
        plugin: String,
        /// The plugins that benchmarks use.
        way_out: Box<WayOut>,
    },
    /// The command line gives one plugin twice.
    #[error("{at}: plugin `{plugin}` is given twice on the command line, keep one of them")]
    DuplicatePlugin {
        /// The suite.
        at: Place,
        /// The plugin.
        plugin: String,
    },
    /// Two benchmarks have one name.
    #[error(
        "{at}: benchmark `{name}` exists already in line {first}, give one of them another name"
    )]
    DuplicateBenchmark {
        /// Where the second one is.
        at: Place,
        /// The name.
        name: String,
        /// Line of the first one.
        first: usize,
    },
    /// One case is measured twice.
    #[error(
        "{at}: benchmark `{benchmark}` has the case {case}, which benchmark `{first}` (line {first_line}) has already"
    )]
    DuplicateCase {
        /// Where the second benchmark is.
        at: Place,
        /// The case.
        case: String,
        /// The second benchmark.
        benchmark: String,
        /// The first benchmark; may be the same.
        first: String,
        /// Line of the first benchmark.
        first_line: usize,
    },
    /// A benchmark is set against one that is not there.
    #[error(
        "{at}: benchmark `{benchmark}` is set against `{against}`, which is no benchmark of the suite{way_out}"
    )]
    UnknownAgainst {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: String,
        /// The name.
        against: String,
        /// The name that was probably meant.
        way_out: Box<WayOut>,
    },
    /// A `differ-in` names something that the two benchmarks do not both have.
    #[error(
        "{at}: `against.differ-in` names `{key}`, which benchmarks `{benchmark}` and `{against}` do not both have{way_out}"
    )]
    UnknownDifference {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: String,
        /// The other one.
        against: String,
        /// The key.
        key: String,
        /// The name that was probably meant.
        way_out: Box<WayOut>,
    },
    /// A case has none that it could be set against.
    #[error(
        "{at}: benchmark `{benchmark}`: its case {case} has none to be set against, for `{against}` has no case with {missing}; if the two differ in that on purpose, write against = {{ benchmark = \"{against}\", differ-in = [\"{key}\"] }}"
    )]
    NothingAgainst {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: Box<str>,
        /// Its case.
        case: Box<str>,
        /// The other benchmark.
        against: Box<str>,
        /// Keys and values that no case of the other one has.
        missing: Box<str>,
        /// One of the keys.
        key: Box<str>,
    },
    /// A case has several that it could be set against.
    #[error(
        "{at}: benchmark `{benchmark}`: its case {case} fits {found} cases of `{against}`, {named}, expected one: keep one value of what tells these apart, or set it in both"
    )]
    SeveralAgainst {
        /// Where.
        at: Place,
        /// The benchmark.
        benchmark: Box<str>,
        /// Its case.
        case: Box<str>,
        /// The other benchmark.
        against: Box<str>,
        /// How many fit.
        found: usize,
        /// The first of them.
        named: Box<str>,
    },
    /// Nothing to measure.
    #[error("{at}: the suite has no [[benchmark]]")]
    NoBenchmarks {
        /// The suite.
        at: Place,
    },
    /// The tier of the command line is not in the suite.
    #[error("{at}: unknown tier `{tier}`{way_out}")]
    UnknownTier {
        /// The suite.
        at: Place,
        /// The tier.
        tier: String,
        /// The name that was probably meant.
        way_out: Box<WayOut>,
    },
    /// No benchmark belongs to the tier.
    #[error("{at}: no benchmark belongs to tier `{tier}`")]
    EmptyTier {
        /// The suite.
        at: Place,
        /// The tier.
        tier: String,
    },
    /// A filter is not a glob.
    #[error("{at}: filter `{filter}` is not a glob: {message}")]
    BadFilter {
        /// The suite.
        at: Place,
        /// The filter.
        filter: String,
        /// What the glob reader says.
        message: String,
    },
    /// No filter matches anything.
    #[error("{at}: no case matches {}{way_out}", filters(.filter))]
    NothingMatches {
        /// The suite.
        at: Place,
        /// The filters.
        filter: Vec<String>,
        /// The benchmarks there are.
        way_out: Box<WayOut>,
    },
    /// The plugin has no such workload.
    #[error("{at}: unknown workload `{workload}` of plugin `{plugin}`{way_out}")]
    UnknownWorkload {
        /// Where.
        at: Place,
        /// The plugin.
        plugin: String,
        /// The workload.
        workload: String,
        /// The name that was probably meant.
        way_out: Box<WayOut>,
    },
    /// The workload has no such parameter.
    #[error("{at}: unknown parameter {} of {workload}{}", quoted(param), way_out.in_quotes())]
    UnknownParam {
        /// Where.
        at: Place,
        /// `plugin/workload`.
        workload: String,
        /// The parameter.
        param: String,
        /// The name that was probably meant.
        way_out: Box<WayOut>,
    },
    /// The workload does not accept the value.
    #[error("{at}: parameter `{param}` of {workload} is {found}, expected {expected}")]
    BadParam {
        /// Where.
        at: Place,
        /// `plugin/workload`.
        workload: String,
        /// The parameter.
        param: String,
        /// The value.
        found: String,
        /// What it should be.
        expected: Box<str>,
    },
}

fn filters(filter: &[String]) -> String {
    let word = if filter.len() == 1 {
        "filter"
    } else {
        "any of the filters"
    };
    format!("{word} {}", names::listed(filter))
}

fn counted(lengths: &[(String, usize)]) -> String {
    let parts: Vec<String> = lengths
        .iter()
        .map(|(key, length)| format!("`{key}` with {length}"))
        .collect();
    parts.join(", ")
}
