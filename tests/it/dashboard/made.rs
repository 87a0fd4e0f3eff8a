//! Histories for the dashboard, and a browser that has their page open.

use std::path::Path;

use benchhost_record::{Outcome, Phase, Run};

use crate::support::{Browser, Sandbox, made_run, store};

/// Runs in which `slower` steps up in the middle, `faster` down at the end, `broken` panics at last and `gone` is no longer
/// measured.
pub(super) fn runs(count: u64) -> Vec<Run> {
    let run = |i: u64| {
        let wobble = 1.0 + 0.004 * (((i * 7) % 5) as f64 - 2.0) / 2.0;
        let level = if i < count / 2 { 1000.0 } else { 1300.0 };
        let late = if i + 1 == count { 700.0 } else { 900.0 };
        let mut cases = vec![
            ("slower", level * wobble),
            ("steady", 5000.0 / wobble),
            ("faster", late * wobble),
            ("broken", 300.0),
        ];
        if i + 1 < count || count == 1 {
            cases.push(("gone", 90_000.0 * wobble));
        }
        let mut run = made_run(i, &cases);
        if i + 1 == count {
            let broken = &mut run.cases[3];
            broken.measurements.clear();
            broken.outcome = Outcome::Panic {
                phase: Phase::Measure,
                message: "boom".to_owned(),
                detail: "src/lib.rs:1".to_owned(),
            };
        }
        run
    };
    (0..count).map(run).collect()
}

/// A sandbox whose history holds `runs`.
pub(super) fn with(runs: &[Run]) -> Sandbox {
    let sandbox = Sandbox::new();
    store(&sandbox.path().join(".benchhost/history.db"), runs);
    sandbox
}

/// A browser that has the page of the last run open, at `hash`.
pub(super) fn opened<'a>(
    program: &Path,
    sandbox: &'a Sandbox,
    hash: &str,
) -> (&'a Sandbox, Browser) {
    let output = sandbox.run(&["report", "--format", "html"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let page = sandbox.path().join("reports/report.html");
    let mut browser = Browser::start(program, 1440, 900);
    browser.open(&format!("file://{}{hash}", page.display()));
    browser.until("window.benchhost?.startMs > 0");
    (sandbox, browser)
}
