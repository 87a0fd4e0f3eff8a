//! What was seen over time while samples were taken: memory always, levels where probes poll them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use benchhost_record::{CaseResult, Run, Trace};

use crate::support::{Sandbox, plugin, read_run};

/// One case of the workload of many troubles.
fn suite(keys: &str) -> String {
    format!(
        "name = 'traced'\n[plugins]\nm = '{}'\n[[benchmark]]\nname = 'b'\nplugin = 'm'\nworkload = 'trouble'\n\
         warm-up = 'none'\nprecision = '0.0001%'\n{keys}\n",
        plugin("fixture-misbehave").display()
    )
}

fn memory(case: &CaseResult) -> &Trace {
    let traces = &case.repetitions[0].traces;
    let found = traces.iter().find(|trace| trace.metric.name == "memory");
    found.unwrap_or_else(|| panic!("no trace of the memory: {case:?}"))
}

#[test]
fn a_case_whose_memory_grows_has_a_rising_trace_and_one_that_rests_has_a_flat_one() {
    let sandbox = Sandbox::new();
    let limits = "iterations = 1\nsamples = { min = 20, max = 20 }\nmax-time = '60s'";
    let of = |what: &str| {
        let (output, run) =
            sandbox.suite(&suite(&format!("params = {{ what = '{what}' }}\n{limits}")));
        assert_eq!(output.code, Some(0), "{output:?}");
        memory(&run.cases[0]).clone()
    };

    let (growing, resting) = (of("leak"), of("work"));

    let rise = |trace: &Trace| trace.value.last().unwrap() - trace.value[0];
    assert!(growing.value.is_sorted(), "{growing:?}");
    assert!(rise(&growing) >= 190e6, "20 times 10 MiB: {growing:?}");
    assert!(rise(&resting).abs() < 20e6, "{resting:?}");
    for trace in [&growing, &resting] {
        assert_eq!((trace.metric.unit.as_str(), trace.time_ns[0]), ("B", 0));
        assert!(trace.time_ns.is_sorted() && trace.time_ns.len() == trace.value.len());
        assert!(trace.value.iter().all(|bytes| *bytes > 0.0));
    }
}

#[test]
fn processes_that_are_measured_at_once_have_one_memory() {
    let sandbox = Sandbox::new();
    let keys = "params = { what = 'work', hold = 50 }\naxes = { instances = [1, 2] }\ninstances-mode = 'process'\n\
                max-time = '200ms'";

    let (output, run) = sandbox.suite(&suite(keys));

    assert_eq!(output.code, Some(0), "{output:?}");
    let last = |case: &CaseResult| *memory(case).value.last().unwrap();
    let (one, two) = (last(&run.cases[0]), last(&run.cases[1]));
    assert!(two - one > 50e6, "{one} B, {two} B");
    for case in &run.cases {
        assert_eq!(case.repetitions[0].traces.len(), 1, "{case:?}");
    }
}

#[test]
fn the_result_stays_small_however_long_a_case_lasts_and_old_results_are_read() {
    let sandbox = Sandbox::new();
    let keys = "params = { what = 'work' }\nmax-time = '300ms'";

    let (_, run) = sandbox.suite(&suite(keys));

    let trace = memory(&run.cases[0]);
    assert!(trace.value.len() <= Trace::POINTS, "{}", trace.value.len());
    let kept = serde_json::to_string(trace).unwrap();
    assert!(kept.len() < 8192, "{} bytes", kept.len());
    let path = sandbox.path().join("out/run.json");
    let mut old: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for repetition in old["cases"][0]["repetitions"].as_array_mut().unwrap() {
        repetition
            .as_object_mut()
            .unwrap()
            .remove("traces")
            .unwrap();
    }
    let old = sandbox.write("old.json", old.to_string());
    let old: Run = read_run(&old);
    assert!(old.cases[0].repetitions[0].traces.is_empty());
    assert_eq!(old.cases[0].measurements, run.cases[0].measurements);
}
