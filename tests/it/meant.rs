//! Typing errors: whatever is named by hand and is not there is answered with what was probably meant.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use crate::support::{Output, Sandbox, made_run, plugin, store};

/// The exit code and what was said on standard error.
fn said(output: &Output) -> (i32, &str) {
    (output.code.unwrap(), &output.stderr)
}

/// A folder with a suite of one benchmark, `extra` in it.
fn with_suite(extra: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "quick.toml",
        format!(
            "name = 's'\n[plugins]\nmine = '{}'\n[tier.nightly]\nrepetitions = 2\n[[benchmark]]\nname = 'one'\n\
             plugin = 'mine'\nworkload = 'trouble'\ntiers = ['nightly']\nparams = {{ what = 'work', after = 1 }}\n{extra}\n",
            plugin("fixture-misbehave").display()
        ),
    );
    sandbox
}

/// A folder with a history of two cases and a baseline.
fn with_history() -> Sandbox {
    let sandbox = Sandbox::new();
    let runs = [0, 1].map(|index| made_run(index, &[("training", 100.0), ("data", 50.0)]));
    store(&sandbox.path().join(".benchhost/history.db"), &runs);
    for (name, run) in ["old", "new"].iter().zip(&runs) {
        let text = serde_json::to_string(run).unwrap();
        sandbox.write(&format!("{name}/run.json"), text);
    }
    let saved = sandbox.run(&["baseline", "save", "main", "--force"]);
    assert_eq!(saved.code, Some(0), "{saved:?}");
    sandbox
}

#[test]
fn commands_options_and_their_values() {
    let sandbox = Sandbox::new();
    for (typed, meant) in [
        (&["rnu"][..], "'run'"),
        (&["history", "lsit"], "'list'"),
        (&["run", "--fliter", "x"], "'--filter'"),
        (&["schema", "siute"], "'suite'"),
        (&["report", "--format", "juint"], "'junit'"),
        (
            &["history", "import", "x", "--from", "criterio"],
            "'criterion'",
        ),
    ] {
        let output = sandbox.run(typed);

        let (code, text) = said(&output);
        assert_eq!(code, 2, "{typed:?}");
        let tip = text.lines().find(|line| line.contains("tip:"));
        assert!(
            tip.is_some_and(|tip| tip.contains(meant)),
            "{typed:?}: {text}"
        );
    }
}

#[test]
fn names_in_and_about_a_suite() {
    let sandbox = with_suite("");
    for (typed, sentence) in [
        (
            &["run", "quikc.toml"][..],
            "hint: did you mean `quick.toml`?",
        ),
        (
            &["run", "quick.toml", "--tier", "nighlty"],
            "unknown tier `nighlty` (did you mean `nightly`?)",
        ),
        (
            &["run", "quick.toml", "--filter", "*troubel*"],
            "no case matches filter `*troubel*` (did you mean `*trouble*`?)",
        ),
        (
            &["run", "quick.toml", "--profile", "trouble"],
            "--profile: quick.toml: no case matches filter `trouble` (did you mean `*trouble*`?)",
        ),
        (
            &["run", "quick.toml", "--plugin", "mien=./x.so"],
            "no benchmark uses the plugin `mien` of the command line (did you mean `mine`?)",
        ),
    ] {
        let output = sandbox.run(typed);
        let (code, text) = said(&output);
        assert_eq!(code, 2, "{typed:?}: {text}");
        assert!(text.contains(sentence), "{typed:?}: {text}");
    }

    for (extra, sentence) in [
        (
            "targets = { tiem = '<= 1s' }",
            "quick.toml:12: mine/trouble has no metric `tiem` (did you mean `time`?)",
        ),
        (
            "targets = { time = '<= 1' }",
            "quick.toml:12: target of `time` is \"<= 1\", expected a bound with its unit",
        ),
        (
            "targets = { throughput = '>= 5%' }",
            "quick.toml:12: target of `throughput` is \">= 5%\", and the metric is no share",
        ),
        (
            "targets = { declared = '<= 2 s' }",
            "quick.toml:12: target of `declared` is \"<= 2 s\", the metric is in \"1\"",
        ),
        (
            "[[benchmark]]\nname = 'b'\nplugin = 'mien'\nworkload = 'trouble'",
            "uses plugin `mien`, which is not in [plugins] (did you mean `mine`?)",
        ),
        (
            "[[benchmark]]\nname = 'b'\nplugin = 'mine'\nworkload = 'truoble'",
            "unknown workload `truoble` of plugin `mine` (did you mean `trouble`?)",
        ),
        (
            "axes = { atfer = [1] }",
            "unknown parameter \"atfer\" of mine/trouble (did you mean \"after\"?)",
        ),
    ] {
        let output = with_suite(extra).run(&["run", "quick.toml", "--out", "out"]);
        let (code, text) = said(&output);
        assert_eq!(code, 2, "{extra}: {text}");
        assert!(text.contains(sentence), "{extra}: {text}");
    }
}

