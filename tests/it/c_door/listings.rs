//! Every listing of `docs/plugin-abi.md` in C and C++ is compiled; those that are whole files are run.

use std::fs;

use crate::support::{Sandbox, case, compile, read_run, root};

/// Languages and file names of the listings, and their text.
fn listings(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(about) = line.strip_prefix("```") else {
            continue;
        };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        found.push((about.to_owned(), text.join("\n") + "\n"));
    }
    found
}

#[test]
fn every_listing_of_the_page_compiles_and_the_whole_ones_run() {
    let sandbox = Sandbox::new();
    let page = fs::read_to_string(root().join("docs/plugin-abi.md")).unwrap();
    let mut ran = Vec::new();
    for (about, text) in listings(&page) {
        let (language, file) = about.split_once(" file=").unwrap_or((&about, ""));
        if !matches!(language, "c" | "cpp") {
            assert!(
                matches!(language, "text" | "console"),
                "{language}: not run"
            );
            continue;
        }
        if file.is_empty() {
            let text = format!("#include <stdio.h>\n#include \"benchhost_plugin.h\"\n{text}");
            let source = sandbox.write(&format!("fragment.{language}"), text);
            let more = ["-c", "-Wno-unused-function"];
            compile(&source, &sandbox.path().join("fragment.o"), &more);
            continue;
        }
        let source = sandbox.write(file, text);
        let stem = file.split_once('.').unwrap().0;
        let library = format!("lib{stem}.so");
        compile(&source, &sandbox.path().join(&library), &["-shared"]);

        let args = ["--no-store", "--max-time", "50ms", "--out", stem];
        let output =
            sandbox.run(&[&["run", "--plugin", &format!("./{library}")], &args[..]].concat());

        assert_eq!(output.code, Some(0), "{file}: {output:?}");
        let run = read_run(&sandbox.path().join(stem).join("run.json"));
        assert!(case(&run, "/").outcome.is_ok(), "{file}: {output:?}");
        ran.push(file.to_owned());
    }
    assert_eq!(ran, ["least.c", "adding.cpp"]);
}

#[test]
fn the_page_knows_every_function_status_word_and_key() {
    let page = fs::read_to_string(root().join("docs/plugin-abi.md")).unwrap();
    let header = fs::read_to_string(root().join("plugin-api/include/benchhost_plugin.h")).unwrap();
    let plugin = header.split_once("typedef struct bh_plugin").unwrap().1;
    let plugin = plugin.split_once("} bh_plugin;").unwrap().0;
    let functions: Vec<&str> = plugin
        .split("(*")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0))
        .collect();
    assert!(functions.len() >= 11, "{functions:?}");
    for function in functions {
        assert!(page.contains(&format!("| `{function}` |")), "{function}");
    }
    let defined = |prefix: &str| -> Vec<&str> {
        let lines = header.lines();
        lines
            .filter_map(|line| line.strip_prefix("#define "))
            .filter(|line| line.starts_with(prefix))
            .filter_map(|line| line.split([' ', '(']).next())
            .collect()
    };
    for word in [
        "BH_OK",
        "BH_FAILED",
        "BH_CONFIG",
        "BH_WRONG",
        "BH_UNSUPPORTED",
        "BH_PANIC",
    ] {
        assert_eq!(defined(word).len(), 1, "{word}");
        assert!(page.contains(&format!("`{word}` ")), "{word}");
    }
}
