//! Reports that have everything a report can have, once with ordinary names and once with hostile ones.

use std::{collections::BTreeMap, sync::Arc};

use benchhost_advice::Recommendation;
use benchhost_gate::{Judgement, Judgements, Verdict};
use benchhost_record::{
    Alert, AlertKind, AlertState, CaseId, CaseResult, Direction, FlagKind, Git, Metric, MetricKind,
    Outcome, Phase, RunState, Severity, SuiteSource,
};
use benchhost_report::{Band, Before, Point, Report, Series};
use benchhost_stats::{ChangeKind, ChangePoint};

use crate::fixture::{With as _, case, refused, run, set_against};

/// Names that somebody could choose to break a report.
pub(super) const HOSTILE: [&str; 27] = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "=cmd|'/c calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "a\nb\r\n\tc",
    "\u{202e}evil\u{2066}",
    "\u{0}\u{7}\u{1b}[31mred",
    "",
    "   ",
    "`code` ``` ~~~",
    "a|b\\|c\\",
    "[link](javascript:alert(1))",
    "![i](http://x.example/y.png)",
    "@everyone #12 http://evil.example www.evil.example a@b.example",
    "</details></summary></code></td>",
    "<!-- --> --!> ]]>",
    "::error title=x::y",
    "%0A::error::z%",
    "\u{fffe}\u{ffff}\u{2028}x",
    "1. x",
    "- [ ] x",
    "# x",
    "| --- | --- |",
    "&lt;b&gt;&amp;&#64;x",
    "*b* _i_ ~~s~~ $x$ :x:",
    "=HYPERLINK(\"http://x\")\r",
];

/// All of them and one of three hundred characters.
pub(super) fn hostile() -> Vec<String> {
    let long = "long".repeat(75);
    let names = HOSTILE.iter().map(|name| (*name).to_owned());
    names.chain([long]).collect()
}

/// A report in which everything that is a name or a sentence is one of `names`, a case of each kind for each.
pub(super) fn of(names: &[String]) -> Report {
    let mut report = Report {
        made: "2026-11-22T05:40:00Z".to_owned(),
        host_version: "0.1.0".to_owned(),
        exit_code: 4,
        ..Report::default()
    };
    let mut cases = Vec::new();
    for name in names {
        let ok = |what: &str| named(name, what).time(1e6, 0.01, Some(1.2e6));
        let mut judged = ok("regressed");
        judged.targets = BTreeMap::from([("time".to_owned(), "<= 1 µs".to_owned())]);
        cases.push(judged.flag(FlagKind::Outliers, name));
        cases.push(ok("inconclusive").metric(name, name, MetricKind::Quality, 0.5));
        cases.push(ok("improved"));
        cases.push(named(name, "wrong").ended(wrong(name), ""));
        cases.push(named(name, "panic").ended(panic(name), &format!("{name}\nthe last words")));
        cases.push(named(name, "skipped").ended(
            Outcome::Skipped {
                reason: name.clone(),
            },
            "",
        ));
        report.recommendations.push(recommendation(name));
        report.alerts.push(alert(name));
        report.left_out.push(name.clone());
    }
    let first = names.first().cloned().unwrap_or_default();
    let mut run = run(cases);
    run.state = RunState::Interrupted;
    run.planned_cases += 3;
    run.plugins = names.iter().map(|name| refused(name, name)).collect();
    run.environment.fingerprint = first.clone();
    run.environment.cpu.model = Some(first.clone());
    run.environment.host_name = Some(first.clone());
    run.environment.variables = names.iter().map(|n| (n.clone(), n.clone())).collect();
    run.command = names.to_vec();
    run.suite = Some(SuiteSource {
        name: first.clone(),
        path: first.clone(),
        sha256: String::new(),
    });
    run.git = Some(Git {
        revision: first.clone(),
        branch: Some(first.clone()),
        dirty: true,
    });
    // Each sets all cases against the first, and a report of thousands has enough with one.
    let is_large = names.len() > HOSTILE.len() + 1;
    let tables = if is_large { 1 } else { names.len() };
    for name in names.iter().take(tables) {
        set_against(&mut run, name);
    }
    report.judged = judged(&run.cases, names);
    report.series = run.cases.iter().map(|case| series(case, &first)).collect();
    report.before = Some(Before {
        id: first.clone(),
        started: first,
        host_version: "0.1.0".to_owned(),
        environment: run.environment.clone(),
        git: run.git.clone(),
        plugins: Vec::new(),
    });
    report.run = Some(run);
    report
}

