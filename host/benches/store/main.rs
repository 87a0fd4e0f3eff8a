//! What the history is measured by: how much it takes in, how fast it is read, and what is left of it when its writers are
//! killed.
//!
//! `cargo bench -p benchhost --bench store -- scale [millions …]` imports 10 000 series of 100, 200, 400 and 1000 points,
//! beside appending the same rows to a CSV file with an fsync for each batch.
//!
//! `cargo bench -p benchhost --bench store -- faults [seconds] [kills] [seed]` lets 16 processes write at once, and then kills
//! writers, imports and compactions at random moments. Exit code 1 when anything that was reported stored is missing.
//!
//! `cargo bench -p benchhost --bench store -- judge [millions …]` lets the program look for changes in all of them, and judge a
//! new run of a thousand metrics.
//!
//! `cargo bench -p benchhost --bench store -- program libfixture_kernels.so [kills] [seed]` kills the program itself while it runs,
//! imports or compacts.
//!
//! Without words, the first three. The parts run in processes of their own, so that their peak memory is theirs alone.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark program for people, which stops at the first surprise"
)]

mod faults;
mod judge;
mod program;
mod scale;
mod work;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["__child", rest @ ..] => work::child(rest),
        ["scale", rest @ ..] => scale::scale(rest),
        ["judge", rest @ ..] => judge::judge(rest),
        ["program", rest @ ..] => return program::program(rest),
        ["faults", rest @ ..] => return faults::faults(rest),
        _ => {
            scale::scale(&[]);
            judge::judge(&[]);
            return faults::faults(&[]);
        }
    }
    ExitCode::SUCCESS
}
