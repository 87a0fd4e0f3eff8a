//! Asks every rule, folds what it says of many cases into one, and puts the most important first.

use std::collections::HashSet;

use benchhost_record::CaseResult;

use crate::{
    Facts, Recommendation, Rule, Rules, Scope,
    known::{About, Known, Siblings, curves, of_case, of_metric, of_run, spoken_of},
    show,
};

/// Stands in a text for the number of cases, which is known once all were asked.
const COUNT: &str = "\u{0}";

/// A rule that holds somewhere.
struct Hit {
    /// How far the number is beyond its bound: 2 is twice.
    excess: f64,
    case: String,
    about: String,
    metric: String,
    /// Empty where it is the number of cases.
    number: String,
    text: String,
    evidence: String,
}

/// Recommendations for a run, the most important first. Each rule speaks once, of the case where its number is farthest
/// beyond its bound, with how many more there are.
#[must_use]
pub fn recommend(rules: &Rules, facts: &Facts<'_>) -> Vec<Recommendation> {
    let enabled: Vec<&Rule> = rules.all().iter().filter(|rule| rule.is_enabled).collect();
    let mut hits: Vec<Vec<Hit>> = enabled.iter().map(|_| Vec::new()).collect();
    cases(&enabled, facts, &mut hits);
    let run = of_run(facts);
    let curves = curves(facts.run);
    for (rule, hits) in enabled.iter().zip(&mut hits) {
        match rule.scope {
            Scope::Case => {}
            Scope::Run => hits.extend(hit(rule, &run, None)),
            Scope::Curve => {
                let asked = curves.iter().filter(|(about, _)| is_for_curve(rule, about));
                hits.extend(asked.filter_map(|(about, known)| {
                    Some(Hit {
                        case: about.case.clone().unwrap_or_default(),
                        about: about.title(),
                        metric: about.metric.name.clone(),
                        evidence: about.doubts.clone(),
                        ..hit(rule, known, None)?
                    })
                }));
            }
        }
    }
    let spoken = enabled.iter().zip(hits);
    let mut all: Vec<Recommendation> = spoken
        .filter_map(|(rule, hits)| folded(rule, hits))
        .collect();
    // Stable: rules of one rank stay in the order of their files.
    all.sort_by_key(|one| one.rank);
    all
}

pub(crate) fn is_for_curve(rule: &Rule, about: &About) -> bool {
    let is_axis = rule.axes.is_empty() || rule.axes.any(&[&about.key]);
    let is_workload = rule.workloads.is_empty() || rule.workloads.any(&[&about.workload]);
    is_axis && is_workload && rule.is_for_metric(&about.metric, None)
}

fn cases(rules: &[&Rule], facts: &Facts<'_>, hits: &mut [Vec<Hit>]) {
    let siblings = Siblings::of(facts.run);
    let spoken = spoken_of(facts);
    for result in &facts.run.cases {
        let case = of_case(facts.run, result, &siblings);
        let id = result.case.id.as_str();
        let workload = format!("{}/{}", result.case.plugin, result.case.workload);
        let is_asked =
            |rule: &Rule| rule.scope == Scope::Case && rule.is_for_case(result, &workload);
        let asked: Vec<usize> = (0..rules.len()).filter(|i| is_asked(rules[*i])).collect();
        let (of_metrics, of_cases): (Vec<usize>, Vec<usize>) =
            asked.into_iter().partition(|i| rules[*i].asks_metrics());
        for i in of_cases {
            hits[i].extend(hit(rules[i], &case, Some(result)).map(|hit| Hit {
                case: id.to_owned(),
                evidence: said(rules[i], result),
                ..hit
            }));
        }
        for measurement in &result.measurements {
            if measurement.summary.is_none() {
                continue;
            }
            let metric = &measurement.metric;
            let judgement = spoken.get(&(id, metric.name.as_str()));
            let judgement = judgement.and_then(|one| one.0);
            let verdict = judgement.map(|one| one.verdict);
            let asked = of_metrics.iter().copied();
            let mut asked = asked
                .filter(|i| rules[*i].is_for_metric(metric, verdict))
                .peekable();
            if asked.peek().is_none() {
                continue;
            }
            let known = of_metric(&case, result, measurement, &spoken);
            for i in asked {
                let by_verdict = judgement.filter(|_| !rules[i].verdicts.is_empty());
                hits[i].extend(hit(rules[i], &known, Some(result)).map(|hit| {
                    Hit {
                        case: id.to_owned(),
                        metric: metric.name.clone(),
                        evidence: by_verdict
                            .map_or_else(|| said(rules[i], result), |one| one.sentence.clone()),
                        ..hit
                    }
                }));
            }
        }
    }
}

