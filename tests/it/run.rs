//! `benchhost run` when all is well: what is measured, in which order, what is kept and shown.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;

use benchhost_record::{Direction, Run, RunState, StopReason};

use crate::support::{Sandbox, case, metric, plugin, read_run, root};

/// Two benchmarks of healthy cases.
fn suite() -> String {
    format!(
        "name = 'healthy'\n[defaults]\nmax-time = '20ms'\nwarm-up = {{ iterations = 3 }}\n[plugins]\nm = '{}'\n\
         noop = '{}'\n[[benchmark]]\nname = 'first'\nplugin = 'm'\nworkload = 'trouble'\ntiers = ['quick']\n\
         params = {{ what = 'work' }}\naxes = {{ after = [1, 2, 3, 4] }}\ntargets = {{ time = '<= 1s' }}\n\
         [[benchmark]]\nname = 'second'\nplugin = 'noop'\nworkload = 'noop'\n[tier.quick]\nrepetitions = 2\n",
        plugin("fixture-misbehave").display(),
        plugin("noop").display()
    )
}

fn positions(run: &Run) -> Vec<u64> {
    run.cases
        .iter()
        .flat_map(|case| case.repetitions.iter().map(|one| one.position))
        .collect()
}

#[test]
fn a_run_keeps_samples_summaries_and_provenance() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite());

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(
        (run.schema, run.state, run.planned_cases),
        (1, RunState::Finished, 5)
    );
    assert_eq!(run.suite.as_ref().unwrap().name, "healthy");
    assert!(!run.environment.fingerprint.is_empty() && run.environment.memory.total_bytes > 0);
    assert!(run.overhead.clock_read_ns > 0.0 && run.finished.is_some());
    for record in &run.plugins {
        let bytes = std::fs::read(&record.path).unwrap();
        assert_eq!(
            record.sha256,
            benchhost::load::Identity::of(record.path.as_ref())
                .unwrap()
                .sha256
        );
        assert!(
            !bytes.is_empty() && record.api == "1.1.0" && record.build["rustc"].contains("rustc")
        );
    }
    let case = case(&run, "after=2");
    assert_eq!(case.case.benchmark, "first");
    assert_eq!(case.targets["time"], "<= 1s");
    assert_eq!(case.repetitions[0].stopped_by, Some(StopReason::TimeBudget));
    let time = metric(case, "time");
    let summary = time.summary.as_ref().unwrap();
    assert_eq!(
        (time.metric.unit.as_str(), time.metric.direction),
        ("ns", Direction::Lower)
    );
    assert_eq!(summary.n as usize, time.samples.len());
    assert!(summary.interval.low <= summary.median && summary.median <= summary.interval.high);
    for measurement in &case.measurements {
        let samples = &measurement.samples;
        assert_eq!(samples.value.len(), samples.iterations.len());
        assert_eq!(samples.value.len(), samples.repetition.len());
        assert!(
            !measurement.metric.unit.is_empty(),
            "{:?}",
            measurement.metric
        );
    }
    let throughput = metric(case, "throughput");
    assert_eq!(
        (throughput.metric.unit.as_str(), throughput.metric.direction),
        ("troubles/s", Direction::Higher)
    );
    // The one phase of the workload is its whole iteration.
    let phase = metric(case, "time.all").summary.as_ref().unwrap().median;
    assert!(phase > 0.9 * summary.median && phase <= 1.1 * summary.median);
}

#[test]
fn the_table_shows_every_case_with_units_and_nothing_but_the_table_is_on_stdout() {
    let sandbox = Sandbox::new();

    let (output, _) = sandbox.suite(&suite());

    for words in [
        "m/trouble",
        "after=4",
        "troubles/s",
        "noop/noop",
        "5 cases: 5 ok",
    ] {
        assert!(output.stdout.contains(words), "{words}: {}", output.stdout);
    }
    assert!(
        !output.stdout.contains('\u{1b}'),
        "colour without a terminal"
    );
    assert!(
        output.stderr.contains("results: out/run.json"),
        "{output:?}"
    );
}

#[test]
fn the_seed_decides_the_order_and_every_round_holds_every_case() {
    let sandbox = Sandbox::new();
    let order = |seed: &str| {
        let (_, run) = sandbox.suite_with(
            &suite(),
            &["--seed", seed, "--repetitions", "2", "--max-time", "1ms"],
        );
        positions(&run)
    };

    let seven = order("7");

    assert_eq!(seven, order("7"));
    assert_ne!(seven, order("8"));
    let first_round: BTreeSet<u64> = seven.iter().step_by(2).copied().collect();
    assert_eq!(first_round, (0..5).collect());
}

#[test]
fn filter_and_tier_choose_among_the_benchmarks() {
    let sandbox = Sandbox::new();

    let (_, filtered) = sandbox.suite_with(&suite(), &["--filter", "*after=[12]*"]);
    let (_, by_name) = sandbox.suite_with(&suite(), &["--filter", "second"]);
    let (_, tier) = sandbox.suite_with(&suite(), &["--tier", "quick"]);

    assert_eq!(filtered.cases.len(), 2);
    assert_eq!(by_name.cases.len(), 1);
    assert!(tier.cases.iter().all(|case| case.repetitions.len() == 2));
}

#[test]
fn a_profile_of_nothing_is_refused_in_a_dry_run_too() {
    let sandbox = Sandbox::new();
    sandbox.write("suite.toml", suite());

    let output = sandbox.run(&["run", "suite.toml", "--profile", "nothing", "--dry-run"]);

    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("--profile: "), "{output:?}");
}

