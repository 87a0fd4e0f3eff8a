//! The manual: what each page has, and where the pages go.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use crate::support::{Sandbox, root};

/// The text of a page without what roff needs: `\-` is a hyphen, fonts are left out.
fn plain(roff: &str) -> String {
    let fonts = [r"\fB", r"\fI", r"\fR", r"\&"];
    let roff = fonts
        .iter()
        .fold(roff.to_owned(), |text, font| text.replace(font, ""));
    roff.replace(r"\-", "-").replace(r"\*(Aq", "'")
}

#[test]
fn the_main_page_has_every_command_every_exit_code_and_the_environment() {
    let sandbox = Sandbox::new();

    let page = sandbox.run(&["man"]);

    assert_eq!((page.code, page.stderr.as_str()), (Some(0), ""));
    let text = plain(&page.stdout);
    for heading in [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "COMMANDS",
        "ENVIRONMENT",
    ] {
        assert!(
            text.contains(&format!("\n.SH {heading}\n")),
            "{heading}: {text}"
        );
    }
    assert!(text.contains("\n.TH BENCHHOST 1 "), "{text}");
    assert!(text.contains("\nbenchhost - Measures workloads"), "{text}");
    for command in ["run", "plugin", "history", "completions", "man"] {
        assert!(
            text.contains(&format!("\nbenchhost-{command}(1)\n")),
            "{command}"
        );
    }
    // The constants of `exit.rs` are what scripts see.
    let codes = fs::read_to_string(root().join("host/src/exit.rs")).unwrap();
    let codes = codes
        .lines()
        .filter_map(|line| line.strip_prefix("pub const "));
    let codes: Vec<&str> = codes
        .filter_map(|line| line.split("= ").nth(1)?.strip_suffix(';'))
        .collect();
    assert!(codes.contains(&"130"), "{codes:?}");
    for code in codes {
        assert!(text.contains(&format!("\n.TP\n{code}\n")), "{code}: {text}");
    }
}

#[test]
fn each_command_has_a_page_of_its_own_that_replaces_the_old_one() {
    let sandbox = Sandbox::new();
    sandbox.write("man1/benchhost-run.1", "an old page");

    let made = sandbox.run(&["man", "man1"]);

    assert_eq!((made.code, made.stdout.as_str()), (Some(0), ""));
    let page = |name: &str| {
        let text = fs::read_to_string(sandbox.path().join("man1").join(name)).unwrap();
        plain(&text)
    };
    assert_eq!(page("benchhost.1"), plain(&sandbox.run(&["man"]).stdout));
    let run = page("benchhost-run.1");
    assert!(
        run.contains("--filter <GLOB>") && run.contains("benchhost(1)"),
        "{run}"
    );
    assert!(page("benchhost-history-list.1").contains("benchhost-history(1)"));
    let compare = page("benchhost-compare.1");
    assert!(
        compare.contains("\n4\na case got worse\n"),
        "its own exit codes: {compare}"
    );
    let pages = fs::read_dir(sandbox.path().join("man1")).unwrap();
    for page in pages {
        let path = page.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.contains(".SH SYNOPSIS") && text.contains(".SH \"EXIT STATUS\""),
            "{path:?}"
        );
        assert!(!path.to_string_lossy().contains("help"), "{path:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "");

    let refused = sandbox.run(&["man", "file"]);

    assert_eq!(refused.code, Some(1));
    let sentence = "error: cannot write `file/benchhost.1`: `file` is no folder\n";
    assert_eq!(refused.stderr, sentence);
}