#[test]
fn runs_baselines_and_globs_on_what_was_measured() {
    let sandbox = with_history();
    for (typed, code, sentence) in [
        (
            &["check", "lsat"][..],
            2,
            "has no run `lsat` (did you mean `last`?)",
        ),
        (
            &["report", "./nwe/run.json"],
            2,
            "there is no file `./nwe/run.json`",
        ),
        (
            &["report", "new/rnu.json"],
            2,
            "there is no file `new/rnu.json` (did you mean `new/run.json`?)",
        ),
        (
            &["check", "--baseline", "mian"],
            2,
            "there is no baseline `baselines/mian.toml` (did you mean `main`?)",
        ),
        (
            &["baseline", "show", "mian"],
            2,
            "there is no baseline `baselines/mian.toml` (did you mean `main`?)",
        ),
        (
            &["baseline", "save", "other", "--case", "p/trainng*"],
            2,
            "matches --case `p/trainng*` (did you mean --case `p/training*`?)",
        ),
        (
            &["baseline", "remove", "main", "--case", "dtaa", "--yes"],
            2,
            "matches --case `dtaa` (did you mean --case `*data*`?)",
        ),
        (
            &["report", "--case", "*trainng*"],
            2,
            "nothing of the run matches --case `*trainng*` (did you mean --case `*training*`?)",
        ),
        (
            &["report", "--metric", "tiem"],
            2,
            "nothing of the run matches --metric `tiem` (did you mean --metric `time`?)",
        ),
        (
            &["history", "trend", "--metric", "tmie"],
            2,
            "has no values that match --metric `tmie` (did you mean --metric `time`?)",
        ),
        (
            &["history", "accept", "--case", "p/data", "--reason", "x"],
            2,
            "no alert that is alive matches --case `p/data`",
        ),
        // An empty list is an answer; that nothing is like that may still be a typing error.
        (
            &["history", "list", "--series", "--case", "p/daat*"],
            0,
            "note: nothing in the history matches --case `p/daat*` (did you mean --case `p/data*`?)",
        ),
        (
            &["history", "changes", "--metric", "tiem"],
            0,
            "note: nothing in the history matches --metric `tiem` (did you mean --metric `time`?)",
        ),
        (
            &["history", "export", "--case", "training", "--to", "csv"],
            0,
            "note: nothing in the history matches --case `training` (did you mean --case `*training*`?)",
        ),
        (
            &["compare", "old", "new", "--filter", "p/dat"],
            2,
            "no case of the runs matches --filter `p/dat` (did you mean `*p/dat*`?)",
        ),
        (
            &["compare", "old", "new", "--metric", "tiem"],
            2,
            "nothing in common to compare by tiem (did you mean `time`?)",
        ),
    ] {
        let output = sandbox.run(typed);
        let (found, text) = said(&output);
        assert_eq!(found, code, "{typed:?}: {text}");
        assert!(text.contains(sentence), "{typed:?}: {text}");
    }
}

#[test]
fn rules_that_speak_of_nothing() {
    let sandbox = with_history();
    for (rule, meant) in [
        (
            "metric = 'tiem'\nmax = '1 s'",
            "did you mean the metric `time`?",
        ),
        (
            "case = 'p/trainng*'\npercent = '5%'",
            "did you mean the case `p/training`?",
        ),
    ] {
        sandbox.write("gates.toml", format!("[[gate]]\n{rule}\n"));
        let output = sandbox.run(&["check"]);
        let note = output
            .stderr
            .lines()
            .find(|line| line.contains("speaks of nothing"));
        assert!(
            note.is_some_and(|note| note.contains(meant)),
            "{rule}: {output:?}"
        );
    }
}
