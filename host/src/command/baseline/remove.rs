//! `benchhost baseline remove`.

use std::fs;

use crate::{
    baseline::{self, Baseline, BaselineError},
    command::{Failure, stored, unmatched::Names},
};

/// Removes a baseline, or the cases that match.
pub(super) fn remove(name: &str, cases: &[String], yes: bool) -> Result<String, Failure> {
    let path = baseline::path(name);
    let mut found = match Baseline::read(&path) {
        // A file that cannot be read as a baseline may still go, if it is asked for by name.
        Err(BaselineError::Form { .. }) if cases.is_empty() => Baseline::default(),
        other => other?,
    };
    let globs = super::save::globs(cases)?;
    let before = found.case.len();
    let mut names = Names::default();
    found.case.keys().for_each(|id| names.add(id, ""));
    let is_meant =
        |id: &str| globs.is_match(id) || globs.is_match(id.split('?').next().unwrap_or(id));
    found
        .case
        .retain(|id, _| !cases.is_empty() && !is_meant(id));
    let gone = before - found.case.len();
    if !cases.is_empty() && gone == 0 {
        return Err(Failure::usage(format!(
            "no case of `{}` matches {}",
            path.display(),
            names.unmatched(cases, &[])
        ))
        .hint(format!("`benchhost baseline show {name}` lists them")));
    }
    let question = format!("{gone} cases are removed from `{}`", path.display());
    if !yes && !stored::agreed(&question, "say --yes to remove them")? {
        return Ok("nothing was changed\n".to_owned());
    }
    if found.case.is_empty() {
        fs::remove_file(&path).map_err(|error| {
            Failure::usage(format!("cannot remove `{}`: {error}", path.display()))
        })?;
        return Ok(format!("removed: {}\n", path.display()));
    }
    found.write(&path, name)?;
    Ok(format!(
        "{}: {gone} removed, {} left\n",
        path.display(),
        found.case.len()
    ))
}
