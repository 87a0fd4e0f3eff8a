//! Shell completions, asked for in the shells themselves where they are installed.

#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on panics, and says what it skips"
)]

use std::process::Command;

use crate::support::{Output, Sandbox, finish};

/// The sandbox with the script of `shell` in it.
fn with_script(shell: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let made = sandbox.run(&["completions", shell]);
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""));
    sandbox.write("script", made.stdout);
    sandbox
}

/// Whether `shell` is here; says so when it is not.
fn is_here(shell: &str) -> bool {
    let is_here = Command::new(shell).args(["-c", "true"]).output().is_ok();
    if !is_here {
        eprintln!("skipped: {shell} is not installed");
    }
    is_here
}

fn ask(sandbox: &Sandbox, shell: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(shell);
    finish(command.args(arguments).current_dir(sandbox.path()))
}

/// What bash offers for the last of `words`.
fn bash_offers(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    // Outside of a completion `compopt` has nothing to set.
    const ASK: &str = r#"source ./script
        compopt() { :; }
        COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 ))
        _benchhost benchhost "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    let mut arguments = vec!["--norc", "--noprofile", "-c", ASK, "bash", "benchhost"];
    arguments.extend(words);
    let said = ask(sandbox, "bash", &arguments);
    assert_eq!(
        (said.code, said.stderr.as_str()),
        (Some(0), ""),
        "{words:?}"
    );
    said.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_the_values_that_are_known() {
    if !is_here("bash") {
        return;
    }
    let sandbox = with_script("bash");

    let checked = ask(&sandbox, "bash", &["-n", "./script"]);
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
    for (words, wanted) in [
        (&["hist"][..], "history"),
        (&["completions", "z"], "zsh"),
        (&["history", "tre"], "trend"),
        (&["run", "--fil"], "--filter"),
        (&["schema", "sui"], "suite"),
        (&["report", "--format", "ju"], "junit"),
        (&["history", "export", "--to", "benc"], "benchhost"),
        (
            &["history", "import", "--from", "pytest"],
            "pytest-benchmark",
        ),
    ] {
        let offered = bash_offers(&sandbox, words);
        assert!(
            offered.iter().any(|one| one == wanted),
            "{words:?}: {offered:?}"
        );
    }
    sandbox.write("a-file", "");
    let offered = bash_offers(&sandbox, &["run", "--filter", "a"]);
    assert_eq!(offered, ["a"], "a glob is no file");
}

#[test]
fn zsh_reads_its_script_and_fish_offers_words_that_have_no_option_before_them() {
    if is_here("zsh") {
        let sandbox = with_script("zsh");
        let checked = ask(&sandbox, "zsh", &["-f", "-n", "./script"]);
        assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
    }
    if is_here("fish") {
        let sandbox = with_script("fish");
        for (line, wanted) in [
            ("benchhost hist", "history"),
            ("benchhost run --fil", "--filter"),
            ("benchhost schema ", "suite"),
            ("benchhost completions ", "zsh"),
            ("benchhost history export --to ", "openmetrics"),
        ] {
            let ask_it = format!("source ./script; complete -C '{line}'");
            let said = ask(&sandbox, "fish", &["--no-config", "-c", &ask_it]);
            assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{line}");
            let is_offered = |one: &str| one.split('\t').next() == Some(wanted);
            assert!(
                said.stdout.lines().any(is_offered),
                "{line}: {}",
                said.stdout
            );
        }
    }
}

#[test]
fn every_shell_has_a_script_with_every_command_and_others_are_refused() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["--help"]).stdout;
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // A text that is wrapped goes on further to the right.
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|word| !word.is_empty())
        .collect();
    assert!(
        commands.contains(&"completions") && commands.contains(&"man"),
        "{help}"
    );

    for shell in ["bash", "zsh", "fish"] {
        let script = sandbox.run(&["completions", shell]).stdout;
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let refused = sandbox.run(&["completions", "fihs"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("'fish'"), "{}", refused.stderr);
}
