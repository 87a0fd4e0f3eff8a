//! Names, units and messages that want to break out of a picture.

use benchhost_plot::pictures;
use benchhost_record::{MetricKind, Outcome, ParamValue, Trace};
use benchhost_report::{Point, Report, Series};

use crate::made::{case, int, report, texts, training, with};

const HOSTILE: [&str; 10] = [
    "<script>alert(1)</script>",
    "\"' onload='alert(1)",
    "=cmd()|' /C calc'!A0",
    "two\nlines\r\nand\ttabs",
    "\u{202e}gnp.exe\u{2066}",
    "\u{0}\u{7}\u{1b}[31m\u{fffe}\u{ffff}",
    "]]><!--&amp;&#x3c;",
    "数据测试 שלום",
    "",
    "x",
];

fn everything_hostile() -> Report {
    let mut cases = Vec::new();
    for text in HOSTILE
        .iter()
        .map(|text| (*text).to_owned())
        .chain(["long ".repeat(60)])
    {
        let value = ParamValue::Text(text.clone());
        let mut one = training(
            &[("what", value), ("f32", ParamValue::Text("f16".to_owned()))],
            1e6,
        );
        one.case.benchmark.clone_from(&text);
        one.case.id = format!("{text}/{text}?{text}={text}").into();
        one = with(one, &format!("time.{text}"), "ns", MetricKind::Time, 10.0);
        one = with(one, "loss", &text, MetricKind::Quality, -1.0);
        let trace = Trace {
            metric: one.measurements[0].metric.clone(),
            time_ns: vec![0, 1, 2],
            value: vec![1.0, f64::NAN, 3.0],
        };
        let mut repetition = benchhost_record::Repetition::new(0, 0, Outcome::Ok);
        repetition.traces.push(trace);
        one.repetitions.push(repetition);
        let mut failed = one.clone();
        failed.outcome = Outcome::Wrong {
            rule: text.clone(),
            message: text.clone(),
        };
        cases.extend([one, failed]);
    }
    let mut report = report(cases);
    let run = report.run.as_mut().unwrap();
    run.id = HOSTILE.concat();
    run.environment.cpu.model = Some(HOSTILE.concat());
    let ids: Vec<String> = run
        .cases
        .iter()
        .map(|one| one.case.id.to_string())
        .collect();
    report.series = HOSTILE
        .iter()
        .zip(ids)
        .map(|(text, case)| Series {
            case,
            metric: benchhost_record::Metric::new(
                *text,
                *text,
                Default::default(),
                MetricKind::Count,
            ),
            machine: String::new(),
            points: [1.0, f64::NAN, f64::INFINITY, 2.0, -5.0]
                .map(|value| Point {
                    time_ms: i64::MAX,
                    value,
                    interval: Some((f64::NEG_INFINITY, f64::NAN)),
                    run: None,
                    revision: None,
                })
                .to_vec(),
            all_points: 9,
            changes: Vec::new(),
            baseline: None,
        })
        .collect();
    report
}

#[test]
fn every_picture_stays_well_formed_and_inert() {
    let all = pictures(&everything_hostile());

    assert!(
        all.len() >= 6,
        "{:?}",
        all.iter().map(|one| &one.name).collect::<Vec<_>>()
    );
    for picture in &all {
        let document = roxmltree::Document::parse(&picture.svg).unwrap();
        let known = [
            "svg", "rect", "text", "line", "circle", "polyline", "polygon",
        ];
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(known.contains(&node.tag_name().name()), "{node:?}");
            for attribute in node.attributes() {
                let name = attribute.name();
                assert!(
                    !name.starts_with("on") && name != "href" && name != "style",
                    "{attribute:?}"
                );
            }
        }
        for text in texts(picture) {
            let is_odd = |c: char| {
                c.is_control()
                    || ('\u{202a}'..='\u{202e}').contains(&c)
                    || ('\u{2066}'..='\u{2069}').contains(&c)
            };
            assert!(!text.contains(is_odd), "{text:?}");
            assert!(text.chars().count() < 400, "{text}");
        }
        assert!(
            picture
                .name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_'),
            "{}",
            picture.name
        );
    }
}

#[test]
fn values_that_are_no_numbers_or_far_apart_are_drawn_inside_the_frame() {
    let values = [
        f64::MIN_POSITIVE,
        1e-30,
        0.0,
        -1e30,
        1e30,
        1e300,
        f64::NAN,
        f64::INFINITY,
    ];
    let cases = values.iter().enumerate().map(|(n, value)| {
        let made = with(
            case("training", &[("n", int(n as i64))]),
            "loss",
            "nat",
            MetricKind::Quality,
            *value,
        );
        let made = with(made, "throughput", "x/s", MetricKind::Throughput, *value);
        with(made, "time", "ns", MetricKind::Time, value.abs())
    });

    for picture in pictures(&report(cases.collect())) {
        let document = roxmltree::Document::parse(&picture.svg).unwrap();
        let root = document.root_element();
        let size = |name: &str| root.attribute(name).unwrap().parse::<f64>().unwrap();
        let (width, height) = (size("width"), size("height"));
        assert!(height < 6000.0, "{height}");
        for node in document.descendants() {
            for (names, most) in [
                (["x", "x1", "x2", "cx"], width),
                (["y", "y1", "y2", "cy"], height),
            ] {
                for at in names.iter().filter_map(|name| node.attribute(*name)) {
                    let at: f64 = at.parse().unwrap();
                    assert!(
                        (-1.0..=most + 1.0).contains(&at),
                        "{node:?} in {}",
                        picture.name
                    );
                }
            }
        }
    }
}
