//! A case as a test case: what its outcome and its verdicts come to, and its medians as properties.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::{CaseResult, Outcome};
use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::text::{lines, xml};
use crate::{
    facts::{Known, TargetState, quantity, target, word},
    terminal::notes::evidence,
};

/// The cases of one workload; there is at least one.
pub(super) fn suite(report: &Known<'_>, cases: &[&CaseResult]) -> TestSuite {
    let case = &cases[0].case;
    let mut suite = TestSuite::new(xml(&format!("{}/{}", case.plugin, case.workload)));
    let mut tests: Vec<TestCase> = cases.iter().map(|one| test(report, one)).collect();
    // Readers take two tests of one name for one: the second gets a number that no other test has.
    let mut taken: HashSet<String> = tests.iter().map(|one| one.name.to_string()).collect();
    let mut seen: HashMap<String, u32> = HashMap::new();
    for test in &mut tests {
        let name = test.name.to_string();
        let number = seen.entry(name.clone()).or_default();
        *number += 1;
        if *number == 1 {
            continue;
        }
        while !taken.insert(format!("{name} #{number}")) {
            *number += 1;
        }
        test.name = format!("{name} #{number}").into();
    }
    suite.set_time(tests.iter().filter_map(|one| one.time).sum());
    suite.add_test_cases(tests);
    suite
}

fn test(report: &Known<'_>, result: &CaseResult) -> TestCase {
    let case = &result.case;
    let judged = report.verdicts(case.id.as_str()).iter().copied();
    let judged: Vec<&Judgement> = judged
        .filter(|one| one.verdict != Verdict::Failed)
        .collect();
    let mut test = TestCase::new(xml(case.id.as_str()), status(result, &judged));
    // A point in a name would make a package of it.
    let class = format!(
        "{}.{}",
        case.plugin.replace('.', "_"),
        case.workload.replace('.', "_")
    );
    test.set_classname(xml(&class)).set_time(wall(result));
    test.add_properties(properties(report, result, &judged));
    let remarks = remarks(result, &judged);
    if !remarks.is_empty() {
        test.set_system_out(remarks);
    }
    let stderr = result
        .repetitions
        .iter()
        .find(|one| one.outcome.is_failure())
        .map_or("", |one| one.output.stderr.as_str());
    if !stderr.trim().is_empty() {
        test.set_system_err(lines(stderr));
    }
    test
}

fn status(result: &CaseResult, judged: &[&Judgement]) -> TestCaseStatus {
    let sentence = xml(&result.outcome.sentence());
    match &result.outcome {
        Outcome::Skipped { reason } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(xml(reason));
            return status;
        }
        Outcome::Ok => {}
        outcome => {
            let kind = match outcome {
                Outcome::Wrong { .. } => NonSuccessKind::Failure,
                _ => NonSuccessKind::Error,
            };
            let mut status = TestCaseStatus::non_success(kind);
            status
                .set_message(sentence.clone())
                .set_type(outcome.word());
            let told = std::iter::once(sentence).chain(evidence(result));
            status.set_description(lines(&told.collect::<Vec<_>>().join("\n")));
            return status;
        }
    }
    let failing: Vec<&&Judgement> = judged.iter().filter(|one| one.verdict.fails()).collect();
    let Some(worst) = failing.first() else {
        return TestCaseStatus::success();
    };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status
        .set_message(xml(&worst.sentence))
        .set_type(worst.verdict.word());
    let told = failing.iter().map(|one| {
        let rule = format!("rule {} ({})", one.rule, one.place);
        lines(&format!("{}: {} [{rule}]", word(one.verdict), one.sentence))
    });
    status.set_description(told.collect::<Vec<_>>().join("\n"));
    status
}

/// Wall-clock time of all its processes, from their start to the last sample.
fn wall(result: &CaseResult) -> Duration {
    let ns = result.repetitions.iter().map(|one| {
        let times = one.times;
        let warm_up = one.warm_up.map_or(0, |warm_up| warm_up.elapsed_ns);
        [
            times.start_ns,
            times.load_ns,
            times.create_ns,
            times.setup_ns,
            times.first_iteration_ns,
            warm_up,
            times.measure_ns,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    });
    Duration::from_nanos(ns.fold(0, u64::saturating_add))
}

/// Medians with their units, verdicts, targets: names that scripts can ask for.
fn properties(report: &Known<'_>, result: &CaseResult, judged: &[&Judgement]) -> Vec<Property> {
    let mut properties = vec![Property::new("outcome", result.outcome.word())];
    for one in &result.measurements {
        let metric = &one.metric;
        if let Some(summary) = one.summary.as_ref().filter(|_| result.outcome.is_ok()) {
            let shown = quantity(summary.median, &metric.unit, metric.kind);
            properties.push(Property::new(xml(&metric.name), xml(&shown)));
        }
        if let Some((bound, state)) = target(report, result, &metric.name) {
            let state = match state {
                TargetState::Met => "met",
                TargetState::Missed => "missed",
                TargetState::Open => "not measured",
            };
            let name = format!("target.{}", metric.name);
            properties.push(Property::new(xml(&name), xml(&format!("{bound} {state}"))));
        }
    }
    for one in judged {
        let name = format!("verdict.{}", one.metric.name);
        properties.push(Property::new(xml(&name), word(one.verdict)));
    }
    for flag in &result.flags {
        properties.push(Property::new(
            format!("flag.{}", flag.kind.word()),
            xml(&flag.message),
        ));
    }
    properties
}

/// What asks for attention and fails nothing.
fn remarks(result: &CaseResult, judged: &[&Judgement]) -> String {
    if !result.outcome.is_ok() {
        return String::new();
    }
    let told = judged.iter().filter(|one| {
        matches!(
            one.verdict,
            Verdict::Regressed(_) | Verdict::Improved | Verdict::Changed | Verdict::Inconclusive
        ) && !one.verdict.fails()
    });
    let lines: Vec<String> = told
        .map(|one| lines(&format!("{}: {}", word(one.verdict), one.sentence)))
        .collect();
    lines.join("\n")
}
