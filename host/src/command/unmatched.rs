//! Globs that leave nothing: as they were typed, and what was probably meant.

use std::collections::BTreeSet;

use benchhost_plan::closest_glob;

use crate::store::{SeriesFilter, Store, StoreError};

/// Cases and metrics that there are.
#[derive(Debug, Default)]
pub(super) struct Names {
    cases: BTreeSet<String>,
    metrics: BTreeSet<String>,
}

impl Names {
    /// Those of a history.
    pub(super) fn of_history(store: &Store) -> Result<Self, StoreError> {
        let mut names = Self::default();
        for series in store.series(&SeriesFilter::default())? {
            names.add(&series.case, &series.metric.name);
        }
        Ok(names)
    }

    /// Adds a case by its id, with its `plugin/workload`, and a metric.
    pub(super) fn add(&mut self, case: &str, metric: &str) {
        self.cases.insert(case.to_owned());
        if let Some((workload, _)) = case.split_once('?') {
            self.cases.insert(workload.to_owned());
        }
        self.metrics.insert(metric.to_owned());
    }

    /// Adds the name of a benchmark.
    pub(super) fn add_benchmark(&mut self, name: &str) {
        self.cases.insert(name.to_owned());
    }

    /// Everything that `--case` may match.
    pub(super) fn cases(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(String::as_str)
    }

    /// `` --case `x` (did you mean --case `y`?) ``: what was typed and matches nothing.
    pub(super) fn unmatched(&self, cases: &[String], metrics: &[String]) -> String {
        let typed = |option: &str, globs: &[String]| {
            let globs = globs.iter().map(|glob| format!("{option} `{glob}`"));
            globs.collect::<Vec<_>>()
        };
        let mut all = typed("--case", cases);
        all.extend(typed("--metric", metrics));
        let meant = |option: &str, globs: &[String], known: &BTreeSet<String>| {
            let known: Vec<&String> = known.iter().collect();
            let is_mute = |glob: &&String| !matches(glob, &known);
            let glob = globs.iter().filter(is_mute);
            let mut meant = glob.filter_map(|glob| closest_glob(glob, &known));
            meant
                .next()
                .map(|glob| format!(" (did you mean {option} `{glob}`?)"))
        };
        let way_out = meant("--case", cases, &self.cases)
            .or_else(|| meant("--metric", metrics, &self.metrics));
        all.join(" ") + &way_out.unwrap_or_default()
    }
}

fn matches(glob: &str, known: &[&String]) -> bool {
    let matcher = globset::Glob::new(glob).map(|glob| glob.compile_matcher());
    matcher.is_ok_and(|matcher| known.iter().any(|name| matcher.is_match(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_glob_that_matches_nothing_is_the_one_that_is_mended() {
        let mut names = Names::default();
        names.add("contrastive/training?batch=16", "time");
        names.add("contrastive/data?batch=16", "throughput");
        let unmatched = |case: &[&str], metric: &[&str]| {
            let owned = |globs: &[&str]| globs.iter().map(ToString::to_string).collect::<Vec<_>>();
            names.unmatched(&owned(case), &owned(metric))
        };

        assert_eq!(
            unmatched(&["*training*"], &["troughput"]),
            "--case `*training*` --metric `troughput` (did you mean --metric `throughput`?)"
        );
        assert_eq!(
            unmatched(&["training"], &[]),
            "--case `training` (did you mean --case `*training*`?)"
        );
        assert_eq!(unmatched(&["zebra"], &[]), "--case `zebra`");
        // Each matches something, and both together nothing.
        assert_eq!(
            unmatched(&["*data*"], &["time"]),
            "--case `*data*` --metric `time`"
        );
    }
}
