//! How the store behaves as it grows: points in, points out, memory.

use std::{fs, path::Path};

use crate::work::{SERIES, command};

const MILLIONS: [u64; 4] = [1, 2, 4, 10];

/// Seconds, count, and peak of resident memory in MiB of one child.
struct Done {
    seconds: f64,
    count: u64,
    peak_mib: f64,
}

pub(crate) fn scale(words: &[&str]) {
    let typed: Vec<u64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let millions = if typed.is_empty() {
        MILLIONS.to_vec()
    } else {
        typed
    };
    println!(
        "scale: {SERIES} series; durable batches of 50 000 rows; CSV: the same rows appended, an fsync for each batch"
    );
    println!(
        "{:>9}  {:<9} {:>9} {:>12} {:>12} {:>7} {:>9} {:>9} {:>9} {:>10} {:>10}",
        "points",
        "order",
        "import s",
        "points/s",
        "CSV rows/s",
        "of CSV",
        "file MiB",
        "read s",
        "2 threads",
        "import MiB",
        "read MiB"
    );
    for order in ["series", "time"] {
        for million in &millions {
            line(million * 1_000_000, order);
        }
    }
}

fn line(points: u64, order: &str) {
    // Beside the build, which is on a disk; a temporary folder may be in memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (history, csv) = (folder.path().join("h.db"), folder.path().join("rows.csv"));
    let text = points.to_string();
    let import = child(&["import", path(&history), &text, order]);
    let peer = child(&["csv", path(&csv), &text, order]);
    assert_eq!((import.count, peer.count), (points, points));
    let size = fs::metadata(&history).unwrap().len();
    let [one, two] = ["1", "2"].map(|threads| child(&["read", path(&history), threads]));
    assert_eq!((one.count, two.count), (points, points));
    let rate = |done: &Done| points as f64 / done.seconds;
    println!(
        "{points:>9}  {order:<9} {:>9.2} {:>12.0} {:>12.0} {:>7.2} {:>9.0} {:>9.2} {:>9.2} {:>10.0} {:>10.0}",
        import.seconds,
        rate(&import),
        rate(&peer),
        rate(&import) / rate(&peer),
        size as f64 / 1_048_576.0,
        one.seconds,
        two.seconds,
        import.peak_mib,
        one.peak_mib,
    );
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn child(words: &[&str]) -> Done {
    let output = command(words).output().unwrap();
    assert!(
        output.status.success(),
        "{words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect();
    Done {
        seconds: numbers[0],
        count: numbers[1] as u64,
        peak_mib: numbers[2] / 1024.0,
    }
}
