//! What else uses the CPUs: other programs now, the hypervisor now and since the start.

use std::{path::Path, thread, time::Duration};

use benchhost_record::MachineNoise;

use super::{Known, file};
use crate::probe::{
    machine::{MachineCounters, steal_since_start},
    process::CpuUse,
};

/// For how long the counters are watched; they count in ticks of 10 ms, so that shorter times show little.
pub const WATCHED: Duration = Duration::from_millis(250);

/// What used the CPUs while this looked.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Shares of the CPUs' time over [`WATCHED`].
    pub noise: MachineNoise,
    /// Share of the time since the machine started that the hypervisor gave to something else, 0–1.
    pub steal_since_start: Known<f64>,
    /// Names of the other programs that were running or ready to run when this looked, sorted.
    pub runnable: Known<Vec<String>>,
    /// Load average over one minute.
    pub load_average_1min: Known<f64>,
}

impl Activity {
    /// Sleeps for `watched` between two looks.
    pub(super) fn watch(root: &Path, cpus: &[u32], watched: Duration) -> Self {
        let own = std::process::id();
        let (before, used_before) = (MachineCounters::read(root, cpus), CpuUse::of(own));
        thread::sleep(watched);
        let (after, used_after) = (MachineCounters::read(root, cpus), CpuUse::of(own));
        let ours = used_after
            .zip(used_before)
            .map(|(now, then)| now.since(&then));
        let average = file::read(root, "proc/loadavg");
        Self {
            noise: after.since(&before, ours),
            steal_since_start: steal_since_start(root, cpus)
                .ok_or_else(|| "/proc/stat does not say it for these CPUs".to_owned()),
            runnable: runnable(root, own),
            load_average_1min: average.and_then(|text| {
                let first = text.split_whitespace().next().unwrap_or_default();
                first
                    .parse()
                    .map_err(|_| format!("/proc/loadavg holds \"{text}\""))
            }),
        }
    }
}

/// Processes but `own` whose main thread is running or ready to run.
fn runnable(root: &Path, own: u32) -> Known<Vec<String>> {
    let pids = file::names(root, "proc")?;
    let mut names: Vec<String> = pids
        .iter()
        .filter_map(|name| name.parse::<u32>().ok())
        .filter(|pid| *pid != own)
        // A process may end while this looks.
        .filter_map(|pid| running(&file::read(root, &format!("proc/{pid}/stat")).ok()?))
        .collect();
    names.sort();
    Ok(names)
}

/// Name of the process of a `stat` line when its state is R. The name may hold anything, brackets too.
fn running(stat: &str) -> Option<String> {
    let (before, after) = stat.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    after.trim_start().starts_with('R').then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_others_that_run_are_named() {
        let root = tempfile::tempdir().unwrap();
        for (pid, stat) in [
            (7, "7 (cc1 (x)) R 1 7"),
            (8, "8 (sleep) S 1 8"),
            (9, "9 (own) R 1 9"),
        ] {
            let folder = root.path().join(format!("proc/{pid}"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("stat"), stat).unwrap();
        }
        fs::create_dir_all(root.path().join("proc/sys")).unwrap();

        assert_eq!(runnable(root.path(), 9).unwrap(), ["cc1 (x)"]);
        assert!(runnable(&root.path().join("nowhere"), 9).is_err());
    }
}