#[test]
fn a_dry_run_shows_every_default_and_measures_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("suite.toml", suite());

    let output = sandbox.run(&["run", "suite.toml", "--dry-run", "--out", "out"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    for key in [
        "precision",
        "confidence",
        "stall",
        "pin",
        "after=3",
        "repetitions",
    ] {
        assert!(output.stdout.contains(key), "{key}: {}", output.stdout);
    }
    assert!(!sandbox.path().join("out").exists());
}

#[test]
fn a_plugin_alone_runs_all_its_workloads_from_any_folder() {
    let sandbox = Sandbox::new();

    let output = sandbox.run(&[
        "run",
        "--plugin",
        plugin("noop").to_str().unwrap(),
        "--max-time",
        "5ms",
    ]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.contains("noop/noop"), "{output:?}");
    let results = std::fs::read_dir(sandbox.path().join("benchhost-out")).unwrap();
    let results: Vec<_> = results
        .map(|entry| entry.unwrap().path().join("run.json"))
        .collect();
    assert_eq!(read_run(&results[0]).cases.len(), 1);
}

#[test]
fn an_earlier_result_in_the_same_folder_is_kept() {
    let sandbox = Sandbox::new();

    let (_, first) = sandbox.suite(&suite());
    let (_, second) = sandbox.suite(&suite());

    assert_ne!(first.id, second.id);
    let kept = read_run(&sandbox.path().join(format!("out/run-{}.json", first.id)));
    assert_eq!(kept, first);
}

#[test]
fn quiet_means_no_table() {
    let sandbox = Sandbox::new();

    let (output, _) = sandbox.suite_with(&suite(), &["--quiet"]);

    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
}

#[test]
fn quiet_names_each_case_that_failed() {
    let sandbox = Sandbox::new();
    let suite = suite().replace("what = 'work'", "what = 'error'");

    let (output, run) = sandbox.suite_with(&suite, &["--quiet"]);

    assert_eq!((output.code, output.stdout.as_str()), (Some(1), ""));
    let failed = run.cases.iter().filter(|case| !case.outcome.is_ok());
    let lines: Vec<String> = failed
        .map(|case| format!("error: {}: error in warm-up: it failed", case.case.id))
        .collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(output.stderr.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn a_workload_that_finishes_before_its_first_sample_is_told_what_helps() {
    let sandbox = Sandbox::new();
    // The first iteration is the last one that it has to do.
    let suite = format!(
        "name = 'short'\n[plugins]\ns = '{}'\n[[benchmark]]\nname = 'b'\nplugin = 's'\nworkload = 'leak'\n\
         params = {{ leak-bytes = 1, most-bytes = 1, churn-bytes = 4096 }}\n",
        plugin("system").display()
    );
    let start = "error in warm-up: the workload finished ";
    let more = ", before the first sample; give it more to do or set ";
    for (keys, sentence) in [
        (
            "warm-up = 'none'",
            format!(
                "{start}while it was found out how many iterations a sample needs{more}iterations = 1"
            ),
        ),
        (
            "warm-up = { iterations = 3 }\niterations = 1",
            format!("{start}during its warm-up{more}warm-up = \"none\""),
        ),
        (
            "warm-up = { iterations = 3 }",
            format!("{start}during its warm-up{more}warm-up = \"none\" and iterations = 1"),
        ),
        ("warm-up = 'none'\niterations = 1", String::new()),
    ] {
        let (_, run) = sandbox.suite(&format!("{suite}{keys}\n"));

        assert_eq!(run.cases[0].outcome.sentence(), sentence, "{keys}");
    }
}

#[test]
fn one_refused_plugin_does_not_keep_the_others_from_being_measured() {
    let sandbox = Sandbox::new();
    sandbox.write("libtext.so", "hello");
    let suite = suite().replace(
        "[[benchmark]]\nname = 'first'",
        "text = 'libtext.so'\n[[benchmark]]\nname = 'first'",
    ) + "[[benchmark]]\nname = 'third'\nplugin = 'text'\nworkload = 'w'\n";

    let (output, run) = sandbox.suite(&suite);

    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("a text file"), "{output:?}");
    assert_eq!(
        run.cases.iter().filter(|case| case.outcome.is_ok()).count(),
        5
    );
    assert_eq!(case(&run, "text/w").outcome.word(), "skipped");
    assert!(run.plugins.iter().any(|record| record.rejected.is_some()));
}

#[test]
fn relative_paths_in_parameters_start_at_the_folder_of_the_suite() {
    let sandbox = Sandbox::new();
    let text = suite().replace(
        "what = 'work'",
        "what = 'reads-a-file', file = 'beside.txt'",
    );
    sandbox.write("deep/suite.toml", text);
    sandbox.write("deep/beside.txt", "here");

    let output = sandbox.run(&["run", "deep/suite.toml", "--out", "out"]);

    assert_eq!(output.code, Some(0), "{output:?}");
}

#[test]
fn the_git_revision_is_that_of_the_folder_the_run_was_started_in() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["run", "--quiet", "--max-time", "1ms", "--plugin"]);
    command
        .arg(plugin("noop"))
        .arg("--out")
        .arg(sandbox.path().join("out"))
        .current_dir(root());

    let output = crate::support::finish(&mut command);

    assert_eq!(output.code, Some(0), "{output:?}");
    let run = read_run(&sandbox.path().join("out/run.json"));
    let inside = root().join(".git").exists();
    assert_eq!(run.git.is_some_and(|git| git.revision.len() == 40), inside);
}
