//! Plugins in C and C++: what is refused, what becomes of each fault, the examples, and every listing of
//! `docs/plugin-abi.md`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod faults;
mod listings;

use std::{fs, path::Path, process::Command};

use benchhost_record::FlagKind;

use crate::support::{
    Output, Sandbox, case, compile, finish, has, include, metric, read_run, root,
};

/// Copies the files of the folder `from` of the repository into the sandbox.
fn copy(sandbox: &Sandbox, from: &str) {
    for entry in fs::read_dir(root().join(from)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = Path::new(from).join(path.file_name().unwrap());
            sandbox.write(name.to_str().unwrap(), fs::read(&path).unwrap());
        }
    }
}

/// Runs the program where `make` finds the header.
fn with_header(sandbox: &Sandbox, args: &[&str]) -> Output {
    let mut command = sandbox.command(args);
    command.env("BENCHHOST_INCLUDE", include());
    finish(&mut command)
}

#[test]
fn the_headers_compile_alone_without_a_warning() {
    let sandbox = Sandbox::new();
    for (file, header) in [
        ("c.c", "benchhost_plugin.h"),
        ("c.cpp", "benchhost_plugin.h"),
        ("hpp.cpp", "benchhost_plugin.hpp"),
    ] {
        let source = sandbox.write(file, format!("#include \"{header}\"\nextern int x;\n"));
        compile(&source, &sandbox.path().join("x.o"), &["-c"]);
    }
}

#[test]
fn the_examples_are_described_measured_and_proved() {
    if !has("make") {
        return;
    }
    let sandbox = Sandbox::new();
    for (folder, name, phase) in [
        ("plugin-api/examples/c", "heat 1.0.0", "time.step"),
        (
            "plugin-api/examples/cpp",
            "kernels-cpp 1.0.0",
            "time.multiply",
        ),
    ] {
        copy(&sandbox, folder);
        let suite = format!("{folder}/suite.toml");

        let checked = with_header(&sandbox, &["plugin", "check", folder]);
        let measured = with_header(
            &sandbox,
            &[
                "run",
                &suite,
                "--tier",
                "test",
                "--no-store",
                "--out",
                folder,
            ],
        );

        assert_eq!(checked.code, Some(0), "{checked:?}");
        assert!(checked.stdout.starts_with(name), "{checked:?}");
        assert_eq!(measured.code, Some(0), "{measured:?}");
        let run = read_run(&sandbox.path().join(folder).join("run.json"));
        for case in &run.cases {
            assert!(case.outcome.is_ok(), "{case:?}");
            assert!(case.flags.iter().all(|f| f.kind != FlagKind::Unverified));
            let rate = metric(case, "throughput").summary.as_ref().unwrap();
            assert!(rate.median > 0.0, "{case:?}");
        }
        let phases = run
            .cases
            .iter()
            .filter(|case| case.measurements.iter().any(|m| m.metric.name == phase));
        assert!(phases.count() >= 3, "{phase}");
    }
}

#[test]
fn an_example_is_built_again_when_its_flags_change_and_only_then() {
    if !has("make") {
        return;
    }
    let sandbox = Sandbox::new();
    copy(&sandbox, "plugin-api/examples/c");
    let make = |flags: &str| {
        let mut command = Command::new("make");
        command.current_dir(sandbox.path().join("plugin-api/examples/c"));
        command.env("BENCHHOST_INCLUDE", include());
        let output = finish(command.env("CFLAGS", flags));
        assert_eq!(output.code, Some(0), "{output:?}");
        output.stdout.contains("-shared")
    };

    assert!(make("-O1"));
    assert!(!make("-O1"), "nothing changed");
    assert!(make("-O2"), "a library of other flags is never measured");
}

#[test]
fn a_plugin_in_c_is_asked_for_a_device_that_it_does_not_have() {
    let sandbox = Sandbox::new();
    copy(&sandbox, "plugin-api/examples/c");
    sandbox.write(
        "suite.toml",
        "name = 's'\n[plugins]\nh = 'plugin-api/examples/c'\n[[benchmark]]\nname = 'b'\nplugin = 'h'\n\
         workload = 'heat'\ndevice = 'cuda'\n",
    );

    let output = with_header(
        &sandbox,
        &["run", "suite.toml", "--no-store", "--out", "out"],
    );

    assert_eq!(output.code, Some(0), "{output:?}");
    let run = read_run(&sandbox.path().join("out/run.json"));
    let outcome = &case(&run, "heat").outcome;
    assert_eq!(outcome.word(), "skipped", "{outcome:?}");
}
