//! JUnit XML: read back by roxmltree; what Jenkins and GitLab count adds up.

use benchhost_report::junit::render;
use roxmltree::{Document, Node};

use super::made;

fn number(node: Node<'_, '_>, attribute: &str) -> usize {
    node.attribute(attribute).unwrap().parse().unwrap()
}

fn count(node: Node<'_, '_>, name: &str) -> usize {
    node.descendants()
        .filter(|one| one.has_tag_name(name))
        .count()
}

/// Attributes say what the elements are.
fn adds_up(text: &str) {
    let document = Document::parse(text).unwrap();
    let root = document.root_element();
    assert!(root.has_tag_name("testsuites"));
    let suites = root.children().filter(Node::is_element);
    for node in std::iter::once(root).chain(suites) {
        for (attribute, element) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            assert_eq!(
                number(node, attribute),
                count(node, element),
                "{attribute} of {node:?}"
            );
        }
        let time: f64 = node.attribute("time").unwrap().parse().unwrap();
        assert!(time >= 0.0);
    }
    for case in root
        .descendants()
        .filter(|one| one.has_tag_name("testcase"))
    {
        for attribute in ["name", "classname", "time"] {
            assert!(
                !case.attribute(attribute).unwrap().is_empty(),
                "{attribute}"
            );
        }
        let states = ["failure", "error", "skipped"];
        let state = case
            .children()
            .filter(|one| states.contains(&one.tag_name().name()));
        assert!(state.count() <= 1);
    }
}

fn of<'a>(document: &'a Document<'a>, kind: &str) -> Node<'a, 'a> {
    let wanted = format!("kind={kind}&");
    let mut nodes = document.descendants();
    nodes
        .find(|one| {
            one.has_tag_name("testcase") && one.attribute("name").unwrap().contains(&wanted)
        })
        .unwrap()
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|one| one.has_tag_name(name))
}

#[test]
fn counts_add_up_whatever_names_there_are() {
    for name in made::hostile() {
        adds_up(&render(&made::of(&[name])));
    }
    adds_up(&render(&made::of(&made::hostile())));
    adds_up(&render(&made::fine(3)));
}

#[test]
fn cases_of_one_cleaned_name_are_numbered_and_none_takes_the_name_of_another() {
    let mut report = made::fine(6);
    let cases = &mut report.run.as_mut().unwrap().cases;
    // Characters that XML has not become one and the same; two are called as a number would call the second.
    for (case, id) in cases.iter_mut().zip([
        "p/w?a=\u{fffe}",
        "p/w?a=\u{ffff}",
        "p/w?b=1",
        "p/w?a=\u{fffd} #2",
        "p/w?a=\u{fffd} #2",
        "p/w?a=\u{fffd}",
    ]) {
        case.case.id = id.to_owned().into();
    }

    let text = render(&report);

    let document = Document::parse(&text).unwrap();
    let tests = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    let names: Vec<&str> = tests.filter_map(|node| node.attribute("name")).collect();
    assert_eq!(
        names,
        [
            "p/w?a=\u{fffd}",
            "p/w?a=\u{fffd} #3",
            "p/w?b=1",
            "p/w?a=\u{fffd} #2",
            "p/w?a=\u{fffd} #2 #2",
            "p/w?a=\u{fffd} #4",
        ]
    );
    adds_up(&text);
}

#[test]
fn a_crash_is_an_error_and_a_wrong_answer_or_a_regression_a_failure() {
    let text = render(&made::ordinary());
    let document = Document::parse(&text).unwrap();

    let crash = child(of(&document, "panic"), "error").unwrap();
    assert_eq!(crash.attribute("type"), Some("panic"));
    assert!(
        crash
            .attribute("message")
            .unwrap()
            .contains("panic in measure: steps")
    );
    assert!(
        crash.text().unwrap().contains("stderr: the last words"),
        "{text}"
    );
    let printed = child(of(&document, "panic"), "system-err").unwrap();
    assert_eq!(printed.text(), Some("steps\nthe last words"));

    let wrong = child(of(&document, "wrong"), "failure").unwrap();
    assert_eq!(wrong.attribute("type"), Some("wrong"));

    let worse = child(of(&document, "regressed"), "failure").unwrap();
    assert_eq!(worse.attribute("type"), Some("regressed"));
    assert!(
        worse
            .text()
            .unwrap()
            .contains("regressed (critical): time of"),
        "{text}"
    );

    let skipped = child(of(&document, "skipped"), "skipped").unwrap();
    assert_eq!(skipped.attribute("message"), Some("steps"));
}

#[test]
fn what_is_inconclusive_fails_nothing_and_is_not_hidden() {
    let text = render(&made::ordinary());
    let document = Document::parse(&text).unwrap();
    let case = of(&document, "inconclusive");

    assert!(child(case, "failure").is_none() && child(case, "error").is_none());
    let said = child(case, "system-out").unwrap().text().unwrap();
    assert!(said.starts_with("inconclusive: time of"), "{said}");
    let properties = child(case, "properties").unwrap();
    let property = |name: &str| {
        let mut all = properties.children();
        let found = all.find(|one| one.attribute("name") == Some(name));
        found.and_then(|one| one.attribute("value"))
    };
    assert_eq!(property("time"), Some("1 ms"));
    assert_eq!(property("verdict.time"), Some("inconclusive"));
    assert_eq!(property("outcome"), Some("ok"));
}

#[test]
fn a_refused_plugin_and_an_interrupted_run_are_errors() {
    let text = render(&made::ordinary());
    let document = Document::parse(&text).unwrap();
    let errors: Vec<&str> = document
        .descendants()
        .filter(|one| one.has_tag_name("error"))
        .filter_map(|one| one.parent().unwrap().attribute("name"))
        .collect();

    assert!(errors.contains(&"plugin steps is loaded"), "{errors:?}");
    assert!(errors.contains(&"every planned case is run"), "{errors:?}");
    assert!(!render(&made::fine(1)).contains("benchhost/run"));
}
