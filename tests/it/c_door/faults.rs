//! The fixtures of `tests/fixtures/c`: one fault each, and what is said of it.

use std::fs;

use benchhost_record::{FlagKind, Run};

use crate::support::{Output, Sandbox, case, metric, processes_of, root};

/// Refused by `plugin check`, with words of the message.
const REFUSED: [(&str, &[&str]); 16] = [
    (
        "wrong_magic.c",
        &["begins with 0x4e49474f4c504e4f, not with BH_MAGIC"],
    ),
    (
        "revision_2.c",
        &["is built for plugin ABI 2, this host speaks 1"],
    ),
    ("size_8.c", &["`.size` is 8, expected sizeof(bh_plugin)"]),
    (
        "size_uneven.c",
        &["`.size` is 76, expected sizeof(bh_plugin)"],
    ),
    (
        "size_huge.c",
        &["`.size` is 2147483647, expected sizeof(bh_plugin)"],
    ),
    (
        "null_run_batch.c",
        &["`.run_batch` is null", "are required"],
    ),
    ("meta_null.c", &["`meta` returned a null pointer"]),
    ("meta_not_toml.c", &["the description in", "at line 4"]),
    ("meta_not_utf8.c", &["the text is not UTF-8"]),
    (
        "aborts_on_open.c",
        &["crashed with SIGABRT while it was opened"],
    ),
    ("exits_on_open.c", &["exit code 0 while it was opened"]),
    (
        "no_symbol.c",
        &["not a benchhost plugin", "`benchhost_plugin_v1`"],
    ),
    (
        "symbol_is_pointer.c",
        &["`benchhost_plugin_v1` begins with", "const bh_plugin"],
    ),
    (
        "symbol_is_function.c",
        &["`benchhost_plugin_v1`", "const bh_plugin"],
    ),
    (
        "exception_in_constructor.cpp",
        &["SIGABRT while it was opened", "exceptions"],
    ),
    (
        "undefined.c",
        &["the dynamic linker refused", "nobody_has_it"],
    ),
];

/// Opened, with the word of the outcome and words of its sentence.
const OPENED: [(&str, &str, &[&str]); 29] = [
    ("honest.c", "ok", &[]),
    ("older.c", "ok", &[]),
    ("newer.c", "ok", &[]),
    ("no_instance.c", "ok", &[]),
    ("unverified.c", "ok", &[]),
    ("prints.c", "ok", &[]),
    (
        "create_fails.c",
        "plugin-error",
        &["create", "the licence has expired"],
    ),
    (
        "create_fails_silently.c",
        "plugin-error",
        &["`create` returned BH_FAILED, and no sentence"],
    ),
    (
        "unsupported.c",
        "skipped",
        &["this machine has no warp drive"],
    ),
    (
        "no_such_parameter.c",
        "plugin-error",
        &["parameter `lenght` is not set"],
    ),
    (
        "parameter_of_another_type.c",
        "plugin-error",
        &["`length` is 8, expected true or false"],
    ),
    (
        "unknown_status.c",
        "plugin-error",
        &["`run_batch` returned 77, which is no status word"],
    ),
    (
        "hostile_error.c",
        "plugin-error",
        &["\"quoted\" | <b>bold</b>"],
    ),
    ("fewer.c", "wrong", &["(iterations-done)"]),
    ("more.c", "wrong", &["(iterations-done)"]),
    (
        "forgets_to_count.c",
        "wrong",
        &["(iterations-done)", "says it did 0"],
    ),
    ("device_time.c", "wrong", &["(device-time)"]),
    (
        "undeclared_metric.c",
        "wrong",
        &["(metric-declared)", "`surprise`"],
    ),
    (
        "nan_metric.c",
        "wrong",
        &["(metric-finite)", "`declared` is NaN"],
    ),
    ("nan_work.c", "wrong", &["(work)"]),
    ("wrong.c", "wrong", &["(verify)", "got 41, expected 42"]),
    ("aborts_in_create.c", "signal", &["SIGABRT in create"]),
    ("aborts_in_run.c", "signal", &["SIGABRT in first-iteration"]),
    ("null_write.c", "signal", &["SIGSEGV in first-iteration"]),
    (
        "divides_by_zero.c",
        "signal",
        &["SIGFPE in first-iteration"],
    ),
    ("stack_overflow.c", "signal", &["SIG", "in first-iteration"]),
    ("exits.c", "exit", &["exit code 0"]),
    (
        "hangs.c",
        "timeout",
        &["first-iteration took longer than its limit of 500 ms"],
    ),
    (
        "exception_escapes.cpp",
        "signal",
        &["SIGABRT in first-iteration"],
    ),
];

