//! Where a plugin's files lie, who does its work, and what happens while it is only being looked at.

use std::{
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{TROUBLED, plugin, trouble};
use crate::support::{Sandbox, eventually, finish, metric, processes_with};

#[test]
fn the_file_stands_for_its_folder_and_may_be_a_link() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, TROUBLED);
    let there = sandbox.path().join("shell/benchhost.toml");
    std::fs::rename(&there, sandbox.path().join("kept.toml")).unwrap();
    std::os::unix::fs::symlink("../kept.toml", &there).unwrap();

    for named in ["./shell", "shell/benchhost.toml"] {
        let output = sandbox.run(&["plugin", "check", named]);

        assert_eq!(output.code, Some(0), "{named}: {output:?}");
        assert!(output.stdout.contains("door       process"), "{output:?}");
    }
}

#[test]
fn a_library_without_its_folder_is_opened_by_the_file_that_names_it() {
    let sandbox = Sandbox::new();
    sandbox.write("p/benchhost.toml", "library = 'libp.so'\n");

    let output = sandbox.run(&["plugin", "check", "p/benchhost.toml"]);

    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(
        output
            .stderr
            .contains("names the library `libp.so`, which does not exist"),
        "{output:?}"
    );
}

#[test]
fn sources_in_a_folder_below_belong_to_the_plugin() {
    let sandbox = Sandbox::new();
    sandbox.write("p/benchhost.toml", "command = ['bash', 'src/plugin.sh']\n");
    sandbox.write("p/src/plugin.sh", TROUBLED);
    sandbox.write("p/src/more.sh", "one");
    let sha256 = || {
        let output = sandbox.run(&["plugin", "check", "./p"]);
        let line = output.stdout.lines().find(|line| line.contains("sha256"));
        line.unwrap_or_else(|| panic!("{output:?}")).to_owned()
    };

    let before = sha256();
    sandbox.write("p/src/more.sh", "two");

    assert_ne!(before, sha256());
}

/// What starts the plugin and waits for it is not what is measured.
#[test]
fn the_process_that_says_so_is_measured_and_not_its_launcher() {
    let sandbox = Sandbox::new();
    let worker = TROUBLED.replace("\"protocol\":1,", "\"protocol\":1,\"pid\":'$$',");
    plugin(&sandbox, &worker);
    sandbox.write("shell/launch.sh", "bash shell/plugin.sh\nexit 0\n");
    sandbox.write("shell/benchhost.toml", "command = ['bash', 'launch.sh']\n");
    let suite = "name = 's'\n[plugins]\nshell = './shell'\n[defaults]\nmax-time = '100ms'\n\
        [[benchmark]]\nname = 'trouble'\nplugin = 'shell'\nworkload = 'trouble'\n";

    let (output, run) = sandbox.suite(suite);

    assert_eq!(output.code, Some(0), "{output:?}");
    let cpu = metric(&run.cases[0], "cpu-time").summary.as_ref().unwrap();
    assert!(cpu.median > 0.0, "{cpu:?}");
}

#[test]
fn one_instance_is_refused_like_several_and_an_answer_without_a_time_is_none() {
    let sandbox = Sandbox::new();

    let (_, run) = trouble(&sandbox, &["no-time", "zero-time"], "");
    for what in ["no-time", "zero-time"] {
        let outcome = &super::of(&run, what).outcome;
        assert_eq!(outcome.word(), "protocol", "{what}: {outcome:?}");
    }
    let (_, run) = trouble(&sandbox, &[], "instances = 1");
    assert!(run.cases[0].outcome.sentence().contains("instances-mode"));
}

#[test]
fn under_an_offered_load_the_time_is_the_plugins_own() {
    let sandbox = Sandbox::new();

    let (output, run) = trouble(&sandbox, &[], "offered-load = '200/s'");

    assert_eq!(output.code, Some(0), "{output:?}");
    let median = |name| metric(&run.cases[0], name).summary.as_ref().unwrap().median;
    assert!(median("time") < median("wall-time"), "{:?}", run.cases[0]);
    assert!(
        median("wall-time") <= median("latency"),
        "{:?}",
        run.cases[0]
    );
}

#[test]
fn ctrl_c_ends_the_wait_for_a_plugin_that_does_not_describe_itself() {
    let sandbox = Sandbox::new();
    // A length that no other process sleeps.
    let sleep = format!("{}.75", 20_000 + std::process::id());
    sandbox.write(
        "p/benchhost.toml",
        format!("command = ['sleep', '{sleep}']\n"),
    );
    let mut host = sandbox
        .command(&["run", "--plugin", "./p", "--no-store"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    eventually("the plugin to be started", || {
        (!processes_with(&sleep).is_empty()).then_some(())
    });

    kill_process(Pid::from_child(&host), Signal::INT).unwrap();

    assert_eq!(host.wait().unwrap().code(), Some(130));
    eventually("the plugin to be gone", || {
        processes_with(&sleep).is_empty().then_some(())
    });
}

#[test]
fn revisions_of_a_folder_with_a_library_are_built_by_its_own_command() {
    let sandbox = Sandbox::new();
    let made = sandbox.run(&["new", "hello", "--template", "c"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=x", "-c", "user.email=x@example.org"]);
        let output = finish(command.args(arguments).current_dir(sandbox.path()));
        assert_eq!(output.code, Some(0), "{output:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "one"]);

    let arguments = [
        "compare",
        "--rev",
        "HEAD..",
        "--plugin",
        "hello",
        "--max-time",
        "1s",
        "--filter",
        "hello/dot",
    ];
    let mut command = sandbox.command(&arguments);
    let output = finish(command.env("XDG_CACHE_HOME", sandbox.path().join("cache")));

    assert!(output.stdout.contains("hello/dot"), "{output:?}");
    assert!(matches!(output.code, Some(0 | 4)), "{output:?}");
}
