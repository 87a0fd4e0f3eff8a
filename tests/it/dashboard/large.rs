//! Two hundred cases with a thousand points each: how soon the page is there, and how soon it answers. Printed, not judged:
//! a machine that is busy is no fault of the page.

use benchhost::store::{ImportPoint, Store};
use benchhost_record::{Run, Samples};

use super::made::{opened, with};
use crate::support::{Sandbox, chromium, made_run};

const CASES: usize = 200;
const POINTS: i64 = 1000;

/// The history of the cases of `run` before it.
fn past(run: &Run, points: i64) -> impl Iterator<Item = ImportPoint> + '_ {
    run.cases.iter().enumerate().flat_map(move |(c, result)| {
        (0..points - 1).map(move |i| {
            let value =
                (1000.0 + 50.0 * c as f64) * (1.0 + 0.01 * ((i * 7919 % 101) as f64 / 101.0));
            ImportPoint {
                case: result.case.id.as_str().to_owned(),
                metric: result.measurements[0].metric.clone(),
                machine: "machine-1".to_owned(),
                time_ms: 1_770_000_000_000 - 3_600_000 * (points - i),
                revision: Some(format!("{i:040x}")),
                value,
                low: Some(value * 0.99),
                high: Some(value * 1.01),
                n: 60,
                samples: Vec::new(),
            }
        })
    })
}

#[test]
fn two_hundred_cases_of_a_thousand_points_open_and_answer() {
    let Some(program) = chromium() else { return };
    let names: Vec<String> = (0..CASES).map(|i| format!("case-{i:03}")).collect();
    let times: Vec<(&str, f64)> = names
        .iter()
        .enumerate()
        .map(|(i, name)| (name.as_str(), 1000.0 + 50.0 * i as f64))
        .collect();
    let run = made_run(700, &times);
    let sandbox = Sandbox::new();
    let path = sandbox.path().join(".benchhost/history.db");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut history = Store::open(&path).unwrap();
    history.import(past(&run, POINTS)).unwrap();
    drop(history);
    crate::support::store(&path, &[run]);

    let (_, mut browser) = opened(&program, &sandbox, "");

    let size = std::fs::metadata(sandbox.path().join("reports/report.html"))
        .unwrap()
        .len();
    assert!(size <= 8_000_000, "{size} bytes");
    let loaded = browser.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd");
    let started = browser.evaluate("benchhost.startMs");
    browser.until("window.Plotly !== undefined");
    let ready = browser.evaluate("performance.now()");
    let within = |change: &str, is_done: &str| {
        format!(
            "new Promise(done => {{ const from = performance.now(); {change};
             const look = () => {is_done} ? requestAnimationFrame(() => done(performance.now() - from)) : requestAnimationFrame(look); look(); }})"
        )
    };
    let rows = "document.querySelectorAll('#case-table tbody tr').length";
    let search = "const s = document.getElementById('search'); s.value = 'case-19'; s.dispatchEvent(new Event('input'))";
    let searched = browser.evaluate(&within(search, &format!("{rows} === 10")));
    let sorted = browser.evaluate(&within(
        "document.getElementById('search').value = ''; document.querySelector('#case-table th:nth-child(3) button').click()",
        "document.querySelector('#case-table th:nth-child(3)').ariaSort === 'ascending'",
    ));
    let open = |case: &str| {
        within(
            &format!("location.hash = 'case=p%2F{case}%3Fthreads%3D1'"),
            "document.querySelector('h1 .work')?.textContent.endsWith(decodeURIComponent(location.hash).match(/case-\\d+/)[0]) && document.querySelector('#view figure .main-svg') !== null",
        )
    };
    let first = browser.evaluate(&open("case-007"));
    let second = browser.evaluate(&open("case-123"));
    println!(
        "{CASES} cases of {POINTS} points: {size} bytes; ms until loaded {loaded}, of it the page's own {started}, until charts can be drawn {ready}; search {searched}, \
         sort {sorted}, first case with its history drawn {first}, the next {second}"
    );
    let points = browser.evaluate(
        "document.querySelector('.js-plotly-plot').data.find(t => t.name === 'value').y.length",
    );
    assert_eq!(points, POINTS);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_packed_data_of_thousands_of_cases_opens_at_a_case_too() {
    let Some(program) = chromium() else { return };
    let names: Vec<String> = (0..3_000).map(|i| format!("case-{i:04}")).collect();
    let times: Vec<(&str, f64)> = names.iter().map(|name| (name.as_str(), 1000.0)).collect();
    let sandbox = with(&[made_run(1, &times)]);

    let (_, mut browser) = opened(&program, &sandbox, "#case=p%2Fcase-2999%3Fthreads%3D1");

    let page = std::fs::read_to_string(sandbox.path().join("reports/report.html")).unwrap();
    assert!(page.contains(r#"<script type="application/octet-stream" id="data">"#));
    assert!(page.len() <= 8_000_000, "{} bytes", page.len());
    let heading = browser.evaluate("document.querySelector('h1 .work').textContent");
    assert!(
        heading.as_str().unwrap().ends_with("case-2999"),
        "{heading}"
    );
    browser.evaluate("location.hash = 'cases'");
    browser.until("document.getElementById('case-table').textContent.includes('case-0000')");
    println!(
        "3000 cases: {} bytes, started in {} ms",
        page.len(),
        browser.evaluate("benchhost.startMs")
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_long_history_and_many_samples_of_one_case_are_drawn() {
    let Some(program) = chromium() else { return };
    let mut run = made_run(700, &[("one", 1000.0)]);
    let samples = &mut run.cases[0].measurements[0].samples;
    *samples = Samples::default();
    for i in 0..150_000 {
        samples.push(0, 1, 1000.0 + f64::from(i * 7919 % 101));
    }
    let sandbox = Sandbox::new();
    let path = sandbox.path().join(".benchhost/history.db");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut history = Store::open(&path).unwrap();
    history.import(past(&run, 150_000)).unwrap();
    drop(history);
    crate::support::store(&path, &[run]);

    let (_, mut browser) = opened(&program, &sandbox, "#case=p%2Fone%3Fthreads%3D1");

    browser.until("document.querySelectorAll('#view .main-svg').length >= 2");
    let text = browser.evaluate("document.getElementById('view').textContent");
    let text = text.as_str().unwrap();
    for said in ["150000 points from", "of them drawn", "1 of 15 drawn"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
