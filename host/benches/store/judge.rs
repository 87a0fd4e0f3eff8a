//! How long judging takes as a history grows: all of it, and one new run of a thousand metrics; by the program itself.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use benchhost::store::Store;

use crate::work::{self, SERIES, command};

const MILLIONS: [u64; 3] = [1, 2, 4];

/// Metrics of the new run.
const METRICS: u64 = 1000;

/// Times a check is repeated; the fastest counts, what is slower is the machine.
const REPEATS: usize = 5;

/// Wall-clock seconds and peak of resident memory in MiB.
struct Cost {
    seconds: f64,
    peak_mib: f64,
}

pub(crate) fn judge(words: &[&str]) {
    let typed: Vec<u64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let millions = if typed.is_empty() {
        MILLIONS.to_vec()
    } else {
        typed
    };
    println!(
        "judge: {SERIES} series; `history changes` over all of them, `check` of a new run with {METRICS} metrics"
    );
    println!(
        "{:>9} {:>10} {:>14} {:>12} {:>9} {:>10}",
        "points", "changes s", "µs a point", "changes MiB", "check s", "check MiB"
    );
    for million in millions {
        line(million * 1_000_000);
    }
}

fn line(points: u64) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let history = folder.path().join("h.db");
    let text = points.to_string();
    let status = command(&["import", history.to_str().unwrap(), &text, "series"])
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    let changes = run(
        &["history", "changes", "--format", "json"],
        &history,
        folder.path(),
    );
    let last = points / SERIES;
    let new = work::run_of_imported(METRICS, last);
    let mut store = Store::open(&history).unwrap();
    store.begin_run(&new).unwrap();
    for case in &new.cases {
        store.put_case(&new.id, case).unwrap();
    }
    store.finish_run(&new).unwrap();
    drop(store);
    let check = (0..REPEATS)
        .map(|_| {
            run(
                &["check", "--dry-run", "--format", "json"],
                &history,
                folder.path(),
            )
        })
        .min_by(|a, b| a.seconds.total_cmp(&b.seconds))
        .unwrap();
    println!(
        "{points:>9} {:>10.2} {:>14.3} {:>12.0} {:>9.3} {:>10.0}",
        changes.seconds,
        1e6 * changes.seconds / points as f64,
        changes.peak_mib,
        check.seconds,
        check.peak_mib,
    );
}

/// Runs the program in `folder` and waits for it. Its peak is that of the child, as the kernel counted it.
fn run(words: &[&str], history: &Path, folder: &Path) -> Cost {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_benchhost"))
        .args(words)
        .arg("--store")
        .arg(history)
        .current_dir(folder)
        .stdout(Stdio::from(
            fs::File::create(folder.join("out.json")).unwrap(),
        ))
        .spawn()
        .unwrap();
    let mut peak_kib = 0.0_f64;
    let code = loop {
        // The peak only grows: the last look before the end is close to it.
        if let Ok(status) = fs::read_to_string(format!("/proc/{}/status", child.id()))
            && let Some(peak) = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))
        {
            peak_kib = peak_kib.max(peak.trim().trim_end_matches(" kB").parse().unwrap_or(0.0));
        }
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(
        code.code().is_some_and(|code| code == 0 || code == 4),
        "{words:?}: {code}"
    );
    Cost {
        seconds: started.elapsed().as_secs_f64(),
        peak_mib: peak_kib / 1024.0,
    }
}