/// An ordinary report.
pub(super) fn ordinary() -> Report {
    of(&["steps".to_owned()])
}

/// A report of a run in which all is well.
pub(super) fn fine(cases: usize) -> Report {
    let cases = (0..cases).map(|i| case("p/w", &[("n", i as i64)]).time(1e6, 0.01, None));
    Report {
        made: "2026-11-22T05:40:00Z".to_owned(),
        host_version: "0.1.0".to_owned(),
        run: Some(run(cases.collect())),
        ..Report::default()
    }
}

fn named(name: &str, what: &str) -> CaseResult {
    let mut result = case("p/w", &[]);
    result.case.plugin = name.to_owned();
    result.case.workload = name.to_owned();
    result.case.benchmark = name.to_owned();
    result.case.id = CaseId::from(format!("{name}/{name}?kind={what}&name={name}&threads=1"));
    result
}

fn wrong(name: &str) -> Outcome {
    Outcome::Wrong {
        rule: name.to_owned(),
        message: name.to_owned(),
    }
}

fn panic(name: &str) -> Outcome {
    Outcome::Panic {
        phase: Phase::Measure,
        message: name.to_owned(),
        detail: name.to_owned(),
    }
}

fn time() -> Metric {
    Metric::new("time", "ns", Direction::Lower, MetricKind::Time)
}

/// A verdict about each case, as the engine gives them: failed for what has no value, skipped cases too.
fn judged(cases: &[CaseResult], names: &[String]) -> Judgements {
    let judged = cases.iter().map(|result| {
        let id = result.case.id.as_str();
        let verdict = match () {
            () if !result.outcome.is_ok() => Verdict::Failed,
            () if id.contains("kind=regressed") => Verdict::Regressed(Severity::Critical),
            () if id.contains("kind=improved") => Verdict::Improved,
            () => Verdict::Inconclusive,
        };
        let effect = match verdict {
            Verdict::Improved => -0.2,
            Verdict::Failed => f64::NAN,
            _ => 0.3,
        };
        Judgement {
            case: id.to_owned(),
            metric: time(),
            verdict,
            rule: result.case.plugin.clone(),
            place: result.case.plugin.clone(),
            value: if effect.is_nan() { f64::NAN } else { 1e6 },
            reference: 1e6 / (1.0 + effect),
            effect,
            interval: Some((f64::NEG_INFINITY, 0.5)),
            p: None,
            n: 8,
            runs: Vec::new(),
            is_suspicious: false,
            sentence: format!("time of {id}: because of {}", result.case.plugin),
        }
    });
    Judgements {
        judged: judged.collect(),
        not_judged: 7,
        idle: names.to_vec(),
    }
}

pub(super) fn recommendation(name: &str) -> Recommendation {
    Recommendation {
        rule: name.to_owned(),
        rank: 1,
        case: name.to_owned(),
        cases: vec![name.to_owned()],
        about: name.to_owned(),
        more: 2,
        metric: name.to_owned(),
        number: name.to_owned(),
        condition: name.to_owned(),
        text: name.to_owned(),
        evidence: name.to_owned(),
    }
}

fn alert(name: &str) -> Alert {
    Alert {
        id: 7,
        case: name.to_owned(),
        metric: name.to_owned(),
        machine: name.to_owned(),
        kind: AlertKind::Regression,
        severity: Severity::Warning,
        state: AlertState::Opened,
        rule: name.to_owned(),
        opened_run: name.to_owned(),
        opened: name.to_owned(),
        last_run: name.to_owned(),
        updated: name.to_owned(),
        runs: 2,
        value: f64::NAN,
        reference: 1.0,
        sentence: name.to_owned(),
        reason: None,
    }
}

fn series(result: &CaseResult, machine: &str) -> Series {
    let point = |time_ms: i64, value: f64| Point {
        time_ms,
        value,
        interval: Some((value * 0.9, f64::INFINITY)),
        run: Some(Arc::from(machine)),
        revision: None,
    };
    Series {
        case: result.case.id.to_string(),
        metric: time(),
        machine: machine.to_owned(),
        points: vec![
            point(0, 1e6),
            point(86_400_000, f64::NAN),
            point(172_800_000, 2e6),
        ],
        all_points: 3,
        changes: vec![ChangePoint {
            index: 2,
            kind: ChangeKind::Step,
            before: 1e6,
            after: 2e6,
            noise_before: f64::NAN,
            noise_after: 1.0,
            interval: (1, 2),
            confidence: 0.99,
        }],
        baseline: Some(Band {
            value: 1e6,
            low: 1e6,
            high: f64::INFINITY,
        }),
    }
}
