//! What is written about data is what the program has.

use serde_json::Value;

use crate::support::{Sandbox, root};

fn entries() -> Vec<Value> {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["data", "list", "--format", "json"]);
    command
        .env("BENCHHOST_CACHE", "/nowhere")
        .env_remove("BENCHHOST_DATA");
    let output = crate::support::finish(&mut command);
    let list: Value = serde_json::from_str(&output.stdout).unwrap();
    list["entries"].as_array().unwrap().clone()
}

#[test]
fn the_table_of_the_page_is_the_catalogue() {
    let page = std::fs::read_to_string(root().join("docs/data.md")).unwrap();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();

    let expected: Vec<String> = entries()
        .iter()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap().to_owned();
            format!(
                "| `{}` | {} | {} | {} | {} |",
                text("name"),
                text("what"),
                entry["bytes"],
                text("licence"),
                text("from")
            )
        })
        .collect();

    let rows: Vec<&str> = rows.into_iter().take(expected.len()).collect();
    assert_eq!(rows, expected, "docs/data.md");
    assert!(page.lines().count() <= 120);
}

#[test]
fn the_example_of_the_page_is_a_catalogue() {
    let page = std::fs::read_to_string(root().join("docs/data.md")).unwrap();
    let example = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let sandbox = Sandbox::new();
    sandbox.write("own.toml", example);

    let output = sandbox.run(&["data", "list", "--catalogue", "own.toml", "--cache", "c"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(
        output.stdout.lines().count(),
        1 + entries().len() + example.matches("[[entry]]").count()
    );
}

#[test]
fn help_says_what_happens_and_what_it_costs() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["data", "--help"]).stdout;
    for words in [
        "list",
        "fetch",
        "verify",
        "where",
        "--cache <DIR>",
        "--catalogue <FILE>",
        "BENCHHOST_CACHE",
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
    assert!(
        help.contains("Exit codes: 0 fine · 1 not fetched, damaged"),
        "{help}"
    );
    assert!(
        help.contains("No other command of benchhost touches"),
        "{help}"
    );
    let fetch = sandbox.run(&["data", "fetch", "--help"]).stdout;
    assert!(
        fetch.contains("<NAME>...") && fetch.contains("--from <PATH|URL>"),
        "{fetch}"
    );
}

#[test]
fn nobody_knows_where_without_a_home() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["data", "where"]);
    command
        .env_remove("XDG_CACHE_HOME")
        .env("HOME", "relative")
        .env_remove("BENCHHOST_DATA");

    let output = crate::support::finish(&mut command);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert_eq!(
        output.stderr,
        "error: there is no folder for data: BENCHHOST_CACHE is not set, and neither XDG_CACHE_HOME nor HOME is an absolute path\n \
         hint: name one with --cache DIR or BENCHHOST_CACHE\n"
    );
}
