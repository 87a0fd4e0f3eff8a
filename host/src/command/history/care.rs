//! `benchhost history backup / restore / compact`: taking care of the file.

use std::{path::Path, time::Duration};

use benchhost_record::Bytes;

use crate::{
    cli::CompactArguments,
    command::{Failure, stored::agreed},
    store::{Keep, Retention, Store},
};

/// Copies the history; says where to.
pub(super) fn backup(path: &Path, to: &Path) -> Result<String, Failure> {
    let store = Store::open_existing(path)?;
    store.backup(to)?;
    Ok(format!(
        "backup: {} ({} runs)\n",
        to.display(),
        store.runs(None)?.len()
    ))
}

/// Puts a backup in the place of the history, after a question when there is one.
pub(super) fn restore(path: &Path, from: &Path, yes: bool) -> Result<String, Failure> {
    let question = format!(
        "restoring replaces the history `{}`; what is there is kept aside",
        path.display()
    );
    if path.exists() && !yes && !agreed(&question, "say --yes to do it")? {
        return Ok("nothing was changed\n".to_owned());
    }
    let aside = Store::restore(path, from)?;
    let mut text = format!("restored: {} from {}\n", path.display(), from.display());
    if let Some(aside) = aside {
        text += &format!("kept: what was there before is {}\n", aside.display());
    }
    Ok(text)
}

/// Drops what is not to be kept; says how much.
pub(super) fn compact(path: &Path, arguments: &CompactArguments) -> Result<String, Failure> {
    const DAY_S: u64 = 24 * 3600;
    let points = match (arguments.keep_last, arguments.thin) {
        (Some(count), _) => Keep::Last(usize::try_from(count).unwrap_or(usize::MAX)),
        (None, true) => Keep::ThinByAge,
        (None, false) => Keep::All,
    };
    let retention = Retention {
        points,
        drop_samples_after: arguments
            .drop_samples_after
            .map(|days| Duration::from_secs(u64::from(days) * DAY_S)),
    };
    let done = Store::open_existing(path)?.compact(&retention, arguments.dry_run)?;
    let verb = if arguments.dry_run {
        "would drop"
    } else {
        "dropped"
    };
    let mut text = format!(
        "{verb}: {} points, {} runs, samples of {} results\n",
        done.points, done.runs, done.samples
    );
    if !arguments.dry_run {
        text += &format!(
            "size: {} → {}\n",
            Bytes(done.bytes_before),
            Bytes(done.bytes_after)
        );
    }
    Ok(text)
}
