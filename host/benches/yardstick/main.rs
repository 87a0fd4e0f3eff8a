//! What the yardstick costs, what it reads, and what setting samples aside brings.
//!
//! `cargo bench -p benchhost --bench yardstick -- readings [SECONDS]`: alone, then beside busy threads of our own on every other CPU.
//!
//! `cargo bench -p benchhost --bench yardstick -- scatter RUN.json …`: standard deviation of each case's median from run to run, of
//! all samples and of those that had their core to themselves. Runs are made with `benchhost run SUITE` beforehand.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for people; a file that cannot be read ends it"
)]

mod readings;
mod scatter;

const USAGE: &str = "say `readings [SECONDS]` or `scatter RUN.json RUN.json …`";

fn main() {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match words.split_first() {
        None => readings::show(3.0),
        Some((what, rest)) if what == "readings" => {
            let seconds = rest.first().map(|word| word.parse().expect(USAGE));
            readings::show(seconds.unwrap_or(3.0));
        }
        Some((what, rest)) if what == "scatter" && rest.len() >= 3 => scatter::show(rest),
        Some(_) => println!("{USAGE}; scatter needs three runs at least"),
    }
}
