//! `check --publish` and `run --publish`: what cannot be published is a remark and no more.

use super::{
    alerts::webhook,
    command, quick, quiet,
    receiver::{Receiver, dead},
    run, slower, with,
};
use crate::support::{finish, plugin};

/// Settings in which every receiver is dead.
fn all_dead(nowhere: &str) -> String {
    let quick = "retry = { tries = 2, first-wait = \"0s\" }";
    format!(
        "[github]\nrepo = \"o/r\"\npr = 7\napi = \"http://{nowhere}\"\n{quick}\n\
         [prometheus]\nfile = \"publish.toml/x.prom\"\npush = \"http://{nowhere}\"\n{quick}\n\
         [otlp]\nendpoint = \"http://{nowhere}\"\n{quick}\n\
         {}\
         [[action]]\nname = \"mail\"\nkind = \"email\"\nserver = \"smtp://{nowhere}\"\nfrom = \"a@b.org\"\nto = \"a@b.org\"\n{quick}\n",
        webhook(&format!("http://{nowhere}"), "")
    )
}

#[test]
fn dead_receivers_leave_the_exit_code_of_check_alone() {
    let (_held, nowhere) = dead();
    let mut fine = quiet();
    fine.push(quick(12, &[("steady", 1000.0), ("other", 5000.0)]));
    for (sandbox, code, warnings) in [(slower(), 4, 7), (with(&fine), 0, 5)] {
        sandbox.write("publish.toml", all_dead(&nowhere));
        let plain = run(&sandbox, &["check"]);

        let output =
            finish(command(&sandbox, &["check", "--publish"]).env("GITHUB_TOKEN", "hunter2"));

        assert_eq!(
            (plain.code, output.code),
            (Some(code), Some(code)),
            "{output:?}"
        );
        let found = output
            .stderr
            .lines()
            .filter(|line| line.starts_with("warning: not published: "))
            .count();
        assert_eq!(found, warnings, "{output:?}");
        assert!(output.stderr.contains("   hint: "), "{output:?}");
        assert!(!output.stderr.contains("hunter2"), "{output:?}");
        assert!(
            !output.stdout.contains("warning"),
            "the table is left alone: {output:?}"
        );
    }
}

#[test]
fn what_check_found_is_what_is_published() {
    let sandbox = slower();
    let receiver = Receiver::content();
    let settings = webhook(&receiver.address, "")
        + &format!(
            "[prometheus]\nfile = \"x.prom\"\npush = \"{}\"\n",
            receiver.address
        );
    sandbox.write("there/publish.toml", settings);

    let output = run(
        &sandbox,
        &["check", "--quiet", "--publish=there/publish.toml"],
    );

    assert_eq!(output.code, Some(4), "{output:?}");
    assert_eq!(output.stderr, "", "quiet says nothing of what went well");
    // Relative paths start where the settings are.
    assert!(sandbox.path().join("there/x.prom").exists());
    let got = receiver.got();
    let methods: Vec<&str> = got.iter().map(|got| got.method.as_str()).collect();
    assert_eq!(methods, ["PUT", "POST"]);
    assert_eq!(got[1].json()["report"]["exit_code"], 4);
}

#[test]
fn settings_that_cannot_be_used_are_told_before_anything_is_judged_or_measured() {
    let sandbox = slower();
    sandbox.write("publish.toml", "[gihub]\n");
    sandbox.write("suite.toml", "name = \"s\"\n[plugins]\nn = \"absent.so\"\n[[benchmark]]\nname = \"b\"\nplugin = \"n\"\nworkload = \"w\"\n");
    for arguments in [
        &["check", "--publish"][..],
        &["run", "suite.toml", "--publish"],
        &["publish", "otlp"],
        &["check", "--publish=absent.toml"],
    ] {
        let output = run(&sandbox, arguments);

        assert_eq!(output.code, Some(2), "{arguments:?}: {output:?}");
        let is_told = output
            .stderr
            .contains("publish.toml:1: unknown key `gihub` (did you mean `github`?)")
            || output
                .stderr
                .contains("cannot read the settings `absent.toml`");
        assert!(is_told && output.stdout.is_empty(), "{output:?}");
    }
    sandbox.write("publish.toml", "");
    let nowhere = run(&sandbox, &["check", "--publish"]);
    assert_eq!(nowhere.code, Some(4), "{nowhere:?}");
    assert!(
        nowhere
            .stderr
            .contains("`publish.toml` names nowhere to publish to"),
        "{nowhere:?}"
    );
}

#[test]
fn a_run_is_published_when_it_has_ended_and_keeps_its_exit_code() {
    let sandbox = crate::support::Sandbox::new();
    // Without a history none is looked at, not even one that cannot be read.
    sandbox.write(".benchhost/history.db", "no history");
    let receiver = Receiver::content();
    let (_held, nowhere) = dead();
    let settings = format!(
        "[prometheus]\npush = \"{}\"\n[otlp]\nendpoint = \"http://{nowhere}\"\nretry = {{ tries = 1 }}\n",
        receiver.address
    );
    sandbox.write("publish.toml", settings);
    let noop = plugin("noop");
    let suite = format!(
        "name = \"tiny\"\n[defaults]\nmax-time = \"10ms\"\n[plugins]\nn = \"{}\"\n[[benchmark]]\nname = \"b\"\nplugin = \"n\"\nworkload = \"noop\"\n",
        noop.display()
    );
    sandbox.write("suite.toml", suite);

    let output = finish(&mut command(
        &sandbox,
        &["run", "suite.toml", "--publish", "--no-store"],
    ));

    assert_eq!(output.code, Some(0), "{output:?}");
    let got = receiver.got();
    assert_eq!(got.len(), 1, "{output:?}");
    assert!(
        got[0].text().contains("suite=\"tiny\""),
        "{}",
        got[0].text()
    );
    assert!(
        output.stderr.contains("published: metrics pushed to"),
        "{output:?}"
    );
    assert!(
        output
            .stderr
            .contains("warning: not published: cannot send points"),
        "{output:?}"
    );
}
