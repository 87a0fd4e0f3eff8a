//! What pictures show: failures, pages, phases, devices, changes; and that they are the same each time.

use benchhost_plot::{not_drawn, pictures};
use benchhost_record::{
    Axis, Curve, CurveLaw, Fit, MetricKind, Outcome, ParamValue, Phase, RunState,
};
use benchhost_report::{Band, Point, Report, Series};
use benchhost_stats::{ChangeKind, ChangePoint};

use crate::made::{called, case, int, report, texts, training, with};

fn all_text(report: &Report, name: &str) -> String {
    let pictures = called(report, name);
    let texts: Vec<String> = pictures.iter().flat_map(texts).collect();
    texts.join("\n")
}

#[test]
fn the_same_report_gives_the_same_bytes_in_both_forms() {
    let report = report(vec![
        training(&[("batch", int(8))], 1e6),
        training(&[("batch", int(16))], 2e6),
    ]);

    let (first, second) = (pictures(&report), pictures(&report));

    assert_eq!(first, second);
    let names: Vec<&str> = first.iter().map(|picture| picture.name.as_str()).collect();
    assert_eq!(names, ["training_performance", "distribution", "memory"]);
    for picture in &first {
        let mut reader = png::Decoder::new(std::io::Cursor::new(&picture.png))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(frame.width, 1600);
        let document = roxmltree::Document::parse(&picture.svg).unwrap();
        let height = document.root_element().attribute("height").unwrap();
        assert_eq!(height, frame.height.to_string());
        let dark = pixels
            .chunks_exact(3)
            .filter(|pixel| pixel.iter().all(|part| *part < 100))
            .count();
        assert!(dark > 500, "letters and axes are there: {dark}");
    }
}

#[test]
fn letters_that_png_has_not_are_in_the_svg_and_a_note_says_so() {
    let with_name = |name: &str| {
        let rows = ["a", "b"].map(|end| {
            let value = ParamValue::Text(format!("{name}{end}"));
            training(&[("data", value)], 1e6)
        });
        all_text(&report(rows.to_vec()), "training")
    };
    let plain = with_name("x");
    let text = with_name("数据");

    assert!(
        text.contains("data=数据a") && text.contains("data=数据b"),
        "{text}"
    );
    assert!(text.contains("A □ in the PNG"), "{text}");
    assert!(!plain.contains('□'), "{plain}");
}

#[test]
fn rows_too_long_for_their_picture_stay_different() {
    let long = "an-endless-name-of-a-data-set-".repeat(6);
    let rows = ["first", "second", "third"].map(|end| {
        let value = ParamValue::Text(format!("{long}{end}"));
        training(&[("data", value)], 1e6)
    });

    let text = all_text(&report(rows.to_vec()), "training");

    for end in ["-first", "-second", "-third"] {
        let is_there = |line: &str| line.starts_with('…') && line.ends_with(end);
        assert!(text.lines().any(is_there), "{end}: {text}");
    }
}

#[test]
fn nothing_to_show_is_no_picture() {
    assert!(pictures(&Report::default()).is_empty());
    assert!(pictures(&report(Vec::new())).is_empty());
    assert!(pictures(&report(vec![case("w", &[])])).is_empty());
}

#[test]
fn a_kind_without_a_picture_has_a_reason() {
    let reasons = |report: &Report| not_drawn(report, &pictures(report));
    assert_eq!(
        reasons(&Report::default()),
        [
            "no picture of training: there is no run",
            "no picture of scalability: there is no run",
            "no picture of hardware: there is no run",
            "no picture of the history: no series has two values yet",
        ]
    );
    let plain = with(case("w", &[]), "time", "ns", MetricKind::Time, 1e6);
    assert_eq!(
        reasons(&report(vec![plain]))[0],
        "no picture of training: no case of the run has a backward phase or a loss"
    );
    // What is drawn needs no reason.
    let trained = reasons(&report(vec![training(&[], 1e6)]));
    assert_eq!(trained.len(), 3, "{trained:?}");
    assert!(trained[0].starts_with("no picture of scalability: the run has no sweep"));
}

