//! Markdown: two parsers find the elements that were meant and no others, whatever names there are.

use benchhost_gate::Verdict;
use benchhost_record::{FlagKind, RunState};
use benchhost_report::{Report, markdown};
use pulldown_cmark::{Options, Parser, html};
use scraper::{Html, Node, Selector};

use super::made;
use crate::fixture::{With as _, case, run};

/// Elements that the report is made of, and those of the page that a parser puts around it.
const MEANT: [&str; 25] = [
    "html",
    "head",
    "body",
    "h1",
    "h2",
    "h3",
    "p",
    "ul",
    "ol",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "pre",
    "strong",
    "blockquote",
    "details",
    "summary",
    "br",
    "sub",
    "a",
];

/// As pulldown-cmark reads it, with everything that GitHub has.
fn by_pulldown(text: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let mut page = String::new();
    html::push_html(&mut page, Parser::new_ext(text, options));
    page
}

/// As comrak reads it, which makes links of bare addresses, as GitHub does.
fn by_comrak(text: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = true;
    options.extension.alerts = true;
    options.render.r#unsafe = true;
    comrak::markdown_to_html(text, &options)
}

/// Fails on an element that was not meant, on an attribute that acts, and on a call to somebody outside code.
pub(super) fn inert(text: &str, links: usize) {
    for page in [by_pulldown(text), by_comrak(text)] {
        let page = Html::parse_document(&page);
        let mut found = Vec::new();
        for node in page.tree.nodes() {
            match node.value() {
                Node::Element(element) => {
                    let name = element.name();
                    assert!(
                        MEANT.contains(&name),
                        "an element that nobody meant: {name}"
                    );
                    found.extend(element.attr("href").filter(|_| name == "a"));
                    for (attribute, _) in element.attrs() {
                        let is_known = ["align", "class", "style", "href", "lang"];
                        assert!(is_known.contains(&attribute), "{name} has {attribute}");
                    }
                }
                Node::Text(words) => {
                    let is_code = node.ancestors().any(|above| {
                        let above = above.value().as_element();
                        above.is_some_and(|one| matches!(one.name(), "code" | "pre"))
                    });
                    assert!(
                        is_code || !calls(words),
                        "somebody is called: {:?}",
                        &**words
                    );
                    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                    assert!(!words.contains(turns), "{:?}", &**words);
                }
                _ => {}
            }
        }
        assert_eq!(found.len(), links, "{found:?}");
    }
}

/// Whether GitHub would make a mention or a reference of it.
fn calls(words: &str) -> bool {
    let mut pairs = words.chars().zip(words.chars().skip(1));
    pairs.any(|(sign, next)| matches!(sign, '@' | '#') && next.is_alphanumeric())
}

/// Cells of each row: a row of another number than its heading has lost some, or won some.
pub(super) fn tables_hold(text: &str) {
    let mut columns: Option<usize> = None;
    for line in text.lines() {
        if !line.starts_with("| ") {
            columns = None;
            continue;
        }
        let mut bars = 0;
        let mut is_escaped = false;
        for c in line.chars() {
            bars += usize::from(c == '|' && !is_escaped);
            is_escaped = c == '\\' && !is_escaped;
        }
        assert_eq!(bars, *columns.get_or_insert(bars), "{line}");
    }
}

fn text_of(report: &Report, selector: &str) -> Vec<String> {
    let page = Html::parse_document(&by_comrak(&markdown::render(report)));
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector)
        .map(|one| one.text().collect())
        .collect()
}

#[test]
fn hostile_names_stay_text() {
    for name in made::hostile() {
        let text = markdown::render(&made::of(&[name]));

        inert(&text, 0);
        tables_hold(&text);
    }
    let all = markdown::render(&made::of(&made::hostile()));
    inert(&all, 0);
    tables_hold(&all);
}

#[test]
fn names_are_shown_whole() {
    let report = made::of(&["a|b\\|c`d``e <b> *f*".to_owned()]);
    let codes = text_of(&report, "td code");

    let id = "a|b\\|c`d``e <b> *f*/a|b\\|c`d``e <b> *f*?kind=regressed&name=a|b\\|c`d``e <b> *f*&threads=1";
    assert!(codes.iter().any(|code| code == id), "{codes:#?}");
}

