//! The plan as the host sees it: text in, plan or sentence out.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop, in its helpers too"
)]

mod against;
mod check;
mod docs;
mod errors;
mod golden;
mod layers;
mod placement;
mod schema;
mod sweep;

use benchhost_plan::{Overrides, Plan, parse};

/// The beginning of a suite; five lines, so that what follows begins in line 6.
const HEAD: &str = "name = \"s\"\n[plugins]\np = \"../p\"\n\n# benchmarks\n";

/// The plan of a whole suite.
fn plan(text: &str) -> Plan {
    parse(text, "s.toml", &Overrides::default()).unwrap()
}

/// The plan of a suite with one benchmark that has these keys.
fn one(keys: &str) -> Plan {
    plan(&benchmark(keys))
}

/// A suite with one benchmark that has these keys, from line 10.
fn benchmark(keys: &str) -> String {
    format!("{HEAD}[[benchmark]]\nname = \"b\"\nplugin = \"p\"\nworkload = \"w\"\n{keys}\n")
}

/// The sentence about a suite.
fn sentence(text: &str) -> String {
    sentence_with(text, &Overrides::default())
}

/// The sentence about a suite with a command line.
fn sentence_with(text: &str, overrides: &Overrides) -> String {
    parse(text, "s.toml", overrides).unwrap_err().to_string()
}

/// Ids of all cases in order.
fn ids(plan: &Plan) -> Vec<&str> {
    let cases = plan.benchmarks.iter().flat_map(|b| &b.cases);
    cases.map(|case| case.id.as_str()).collect()
}
