//! What the page says: of whom, how often, under which name and heading; and that everything it shows can be seen.

use benchhost_record::{Outcome, Run, Work};
use serde_json::{Value, json};

use super::made::{opened, runs, with};
use crate::support::{Browser, Sandbox, chromium, made_run};

/// A run of which a case is new, one is wrong, one was skipped, one misses its target and one is gone.
fn mixed() -> Sandbox {
    let mut runs = runs(14);
    let last = runs.last_mut().unwrap();
    let more = made_run(
        13,
        &[("newcomer", 70.0), ("wrong", 80.0), ("skipped", 90.0)],
    );
    last.cases.extend(more.cases);
    last.planned_cases = last.cases.len() as u64;
    last.cases[1]
        .targets
        .insert("time".to_owned(), "< 1 ns".to_owned());
    let count = last.cases.len();
    last.cases[count - 2].outcome = Outcome::Wrong {
        rule: "verify".to_owned(),
        message: "the sum is off".to_owned(),
    };
    last.cases[count - 2].measurements[0].summary = None;
    let skipped = last.cases.last_mut().unwrap();
    skipped.measurements.clear();
    skipped.outcome = Outcome::Skipped {
        reason: "no such device".to_owned(),
    };
    with(&runs)
}

fn texts(browser: &mut Browser, css: &str) -> Vec<String> {
    let found = browser.evaluate(&format!(
        "[...document.querySelectorAll({css:?})].map(e => e.textContent)"
    ));
    let found = found.as_array().unwrap().iter();
    found.map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// The number at the end of `ok 3` or `ok (3)`, and what stands before it.
fn counted(text: &str) -> (String, u64) {
    let (word, number) = text.rsplit_once(' ').unwrap();
    (
        word.to_owned(),
        number.trim_matches(['(', ')']).parse().unwrap(),
    )
}

fn rows(browser: &mut Browser) -> u64 {
    let rows = "document.querySelectorAll('#case-table tbody tr[aria-rowindex]').length";
    browser.evaluate(rows).as_u64().unwrap()
}

#[test]
fn every_count_of_the_page_leads_to_as_many_rows() {
    let Some(program) = chromium() else { return };
    let (_sandbox, mut browser) = opened(&program, &mixed(), "");

    let chips = texts(&mut browser, ".chips a");
    for (i, chip) in chips.iter().enumerate() {
        browser.evaluate(&format!(
            "document.querySelectorAll('.chips a')[{i}].click()"
        ));
        browser.until("location.hash.includes('metric=*') || location.hash.includes('metric=%2A')");
        let (word, number) = counted(chip);
        browser.until(&format!(
            "document.getElementById('by-verdict').value === {:?}",
            word.trim_start_matches(|c: char| !c.is_ascii_alphabetic())
        ));
        assert_eq!(rows(&mut browser), number, "{chip}");
        browser.evaluate("location.hash = ''");
    }
    let words: Vec<String> = chips.iter().map(|chip| counted(chip).0).collect();
    for word in ["✕failed", "≠wrong", "◎target-missed"] {
        assert!(words.contains(&word.to_owned()), "{word}: {words:?}");
    }

    for metric in ["", "*"] {
        for key in ["verdict", "outcome", "workload"] {
            browser.evaluate(&format!("location.hash = 'metric={metric}&q=p'"));
            browser.until(&format!(
                "document.getElementById('by-metric').value === {metric:?} && document.getElementById('search').value === 'p'"
            ));
            for option in texts(&mut browser, &format!("#by-{key} option + option")) {
                let (value, number) = counted(&option);
                browser.evaluate(&format!(
                    "(() => {{ const s = document.getElementById('by-{key}'); s.value = {value:?}; s.dispatchEvent(new Event('change')); }})()"
                ));
                assert_eq!(rows(&mut browser), number, "{metric} {key} {option}");
            }
        }
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_filter_that_nothing_passes_is_seen_in_its_control() {
    let Some(program) = chromium() else { return };
    let (_sandbox, mut browser) = opened(&program, &with(&runs(1)), "#verdict=bogus");

    assert_eq!(rows(&mut browser), 0);
    let chosen = "document.getElementById('by-verdict').selectedOptions[0].textContent";
    assert_eq!(browser.evaluate(chosen), "bogus (0)");
}

#[test]
fn advice_about_the_worst_case_is_not_told_as_that_of_another() {
    let Some(program) = chromium() else { return };
    let sandbox = with(&[made_run(1, &[("quick", 10.0), ("slow", 5000.0)])]);
    sandbox.write(
        "recommend.toml",
        "[[recommend]]\nname = 'ours'\nmetric = 'time'\nwhen = 'value > 1 ns'\ntext = 'It takes {value}.'\nrank = 0\n",
    );
    let card = "[...document.querySelectorAll('#view .card')].find(c => c.textContent.includes('rule ours'))";

    let (sandbox, mut browser) = opened(&program, &sandbox, "#case=p%2Fslow%3Fthreads%3D1");
    browser.until(&format!("{card} !== undefined"));
    let own = browser.evaluate(&format!("{card}.textContent"));
    assert!(!own.as_str().unwrap().contains("worst in"), "{own}");
    assert_eq!(own.as_str().unwrap().matches("µs").count(), 2, "{own}");

    let (_sandbox, mut browser) = opened(&program, sandbox, "#case=p%2Fquick%3Fthreads%3D1");
    browser.until(&format!("{card} !== undefined"));
    let other = browser.evaluate(&format!("{card}.textContent"));
    assert!(
        other
            .as_str()
            .unwrap()
            .contains("worst in p/slow threads=1: It takes"),
        "{other}"
    );
    assert_eq!(other.as_str().unwrap().matches("µs").count(), 1, "{other}");
    let link = browser.evaluate(&format!("{card}.querySelector('a').hash"));
    assert!(link.as_str().unwrap().contains("slow"), "{link}");
}

#[test]
fn a_case_page_has_a_title_of_its_own_and_no_heading_skips_a_level() {
    let Some(program) = chromium() else { return };
    let (_sandbox, mut browser) = opened(&program, &mixed(), "");
    let levels = "[...document.querySelectorAll('h1, h2, h3, h4')].filter(h => h.offsetParent).map(h => Number(h.tagName[1]))";
    let title = browser.evaluate("document.title");

    for case in ["", "slower", "broken", "skipped", "gone", "unheard-of"] {
        let hash = match case {
            "" => String::new(),
            case => format!("case=p/{case}%3Fthreads%3D1"),
        };
        browser.evaluate(&format!("location.hash = {hash:?}"));
        browser.until(&format!(
            "document.getElementById('view').hidden === {}",
            case.is_empty()
        ));
        browser.until(&format!("document.title.includes({case:?})"));
        let found: Vec<u64> = serde_json::from_value(browser.evaluate(levels)).unwrap();
        assert_eq!(found[0], 1, "{case}: {found:?}");
        let is_step = |pair: &[u64]| pair[1] <= pair[0] + 1;
        assert!(found.windows(2).all(is_step), "{case}: {found:?}");
    }
    browser.evaluate("location.hash = ''");
    browser.until("document.getElementById('view').hidden");
    assert_eq!(browser.evaluate("document.title"), title);
}

/// Runs whose last value has an interval that reaches far beyond all values.
fn with_far_interval() -> Vec<Run> {
    let mut runs = runs(8);
    for run in &mut runs[5..] {
        let summary = run.cases[1].measurements[0].summary.as_mut().unwrap();
        (summary.interval.low, summary.interval.high) = (10.0, 60_000.0);
        run.cases[1].work = Some(Work {
            items: 1.0,
            item: "troubles".to_owned(),
            flop: 0.0,
            bytes: 0.0,
        });
    }
    runs
}

#[test]
fn a_history_is_scaled_to_its_values_and_its_axis_has_numbers() {
    let Some(program) = chromium() else { return };
    let hash = "#case=p%2Fsteady%3Fthreads%3D1";
    let (_sandbox, mut browser) = opened(&program, &with(&with_far_interval()), hash);
    let plot = "document.querySelector('.js-plotly-plot')";
    browser.until(&format!("{plot}?.querySelector('.main-svg')"));

    let of = |browser: &mut Browser, choice: &str| -> (f64, f64) {
        browser.evaluate(&format!(
            "[...document.querySelectorAll('figure .switch button')].find(b => b.textContent === {choice:?}).click()"
        ));
        let kind = if choice == "log" { "log" } else { "linear" };
        browser.until(&format!(
            "{plot}._fullLayout.yaxis.type === {kind:?} && document.querySelectorAll('.js-plotly-plot .ytick').length > 1"
        ));
        let range = browser.evaluate(&format!("{plot}._fullLayout.yaxis.range"));
        (range[0].as_f64().unwrap(), range[1].as_f64().unwrap())
    };
    // Values are about 5 µs, their intervals reach to 60.
    let (low, high) = of(&mut browser, "fit");
    assert!(
        low < 4.9 && low > 0.0 && high > 5.1 && high < 12.0,
        "{low} to {high}"
    );
    let (low, high) = of(&mut browser, "log");
    assert!(low > 0.0 && high < 1.3, "{low} to {high}");
    let (low, high) = of(&mut browser, "from 0");
    assert!(low == 0.0 && high < 12.0, "{low} to {high}");
    let text = browser.evaluate("document.getElementById('view').textContent");
    let text = text.as_str().unwrap();
    assert!(text.contains("a bar without an end goes on"), "{text}");
    assert!(
        text.contains("troubles of an iteration") && !text.contains("1 troubles"),
        "{text}"
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn who_has_no_speed_or_declares_no_work_is_not_sent_to_measure_roofs() {
    let Some(program) = chromium() else { return };
    let (_sandbox, mut browser) = opened(&program, &mixed(), "");
    for (case, why) in [
        ("slower", "declares neither operations nor bytes"),
        ("broken", "has no speed"),
        ("skipped", "has no speed"),
    ] {
        browser.evaluate(&format!("location.hash = 'case=p/{case}%3Fthreads%3D1'"));
        browser.until(&format!("document.title.includes({case:?})"));
        let card = browser.evaluate(
            "[...document.querySelectorAll('#view .chart')].find(c => c.querySelector('h3').textContent === 'Roofline').textContent",
        );
        let card = card.as_str().unwrap();
        assert!(
            card.contains(why) && !card.contains("--calibrate"),
            "{case}: {card}"
        );
    }
}

#[test]
fn the_metrics_of_a_case_are_seen_whole_at_any_width() {
    let Some(program) = chromium() else { return };
    let hash = "#case=p%2Fsteady%3Fthreads%3D1";
    let (_sandbox, mut browser) = opened(&program, &mixed(), hash);
    for width in [1440, 1000, 400] {
        browser.resize(width, 900);
        browser.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))",
        );
        let cut = browser.evaluate(
            "(() => { const box = document.querySelector('[aria-label=Metrics]'); const edge = box.getBoundingClientRect().right;
             return [...box.querySelectorAll('tbody th, tbody td')].filter(e => { const r = e.getBoundingClientRect(); return r.width < 20 || r.right > edge + 1; }).map(e => e.textContent); })()",
        );
        assert_eq!(cut, json!([]), "{width}");
        let height = browser.evaluate("document.querySelector('.metrics tbody tr').offsetHeight");
        assert!(height.as_u64().unwrap() < 250, "{width}: {height}");
    }
    // What is a row without its table's head says what it is.
    let labels = browser.evaluate(
        "[...document.querySelectorAll('.metrics tbody tr:first-child td')].map(e => getComputedStyle(e, '::before').content)",
    );
    let is_label = |one: &Value| one.as_str().is_some_and(|text| text.contains("Median"));
    assert!(labels.as_array().unwrap().iter().any(is_label), "{labels}");
}

