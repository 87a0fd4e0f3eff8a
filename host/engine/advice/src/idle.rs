//! Rules of users that ask for what nothing has: a typing error looks like this.

use std::collections::BTreeSet;

use crate::{
    Facts, Rules, Scope,
    error::meant,
    known::{METRIC, Siblings, of_case},
};

/// A sentence for each name in a condition of the user that no case of the run knows. Names of runs and curves were looked
/// at when the rule was read.
#[must_use]
pub fn idle(rules: &Rules, facts: &Facts<'_>) -> Vec<String> {
    let written = rules.all().iter().filter(|rule| {
        rule.is_enabled && !rule.is_builtin() && rule.scope == Scope::Case && rule.when.is_some()
    });
    let mut written = written.peekable();
    if written.peek().is_none() {
        return Vec::new();
    }
    let siblings = Siblings::of(facts.run);
    let mut known: BTreeSet<String> = METRIC.iter().map(|name| (*name).to_owned()).collect();
    for result in &facts.run.cases {
        known.extend(
            of_case(facts.run, result, &siblings)
                .names()
                .map(str::to_owned),
        );
    }
    let mut sentences = Vec::new();
    for rule in written {
        let names = rule.when.iter().flat_map(|when| when.names());
        for name in names.filter(|name| !known.contains(*name)) {
            let meant = meant(name, known.iter().map(String::as_str));
            let way_out =
                meant.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"));
            sentences.push(format!(
                "the recommendation at {} says nothing: no case of this run has `{name}`{way_out}",
                rule.place
            ));
        }
    }
    sentences
}