/// What `exceptions_kept.cpp` throws, by workload.
const KEPT: [(&str, &str, &[&str]); 7] = [
    (
        "standard",
        "plugin-error",
        &["first-iteration", "out of luck"],
    ),
    (
        "number",
        "plugin-error",
        &["an exception that is no std::exception"],
    ),
    ("in-constructor", "plugin-error", &["create", "never made"]),
    (
        "unsupported",
        "skipped",
        &["this machine has no warp drive"],
    ),
    ("wrong", "wrong", &["(verify)", "got 41, expected 42"]),
    (
        "narrow",
        "plugin-error",
        &["`byte` is 300, which the plugin's type for it cannot hold"],
    ),
    ("unverified", "ok", &[]),
];

const SETTINGS: &str = "name = 'c'
[defaults]
max-time = '50ms'
warm-up = { iterations = 3 }
[defaults.limits]
create = '500ms'
setup = '500ms'
iteration = '500ms'
stall = '500ms'
verify = '500ms'
teardown = '500ms'
";

/// Runs workload `w` of every fixture in `files` in one suite, the benchmark called like the file.
fn run_all(sandbox: &Sandbox, files: &[&str]) -> (Output, Run) {
    let mut suite = format!("{SETTINGS}[plugins]\n");
    for file in files {
        suite += &format!("'{file}' = '{}'\n", sandbox.c_fixture(file).display());
    }
    for file in files {
        suite += &format!("[[benchmark]]\nname = '{file}'\nplugin = '{file}'\nworkload = 'w'\n");
    }
    sandbox.suite(&suite)
}

fn assert_outcome(run: &Run, benchmark: &str, word: &str, words: &[&str]) {
    let mut cases = run.cases.iter();
    let case = cases.find(|c| c.case.benchmark == benchmark).unwrap();
    let sentence = case.outcome.sentence();
    assert_eq!(case.outcome.word(), word, "{benchmark}: {sentence}");
    for wanted in words {
        assert!(
            sentence.contains(wanted),
            "{benchmark}: {wanted}: {sentence}"
        );
    }
}

