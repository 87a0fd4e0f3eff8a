//! From subjects and rules to verdicts: every rule finds, the family is counted, the worst finding speaks.

mod context;
mod excuse;
mod finding;
mod levels;
mod sentence;
mod series;
mod tests_of_change;

use std::cell::LazyCell;

use benchhost_record::Direction;
use globset::GlobMatcher;
use rayon::prelude::*;

use crate::{
    Judgement, Judgements, Rule, RuleKind, Rules, Subject, Verdict, error::closest, family,
};
pub(crate) use finding::Finding;
pub(crate) use sentence::against;
use series::Series;

/// How sure verdicts are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Share of false discoveries that is accepted among all tests of a run.
    pub level: f64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { level: 0.005 }
    }
}

/// Said of a loss that was measured for as long as time allowed.
const OF_ITS_LENGTH: &str =
    "it changes with the number of iterations, which time decided: no two runs can be compared";

/// Judges every subject by the rules that speak of it. Deterministic, no order of subjects matters.
#[must_use]
pub fn judge(subjects: &[Subject], rules: &Rules, terms: &Terms) -> Judgements {
    let mut found: Vec<Vec<Finding>> = subjects
        .par_iter()
        .map(|subject| findings(subject, rules))
        .collect();
    family::settle(&mut found, terms.level);
    excuse::excuse(subjects, &mut found);
    let mut judgements = Judgements::default();
    for (subject, findings) in subjects.iter().zip(found) {
        match conclude(subject, findings) {
            Some(judgement) => judgements.judged.push(judgement),
            None => judgements.not_judged += 1,
        }
    }
    sort(&mut judgements.judged);
    judgements.idle = idle(subjects, rules);
    judgements
}

/// Places of written rules that speak of nothing that was measured: a typing error, or a case that is gone.
fn idle(subjects: &[Subject], rules: &Rules) -> Vec<String> {
    let speaks = |rule: &Rule| {
        subjects.iter().any(|one| {
            rule.is_for(&one.case, &one.benchmark, &one.metric.name)
                && (rule.is_off || rule.suits(&one.metric))
        })
    };
    rules
        .written()
        .iter()
        .filter(|rule| !speaks(rule))
        .map(|rule| {
            let meant = meant(rule, subjects).unwrap_or_default();
            format!("{} ({}{meant})", rule.place, rule.name)
        })
        .collect()
}

/// What a rule that speaks of nothing was probably meant to speak of.
fn meant(rule: &Rule, subjects: &[Subject]) -> Option<String> {
    let is_mute = |glob: &&GlobMatcher, names: &[&str]| !names.iter().any(|n| glob.is_match(n));
    let metrics: Vec<&str> = subjects
        .iter()
        .map(|one| one.metric.name.as_str())
        .collect();
    let metric = rule.metrics.iter().filter(|glob| is_mute(glob, &metrics));
    let mut metric = metric.filter_map(|glob| closest(glob.glob().glob(), metrics.iter().copied()));
    if let Some(metric) = metric.next() {
        return Some(format!("; did you mean the metric `{metric}`?"));
    }
    let ids = subjects.iter().map(|one| one.case.as_str());
    let workloads = ids.clone().map(|id| id.split('?').next().unwrap_or(id));
    let benchmarks = subjects.iter().map(|one| one.benchmark.as_str());
    let cases: Vec<&str> = ids.chain(workloads).chain(benchmarks).collect();
    let case = rule.cases.iter().filter(|glob| is_mute(glob, &cases));
    let mut case = case.filter_map(|glob| {
        let words = glob.glob().glob().trim_matches('*');
        closest(words, cases.iter().copied())
    });
    let case = case.next()?;
    Some(format!("; did you mean the case `{case}`?"))
}

/// The worst first; within a verdict the largest effect.
fn sort(judged: &mut [Judgement]) {
    let size = |one: &Judgement| {
        if one.effect.is_nan() {
            0.0
        } else {
            one.effect.abs()
        }
    };
    judged.sort_by(|a, b| {
        a.verdict
            .rank()
            .cmp(&b.verdict.rank())
            .then(size(b).total_cmp(&size(a)))
            .then_with(|| a.case.cmp(&b.case))
            .then_with(|| a.metric.name.cmp(&b.metric.name))
    });
}

