//! Rules of users that ask for what nothing has, or compare what cannot be compared: typing errors look like this.

use std::collections::BTreeSet;

use crate::{
    Facts, Rule, Rules, Scope,
    error::meant,
    known::{Known, METRIC, Siblings, curves, of_case, of_metric, of_run, spoken_of},
    recommend::is_for_curve,
};

/// A sentence for each name in a condition of the user that no case of the run knows, and for each condition whose units fit
/// nothing it is asked of. Names of runs and curves were looked at when the rule was read.
#[must_use]
pub fn idle(rules: &Rules, facts: &Facts<'_>) -> Vec<String> {
    let written = rules.all().iter();
    let written =
        written.filter(|rule| rule.is_enabled && !rule.is_builtin() && rule.when.is_some());
    let written: Vec<&Rule> = written.collect();
    if written.is_empty() {
        return Vec::new();
    }
    let siblings = Siblings::of(facts.run);
    let mut known: BTreeSet<String> = BTreeSet::new();
    for result in &facts.run.cases {
        let case = of_case(facts.run, result, &siblings);
        known.extend(case.names().map(str::to_owned));
    }
    let mut of_metrics = known.clone();
    of_metrics.extend(METRIC.iter().map(|name| (*name).to_owned()));
    let mut sentences = Vec::new();
    for rule in &written {
        let mut why = Vec::new();
        if rule.scope == Scope::Case {
            let known = match rule.asks_metrics() {
                true => &of_metrics,
                false => &known,
            };
            why.extend(unknown(rule, known));
        }
        if why.is_empty() {
            why.extend(clash(rule, facts));
        }
        let place = &rule.place;
        let why = why.iter();
        sentences
            .extend(why.map(|why| format!("the recommendation at {place} says nothing: {why}")));
    }
    sentences
}

/// Names that no case knows.
fn unknown(rule: &Rule, known: &BTreeSet<String>) -> Vec<String> {
    let names = rule.when.iter().flat_map(|when| when.names());
    let unknown = names.filter(|name| !known.contains(*name));
    unknown
        .map(|name| {
            if METRIC.contains(&name) {
                return format!(
                    "`{name}` is that of a metric, and the rule names none: give it `metric = \"time\"`, or a `kind`"
                );
            }
            let meant = meant(name, known.iter().map(String::as_str));
            let way_out =
                meant.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"));
            format!("no case of this run has `{name}`{way_out}")
        })
        .collect()
}

/// Why a condition can be asked of nothing: the first clash of units, where there is one wherever it is asked.
fn clash(rule: &Rule, facts: &Facts<'_>) -> Option<String> {
    let when = rule.when.as_ref()?;
    let mut first = None;
    // Whether it can be asked of this; what is wrong is kept.
    let mut fits = |known: &Known<'_>| match when.has_units(&|name| known.unit(name)) {
        Ok(()) => true,
        Err((clash, _)) => {
            first.get_or_insert(clash);
            false
        }
    };
    let is_asked = match rule.scope {
        Scope::Run => fits(&of_run(facts)),
        Scope::Curve => {
            let curves = curves(facts.run);
            let mut asked = curves.iter().filter(|(about, _)| is_for_curve(rule, about));
            asked.any(|(_, known)| fits(known))
        }
        Scope::Case => {
            let (siblings, spoken) = (Siblings::of(facts.run), spoken_of(facts));
            facts.run.cases.iter().any(|result| {
                let workload = format!("{}/{}", result.case.plugin, result.case.workload);
                if !rule.is_for_case(result, &workload) {
                    return false;
                }
                let case = of_case(facts.run, result, &siblings);
                if !rule.asks_metrics() {
                    return fits(&case);
                }
                let id = result.case.id.as_str();
                result.measurements.iter().any(|one| {
                    let judged = spoken.get(&(id, one.metric.name.as_str()));
                    let verdict = judged.and_then(|(judged, _)| Some((*judged)?.verdict));
                    rule.is_for_metric(&one.metric, verdict)
                        && fits(&of_metric(&case, result, one, &spoken))
                })
            })
        }
    };
    let clash = first.filter(|_| !is_asked)?;
    Some(clash.trim_end_matches(',').to_owned())
}