/// What was said of a case already: by the flag that a rule asks for, else by its end.
fn said(rule: &Rule, result: &CaseResult) -> String {
    let mut flags = result.flags.iter();
    let flag = flags.find(|flag| rule.flags.contains(&flag.kind));
    flag.map_or_else(|| result.outcome.sentence(), |flag| flag.message.clone())
}

/// What a rule says of what is known; `result`: the case, where it is about one.
fn hit(rule: &Rule, known: &Known<'_>, result: Option<&CaseResult>) -> Option<Hit> {
    let mut excess = 1.0;
    let mut compared = None;
    if let Some(when) = &rule.when {
        // A name that is not known here, or a time beside a size: nothing can be said.
        if when.holds(known) != Ok(true) || when.has_units(&|name| known.unit(name)).is_err() {
            return None;
        }
        if let Some((left, right, asks_for_more)) = when.first_comparison(known) {
            excess = beyond(left, right, asks_for_more);
            let name = when.names().first().copied().filter(|_| left.is_finite());
            compared = name.and_then(|name| known.shown_like(name, left));
        }
    }
    let is_something = |name: &&String| known.value(name).is_some_and(|value| value != 0.0);
    let shown = rule.shows.iter().find(is_something).or(rule.shows.first());
    let number = shown.and_then(|name| {
        // Without a bound, the largest number is the worst.
        if rule.when.is_none() {
            excess = known.value(name).unwrap_or(0.0);
        }
        known.shown(name)
    });
    // What is left is a flag or an end without a number of its own: one case of those it holds for.
    let number = number
        .or(compared)
        .or_else(|| result.map(|_| String::new()))?;
    let word = |name: &str| match name {
        "value" if number.is_empty() => Some(COUNT.to_owned()),
        "value" => Some(show::in_sentence(&number)),
        _ => known.text_of(name).map(|text| show::in_sentence(&text)),
    };
    Some(Hit {
        excess,
        case: String::new(),
        about: String::new(),
        metric: String::new(),
        text: show::filled(&rule.text, &word),
        number,
        evidence: String::new(),
    })
}

/// How far a number is beyond its bound, as a ratio where that can be said.
fn beyond(left: f64, right: f64, asks_for_more: bool) -> f64 {
    let (far, near) = if asks_for_more {
        (left, right)
    } else {
        (right, left)
    };
    let ratio = far / near;
    if ratio.is_finite() && ratio > 0.0 {
        ratio
    } else {
        1.0 + (left - right).abs()
    }
}

fn folded(rule: &Rule, mut hits: Vec<Hit>) -> Option<Recommendation> {
    // Stable: of equals the first of the run.
    hits.sort_by(|a, b| b.excess.total_cmp(&a.excess));
    let mut known = HashSet::new();
    let of_cases = hits.iter().filter(|hit| !hit.case.is_empty());
    let cases = of_cases.filter(|hit| known.insert(hit.case.clone()));
    let cases: Vec<String> = cases.map(|hit| hit.case.clone()).collect();
    let curves: HashSet<(&str, &str)> = hits
        .iter()
        .filter(|hit| !hit.about.is_empty())
        .map(|hit| (hit.about.as_str(), hit.metric.as_str()))
        .collect();
    let more = cases.len().max(curves.len()).saturating_sub(1);
    let worst = hits.into_iter().next()?;
    let number = if worst.number.is_empty() {
        show::number(cases.len() as f64, "cases")
    } else {
        worst.number
    };
    Some(Recommendation {
        rule: rule.name.clone(),
        rank: rule.rank,
        case: worst.case,
        more,
        cases,
        about: worst.about,
        metric: worst.metric,
        condition: rule.condition(),
        text: worst.text.replace(COUNT, &number),
        number,
        evidence: worst.evidence,
    })
}
