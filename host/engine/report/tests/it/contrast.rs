//! Two benchmarks beside each other, in every form.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop, in its helpers too"
)]

use benchhost_record::{
    BothValues, CaseResult, Contrast, ContrastPair, Direction, FlagKind, Interval, Metric,
    MetricKind, Outcome, Run, Verdict,
};
use benchhost_report::{Report, csv, github, html, json, markdown, terminal::render};

use crate::fixture::{With as _, case, run};

/// Compares with the file of this name, and shows the whole text when it differs.
macro_rules! assert_text {
    ($text:expr, $name:literal) => {
        let text = $text;
        let expected = include_str!(concat!("contrast/", $name, ".txt"));
        assert!(text == expected, "{} is now\n<<<<\n{text}>>>>", $name);
    };
}

fn both(name: &str, unit: &str, kind: MetricKind, [baseline, candidate]: [f64; 2]) -> BothValues {
    BothValues {
        metric: Metric::new(name, unit, Direction::Lower, kind),
        baseline,
        candidate,
    }
}

/// A pair of `torch` and `candle` that was compared.
fn pair(of: &CaseResult, with: &CaseResult, times: [f64; 2], verdict: Verdict) -> ContrastPair {
    let ratio = times[1] / times[0];
    let is_settled = verdict != Verdict::Inconclusive;
    ContrastPair {
        candidate: of.case.id.clone(),
        baseline: Some(with.case.id.clone()),
        metric: Metric::new("time", "ns", Direction::Lower, MetricKind::Time),
        verdict: Some(verdict),
        ratio: Some(ratio),
        interval: Some(Interval {
            low: ratio * 0.97,
            high: ratio * 1.03,
            confidence: if is_settled { 0.99 } else { 0.995 },
        }),
        baseline_repetitions: 5,
        candidate_repetitions: 5,
        reason: (!is_settled).then(|| "5 and 5 processes do not settle it".to_owned()),
        both: vec![
            both("time", "ns", MetricKind::Time, times),
            both(
                "throughput",
                "samples/s",
                MetricKind::Throughput,
                [1.0, 2.0],
            ),
            both(
                "time.forward",
                "ns",
                MetricKind::Time,
                times.map(|t| t * 0.4),
            ),
            both("loss", "nat", MetricKind::Quality, [2.0794, 2.0791]),
            both("peak-memory", "B", MetricKind::Memory, [4e8, 9e7]),
        ],
        remarks: Vec::new(),
    }
}

/// Four cases of `candle` against those of `torch`: faster, inconclusive, skipped, wrong.
fn made() -> Run {
    let candle = |batch: i64| {
        let one = case("candle/training", &[("batch", batch), ("window", 512)]);
        one.time(1e7 * batch as f64, 0.01, None)
    };
    let torch = |batch: i64| {
        let one = case("torch/step", &[("batch", batch), ("window", 512)]);
        one.time(1.3e7 * batch as f64, 0.01, None)
    };
    let skipped = Outcome::Skipped {
        reason: "no module named `torch`".to_owned(),
    };
    let wrong = Outcome::Wrong {
        rule: "verify".to_owned(),
        message: "1 | 2".to_owned(),
    };
    let ours = [
        candle(8),
        candle(16).flag(FlagKind::OtherLoad, "others ran"),
        candle(32),
        candle(64).ended(wrong, ""),
    ];
    let theirs = [torch(8), torch(16), torch(32).ended(skipped, ""), torch(64)];
    let mut pairs = vec![
        pair(&ours[0], &theirs[0], [1.04e8, 8e7], Verdict::Better),
        pair(&ours[1], &theirs[1], [1.6e8, 1.6e8], Verdict::Inconclusive),
    ];
    for (i, reason) in [
        (2, "`torch`: skipped: no module named `torch`"),
        (3, "`candle`: wrong (verify): 1 | 2"),
    ] {
        pairs.push(ContrastPair {
            verdict: None,
            ratio: None,
            interval: None,
            reason: Some(reason.to_owned()),
            both: Vec::new(),
            ..pair(&ours[i], &theirs[i], [1.0, 1.0], Verdict::Better)
        });
    }
    pairs[0].remarks = vec!["`size` is in `B` in `torch` and in `1` in `candle`".to_owned()];
    let mut run = run(ours.into_iter().chain(theirs).collect());
    run.contrasts = vec![Contrast {
        benchmark: "candle".to_owned(),
        against: "torch".to_owned(),
        differ_in: Vec::new(),
        level: 0.01,
        tolerance: 0.01 / 3.0,
        margin: 0.01,
        pairs,
    }];
    run
}

