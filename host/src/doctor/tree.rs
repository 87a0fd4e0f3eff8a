//! Fake `/proc` and `/sys` for the tests of the checks.

use std::{collections::BTreeMap, fs, time::Duration};

use super::{Build, Finding, Severity, examine};
use crate::probe::condition::Condition;

/// Finding of `check` on a machine that has these files and nothing else, with CPUs 0 and 1 to be used.
pub(super) fn finding(check: &str, files: &[(&str, &str)]) -> Finding {
    let root = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let condition = Condition::read(root.path(), &[0, 1], Duration::ZERO);
    let findings = examine(&condition, Build::Optimised);
    let mut by_name: BTreeMap<&str, Finding> = findings
        .into_iter()
        .map(|finding| (finding.check, finding))
        .collect();
    by_name.remove(check).expect("a check of that name")
}

/// The finding has this severity and this text; what is not fine has an effect, what is unknown has a reason and no advice.
pub(super) fn assert_says(found: &Finding, severity: Severity, text: &str) {
    assert_eq!(found.severity, severity, "{found:?}");
    assert!(found.found.contains(text), "{found:?}");
    match severity {
        Severity::Problem | Severity::Warning => {
            assert!(
                found.effect.is_some() && found.remedy.is_some(),
                "{found:?}"
            );
        }
        Severity::Note => assert!(found.effect.is_some(), "{found:?}"),
        Severity::Unknown => assert!(found.command.is_none(), "{found:?}"),
        Severity::Fine => assert!(found.remedy.is_none(), "{found:?}"),
    }
}