#[test]
fn a_probe_that_looked_in_vain_is_not_called_unasked() {
    let Some(program) = chromium() else { return };
    for (asked, absent, said) in [
        (
            true,
            None,
            "too short, or ended too early, for the probe energy",
        ),
        (false, Some("no powercap"), "was read (energy: no powercap)"),
        (false, None, "no probe for it was asked for"),
    ] {
        let mut run = made_run(1, &[("one", 70.0)]);
        if asked {
            let cost = benchhost_record::ProbeCost {
                begin_ns: 1,
                poll_ns: 1.0,
                polls: 1,
                end_ns: 1,
            };
            run.probe_costs.insert("energy".to_owned(), cost);
        }
        let absent = absent.map(|why| ("energy".to_owned(), why.to_owned()));
        run.absent_probes.extend(absent);
        run.absent_probes
            .insert("perf".to_owned(), "no PMU".to_owned());
        let sandbox = with(&[run]);

        let (_, mut browser) = opened(&program, &sandbox, "#case=p%2Fone%3Fthreads%3D1");

        let text = texts(&mut browser, "#view").concat();
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn what_missed_a_target_of_nothing_is_a_mover_without_a_number() {
    let Some(program) = chromium() else { return };
    let mut run = made_run(1, &[("one", 70.0)]);
    let targets = &mut run.cases[0].targets;
    targets.insert("time".to_owned(), "<= 0 ns".to_owned());
    let sandbox = with(&[run]);

    let (_, mut browser) = opened(&program, &sandbox, "");

    let movers = texts(&mut browser, ".mover");
    let [mover] = movers.as_slice() else {
        panic!("{movers:?}")
    };
    assert!(
        mover.starts_with('–') && mover.contains("target-missed"),
        "{mover}"
    );
    assert!(
        !texts(&mut browser, "#overview")
            .concat()
            .contains("Nothing moved")
    );
}
