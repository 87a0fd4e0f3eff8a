//! What GitHub shows: inert, within its limits, and whole after every cut.

use benchhost_report::github::{
    COMMENT_LIMIT, CommentOptions, SUMMARY_LIMIT, annotations, comment, marker, summary,
};

use super::{
    made,
    markdown::{inert, tables_hold},
};

const LINKED: CommentOptions<'static> = CommentOptions {
    link: Some("https://example.org/runs/7?a=(b)&c=d"),
    name: None,
};

fn many() -> Vec<String> {
    (0..700)
        .map(|i| format!("case-{i}-{}", "x".repeat(40)))
        .collect()
}

/// Folded parts that begin also end.
fn is_balanced(text: &str) -> bool {
    text.matches("<details>").count() == text.matches("</details>").count()
}

#[test]
fn a_comment_is_inert_and_begins_with_its_marker() {
    for name in made::hostile() {
        let text = comment(&made::of(std::slice::from_ref(&name)), &LINKED);
        let first = text.lines().next().unwrap();

        assert_eq!(first, marker(&name));
        assert_eq!(first.matches("--").count(), 2, "{first}");
        inert(&text, 1);
        tables_hold(&text);
    }
}

#[test]
fn a_comment_says_what_changed_and_what_failed_before_the_rest() {
    let text = comment(&made::ordinary(), &LINKED);
    let order = [
        "<!-- benchhost:steps -->\n",
        "## ❌ Benchmarks: steps\n",
        "**Status**: **failed**, 1 metric regressed",
        "INTERRUPTED",
        "### Top movers",
        "**✗ regressed (critical)**",
        "### Failed and wrong",
        "**✗ wrong**",
        "### Executive summary",
        "<details><summary>Figures of each case</summary>",
        "[Workflow run](<https://example.org/runs/7?a=(b)&c=d>)",
        "<sub>run `20261121T040512Z-kfwq`",
    ];

    let mut rest = text.as_str();
    for part in order {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part}:\n{text}"));
        rest = &rest[at..];
    }
}

#[test]
fn an_address_that_is_none_is_no_link() {
    for link in ["javascript:alert(1)", "https://x\n> y", "https://x>[y](z"] {
        let options = CommentOptions {
            link: Some(link),
            name: Some("n"),
        };
        inert(&comment(&made::ordinary(), &options), 0);
    }
}

#[test]
fn what_is_too_long_is_cut_at_a_whole_part_and_says_so() {
    let report = made::of(&many());

    let text = summary(&report);
    assert!(
        text.len() <= SUMMARY_LIMIT && text.len() > SUMMARY_LIMIT / 2,
        "{}",
        text.len()
    );
    assert!(text.contains("Cut to the size that GitHub shows"));
    assert!(is_balanced(&text));
    tables_hold(&text);

    let text = comment(&report, &LINKED);
    assert!(
        text.len() <= COMMENT_LIMIT && text.len() > COMMENT_LIMIT / 2,
        "{}",
        text.len()
    );
    assert!(text.contains("Cut to the size that GitHub shows"));
    assert!(text.ends_with("</sub>\n"), "the footer stays");
    assert!(is_balanced(&text));
    inert(&text, 1);
}

#[test]
fn annotations_are_commands_of_one_line_and_at_most_ten_of_a_kind() {
    let text = annotations(&made::of(&made::hostile()));
    let of = |command: &str| {
        let begin = format!("::{command} title=");
        text.lines().filter(|line| line.starts_with(&begin)).count()
    };

    assert_eq!((of("error"), of("warning"), of("notice")), (10, 10, 1));
    assert_eq!(text.lines().count(), 21, "{text}");
    for line in text.lines() {
        let (head, _) = line[2..].split_once("::").unwrap();
        let title = head.split_once(" title=").unwrap().1;
        assert!(!title.contains([':', ',']), "{title}");
    }
    assert!(
        text.contains("errors more and 19 warnings more: see the summary"),
        "{text}"
    );
}

#[test]
fn every_kind_of_trouble_has_an_annotation_and_peace_has_none() {
    let text = annotations(&made::ordinary());

    for part in [
        "::error title=plugin steps is refused::steps",
        "::error title=wrong answer%3A steps/steps?kind=wrong",
        "::error title=failed%3A steps/steps?kind=panic",
        "::error title=regressed (critical)%3A time of steps/steps?kind=regressed",
        "::warning title=the run is not whole::INTERRUPTED: ended early by the user, 6 of 9 cases are in",
        "::warning title=inconclusive%3A time of steps/steps?kind=inconclusive",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert_eq!(annotations(&made::fine(1)), "");
}
