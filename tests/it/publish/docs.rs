//! docs/publish.md: its settings are settings, and it lists what templates can name.

use super::{command, slower};
use crate::support::{finish, root};

/// Blocks of the page in this language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let parts = page.split(&start).skip(1);
    parts
        .map(|part| part.split("\n```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_example_of_the_page_can_be_used() {
    let page = std::fs::read_to_string(root().join("docs/publish.md")).unwrap();
    let sandbox = slower();
    let settings = blocks(&page, "toml");
    assert!(settings.len() >= 4, "{}", settings.len());
    let mut all = String::new();
    for (index, block) in settings.iter().enumerate() {
        let name = format!("block-{index}.toml");
        sandbox.write(&name, block);
        all += block;
        all += "\n";
        let arguments = [
            "publish",
            "prometheus",
            "--push",
            "http://localhost:1",
            "--dry-run",
            "--config",
            &name,
        ];

        let output = finish(&mut command(&sandbox, &arguments));

        assert_eq!(output.code, Some(0), "{block}\n{output:?}");
    }
    sandbox.write("publish.toml", &all);
    let output = finish(&mut command(&sandbox, &["publish", "alerts", "--dry-run"]));
    assert_eq!(
        output.code,
        Some(0),
        "all blocks together are one file: {output:?}"
    );
}

#[test]
fn the_page_lists_what_a_template_can_name() {
    let page = std::fs::read_to_string(root().join("docs/publish.md")).unwrap();
    let sandbox = slower();
    sandbox.write(
        "publish.toml",
        super::alerts::webhook("http://localhost:1", ""),
    );
    assert_eq!(
        finish(&mut command(&sandbox, &["check", "--quiet"])).code,
        Some(4)
    );

    let output = finish(&mut command(&sandbox, &["publish", "alerts", "--dry-run"]));

    let body = output
        .stdout
        .lines()
        .find(|line| line.starts_with('{'))
        .unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    for part in ["alert", "run", "report"] {
        for name in body[part].as_object().unwrap().keys() {
            assert!(
                page.contains(&format!("`{name}`")),
                "docs/publish.md does not list {part}.{name}"
            );
        }
    }
}