#[test]
fn what_is_not_fine_is_said_first_and_everywhere() {
    let text = markdown::render(&made::ordinary());
    let order = [
        "# Benchmark report: steps",
        "INTERRUPTED: ended early by the user, 6 of 9 cases are in",
        "❌ **failed**: 1 metric regressed, 1 case failed, 1 case wrong, 1 plugin refused, 3 cases not run, 1 verdict inconclusive",
        "## Executive summary",
        "- 3 of 5 cases that ran are right; 1 failed; 1 gave a wrong answer, which has no speed; 1 skipped; 3 never begun.",
        "- The plugin `steps` could not be loaded.",
        "- 1 metric got worse by more than is allowed: `time` of `steps/steps?kind=regressed",
        "- 1 metric got better:",
        "- 1 metric looks worse and could be noise:",
        "- 0 of 1 target met.",
        "## Key figures",
        "1 case of this workload skipped, see below.",
        "## Pass rate",
        "| cases ok | 3 of 5 | 60 % |",
        "## Top movers",
        "## Failed and wrong",
        "stderr: the last words",
        "## Skipped",
        "- steps: 1 case (`steps/steps?kind=skipped",
        "## Alerts",
        "## Recommendations",
        "## Details",
        "## Left out",
    ];

    let mut rest = text.as_str();
    for part in order {
        let at = rest.find(part);
        rest = at.map_or_else(
            || panic!("{part} is not there, or not in its place:\n{text}"),
            |at| &rest[at..],
        );
    }
}

#[test]
fn a_target_is_told_with_whether_it_is_met() {
    let rows = text_of(&made::ordinary(), "tr");
    let row = rows.iter().find(|row| row.contains("<= 1 µs")).unwrap();

    for part in ["1 ms", "✗ missed", "+30.0 %", "✗ regressed (critical)"] {
        assert!(row.contains(part), "{part}: {row}");
    }
}

#[test]
fn what_moved_is_one_list_in_the_words_of_the_verdicts() {
    let mut report = made::ordinary();
    let verdicts = [
        Verdict::TargetMet,
        Verdict::Inconclusive,
        Verdict::TargetMissed,
        Verdict::Improved,
    ];
    let judged = report.judged.judged.clone();
    let first = judged.into_iter().find(|one| one.verdict.fails()).unwrap();
    let of = |verdict| benchhost_gate::Judgement {
        verdict,
        ..first.clone()
    };
    report.judged.judged = verdicts.map(of).into();

    let text = markdown::render(&report);

    let movers = text.split("## Top movers").nth(1).unwrap();
    let movers = movers.split("\n## ").next().unwrap();
    let rows = movers.lines().filter(|line| line.starts_with("| ")).skip(2);
    let words: Vec<&str> = rows.map(|row| row.split(" | ").next().unwrap()).collect();
    assert_eq!(
        words,
        ["| **✗ target-missed**", "| ✓ improved", "| ? inconclusive"]
    );

    report.judged.judged.truncate(1);
    let text = markdown::render(&report);
    assert!(
        text.contains("| target-met |") && !text.contains("target met |"),
        "{text}"
    );
}

#[test]
fn numbers_of_nothing_are_nothing() {
    let mut report = made::ordinary();
    let series = report
        .series
        .iter_mut()
        .find(|one| one.points.len() > 2)
        .unwrap();
    let all = series.points.len();
    for point in &mut series.points {
        point.value = f64::NAN;
    }
    let text = markdown::render(&report);
    assert!(
        text.contains(&format!("| 0 of {all} | – | – | – | – |")),
        "{text}"
    );

    let series = report
        .series
        .iter_mut()
        .find(|one| one.points.len() > 2)
        .unwrap();
    for (i, point) in series.points.iter_mut().enumerate() {
        point.value = 1.415 + f64::EPSILON * (i % 2) as f64;
    }
    let text = markdown::render(&report);
    assert!(text.contains(" ± 0 "), "{text}");

    let result = &mut report.run.as_mut().unwrap().cases[0];
    let one = &mut result.measurements[0];
    one.metric.name = "fairness".to_owned();
    (one.metric.unit, one.metric.kind) = ("1".to_owned(), benchhost_record::MetricKind::Ratio);
    let summary = one.summary.as_mut().unwrap();
    (summary.interval.low, summary.interval.high) = (0.278, 1.348);
    let text = markdown::render(&report);
    assert!(text.contains("| 27.8 % – 100 % ("), "{text}");
}

