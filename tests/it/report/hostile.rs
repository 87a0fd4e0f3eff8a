//! Names made to break a report, on their way through the program: each form is read back by a parser of others.

use benchhost_record::{CaseId, Flag, FlagKind, Git, Run, SuiteSource};
use scraper::Html;

use super::{FORMS, read, sick, with};
use crate::support::{Sandbox, set_against};

const NAMES: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"'>]]><img src=x onerror=alert(1)>",
    "=cmd|'/c calc'!A0",
    "a\nb\r\n\t::error::c|d",
    "\u{202e}evil`code`",
    "\u{7}\u{1b}[31m@all #1 https://evil.example",
    "<!-- --> </details> [x](javascript:y)",
    "%0A::error title=x::y",
];

/// Runs in which every name and message is one of [`NAMES`], or 300 characters long.
fn runs() -> Vec<Run> {
    let long = "long".repeat(75);
    let names: Vec<&str> = NAMES.into_iter().chain([long.as_str()]).collect();
    let mut runs = sick(&names.concat());
    for run in &mut runs {
        run.suite = Some(SuiteSource {
            name: names[0].to_owned(),
            path: names[1].to_owned(),
            sha256: String::new(),
        });
        run.git = Some(Git {
            revision: names[2].to_owned(),
            branch: Some(names[4].to_owned()),
            dirty: true,
        });
        run.environment.cpu.model = Some(names[6].to_owned());
        for (result, name) in run.cases.iter_mut().zip(names.iter().cycle()) {
            result.case.plugin = (*name).to_owned();
            result.case.workload = (*name).to_owned();
            let id = format!("{name}/{name}?name={}", result.case.benchmark);
            result.case.id = CaseId::from(id);
            for measurement in &mut result.measurements {
                let mut other = measurement.clone();
                other.metric.name = names[5].to_owned();
                other.metric.unit = names[3].to_owned();
                *measurement = other;
            }
            result.flags = vec![Flag {
                kind: FlagKind::PluginWarning,
                message: names[6].to_owned(),
            }];
        }
        for name in &names {
            set_against(run, name);
        }
    }
    runs
}

fn reported() -> Sandbox {
    let sandbox = with(&runs());
    let forms: Vec<&str> = FORMS.iter().map(|(form, _)| *form).collect();
    let output = sandbox.run(&["report", "--format", &forms.join(",")]);
    assert_eq!(output.code, Some(0), "{output:?}");
    sandbox
}

#[test]
fn markdown_shows_them_and_does_nothing() {
    let sandbox = reported();
    for file in ["reports/report.md", "reports/summary.md"] {
        let text = read(&sandbox, file);
        let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_GFM;
        let mut page = String::new();
        pulldown_cmark::html::push_html(&mut page, pulldown_cmark::Parser::new_ext(&text, options));

        let page = Html::parse_document(&page);
        for element in page
            .tree
            .nodes()
            .filter_map(|node| node.value().as_element())
        {
            let name = element.name();
            assert!(
                !["script", "img", "a", "em", "iframe", "style", "del"].contains(&name),
                "{name}"
            );
            let mut attributes = element.attrs().map(|(name, _)| name);
            assert!(
                attributes.all(|name| !name.starts_with("on")),
                "{element:?}"
            );
        }
        let shown: String = page.root_element().text().collect();
        assert!(
            shown.contains("<script>alert(1)</script>/<script>alert(1)</script>?name=steady"),
            "{shown}"
        );
        assert!(!shown.contains('\u{202e}') && !shown.contains('\u{1b}'));
    }
}

#[test]
fn csv_has_a_row_for_each_value_and_no_formula() {
    let sandbox = reported();
    let mut reader = csv::Reader::from_path(sandbox.path().join("reports/report.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();

    assert_eq!(rows.len(), 5);
    for row in &rows {
        for (i, cell) in row.iter().enumerate() {
            let is_number = cell.parse::<f64>().is_ok();
            let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(is_number || !is_formula, "column {i}: {cell:?}");
        }
    }
}

#[test]
fn junit_is_xml_and_its_counts_add_up() {
    let sandbox = reported();
    let text = read(&sandbox, "reports/junit.xml");
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    let count = |name: &str| {
        let all = root
            .descendants()
            .filter(|node| node.has_tag_name(name))
            .count();
        all.to_string()
    };

    for (attribute, element) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ] {
        assert_eq!(
            root.attribute(attribute),
            Some(count(element).as_str()),
            "{attribute}"
        );
    }
    assert_eq!(
        count("testcase"),
        "6",
        "five cases, and that the run is not whole"
    );
}

#[test]
fn json_reads_back_as_it_was() {
    let sandbox = reported();
    let report: serde_json::Value =
        serde_json::from_str(&read(&sandbox, "reports/report.json")).unwrap();

    assert_eq!(report["run"]["suite"]["name"], NAMES[0]);
    assert_eq!(
        report["run"]["cases"][0]["measurements"][0]["metric"]["unit"],
        NAMES[3]
    );
}
