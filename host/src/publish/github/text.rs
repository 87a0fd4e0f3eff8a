//! The text of the comment: the report's, cut to what GitHub takes.

use benchhost_report::{Report, github};

/// Letters that a comment may have; GitHub takes 65536.
const MOST: usize = 65_000;

/// Beginning of every marker.
const MARKER: &str = "<!-- benchhost:";

/// The comment. Its first line is the marker.
pub(super) fn comment(report: &Report, link: Option<&str>) -> String {
    let mut text = github::comment(report);
    if !text.starts_with(MARKER) {
        text = format!("{}\n{text}", marker(report));
    }
    let footer = link
        .filter(|link| !text.contains(*link))
        .map(|link| format!("\n\n[Workflow run]({link})"))
        .unwrap_or_default();
    cut(text, MOST - footer.len()) + &footer
}

/// The marker of a comment made here: its first line.
pub(super) fn marker_of(body: &str) -> &str {
    body.lines().next().unwrap_or_default().trim_end()
}

/// One comment for each suite. The name of a suite ends no comment of HTML.
fn marker(report: &Report) -> String {
    let suite = report.run.as_ref().and_then(|run| run.suite.as_ref());
    let name: String = suite
        .map_or("", |suite| suite.name.as_str())
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .take(100)
        .collect();
    let name = name
        .split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    format!("{MARKER}{name} -->")
}

/// `text` up to the end of a line before letter `most`.
fn cut(text: String, most: usize) -> String {
    const REST: &str = "\n\n… the rest is too long for a comment.";
    if text.chars().count() <= most {
        return text;
    }
    let end = text
        .char_indices()
        .nth(most - REST.len())
        .map_or(text.len(), |(end, _)| end);
    let end = text[..end].rfind('\n').unwrap_or(end);
    format!("{}{REST}", &text[..end])
}

#[cfg(test)]
mod tests {
    use benchhost_record::{Run, SuiteSource};

    use super::*;

    fn of_suite(name: &str) -> Report {
        let text = r#"{"schema":1,"id":"r","host_version":"0","state":"finished","started":"","command":[],"seed":0,
            "environment":{"fingerprint":"","host_name":null,"os":null,"kernel":null,"architecture":"","virtualisation":null,
            "cpu":{"model":null,"physical_cores":null,"logical_cpus":1,"usable_cpus":1,"smt":null,"governor":null,"turbo":null,
            "cache_bytes":{},"numa_nodes":null},"memory":{"total_bytes":0,"available_bytes":0,"swap_bytes":0},
            "cgroup":{"version":null,"memory_bytes":null,"cpus":null},"gpus":[],"gpu_note":null,"clock_source":null,"aslr":null,
            "load_average_1min":null,"variables":{}},"overhead":{"clock_read_ns":0,"clock_resolution_ns":0},"plugins":[],
            "cases":[],"planned_cases":0}"#;
        let mut run: Run = serde_json::from_str(text).unwrap();
        run.suite = Some(SuiteSource {
            name: name.to_owned(),
            path: String::new(),
            sha256: String::new(),
        });
        Report {
            run: Some(run),
            ..Report::default()
        }
    }

    #[test]
    fn a_comment_begins_with_one_marker_whatever_the_suite_is_called() {
        for name in [
            "quick",
            "--><script>",
            "a\nb",
            "",
            &"x".repeat(300),
            "\u{202e}x",
        ] {
            let text = comment(&of_suite(name), None);

            let first = marker_of(&text);
            assert!(
                first.starts_with(MARKER) && first.ends_with(" -->"),
                "{first}"
            );
            assert_eq!(first.matches("-->").count(), 1, "{first}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut_at_a_line_and_keeps_its_link() {
        let long = "a line of text that repeats\n".repeat(10_000);

        let text = cut(long, 1000);

        assert!(text.chars().count() <= 1000, "{}", text.len());
        assert!(
            text.ends_with("repeats\n\n… the rest is too long for a comment."),
            "{text}"
        );
        assert_eq!(cut("short".to_owned(), 1000), "short");
        assert!(
            comment(&of_suite("q"), Some("https://x.org/1"))
                .ends_with("[Workflow run](https://x.org/1)")
        );
    }
}