#[test]
fn a_recommendation_says_its_number_as_what_it_is() {
    let mut report = made::fine(1);
    let mut one = made::recommendation("contention");
    one.text = "Run `cargo build --release`: a_b.".to_owned();
    one.metric = "throughput".to_owned();
    one.about = "p/w by threads".to_owned();
    one.number = "5.1 %".to_owned();
    one.condition = "efficiency < 50%".to_owned();
    let mut count = made::recommendation("debug-build");
    (count.metric, count.about) = (String::new(), String::new());
    (count.case, count.number, count.more) = ("p/w".to_owned(), "12 cases".to_owned(), 11);
    let mut whole = made::recommendation("no-baseline");
    (whole.metric, whole.about, whole.case) = Default::default();
    whole.number = "0 baselines".to_owned();
    report.recommendations = vec![one, count, whole];

    let text = markdown::render(&report);
    let comment = benchhost_report::github::comment(&report, &Default::default());

    for line in [
        "1. Run `cargo build --release`: a\\_b. — 5.1 % · `throughput` of `p/w by threads` and 2 more · rule `contention`: `efficiency < 50%`\n",
        "2. debug-build — 12 cases · `p/w` and 11 more · rule `debug-build`: `debug-build`\n",
        "3. no-baseline — 0 baselines · rule `no-baseline`: `no-baseline`\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
        assert!(comment.contains(line), "{line}: {comment}");
    }
}

#[test]
fn a_target_without_a_value_is_named() {
    let mut report = made::fine(2);
    let cases = &mut report.run.as_mut().unwrap().cases;
    let asked = ("accuracy".to_owned(), ">= 0.9".to_owned());
    cases[0].targets = [asked.clone()].into();
    cases[1].targets = [asked].into();
    cases[1].outcome = benchhost_record::Outcome::Skipped {
        reason: "no data".to_owned(),
    };

    let text = markdown::render(&report);

    assert!(
        text.contains("## Targets without a value\n\n- `accuracy` of `p/w?n=0&threads=2` is not measured, asked is `>= 0.9`\n"),
        "{text}"
    );
    assert!(
        text.contains("1 could not be judged: `accuracy` of `p/w?n=0&threads=2` is not measured."),
        "{text}"
    );
    assert!(!text.contains("`accuracy` of `p/w?n=1"), "{text}");
}

#[test]
fn a_run_without_a_past_and_a_history_without_a_run_are_reports_too() {
    let fine = markdown::render(&made::fine(2));
    assert!(fine.contains("✅ **passed**: 2 cases ok"), "{fine}");
    assert!(fine.contains("All 2 cases that ran are right."), "{fine}");
    assert!(
        fine.contains("- Nothing was compared with an earlier value"),
        "{fine}"
    );
    inert(&fine, 0);

    let empty = markdown::render(&Report::default());
    assert!(empty.contains("There is no run"), "{empty}");

    let mut history = made::ordinary();
    history.run = None;
    let text = markdown::render(&history);
    assert!(
        text.contains("| `steps/steps?kind=regressed&name=steps&threads=1` | `time` | 2 of 3 |"),
        "{text}"
    );
}

#[test]
fn a_run_in_which_all_is_skipped_has_not_passed() {
    let mut report = made::ordinary();
    let run = report.run.as_mut().unwrap();
    run.state = benchhost_record::RunState::Finished;
    run.plugins.clear();
    run.cases.retain(|one| one.outcome.word() == "skipped");
    run.planned_cases = 1;
    report.judged = Default::default();

    let text = markdown::render(&report);

    assert!(
        text.contains("⚠️ **inconclusive**: nothing was measured, 1 case skipped"),
        "{text}"
    );
    assert!(text.contains("| cases ok | 0 of 0 |  |"), "{text}");
}

#[test]
fn a_run_whose_repetitions_are_not_all_in_has_not_passed() {
    let partial = case("p/w", &[])
        .time(1e6, 0.01, None)
        .flag(FlagKind::Partial, "1 of 5 repetitions are in");
    let mut run = run(vec![partial]);
    run.state = RunState::Interrupted;
    let report = Report {
        run: Some(run),
        ..Report::default()
    };

    let text = markdown::render(&report);

    assert!(
        text.contains("1 of 1 cases are in, 1 of them with fewer repetitions than planned"),
        "{text}"
    );
    assert!(
        text.contains("**inconclusive**: 1 case with fewer repetitions than planned"),
        "{text}"
    );
    assert!(!text.contains("passed**"), "{text}");
}