#[test]
fn what_failed_is_said_and_has_no_bar() {
    let mut panicked = training(&[("batch", int(16))], 3.0);
    panicked.outcome = Outcome::Panic {
        phase: Phase::Measure,
        message: "out of luck".to_owned(),
        detail: String::new(),
    };
    let mut report = report(vec![training(&[("batch", int(8))], 1e6), panicked]);
    let run = report.run.as_mut().unwrap();
    (run.state, run.planned_cases) = (RunState::Interrupted, 7);

    let text = all_text(&report, "training");

    assert_eq!(
        text.matches("panic in measure: out of luck").count(),
        2,
        "{text}"
    );
    assert!(text.contains("interrupted: 2 of 7 cases"), "{text}");
    assert!(
        !text.contains("3 ns"),
        "a case that failed has no speed: {text}"
    );
}

#[test]
fn many_cases_go_on_on_further_pictures_and_what_is_left_out_is_said() {
    let cases = |count: i64| {
        (0..count)
            .map(|n| training(&[("batch", int(n))], 1e6 + n as f64))
            .collect()
    };

    let some = called(&report(cases(60)), "training");
    let many = called(&report(cases(300)), "training");

    let names: Vec<&str> = some.iter().map(|picture| picture.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "training_performance",
            "training_performance_2",
            "training_performance_3"
        ]
    );
    assert_eq!(many.len(), 8);
    assert!(
        texts(&many[7])
            .iter()
            .any(|text| text == "5 more pages are not drawn.")
    );
    let batches: usize = some
        .iter()
        .map(|picture| {
            texts(picture)
                .iter()
                .filter(|text| text.starts_with("batch="))
                .count()
        })
        .sum();
    assert_eq!(
        batches, 120,
        "each once for its throughput and once for its phases"
    );
}

#[test]
fn unlike_units_never_share_an_axis() {
    let images = with(
        training(&[("batch", int(1))], 1e6),
        "throughput",
        "images/s",
        MetricKind::Throughput,
        5.0,
    );
    let mut other = case("other", &[]);
    other.measurements = images.measurements.clone();
    other
        .measurements
        .retain(|one| one.metric.unit != "samples/s");

    let text = all_text(
        &report(vec![training(&[("batch", int(8))], 1e6), other]),
        "training",
    );

    assert!(
        text.contains("Throughput, higher is better [samples/s]"),
        "{text}"
    );
    assert!(
        text.contains("Throughput, higher is better [images/s]"),
        "{text}"
    );
}

#[test]
fn phases_are_stacked_and_times_far_apart_are_shown_as_shares() {
    let near = report(vec![
        training(&[("batch", int(8))], 1e6),
        training(&[("batch", int(9))], 2e6),
    ]);
    let far = report(vec![
        training(&[("batch", int(8))], 1e3),
        training(&[("batch", int(9))], 1e9),
    ]);

    let (near, far) = (all_text(&near, "training"), all_text(&far, "training"));

    for phase in ["forward", "backward", "rest"] {
        assert!(near.lines().any(|line| line == phase), "{near}");
    }
    assert!(near.contains("lower is better") && near.contains("2 ms"));
    assert!(far.contains("as shares") && far.contains("100 %"), "{far}");
}

#[test]
fn values_that_tell_rows_apart_are_not_cut_and_quality_says_what_it_is() {
    let of = |n: i64| {
        let text = |text: String| ParamValue::Text(text);
        let made = training(
            &[
                (
                    "a-parameter-with-a-long-name-of-many-words",
                    text(format!("one-{n}")),
                ),
                (
                    "another-parameter-with-a-long-name",
                    text(format!("two-{n}")),
                ),
                (
                    "some-further-parameter-with-a-long-name",
                    text(format!("three-{n}")),
                ),
            ],
            1e6,
        );
        with(made, "loss", "nat", MetricKind::Quality, 0.5)
    };

    let text = all_text(&report(vec![of(1), of(2)]), "training");

    for n in [1, 2] {
        for value in ["=one-", "=two-", "=three-"] {
            assert!(text.contains(&format!("{value}{n}")), "{value}{n}: {text}");
        }
    }
    assert!(text.contains("loss, median of all samples"), "{text}");
}

