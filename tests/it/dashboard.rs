//! The dashboard in a real browser: found, sorted, opened, pointed at, gone back from, in the dark and on a phone.
//!
//! On a machine without Chromium there are no such tests, and they say so.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod hostile;
mod large;
mod made;
mod said;

use benchhost_record::{Axis, Curve, CurveLaw, Fit, format_quantity};
use serde_json::json;

use self::made::{opened, runs, with};
use crate::support::chromium;

/// Cases of the list, as it shows them.
const SHOWN: &str =
    "[...document.querySelectorAll('#case-table tbody th')].map(e => e.textContent.split(' ')[0])";

#[test]
fn a_reader_finds_filters_and_sorts_cases() {
    let Some(program) = chromium() else { return };
    let (_sandbox, mut browser) = opened(&program, &with(&runs(14)), "");

    assert_eq!(
        browser.evaluate(SHOWN),
        json!(["p/slower", "p/steady", "p/faster", "p/broken", "p/gone"])
    );
    browser.press("/");
    assert_eq!(browser.evaluate("document.activeElement.id"), "search");
    browser.write("stea thr");
    assert_eq!(browser.evaluate(SHOWN), json!(["p/steady"]));
    assert!(
        browser
            .evaluate("location.hash")
            .as_str()
            .unwrap()
            .contains("q=stea")
    );
    assert_eq!(
        browser.evaluate("document.getElementById('said').textContent"),
        "1 row of 5"
    );
    browser.press("Escape");
    assert_eq!(browser.evaluate(SHOWN).as_array().unwrap().len(), 5);

    browser.point("#case-table th:nth-child(3) button", true);
    browser.point("#case-table th:nth-child(3) button", true);
    assert_eq!(
        browser.evaluate("document.querySelector('#case-table th:nth-child(3)').ariaSort"),
        "descending"
    );
    assert_eq!(
        browser.evaluate(SHOWN),
        json!(["p/gone", "p/steady", "p/slower", "p/faster", "p/broken"])
    );

    browser.evaluate(
        "(() => { const s = document.getElementById('by-outcome'); s.value = 'panic'; s.dispatchEvent(new Event('change')); })()",
    );
    assert_eq!(browser.evaluate(SHOWN), json!(["p/broken"]));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_case_is_opened_by_keys_pointed_at_and_left() {
    let Some(program) = chromium() else { return };
    let (_sandbox, mut browser) = opened(&program, &with(&runs(14)), "");

    browser.press("ArrowDown");
    browser.press("Enter");
    browser.until("document.querySelector('.js-plotly-plot .main-svg') !== null");
    assert_eq!(
        browser.evaluate("document.getElementById('case-title').textContent"),
        "p/slower threads=1"
    );
    let hash = "new URLSearchParams(location.hash.slice(1))";
    assert_eq!(
        browser.evaluate(&format!("{hash}.get('case')")),
        "p/slower?threads=1"
    );
    let sentence = browser.evaluate("document.querySelector('#view figcaption').textContent");
    assert!(
        sentence.as_str().unwrap().contains("; 1 change.Step at"),
        "{sentence}"
    );

    browser.evaluate(
        "window.seen = []; document.querySelector('.js-plotly-plot').on('plotly_hover', e => window.seen.push(e.points[0].text))",
    );
    let place = browser.evaluate(
        "(() => { const p = document.querySelectorAll('.js-plotly-plot .scatterlayer .points path.point')[3];
         p.scrollIntoView({ block: 'center' }); const r = p.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()",
    );
    let (x, y) = (place[0].as_f64().unwrap(), place[1].as_f64().unwrap());
    browser.point_at(x - 30.0, y - 30.0, false);
    browser.point_at(x, y, false);
    browser.until("window.seen.length > 0");
    let seen = browser.evaluate("window.seen.at(-1)");
    assert!(seen.as_str().unwrap().contains("run 20260601T0"), "{seen}");

    browser.press("Escape");
    browser.until("document.getElementById('view').hidden");
    assert_eq!(
        browser.evaluate("document.activeElement.textContent"),
        "p/slower threads=1"
    );
    browser.evaluate("history.back()");
    browser.until("!document.getElementById('view').hidden");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_link_leads_to_a_metric_of_a_case_and_colours_can_be_changed() {
    let Some(program) = chromium() else { return };
    let link = "#case=p%2Fsteady%3Fthreads%3D1&metric=time";
    let (_sandbox, mut browser) = opened(&program, &with(&runs(14)), link);
    browser.until("document.querySelector('.js-plotly-plot .main-svg') !== null");

    let ground = "getComputedStyle(document.body).backgroundColor";
    let light = browser.evaluate(ground);
    let line = "document.querySelector('.js-plotly-plot .scatterlayer .js-line').style.stroke";
    let light_line = browser.evaluate(line);
    browser.prefer("dark");
    browser.until(&format!("{ground} !== {light}"));
    browser.until(&format!("{line} !== {light_line}"));
    browser.point("#theme", true);
    browser.until(&format!("{ground} === {light}"));

    // Every picture has a sentence and its numbers, and no frame is empty.
    browser.evaluate("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(
        browser.evaluate("[...document.querySelectorAll('figure.chart')].every(f => f.querySelector('.main-svg') && f.querySelector('figcaption').textContent.length > 20 && f.querySelector('details'))"),
        true
    );
    browser.point("figure.chart details summary", true);
    browser.until("document.querySelectorAll('figure.chart details tbody tr').length === 14");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_phone_never_scrolls_the_page_sideways() {
    let Some(program) = chromium() else { return };
    let (_sandbox, mut browser) = opened(&program, &with(&runs(14)), "");
    browser.resize(400, 800);
    for hash in [
        "",
        "#case=p%2Fslower%3Fthreads%3D1",
        "#case=p%2Fbroken%3Fthreads%3D1",
        "#case=p%2Fgone%3Fthreads%3D1",
    ] {
        browser.evaluate(&format!("location.hash = {hash:?}"));
        browser.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))",
        );
        let width = browser.evaluate("document.documentElement.scrollWidth");
        assert!(width.as_u64().unwrap() <= 400, "{hash}: {width}");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn curves_of_one_key_have_titles_that_differ() {
    let Some(program) = chromium() else { return };
    let mut run = runs(1).remove(0);
    let curve = |held: &str, key: &str| Curve {
        benchmark: "steady".to_owned(),
        workload: "p/steady".to_owned(),
        axis: Axis {
            key: key.to_owned(),
            growth: None,
        },
        held: held.to_owned(),
        metric: run.cases[1].measurements[0].metric.clone(),
        law: CurveLaw::Workers {
            levels: Vec::new(),
            cpus_used: Vec::new(),
            amdahl: Fit::Refused(String::new()),
            usl: Fit::Refused(String::new()),
        },
        doubts: Vec::new(),
    };
    let curves = vec![
        curve("device=cpu&mode=locked", "threads"),
        curve("device=cpu&mode=shared", "threads"),
        curve("device=cpu", "instances"),
    ];
    run.curves = curves;
    let hash = format!(
        "#case={}",
        run.cases[1].case.id.as_str().replace('?', "%3F")
    );
    let (_sandbox, mut browser) = opened(&program, &with(&[run]), &hash);

    browser.until("document.getElementById('view').textContent.includes('Speed-up by')");
    let text = browser.evaluate("document.getElementById('view').textContent");

    for title in [
        "Speed-up by threads (mode=locked)",
        "Speed-up by threads (mode=shared)",
        "Speed-up by instances",
    ] {
        assert!(text.as_str().unwrap().contains(title), "{title}: {text}");
    }
    assert!(!text.as_str().unwrap().contains("by instances ("), "{text}");
}

#[test]
fn the_page_writes_numbers_as_the_host_does() {
    let Some(program) = chromium() else { return };
    let (_sandbox, mut browser) = opened(&program, &with(&runs(1)), "");
    for unit in [
        "ns",
        "B",
        "B/s",
        "J",
        "1",
        "1/s",
        "samples/s",
        "FLOP/s",
        "nat",
        "W",
    ] {
        for value in [
            0.0,
            0.25,
            1.0,
            999.96,
            1536.0,
            -2048.0,
            1.234_567e6,
            6e10,
            4.2e-7,
            3e-11,
            8.765_4e13,
        ] {
            let shown = browser.evaluate(&format!("benchhost.quantity({value}, {unit:?})"));
            assert_eq!(shown, format_quantity(value, unit), "{value} {unit}");
        }
    }
}
