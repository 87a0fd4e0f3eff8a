//! What a run ends with: verdicts, what moved, what could be done; and the rules that users write for it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use crate::support::{Output, Sandbox, finish, plugin};

/// Two cases; a target of the first that cannot be met.
fn suite() -> String {
    format!(
        "name = 's'\n[defaults]\nmax-time = '5ms'\nwarm-up = {{ iterations = 3 }}\n[plugins]\nm = '{}'\n\
         [[benchmark]]\nname = 'b'\nplugin = 'm'\nworkload = 'trouble'\nparams = {{ what = 'work' }}\n\
         axes = {{ after = [1, 2] }}\ntargets = {{ time = '<= 1ns' }}\n",
        plugin("fixture-misbehave").display()
    )
}

fn run(sandbox: &Sandbox, more: &[&str], variables: &[(&str, &str)]) -> Output {
    sandbox.write("s.toml", suite());
    let mut command = sandbox.command(&[&["run", "s.toml", "--out", "out"], more].concat());
    for name in [
        "LC_ALL",
        "LC_CTYPE",
        "LANG",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "TERM",
    ] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    finish(&mut command)
}

#[test]
fn a_run_is_judged_at_its_end_and_its_exit_code_is_still_that_of_measuring() {
    let sandbox = Sandbox::new();

    let output = run(&sandbox, &[], &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    for words in [
        "✗ target",
        "\nmovers\n",
        "\nrecommendations\n",
        "target-missed: verdict target-missed",
    ] {
        assert!(output.stdout.contains(words), "{words}: {}", output.stdout);
    }
    let last = output.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("2 cases: 2 ok · 2 target-missed"),
        "{last}"
    );
    // Only `check` moves alerts.
    let alerts = sandbox.run(&["history", "list", "--alerts", "--format", "json"]);
    assert!(alerts.stdout.contains("\"alerts\": []"), "{alerts:?}");
    let check = sandbox.run(&["check", "--quiet"]);
    assert_eq!(check.code, Some(4), "{check:?}");
}

#[test]
fn a_rule_of_the_folder_speaks_and_one_that_is_wrong_costs_a_remark_only() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "recommend.toml",
        "[[recommend]]\nname = 'ours'\nwhen = 'param.after > 1'\ntext = 'after is {value}'\nrank = 0\n",
    );

    let output = run(&sandbox, &[], &[]);

    let advice = output.stdout.split("recommendations\n").nth(1).unwrap();
    let mut lines = advice.lines();
    assert_eq!(lines.next(), Some("  after is 2"));
    let evidence = lines.next().unwrap();
    assert!(
        evidence.starts_with("    2 · m/trouble?after=2")
            && evidence.ends_with("ours: param.after > 1"),
        "{evidence}"
    );

    sandbox.write(
        "recommend.toml",
        "[[recommend]]\nname = 'ours'\nwen = 'time > 1s'\n",
    );
    let output = run(&sandbox, &[], &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let remark = "note: the run is not judged: recommend.toml:3: unknown key `wen` in [[recommend]] (did you mean `when`?)";
    assert!(output.stderr.contains(remark), "{output:?}");
    assert!(output.stdout.contains("2 cases: 2 ok · "), "{output:?}");
    // Who asks for a report asks for its rules.
    let report = sandbox.run(&["report", "--format", "md"]);
    assert_eq!(report.code, Some(2), "{report:?}");
    assert!(
        report
            .stderr
            .contains("recommend.toml:3: unknown key `wen`"),
        "{report:?}"
    );
    let missing = sandbox.run(&["report", "--recommend", "none.toml"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(
        missing.stderr.contains("cannot read the rules `none.toml`"),
        "{missing:?}"
    );
}

#[test]
fn run_and_report_take_a_file_of_rules_and_both_remark_one_that_is_idle() {
    let sandbox = Sandbox::new();
    let rule = |name: &str, when: &str| {
        format!(
            "[[recommend]]\nname = '{name}'\nwhen = '{when}'\ntext = 'after is {{value}}'\nrank = 0\n"
        )
    };
    let speaks = rule("ours", "param.after > 1");
    sandbox.write("mine.toml", format!("{speaks}{}", rule("odd", "tine > 1")));

    let ran = run(&sandbox, &["--recommend", "mine.toml"], &[]);
    let report = [
        "report",
        "--format",
        "md",
        "--out",
        "-",
        "--recommend",
        "mine.toml",
    ];
    let reported = sandbox.run(&report);

    let idle =
        "note: the recommendation at mine.toml:6 says nothing: no case of this run has `tine`";
    for (output, code) in [(&ran, 0), (&reported, 0)] {
        assert_eq!(output.code, Some(code), "{output:?}");
        assert!(output.stdout.contains("after is 2"), "{output:?}");
        assert!(output.stderr.contains(idle), "{output:?}");
    }

    // Known before anything is built or measured: not even the suite is looked for.
    let none = sandbox.run(&["run", "nowhere.toml", "--recommend", "none.toml"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(
        none.stderr.contains("cannot read the rules `none.toml`") && none.stdout.is_empty(),
        "{none:?}"
    );
}

#[test]
fn a_baseline_that_is_damaged_costs_a_remark_only() {
    let sandbox = Sandbox::new();
    sandbox.write("baselines/main.toml", "this is no baseline");

    let output = run(&sandbox, &[], &[]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stderr.contains("note: the run is not judged: "),
        "{output:?}"
    );
    assert!(output.stdout.contains("2 cases: 2 ok · "), "{output:?}");
}

#[test]
fn verbose_tells_each_finished_case_every_metric_and_the_machine() {
    let sandbox = Sandbox::new();

    let output = run(&sandbox, &["--verbose", "--repetitions", "2"], &[]);

    let told: Vec<&str> = output
        .stderr
        .lines()
        .filter(|line| line.starts_with('['))
        .collect();
    assert_eq!(told.len(), 2, "{output:?}");
    assert!(
        told[0].starts_with("[1/2] b after=") && told[0].contains(": ok, "),
        "{told:?}"
    );
    assert!(
        told[0].ends_with(" s left") && !told[1].contains("left"),
        "{told:?}"
    );
    for words in [
        "setup-time",
        "2 workers, ",
        "\nenvironment\n",
        "clock read",
        "\nflags\n  m/trouble?after=1",
    ] {
        assert!(output.stdout.contains(words), "{words}: {}", output.stdout);
    }
    let both = run(&sandbox, &["--verbose", "--quiet"], &[]);
    assert_eq!(both.code, Some(2), "{both:?}");
}

#[test]
fn the_table_does_what_the_environment_asks_for() {
    let sandbox = Sandbox::new();

    let old = run(&sandbox, &[], &[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]);
    assert!(
        old.stdout.is_ascii() && old.stdout.contains("x target"),
        "{old:?}"
    );
    let modern = run(&sandbox, &[], &[("LC_ALL", ""), ("LANG", "C.UTF-8")]);
    assert!(modern.stdout.contains("✗ target"), "{modern:?}");

    let forced = run(&sandbox, &[], &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")]);
    assert!(
        forced.stdout.contains("\u{1b}[31m✗ target-missed\u{1b}[0m"),
        "{forced:?}"
    );
    let refused = run(&sandbox, &[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
    assert!(!refused.stdout.contains('\u{1b}'), "{refused:?}");

    let narrow = run(&sandbox, &[], &[("COLUMNS", "70")]);
    let widest = narrow.stdout.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(70), "{narrow:?}");
}
