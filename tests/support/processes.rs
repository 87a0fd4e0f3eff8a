//! Looking at the processes of the machine, and waiting for something to become true without waiting for ever.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// Longer than anything here may take, so that a test that fails says so instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// Numbers of the live processes whose command line contains `text`. Zombies have no command line.
pub(crate) fn processes_with(text: &str) -> Vec<u32> {
    every_process(|folder| {
        let line = fs::read(folder.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line)
            .replace('\0', " ")
            .contains(text)
    })
}

/// Numbers of the live processes whose environment sets `TMPDIR` to `folder`: those that a sandbox started.
pub(crate) fn processes_of(folder: &Path) -> Vec<u32> {
    let variable = format!("TMPDIR={}", folder.display());
    every_process(|process| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|entry| entry == variable.as_bytes())
    })
}

fn every_process(is_wanted: impl Fn(&Path) -> bool) -> Vec<u32> {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let pid = entry.file_name().to_str()?.parse().ok()?;
            is_wanted(&entry.path()).then_some(pid)
        })
        .collect()
}

/// Looks again and again until `look` finds something.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "never happened: {what}");
        std::thread::yield_now();
    }
}
