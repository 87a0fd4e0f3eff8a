//! Names that would do harm where they are taken for something else.

use benchhost_record::{CaseId, Flag, FlagKind, Git, Outcome, Run, SuiteSource};
use serde_json::json;

use super::made::{opened, with};
use crate::support::{chromium, made_run, set_against};

/// What would be done by text that is taken for a script.
const HARM: &str = "window.harmed = 1";

fn names() -> Vec<String> {
    vec![
        format!("</script><script>{HARM}</script>"),
        format!("<img src=x onerror={HARM:?}>"),
        "<b>bold</b> <a href=\"javascript:window.harmed=1\">go</a>".to_owned(),
        "%{x} $\\frac{1}{2}$ {{ 7 * 7 }}".to_owned(),
        "two\nlines & \u{202e}drawkcab".to_owned(),
        "&lt;i&gt;".to_owned(),
        "=cmd()|' /C calc'!A0".to_owned(),
        "x".repeat(300),
        "metric=other#case=none&q=?".to_owned(),
    ]
}

fn hostile(index: u64) -> Run {
    let times: Vec<(String, f64)> = names().into_iter().map(|name| (name, 1000.0)).collect();
    let times: Vec<(&str, f64)> = times
        .iter()
        .map(|(name, time)| (name.as_str(), *time))
        .collect();
    let mut run = made_run(index, &times);
    for (case, name) in run.cases.iter_mut().zip(names()) {
        case.case.plugin = name.clone();
        case.case.id = CaseId::new(&name, &name, &case.case.params, 1, &name);
        case.measurements[0].metric.name = name.clone();
        case.measurements[0].metric.unit = name.clone();
        case.flags = vec![Flag {
            kind: FlagKind::Outliers,
            message: name,
        }];
    }
    let last = run.cases.last_mut().unwrap();
    last.outcome = Outcome::Skipped {
        reason: names().concat(),
    };
    run.suite = Some(SuiteSource {
        name: names().concat(),
        path: names().concat(),
        sha256: String::new(),
    });
    run.git = Some(Git {
        revision: names()[1].clone(),
        branch: Some(names()[0].clone()),
        dirty: true,
    });
    for name in names() {
        set_against(&mut run, &name);
    }
    run
}

#[test]
fn names_are_shown_as_they_are_and_do_nothing() {
    let Some(program) = chromium() else { return };
    let runs: Vec<Run> = (0..3).map(hostile).collect();
    let (_sandbox, mut browser) = opened(&program, &with(&runs), "");

    let shown = browser.evaluate(
        "[...document.querySelectorAll('#case-table tbody td.metric')].map(e => e.textContent)",
    );
    let mut wanted = names();
    // The last case was skipped and has no metric.
    wanted.pop();
    assert_eq!(
        shown.as_array().unwrap()[..wanted.len()],
        *json!(wanted).as_array().unwrap()
    );

    let against = browser
        .evaluate("[...document.querySelectorAll('#overview h2 bdi')].map(e => e.textContent)");
    let twice: Vec<String> = names()
        .into_iter()
        .flat_map(|name| [name.clone(), name])
        .collect();
    assert_eq!(against, json!(twice));
    let width = browser.evaluate("document.documentElement.scrollWidth");
    assert!(width.as_u64().unwrap() <= 1440, "{width}");

    for i in 0..names().len() {
        browser.evaluate(&format!(
            "document.querySelectorAll('#case-table tbody a')[{i}].click()"
        ));
        browser.until("!document.getElementById('view').hidden");
        browser.until("document.querySelector('#view .chart') !== null");
        browser.until("window.Plotly !== undefined");
        browser.evaluate("dispatchEvent(new Event('beforeprint'))");
        browser.until("[...document.querySelectorAll('#view .canvas')].every(e => e.querySelector('.main-svg'))");
        let title = browser.evaluate("document.querySelector('.id').textContent");
        let name = &names()[i];
        assert_eq!(
            title,
            json!(CaseId::new(name, name, &Default::default(), 1, name).as_str()),
            "{name}"
        );
        let width = browser.evaluate("document.documentElement.scrollWidth");
        assert!(width.as_u64().unwrap() <= 1440, "{name}: {width}");
        browser.press("Escape");
        browser.until("document.getElementById('view').hidden");
    }

    assert_eq!(browser.evaluate("window.harmed === undefined"), true);
    assert_eq!(
        browser.evaluate("document.querySelectorAll('img, iframe, b > b, main script, a[href^=javascript]').length"),
        0
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