#[test]
fn kinds_of_numbers_and_devices_are_compared_only_for_the_same_work() {
    let of = |kind: &str, device: &str, batch: i64, time: f64| {
        let mut one = training(
            &[
                ("dtype", ParamValue::Text(kind.to_owned())),
                ("batch", int(batch)),
            ],
            time,
        );
        one.case.device = device.to_owned();
        one.case.id =
            format!("p/training?batch={batch}&device={device}&dtype={kind}&threads=1").into();
        one
    };
    let one_device = report(vec![
        of("f32", "cpu", 8, 2e6),
        of("f16", "cpu", 8, 1e6),
        of("f32", "cpu", 9, 1e6),
    ]);
    let two_devices = report(vec![of("f32", "cpu", 8, 2e6), of("f32", "cuda:0", 8, 1e5)]);

    let (one, two) = (
        all_text(&one_device, "hardware"),
        all_text(&two_devices, "hardware"),
    );

    assert!(
        one.contains("Kind of numbers (dtype)") && one.contains("2.00× as fast"),
        "{one}"
    );
    assert!(
        one.contains("Only `cpu` was measured") && !one.contains("batch=9"),
        "{one}"
    );
    assert!(
        two.contains("Device: throughput") && two.contains("20.00× as fast"),
        "{two}"
    );
    assert!(!two.contains("Only `"), "{two}");
}

#[test]
fn a_history_shows_its_days_changes_failures_and_band() {
    let point = |n: i64| Point {
        time_ms: 1_780_272_000_000 + n * 86_400_000,
        value: if n == 4 {
            f64::NAN
        } else {
            100.0 + 20.0 * f64::from(u8::from(n >= 6))
        },
        interval: Some((99.0, 121.0)),
        run: None,
        revision: None,
    };
    let mut report = report(vec![case("w", &[])]);
    report.series = vec![Series {
        case: report.cases()[0].case.id.to_string(),
        metric: benchhost_record::Metric::new("time", "ns", Default::default(), MetricKind::Time),
        machine: String::new(),
        points: (0..12).map(point).collect(),
        all_points: 400,
        changes: vec![ChangePoint {
            index: 6,
            kind: ChangeKind::Step,
            before: 100.0,
            after: 120.0,
            noise_before: 1.0,
            noise_after: 1.0,
            interval: (6, 6),
            confidence: 0.99,
        }],
        baseline: Some(Band {
            value: 100.0,
            low: 95.0,
            high: 105.0,
        }),
    }];

    let mut others = report.clone();
    others.series[0].case = "p/another?threads=1".to_owned();
    assert!(
        called(&others, "history").is_empty(),
        "the history of other cases is none of this run"
    );
    others.run = None;
    assert_eq!(called(&others, "history").len(), 1);

    let text = all_text(&report, "history");

    for words in [
        "2026-06-01",
        "2026-06-12",
        "change",
        "baseline",
        "runs, 12 of 400 points",
        "p/w",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let mut of_a_day = report.clone();
    for (n, point) in of_a_day.series[0].points.iter_mut().enumerate() {
        point.time_ms = 1_780_272_000_000 + n as i64 * 600_000;
    }
    let mut another = of_a_day.series[0].clone();
    another.case = "p/another?threads=1".to_owned();
    of_a_day.series.push(another);
    let of_a_day = all_text(&of_a_day, "history");
    for words in [
        "2026-06-01 00:00",
        "2026-06-01 01:50",
        "1 series of cases that are not in this run are not drawn.",
    ] {
        assert!(of_a_day.contains(words), "{words}: {of_a_day}");
    }
    let picture = &called(&report, "history")[0];
    assert!(
        picture.svg.contains("#009E73") && picture.svg.contains("#D55E00"),
        "band and failure"
    );
}

#[test]
fn sizes_are_labelled_where_they_were_measured_and_reasons_are_whole() {
    let why = "2 observations leave nothing to tell the law of this axis from the scatter from one repetition to the next";
    let sizes = [4, 8, 16];
    let cases = sizes.map(|n| training(&[("batch", int(n))], 1e6 * n as f64));
    let metric = cases[0].measurements[0].metric.clone();
    let mut report = report(cases.to_vec());
    let run = report.run.as_mut().unwrap();
    run.curves = vec![Curve {
        benchmark: "training".to_owned(),
        workload: "p/training".to_owned(),
        axis: Axis {
            key: "batch".to_owned(),
            growth: None,
        },
        held: "device=cpu&threads=1".to_owned(),
        metric,
        law: CurveLaw::Size {
            law: Fit::Refused(why.to_owned()),
            upper: None,
        },
        doubts: Vec::new(),
    }];
    // Two beside each other: half of the width for each.
    run.curves.push(run.curves[0].clone());

    let text = all_text(&report, "scalability");

    for words in ["4", "8", "16", "batch, both axes logarithmic"] {
        assert!(text.lines().any(|line| line == words), "{words}: {text}");
    }
    assert!(
        text.replace('\n', " ").contains(&format!("no law: {why}")),
        "{text}"
    );
    assert!(text.contains("Under each chart"), "{text}");
}
