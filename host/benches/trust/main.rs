//! Whether comparisons of real builds can be trusted: what is flagged where nothing changed, and what is found where
//! something did.
//!
//! `cargo bench -p benchhost --bench trust -- [alike|slowed|load|all] [trials] [seed]`
//!
//! * `alike`: one source built twice, in another folder and with another number of codegen units, so that the code is
//!   placed differently; nothing should be flagged.
//! * `load`: the same while a busy loop runs on every CPU.
//! * `slowed`: one build whose workload does 1, 2, 5 or 10 % more by a parameter; all of it should be found.
//!
//! Every comparison is one run of the program with `--max-time 1s`. Takes minutes; asserts nothing, prints tables.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark is there to print what it found"
)]

mod builds;
mod tally;

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use self::tally::Tally;

/// Workloads with the words that select them.
const WORKLOADS: [(&str, &[&str]); 5] = [
    ("arithmetic", &["--filter", "kernels/arithmetic"]),
    ("branchy", &["--filter", "kernels/branchy"]),
    ("allocation", &["--filter", "kernels/allocation"]),
    ("cache", &["--filter", "kernels/cache"]),
    ("candle", &["--filter", "contrastive/model"]),
];

const SLOWDOWNS: [f64; 4] = [1.0, 2.0, 5.0, 10.0];

fn main() {
    // Cargo adds `--bench`.
    let mut arguments = std::env::args().skip(1).filter(|text| text != "--bench");
    let what = arguments.next().unwrap_or_else(|| "all".to_owned());
    let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok());
    let (trials, seed) = (number(), number().unwrap_or(20_261_121));
    println!("seed {seed}; trial i has the seed {seed} + i");
    if matches!(what.as_str(), "alike" | "all") {
        alike("alike", trials.unwrap_or(50), seed);
    }
    if matches!(what.as_str(), "load" | "all") {
        let busy = Busy::start();
        alike("load", trials.unwrap_or(50), seed);
        drop(busy);
    }
    if matches!(what.as_str(), "slowed" | "all") {
        slowed(trials.unwrap_or(100), seed);
    }
}

fn alike(title: &str, trials: u64, seed: u64) {
    let builds = builds::twice();
    println!("\n{title}: one source, two builds, {trials} comparisons of at most 1 s each");
    println!("{}", Tally::HEADER);
    let mut all = Tally::default();
    for (name, select) in WORKLOADS {
        let package = if name == "candle" {
            "contrastive"
        } else {
            "fixture_kernels"
        };
        let library = |build: &Path| build.join(format!("lib{package}.so"));
        let mut tally = Tally::default();
        for trial in 0..trials {
            let [a, b] = builds.each_ref().map(|build| library(build));
            let (base, candidate) = if trial % 2 == 0 { (a, b) } else { (b, a) };
            tally.add(&compare(&base, &candidate, select, &[], seed + trial));
        }
        println!("{}", tally.line(name));
        all.merge(&tally);
    }
    println!("{}", all.line("all"));
}

fn slowed(trials: u64, seed: u64) {
    let build = builds::once();
    let library = build.join("libfixture_kernels.so");
    println!(
        "\nslowed: one build, more work by a parameter, {trials} comparisons of at most 1 s each"
    );
    println!("{}", Tally::HEADER);
    for (name, select) in &WORKLOADS[..4] {
        for percent in SLOWDOWNS {
            let slowdown = format!("slowdown={percent}");
            let mut tally = Tally::default();
            for trial in 0..trials {
                let more = ["--candidate-param", &slowdown];
                tally.add(&compare(&library, &library, select, &more, seed + trial));
            }
            println!("{}", tally.line(&format!("{name} +{percent} %")));
        }
    }
}

/// One comparison by the program; its JSON.
fn compare(
    base: &Path,
    candidate: &Path,
    select: &[&str],
    more: &[&str],
    seed: u64,
) -> serde_json::Value {
    let output = Command::new(env!("CARGO_BIN_EXE_benchhost"))
        .arg("compare")
        .args([base, candidate])
        .args(select)
        .args(more)
        .args(["--max-time", "1s", "--format", "json", "--quiet"])
        .args(["--seed", &seed.to_string()])
        .output()
        .expect("the program starts");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        let stderr = String::from_utf8_lossy(&output.stderr);
        panic!("no JSON ({error}): {stderr}")
    })
}

/// A loop that does nothing on every CPU, until dropped.
struct Busy {
    stop: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Busy {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let cpus = thread::available_parallelism().map_or(1, usize::from);
        let threads = (0..cpus)
            .map(|_| {
                let stop = Arc::clone(&stop);
                thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                })
            })
            .collect();
        Self { stop, threads }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
