//! The dashboard, read back by a parser that is not ours.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod difference;
mod made;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use benchhost_record::{Outcome, RunState};
use benchhost_report::{Report, html};
use flate2::read::ZlibDecoder;
use scraper::{Html, Selector};
use serde_json::Value;

use self::made::{HOSTILE, hostile, large, report};
use crate::fixture::{With as _, case, run};

fn select(page: &Html, css: &str) -> Vec<String> {
    let selector = Selector::parse(css).unwrap();
    let found = page.select(&selector);
    found.map(|one| one.text().collect()).collect()
}

/// What the scripts of the page read.
fn data(page: &str) -> Value {
    let parsed = Html::parse_document(page);
    let [text] = select(&parsed, "script#data").try_into().unwrap();
    let packed = select(&parsed, "script#data[type='application/octet-stream']");
    if packed.is_empty() {
        return serde_json::from_str(&text).unwrap();
    }
    let deflated = STANDARD.decode(text).unwrap();
    serde_json::from_reader(ZlibDecoder::new(deflated.as_slice())).unwrap()
}

/// Every element with the names of its attributes, in order.
fn skeleton(page: &str) -> Vec<(String, Vec<String>)> {
    let page = Html::parse_document(page);
    let elements = page.tree.values().filter_map(|node| node.as_element());
    let named = elements.map(|element| {
        let attributes = element.attrs().map(|(name, _)| name.to_owned());
        (element.name().to_owned(), attributes.collect())
    });
    named.collect()
}

#[test]
fn hostile_text_adds_no_element_and_no_attribute() {
    let tame = skeleton(&html::page(&hostile("tame")));

    for text in HOSTILE {
        let page = html::page(&hostile(text));
        assert_eq!(skeleton(&page), tame, "{text:?}");
        let errors = Html::parse_document(&page).errors;
        assert!(errors.is_empty(), "{text:?}: {errors:?}");
    }
    let scripts = tame.iter().filter(|(name, _)| name == "script").count();
    assert_eq!(scripts, 3, "data, plotly, the page's own");
}

#[test]
fn hostile_text_reads_back_as_it_was() {
    for text in HOSTILE {
        let data = data(&html::page(&hostile(text)));

        let whole = data.to_string();
        let as_json = serde_json::to_string(text).unwrap();
        let inner = as_json.trim_matches('"');
        // Benchmark, plugin, workload, metric, parameter, message, flag, revision, run, alert, sentence, …
        assert!(whole.matches(inner).count() >= 20, "{text:?} is lost");
        assert_eq!(data["cases"][0]["benchmark"], *text);
        assert_eq!(data["metrics"][0]["name"], *text);
    }
}

#[test]
fn the_policy_lets_only_the_scripts_of_the_page_run_and_nothing_be_fetched() {
    let page = Html::parse_document(&html::page(&report()));
    let selector = Selector::parse("meta[http-equiv='Content-Security-Policy']").unwrap();
    let policy = page.select(&selector).next().unwrap();
    let policy = policy.attr("content").unwrap();

    assert!(
        policy.starts_with("default-src 'none'; script-src 'sha256-"),
        "{policy}"
    );
    assert!(
        !policy.contains("script-src 'unsafe") && !policy.contains("http"),
        "{policy}"
    );
    for address in ["src", "href", "action", "srcset"] {
        let selector = Selector::parse(&format!("[{address}]")).unwrap();
        for element in page.select(&selector) {
            let at = element.attr(address).unwrap();
            assert!(at.starts_with('#') || at == "data:,", "{at} is fetched");
        }
    }
}

#[test]
fn a_server_may_give_the_plotting_library_apart() {
    let page = html::page_with(&report(), html::Script::At("/plotly.js?v=\"3\""));

    assert!(page.len() < 400_000, "{}", page.len());
    let parsed = Html::parse_document(&page);
    assert_eq!(select(&parsed, "script#plotly"), [""]);
    let parsed = Html::parse_document(&page);
    let selector = Selector::parse("script[src]").unwrap();
    let sources: Vec<_> = parsed
        .select(&selector)
        .map(|one| one.attr("src").unwrap())
        .collect();
    assert_eq!(sources, ["/plotly.js?v=\"3\""]);
    assert!(page.contains("script-src &#x27;self&#x27; &#x27;sha256-"));
}

