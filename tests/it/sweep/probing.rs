//! Probes that look while a suite runs, and what energy is turned into.

use std::collections::BTreeSet;

use benchhost_record::{Basis, Reading, Run, names};

use super::suite;
use crate::support::{Sandbox, metric};

/// Long enough for energy, which is counted in ticks.
const LOOKED_AT: &str = "params = { what = 'work' }\naxes = { after = [1, 2] }\nmax-time = '400ms'\n\
                         precision = '0.0001%'\nsamples = { min = 5, max = 100000 }\n";

fn readings(run: &Run) -> impl Iterator<Item = &Reading> {
    let repetitions = run.cases.iter().flat_map(|case| &case.repetitions);
    repetitions.flat_map(|one| &one.readings)
}

#[test]
fn probes_leave_readings_with_their_source_and_absent_ones_are_named_once() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite(&format!(
        "{LOOKED_AT}probes = 'all'\nenergy = {{ tdp-w = 65, country = 'DEU', pue = 1.5 }}"
    )));

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(run.cases.len(), 2);
    let told: BTreeSet<&str> = readings(&run).map(|one| one.metric.name.as_str()).collect();
    for name in [
        "cpu-user",
        "resident-peak",
        "io-read",
        "energy",
        "power",
        "carbon",
    ] {
        assert!(told.contains(name), "{name}: {told:?}");
    }
    assert!(
        told.iter().all(|name| !name.starts_with("gpu")),
        "a case of the processor has no part in a GPU: {told:?}"
    );
    for one in readings(&run) {
        assert!(!one.source.is_empty() && one.value.is_finite(), "{one:?}");
        if one.metric.name == "energy" {
            assert_eq!(one.basis, Basis::Estimated, "a share is an estimate");
        }
    }
    for case in &run.cases {
        let of = |name| metric(case, name).samples.value[0];
        assert!(of("energy") > 0.0);
        // The workload declares one item for each iteration.
        assert_eq!(of("energy-per-item"), of("energy"));
        assert_eq!(of("carbon-per-item"), of("carbon"));
    }
    for (name, reason) in &run.absent_probes {
        let remark = format!("warning: probe `{name}`: {reason}; the run goes on without it");
        assert_eq!(output.stderr.matches(&remark).count(), 1, "{output:?}");
        assert!(output.stdout.contains("absent: "), "{output:?}");
    }
    let remarks = output.stderr.matches("warning: probe `").count();
    assert_eq!(remarks, run.absent_probes.len(), "{output:?}");
}

#[test]
fn a_suite_without_probes_is_not_looked_at() {
    let sandbox = Sandbox::new();

    let (output, run) = sandbox.suite(&suite("params = { what = 'work' }"));

    assert_eq!(readings(&run).count(), 0);
    assert!(run.absent_probes.is_empty() && !output.stderr.contains("probe"));
    let of_probes = |name: &str| name.contains("energy") || name == "carbon";
    let metrics = run.cases[0].measurements.iter();
    assert!(metrics.clone().all(|m| !of_probes(&m.metric.name)));
    assert!(metrics.clone().any(|m| m.metric.name == names::TIME));
}

#[test]
fn a_country_that_there_is_not_is_told_before_anything_is_measured() {
    let sandbox = Sandbox::new();
    for (country, closest) in [("Atlantis", "Albania"), ("Germny", "Germany")] {
        let keys = format!("params = {{ what = 'work' }}\nenergy = {{ country = '{country}' }}");
        sandbox.write("suite.toml", suite(&keys));

        let output = sandbox.run(&["run", "suite.toml", "--out", "out"]);

        assert_eq!(output.code, Some(2), "{output:?}");
        let said = &output.stderr;
        assert!(
            said.contains(&format!(
                "benchmark `b`: `energy`: `country` is `{country}`"
            )),
            "{said}"
        );
        assert!(
            said.contains(&format!("did you mean `{closest}`")),
            "{said}"
        );
        assert!(!sandbox.path().join("out").exists(), "nothing was measured");
    }
}