fn flagged(run: &Run, kind: FlagKind) -> Vec<&str> {
    let cases = run.cases.iter();
    let mut names: Vec<&str> = cases
        .filter(|case| case.flags.iter().any(|flag| flag.kind == kind))
        .map(|case| case.case.benchmark.as_str())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn what_is_no_descriptor_is_refused_with_the_reason() {
    let sandbox = Sandbox::new();
    for (file, words) in REFUSED {
        let library = sandbox.c_fixture(file);

        let output = sandbox.run(&["plugin", "check", library.to_str().unwrap()]);

        assert_eq!(output.code, Some(3), "{file}: {output:?}");
        for word in words {
            assert!(output.stderr.contains(word), "{file}: {word}: {output:?}");
        }
    }
}

#[test]
fn each_fault_becomes_the_outcome_of_its_kind_and_the_others_are_measured() {
    let sandbox = Sandbox::new();
    let files = OPENED.map(|(file, ..)| file);

    let (output, run) = run_all(&sandbox, &files);

    assert_eq!(output.code, Some(1), "{output:?}");
    for (file, word, words) in OPENED {
        assert_outcome(&run, file, word, words);
    }
    assert_eq!(
        flagged(&run, FlagKind::Unverified),
        ["older.c", "unverified.c"],
        "a descriptor without `verify` proves nothing"
    );
    assert!(!output.stdout.contains('\u{1b}'), "{output:?}");
    let left = processes_of(sandbox.path());
    assert!(left.is_empty(), "processes were left behind: {left:?}");
}

#[test]
fn what_a_library_writes_is_kept_with_its_case() {
    let sandbox = Sandbox::new();

    let (_, run) = run_all(
        &sandbox,
        &["prints.c", "aborts_in_run.c", "exception_escapes.cpp"],
    );

    let kept = |part: &str| case(&run, part).repetitions[0].output.clone();
    assert!(kept("prints").stdout.contains("{\"say\":\"hello\"}"));
    assert!(kept("prints").stderr.contains("to stderr"));
    assert!(kept("aborts").stderr.contains("out of luck"));
    assert!(kept("exception").stderr.contains("exception"));
}

#[test]
fn a_workload_in_c_may_have_only_so_much_to_do() {
    let sandbox = Sandbox::new();
    let library = sandbox.c_fixture("finishes.c");
    let suite = format!(
        "name = 's'\n[plugins]\np = '{}'\n[[benchmark]]\nname = 'b'\nplugin = 'p'\nworkload = 'w'\n\
         warm-up = 'none'\niterations = 1\n",
        library.display()
    );

    let (output, run) = sandbox.suite(&suite);

    assert_eq!(output.code, Some(0), "{output:?}");
    // One of its three iterations was the first, whose answer is proved.
    assert_eq!(metric(case(&run, "p/w"), "time").samples.len(), 2);
}

#[test]
fn exceptions_stay_inside_and_become_sentences() {
    let sandbox = Sandbox::new();
    let library = sandbox.c_fixture("exceptions_kept.cpp");
    let mut suite = format!("{SETTINGS}[plugins]\np = '{}'\n", library.display());
    for (workload, ..) in KEPT {
        suite +=
            &format!("[[benchmark]]\nname = '{workload}'\nplugin = 'p'\nworkload = '{workload}'\n");
    }

    let (_, run) = sandbox.suite(&suite);

    for (workload, word, words) in KEPT {
        assert_outcome(&run, workload, word, words);
    }
    let unverified = flagged(&run, FlagKind::Unverified);
    assert!(unverified.contains(&"unverified"), "{unverified:?}");
    assert!(!unverified.contains(&"wrong"), "that one has a `verify`");
}

#[test]
fn instances_of_a_plugin_in_c_run_side_by_side() {
    let sandbox = Sandbox::new();
    let library = sandbox.c_fixture("honest.c");
    let suite = format!(
        "{SETTINGS}[plugins]\np = '{}'\n[[benchmark]]\nname = 'b'\nplugin = 'p'\nworkload = 'w'\n\
         axes = {{ instances-mode = ['rayon', 'process'] }}\ninstances = 2\n",
        library.display()
    );

    let (output, run) = sandbox.suite(&suite);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(run.cases.len(), 2);
}

#[test]
fn every_fixture_is_in_the_table_and_in_a_test() {
    let folder = root().join("tests/fixtures/c");
    let table = fs::read_to_string(folder.join("README.md")).unwrap();
    let mut tested: Vec<&str> = REFUSED.iter().map(|(file, _)| *file).collect();
    tested.extend(OPENED.map(|(file, ..)| file));
    tested.extend(["finishes.c", "exceptions_kept.cpp"]);
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".c") || name.ends_with(".cpp") {
            assert!(table.contains(&format!("`{name}`")), "{name}: no sentence");
            assert!(tested.contains(&name.as_str()), "{name}: no test");
        }
    }
}