#[test]
fn what_is_missing_from_a_run_is_said_before_anything_else() {
    let mut whole = run(vec![case("p/w", &[]).time(1e6, 0.01, None)]);
    whole.planned_cases = 3;
    for (state, words) in [
        (RunState::Interrupted, "INTERRUPTED"),
        (RunState::Running, "NOT FINISHED"),
        (RunState::Finished, "INCOMPLETE"),
    ] {
        let made = Report {
            run: Some(benchhost_record::Run {
                state,
                ..whole.clone()
            }),
            ..Report::default()
        };
        let page = Html::parse_document(&html::page(&made));
        let [said] = select(&page, "p.loud[role='alert']").try_into().unwrap();
        assert!(
            said.starts_with(words) && said.contains("1 of 3 cases"),
            "{said}"
        );
    }
    whole.planned_cases = 1;
    let made = Report {
        run: Some(whole),
        ..Report::default()
    };
    let page = Html::parse_document(&html::page(&made));
    assert!(select(&page, "p.loud[role='alert']").is_empty());
}

#[test]
fn a_history_without_a_run_is_a_page_too() {
    let mut made = report();
    made.run = None;
    let data = data(&html::page(&made));
    assert!(data["run"].is_null() && !data["series"].as_array().unwrap().is_empty());
}

#[test]
fn two_hundred_thousand_points_and_too_many_samples_fit_into_eight_megabytes() {
    let page = html::page(&large(200, 1000, 5_000));
    println!(
        "200 series of 1000 points, 200 cases of 5000 samples: {} bytes",
        page.len()
    );
    assert!(page.len() <= 8_000_000, "{}", page.len());

    let data = data(&page);
    let samples = &data["cases"][7]["measurements"][0]["samples"];
    assert_eq!(samples["all"], 5000);
    assert!(samples["every"].as_u64().unwrap() > 1, "not all fit");
    assert_eq!(data["moments"]["tick_ms"], 1);
    // One stretch of moments: all series were measured by the same runs.
    assert_eq!(data["series"][199]["at"], serde_json::json!([0, 1000]));
}

#[test]
fn four_thousand_series_with_their_verdicts_fit_too() {
    let page = html::page(&made::many_metrics(200, 20, 50));
    println!(
        "200 cases of 20 metrics, 50 points each: {} bytes",
        page.len()
    );
    assert!(page.len() <= 8_000_000, "{}", page.len());
}

#[test]
fn five_thousand_cases_fit_too() {
    let mut made = made::many_metrics(5000, 1, 2);
    let run = made.run.as_mut().unwrap();
    for (i, result) in run.cases.iter_mut().enumerate() {
        let error = Outcome::Wrong {
            rule: "verify".to_owned(),
            message: format!("row {i} is not what it should be"),
        };
        result.repetitions[i % 5].outcome = error;
    }

    let page = html::page(&made);

    println!("5000 cases of 2 metrics: {} bytes", page.len());
    assert!(page.len() <= 8_000_000, "{}", page.len());
    assert_eq!(data(&page)["cases"].as_array().unwrap().len(), 5000);
}

#[test]
fn a_text_of_any_length_is_cut_and_says_so() {
    let mut made = report();
    let message = "long ".repeat(20_000);
    made.run.as_mut().unwrap().cases[0].outcome = Outcome::Wrong {
        rule: "verify".to_owned(),
        message,
    };

    let page = html::page(&made);

    let sentence = data(&page)["cases"][0]["sentence"].clone();
    let sentence = sentence.as_str().unwrap();
    assert!(sentence.len() < 5_000 && sentence.ends_with("bytes more: see the run's JSON)"));
}

#[test]
fn points_that_share_no_moment_fit_too() {
    let mut made = large(200, 1000, 0);
    for (i, series) in made.series.iter_mut().enumerate() {
        for (k, point) in series.points.iter_mut().enumerate() {
            point.time_ms += 60_000 * i as i64;
            point.revision = Some(format!("{:040x}", k * 200 + i % 5).into());
        }
    }

    let page = html::page(&made);

    println!(
        "200 series of 1000 points at 200000 times: {} bytes",
        page.len()
    );
    assert!(page.len() <= 8_000_000, "{}", page.len());
}

#[test]
fn no_number_of_the_page_is_infinite_or_unknown_to_json() {
    let mut made = report();
    made.series[0].points[0].value = f64::INFINITY;
    made.series[0].points[1].interval = Some((f64::NEG_INFINITY, f64::NAN));
    let run = made.run.as_mut().unwrap();
    let summary = run.cases[0].measurements[0].summary.as_mut().unwrap();
    (summary.median, summary.interval.high) = (f64::NAN, f64::INFINITY);

    let data = data(&html::page(&made));

    let summary = &data["cases"][0]["measurements"][0]["summary"];
    assert!(summary["median"].is_null() && summary["high"].is_null());
}
