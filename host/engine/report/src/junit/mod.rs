//! A report as JUnit XML, as Jenkins and GitLab read it: a suite for each workload, a test case for each case.
//!
//! What crashed, hung or could not be loaded is an `error`; a wrong answer, a regression or a missed target is a `failure`;
//! what was skipped is `skipped`. An inconclusive verdict fails nothing: it is a property and a line of output.

mod case;
mod text;

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use crate::{
    Report,
    facts::{Head, Known, groups, refused, seconds},
};
use text::xml;

/// The report as an XML document.
#[must_use]
pub fn render(report: &Report) -> String {
    let report = &Known::of(report);
    let head = Head::of(report);
    let name = match head.suite.as_str() {
        "" => "benchhost".to_owned(),
        suite => format!("benchhost {suite}"),
    };
    let mut document = quick_junit::Report::new(xml(&name));
    if let Some(run) = &report.run {
        document.timestamp = run.started.parse().ok();
        document.time = seconds(run).map(Duration::from_secs_f64);
        document.add_test_suites(groups(&run.cases).into_iter().map(|cases| {
            let mut suite = case::suite(report, &cases);
            suite.timestamp = run.started.parse().ok();
            suite.add_properties(provenance(report, &head));
            suite
        }));
        document.add_test_suites(whole_run(report, &head));
    }
    document.to_string().expect("memory takes every document")
}

/// What is no case: plugins that were refused, and a run that did not come to its end.
fn whole_run(report: &Report, head: &Head) -> Option<TestSuite> {
    let run = report.run.as_ref()?;
    let error = |name: String, message: &str, kind: &str| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(xml(message)).set_type(kind);
        let mut case = TestCase::new(xml(&name), status);
        case.set_classname("benchhost.run").set_time(Duration::ZERO);
        case
    };
    let mut suite = TestSuite::new("benchhost/run");
    for (name, reason) in refused(run) {
        suite.add_test_case(error(format!("plugin {name} is loaded"), reason, "refused"));
    }
    if !head.unfinished.is_empty() {
        let name = "every planned case is run".to_owned();
        suite.add_test_case(error(name, &head.unfinished, "unfinished"));
    }
    suite.set_time(Duration::ZERO);
    suite.timestamp = run.started.parse().ok();
    (!suite.test_cases.is_empty()).then_some(suite)
}

fn provenance(report: &Report, head: &Head) -> Vec<Property> {
    let facts = [
        ("run", head.run.as_str()),
        ("suite", &head.suite),
        ("revision", &head.revision),
        ("branch", &head.branch),
        ("machine", &head.machine),
        ("hardware", &head.hardware),
        ("benchhost", &report.host_version),
    ];
    let known = facts.into_iter().filter(|(_, value)| !value.is_empty());
    known
        .map(|(name, value)| Property::new(name, xml(value)))
        .collect()
}