/// What the terminal says of the contrast alone.
fn section(run: &Run, width: Option<u16>) -> String {
    let text = render(run, width, false);
    let from = text.find("candle against torch").unwrap();
    let rest = &text[from..];
    let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
    rest[..end].to_owned()
}

fn report() -> Report {
    Report {
        run: Some(made()),
        ..Report::default()
    }
}

#[test]
fn the_table_has_both_times_the_ratio_and_what_both_have() {
    assert_text!(section(&made(), None), "wide");
}

#[test]
fn a_narrow_terminal_keeps_the_ratio_and_names_what_has_no_room() {
    assert_text!(section(&made(), Some(80)), "narrow");
    for columns in 40..=160 {
        for line in section(&made(), Some(columns)).lines() {
            assert!(line.chars().count() <= columns.into(), "{columns}: {line}");
        }
    }
}

#[test]
fn markdown_has_a_table_of_its_own_and_so_has_the_comment() {
    let report = report();
    let text = markdown::render(&report);
    let from = text.find("## `candle` against").unwrap();
    let rest = &text[from..];
    let end = rest[3..].find("\n## ").map_or(rest.len(), |end| end + 4);

    assert_text!(rest[..end].to_owned(), "markdown");
    let comment = github::comment(&report, &github::CommentOptions::default());
    assert!(
        comment.contains("### `candle` against `torch`"),
        "{comment}"
    );
}

#[test]
fn json_has_the_contrasts_as_they_are_kept() {
    let value: serde_json::Value = serde_json::from_str(&json::report(&report())).unwrap();

    let kept = serde_json::to_value(&made().contrasts).unwrap();
    assert_eq!(value["run"]["contrasts"], kept);
}

#[test]
fn csv_has_the_ratio_in_the_row_of_its_metric_and_the_other_value_in_each() {
    let text = csv::metrics(&report());
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|one| one == name).unwrap();
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of = |case: &str| {
        let mut rows = rows.iter();
        rows.find(|row| row[at("Case")].contains(case)).unwrap()
    };

    let faster = of("candle/training?batch=8&");
    assert_eq!(
        &faster[at("Against")],
        "torch/step?batch=8&threads=2&window=512"
    );
    assert_eq!(&faster[at("Against Value")], "104000000");
    assert_eq!(&faster[at("Ratio Verdict")], "faster");
    assert_eq!(faster[at("Ratio")].parse::<f64>().unwrap(), 8e7 / 1.04e8);
    assert_eq!(&faster[at("Ratio Confidence")], "0.99");
    let wrong = of("candle/training?batch=64");
    assert_eq!(
        (&wrong[at("Ratio")], &wrong[at("Ratio Reason")]),
        ("", "`candle`: wrong (verify): 1 | 2")
    );
    assert_eq!(&of("torch/step?batch=8&")[at("Against")], "");
}

#[test]
fn the_page_knows_what_the_table_shows() {
    let page = html::page(&report());

    let (_, data) = page.split_once("\"contrasts\":").unwrap();
    let mut values = serde_json::Deserializer::from_str(data).into_iter::<serde_json::Value>();
    let contrasts = values.next().unwrap().unwrap();
    let pairs = &contrasts[0]["pairs"];
    assert_eq!(contrasts[0]["confidence"], "99 to 99.5 %");
    assert_eq!(
        (&pairs[0]["ratio"], &pairs[0]["verdict"]),
        (&"0.769".into(), &"faster".into())
    );
    assert_eq!(pairs[0]["both"].as_array().unwrap().len(), 4);
    assert_eq!(pairs[1]["flags"][0], "other-load");
    assert!(pairs[2]["verdict"].is_null() && pairs[2]["fails"] == false);
    assert_eq!(pairs[3]["fails"], true);
}
