//! Whether the plugin's triad reaches what plain C reaches: `cargo bench -p system --bench stream`.
//!
//! Both sides are fresh processes of one thread, by turns, so that a phase of the machine falls on both; the best round of
//! a process counts, as in STREAM. Ends with code 1 below [`FLOOR`]. Needs a C compiler (`CC`, else `cc`); without one it
//! says so and judges nothing.

#![expect(clippy::print_stdout, reason = "a bench shows what it found")]

use std::{
    env,
    path::Path,
    process::{Command, ExitCode},
    time::Instant,
};

use system::Kernel;

/// Bytes of each array: four times a last-level cache of 32 MiB.
const BYTES: usize = 128 << 20;

/// Rounds of one process.
const ROUNDS: usize = 12;

/// Processes of each side.
const TURNS: usize = 7;

/// Least ratio of the plugin's bandwidth to that of C: the promise is 15 %.
const FLOOR: f64 = 0.85;

/// Asks this program to be the plugin's side.
const OUR_SIDE: &str = "--our-side";

fn main() -> ExitCode {
    if env::args().any(|argument| argument == OUR_SIDE) {
        our_side();
        return ExitCode::SUCCESS;
    }
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let program = folder.join("triad");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/triad.c");
    let mut compile = Command::new(&compiler);
    compile.args(["-O3", "-march=native", "-o"]);
    match compile.arg(&program).arg(source).status() {
        Ok(status) if status.success() => {}
        other => {
            println!(
                "nothing judged: `{compiler}` cannot compile triad.c ({other:?}); set CC to a C compiler"
            );
            return ExitCode::SUCCESS;
        }
    }
    let us = env::current_exe().expect("a running program knows where it is");
    let mut best = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        let mut c = Command::new(&program);
        let c = rates(c.args([BYTES.to_string(), ROUNDS.to_string()]));
        let ours = rates(Command::new(&us).arg(OUR_SIDE));
        assert_eq!(c.1, ours.1, "the two sides have computed something else");
        best[0].push(c.0);
        best[1].push(ours.0);
    }
    let [c, ours] = best.map(|mut best| {
        best.sort_unstable_by(f64::total_cmp);
        (best[TURNS / 2], best[TURNS - 1])
    });
    println!("triad, {BYTES} bytes an array, one thread; GB/s of the best round of a process");
    println!("            median of {TURNS}   best");
    println!("plain C     {:11.2}  {:6.2}", c.0, c.1);
    println!("plugin      {:11.2}  {:6.2}", ours.0, ours.1);
    println!("ratio       {:11.3}  {:6.3}", ours.0 / c.0, ours.1 / c.1);
    if ours.0 / c.0 < FLOOR {
        println!("the plugin is below {FLOOR} of plain C");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Best bandwidth of a process in GB/s, and the sum it printed.
fn rates(command: &mut Command) -> (f64, String) {
    let output = command
        .output()
        .expect("a program that was just made starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let (times, sum) = text
        .trim_end()
        .rsplit_once('\n')
        .expect("a side prints its times and its sum");
    let least = times
        .lines()
        .map(|line| line.parse().expect("a side prints seconds"))
        .fold(f64::INFINITY, f64::min);
    ((3 * BYTES) as f64 / least / 1e9, sum.to_owned())
}

/// The same as triad.c, with the plugin's kernel.
fn our_side() {
    let length = BYTES / size_of::<f64>();
    let mut a = vec![f64::NAN; length];
    let b: Vec<f64> = (0..length).map(|i| (i % 8191) as f64).collect();
    let c: Vec<f64> = (0..length).map(|i| (i % 4093) as f64 + 0.5).collect();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        Kernel::Triad.run(&mut a, &b, &c);
        println!("{:.9}", started.elapsed().as_secs_f64());
        std::hint::black_box(&mut a);
    }
    println!("{:.1}", a.iter().sum::<f64>());
}
