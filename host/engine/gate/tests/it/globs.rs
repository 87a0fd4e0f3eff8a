//! Which cases, benchmarks and metrics a glob names.

use benchhost_gate::{Rules, Verdict};

use crate::support::{Words, judged, measured, rules, time};

const ID: &str = "contrastive/training?batch=16&threads=1&window=512";

/// Whether a rule with `case = glob` speaks of the case.
fn names(glob: &str, case: &str, benchmark: &str) -> bool {
    let rules = rules(&format!("[[gate]]\ncase = '{glob}'\nmax = \"1 ns\""));
    speaks(&rules, case, benchmark)
}

fn speaks(rules: &Rules, case: &str, benchmark: &str) -> bool {
    let subject = measured(time(), 2.0).of(case, benchmark);
    let found = judged(&[subject], rules);
    assert_eq!(found.judged.len() + found.not_judged, 1);
    found
        .judged
        .iter()
        .all(|one| one.verdict == Verdict::TargetMissed)
        && found.not_judged == 0
}

#[test]
fn a_glob_names_a_benchmark_a_workload_or_a_case() {
    for glob in [
        "training*",
        "training-small",
        "*small",
        "contrastive/*",
        "contrastive/training",
        "contrastive/training*",
        "contrastive/training?*",
        "*window=512*",
        "*batch=16&*",
        "{contrastive,matmul}/*",
        "contrastive/trainin[fg]",
        "*",
        "**",
        ID,
    ] {
        assert!(names(glob, ID, "training-small"), "{glob}");
    }
    for glob in [
        "training",
        "contrastive",
        "matmul/*",
        "small",
        "*window=51",
        "Training*",
        "training?",
    ] {
        assert!(!names(glob, ID, "training-small"), "{glob}");
    }
}

#[test]
fn an_id_that_was_copied_names_its_case_and_no_other() {
    for id in [
        ID,
        "conv/forward?shape=[8,16]&threads=1",
        "conv/forward?name=a[b&threads=1",
        "conv/forward?name={x&threads=1",
        "conv/forward?pattern={a,b}&shape=[[1,2],[3]]&threads=1",
        "conv/forward?pattern=[!a]&threads=1",
        "conv/forward?path=C:\\data&threads=1",
    ] {
        assert!(names(id, id, "b"), "{id}");
        assert!(
            !names(id, &id.replace("threads=1", "threads=2"), "b"),
            "{id}"
        );
        let begins = format!("{}*", id.trim_end_matches("threads=1"));
        assert!(names(&begins, id, "b"), "{begins}");
    }
}

#[test]
fn a_list_names_what_any_of_its_globs_names() {
    let rules = rules("[[gate]]\ncase = [\"a\", \"b*\"]\nmetric = [\"x\", \"ti*\"]\nmax = 1");

    assert!(speaks(&rules, "p/w?threads=1", "a"));
    assert!(speaks(&rules, "p/w?threads=1", "bcd"));
    assert!(!speaks(&rules, "p/w?threads=1", "cd"));
}

#[test]
fn a_bound_without_metric_is_for_metrics_of_its_unit() {
    let rules = rules("[[gate]]\nmax = \"250 ms\"\n[[gate]]\nmax = \"512 MB\"");
    let memory = measured(crate::support::memory(), 600e6);
    let of = |name: &str| {
        let metric = benchhost_record::Metric {
            name: name.to_owned(),
            ..time()
        };
        measured(metric, 300e6)
    };

    let found = judged(
        &[memory, of("time"), of("time.forward"), of("setup-time")],
        &rules,
    );

    let missed: Vec<&str> = found
        .judged
        .iter()
        .map(|one| one.metric.name.as_str())
        .collect();
    assert_eq!(
        missed,
        ["time", "peak-memory"],
        "the one that is farther off first"
    );
    assert_eq!(
        found.not_judged, 2,
        "parts and side effects are judged by name only"
    );
}