fn findings(subject: &Subject, rules: &Rules) -> Vec<Finding> {
    let mut chosen = rules.of(&subject.case, &subject.benchmark, &subject.metric);
    let target = subject
        .target
        .as_deref()
        .and_then(crate::Bound::parse)
        .map(target_rule);
    chosen.extend(&target);
    let value = match &subject.value {
        Ok(value) => value,
        Err(why) => {
            return chosen
                .first()
                .map(|rule| Finding::failed(rule, why))
                .into_iter()
                .collect();
        }
    };
    if !value.value.is_finite() {
        let because = format!("{} was measured", value.value);
        return chosen
            .first()
            .map(|rule| Finding::insufficient(rule, because))
            .into_iter()
            .collect();
    }
    let mut mute = None;
    if value.is_of_its_length {
        // A baseline was chosen by somebody, and has its own tolerance.
        let speaks =
            |rule: &Rule| !rule.is_default() || matches!(rule.kind, RuleKind::Tolerance(_));
        mute = chosen.iter().find(|rule| !speaks(rule)).copied();
        chosen.retain(|rule| speaks(rule));
    }
    // Only tests look at it, and it costs more than everything else.
    let series = LazyCell::new(|| Series::of(subject));
    chosen
        .iter()
        .filter_map(|rule| match &rule.kind {
            RuleKind::Target(bound) => Some(levels::target(subject, rule, bound, value)),
            RuleKind::Tolerance(allowance) => levels::tolerance(subject, rule, *allowance, value),
            RuleKind::Percent {
                threshold,
                against,
                guarded,
            } => levels::percent(subject, rule, (*threshold, *against, *guarded), value),
            RuleKind::Significant { margin } => {
                Some(tests_of_change::significant(subject, rule, *margin, value))
            }
            RuleKind::History { window } => Some(tests_of_change::history(
                subject, rule, *window, value, &series,
            )),
            RuleKind::Change => tests_of_change::change(subject, rule, &series),
            RuleKind::Expression(expression) => {
                Some(levels::expression(subject, rule, expression, value))
            }
        })
        .chain(mute.map(|rule| Finding::insufficient(rule, OF_ITS_LENGTH)))
        .collect()
}

/// A bound that the suite puts on a metric of a benchmark, as a rule.
fn target_rule(bound: crate::Bound) -> Rule {
    Rule {
        name: "target".to_owned(),
        cases: Vec::new(),
        metrics: Vec::new(),
        statistic: None,
        kind: RuleKind::Target(bound),
        severity: None,
        is_off: false,
        place: "targets of the suite".to_owned(),
        specificity: 0,
    }
}

/// The finding that speaks for the subject: the one with the worst verdict, the largest effect among equals.
fn conclude(subject: &Subject, findings: Vec<Finding>) -> Option<Judgement> {
    let is_suspicious = findings.iter().any(|finding| finding.is_suspicious);
    let size = |finding: &Finding| {
        if finding.effect.is_nan() {
            0.0
        } else {
            finding.effect.abs()
        }
    };
    // A rule that somebody wrote and that cannot be judged must not hide behind a default that has nothing to say.
    let rank = |finding: &Finding| {
        let is_mute = finding.verdict == Verdict::InsufficientData && finding.place != "default";
        if is_mute {
            2 * Verdict::Unchanged.rank() - 1
        } else {
            2 * finding.verdict.rank()
        }
    };
    // A target that is met says nothing about what changed: it speaks where others have too few values, or are silent.
    let finding = findings
        .into_iter()
        .min_by(|a, b| rank(a).cmp(&rank(b)).then(size(b).total_cmp(&size(a))))?;
    let value = subject
        .value
        .as_ref()
        .map_or(f64::NAN, |value| finding.value.unwrap_or(value.value));
    let sentence = sentence::sentence(subject, &finding, value);
    Some(Judgement {
        case: subject.case.clone(),
        metric: subject.metric.clone(),
        verdict: finding.verdict,
        rule: finding.rule,
        place: finding.place,
        value,
        reference: finding.reference,
        effect: finding.effect,
        interval: finding.interval,
        p: finding.p,
        n: finding.n,
        runs: finding.runs,
        // What was looked at twice is not looked at again.
        is_suspicious: subject.again.is_none() && (is_suspicious || finding.verdict.fails()),
        sentence,
    })
}

/// (value − reference) / |reference|; NaN where it is no number.
fn effect(value: f64, reference: f64) -> f64 {
    let effect = (value - reference) / reference.abs();
    if effect.is_finite() { effect } else { f64::NAN }
}

/// How much worse `value` is than `reference`, as a share of it; negative when better. Not finite for a reference of 0.
fn worse_by(direction: Direction, value: f64, reference: f64) -> f64 {
    let change = (value - reference) / reference.abs();
    match direction {
        Direction::Lower | Direction::Neither => change,
        Direction::Higher => -change,
    }
}

/// Better, worse or only different.
fn verdict_of(
    direction: Direction,
    is_worse: bool,
    severity: benchhost_record::Severity,
) -> Verdict {
    match (direction, is_worse) {
        (Direction::Neither, _) => Verdict::Changed,
        (_, true) => Verdict::Regressed(severity),
        (_, false) => Verdict::Improved,
    }
}
