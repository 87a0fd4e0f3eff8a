//! Suites run in a sandbox, and what came out.

use std::path::Path;

use benchhost_record::{CaseResult, Measurement, Run};

use super::{Output, Sandbox};

impl Sandbox {
    /// Writes `suite` to `suite.toml`, runs it into the folder `out`, and reads the result.
    pub(crate) fn suite(&self, suite: &str) -> (Output, Run) {
        self.suite_with(suite, &[])
    }

    /// As [`suite`](Self::suite), with more arguments.
    pub(crate) fn suite_with(&self, suite: &str, arguments: &[&str]) -> (Output, Run) {
        self.write("suite.toml", suite);
        let mut all = vec!["run", "suite.toml", "--out", "out"];
        all.extend(arguments);
        let output = self.run(&all);
        let path = self.path().join("out/run.json");
        assert!(path.exists(), "no result: {output:?}");
        let run = read_run(&path);
        (output, run)
    }
}

/// The run in the file at `path`.
pub(crate) fn read_run(path: &Path) -> Run {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The one case whose id ends with `part`, else the one that contains it.
pub(crate) fn case<'a>(run: &'a Run, part: &str) -> &'a CaseResult {
    let having = |is_like: &dyn Fn(&str) -> bool| -> Vec<&'a CaseResult> {
        run.cases
            .iter()
            .filter(|case| is_like(case.case.id.as_str()))
            .collect()
    };
    let mut found = having(&|id| id.ends_with(part));
    if found.is_empty() {
        found = having(&|id| id.contains(part));
    }
    assert_eq!(found.len(), 1, "cases like {part}: {found:?}");
    found[0]
}

/// The measurement of the metric `name`.
pub(crate) fn metric<'a>(case: &'a CaseResult, name: &str) -> &'a Measurement {
    case.measurements
        .iter()
        .find(|measurement| measurement.metric.name == name)
        .unwrap_or_else(|| panic!("{} has no metric {name}", case.case.id))
}
