//! How often a paired comparison is wrong, and how soon it is right: simulated, looked at after every round.
//!
//! `cargo run --release -p benchhost-stats --example paired [comparisons] [seed]`
//!
//! Each comparison has up to 60 rounds of 16 pairs. Time is one long row of slots; the coin says which side has the first
//! slot of a pair, as in `benchhost compare`. Rounds begin with two fresh processes, each with a level of its own. Ends
//! with exit code 1 when a rate is above the stated level by more than chance allows.

#![expect(
    clippy::print_stdout,
    reason = "an example is there to print what it found"
)]

use std::process::ExitCode;

use benchhost_stats::{Bounds, Decision, Paired, Round, SplitMix64, decide};

const LEVEL: f64 = 0.005;
const ROUNDS: usize = 60;
const PAIRS: usize = 16;
const BOUNDS: Bounds = Bounds {
    tolerance: 0.01 / 3.0,
    margin: 0.01,
};
/// Asks for any difference at all: the null is one point, and every A/A comparison lies on it.
const STRICT: Bounds = Bounds {
    tolerance: 0.0,
    margin: 0.01,
};

#[derive(Clone, Copy, Debug)]
enum Noise {
    Normal,
    LogNormal,
    HeavyTail,
    Bimodal,
    Autoregressive,
    Drift,
}

const MODELS: [Noise; 6] = [
    Noise::Normal,
    Noise::LogNormal,
    Noise::HeavyTail,
    Noise::Bimodal,
    Noise::Autoregressive,
    Noise::Drift,
];

/// A machine: durations in slots, one after the other.
struct Machine {
    noise: Noise,
    random: SplitMix64,
    slot: f64,
    memory: f64,
}

impl Machine {
    fn new(noise: Noise, seed: u64) -> Self {
        Self {
            noise,
            random: SplitMix64::new(seed),
            slot: 0.0,
            memory: 0.0,
        }
    }

    /// The level of a fresh process, relative.
    fn process(&mut self) -> f64 {
        let z = self.random.normal();
        match self.noise {
            Noise::Bimodal => 1.0 + if z > 0.0 { 0.01 } else { 0.0 },
            Noise::HeavyTail => (0.003 * z / self.random.uniform().sqrt()).exp(),
            _ => (0.004 * z).exp(),
        }
    }

    /// The duration of one slot of a process at `level`.
    fn duration(&mut self, level: f64) -> f64 {
        self.slot += 1.0;
        let z = self.random.normal();
        let factor = match self.noise {
            Noise::Normal => 1.0 + 0.01 * z,
            Noise::LogNormal => (0.05 * z).exp(),
            // Pareto with infinite variance, one-sided, as interrupts are.
            Noise::HeavyTail => 1.0 + 0.01 * (self.random.uniform().powf(-1.0 / 1.5) - 1.0),
            Noise::Bimodal => 1.0 + if z > 0.5 { 0.05 } else { 0.0 } + 0.002 * z,
            Noise::Autoregressive => {
                self.memory = 0.95 * self.memory + 0.005 * z;
                self.memory.exp()
            }
            Noise::Drift => (1.0 + 1e-4 * self.slot) * (1.0 + 0.01 * z),
        };
        level * factor
    }

    /// One round in which the candidate takes `ratio` times as long.
    fn round(&mut self, ratio: f64) -> Round {
        let (base, candidate) = (self.process(), ratio * self.process());
        let pairs: Vec<(f64, f64)> = (0..PAIRS)
            .map(|_| {
                if self.random.next_u64() & 1 == 0 {
                    let first = self.duration(base);
                    (first, self.duration(candidate))
                } else {
                    let first = self.duration(candidate);
                    (self.duration(base), first)
                }
            })
            .collect();
        Round::of(&pairs).expect("durations are positive")
    }
}

#[derive(Default)]
struct Tally {
    higher: usize,
    lower: usize,
    equivalent: usize,
    rounds: Vec<usize>,
    spread: Vec<f64>,
}

/// `count` comparisons, each watched after every round.
fn compare(noise: Noise, ratio: f64, bounds: Bounds, count: usize, seed: u64) -> Tally {
    let mut tally = Tally::default();
    for i in 0..count as u64 {
        let mut machine = Machine::new(noise, seed.wrapping_add(i.wrapping_mul(0x9E37_79B9)));
        let mut paired = Paired::new(bounds);
        for n in 1..=ROUNDS {
            paired.observe(machine.round(ratio));
            let Some(decision) = decide(&[&paired], LEVEL)[0].decision else {
                continue;
            };
            match decision {
                Decision::Higher => tally.higher += 1,
                Decision::Lower => tally.lower += 1,
                Decision::Equivalent => tally.equivalent += 1,
            }
            tally.rounds.push(n);
            break;
        }
        tally.spread.extend(paired.round_sd());
    }
    tally.rounds.sort_unstable();
    tally.spread.sort_unstable_by(f64::total_cmp);
    tally
}

/// More than this many of `count` at the level is no chance any more (four standard deviations).
fn bound(count: usize) -> usize {
    let expected = LEVEL * count as f64;
    (expected + 4.0 * expected.sqrt()).ceil() as usize
}

/// False decisions under noise where there is nothing to find.
fn false_decisions(count: usize, seed: u64) -> bool {
    let share = |n: usize| format!("{:.3} %", 100.0 * n as f64 / count as f64);
    println!(
        "False decisions in {count} comparisons each, stated level {} %, looked at after each of {ROUNDS} rounds",
        100.0 * LEVEL
    );
    println!(
        "{:<16}{:>14}{:>22}{:>24}",
        "noise", "A/A, ε = 0", "ratio at tolerance", "'equivalent' at margin"
    );
    let mut fine = true;
    for noise in MODELS {
        let strict = compare(noise, 1.0, STRICT, count, seed);
        let edge = compare(noise, BOUNDS.tolerance.exp(), BOUNDS, count, seed ^ 1);
        let margin = compare(noise, BOUNDS.margin.exp(), BOUNDS, count, seed ^ 2);
        let counts = [
            strict.higher + strict.lower,
            edge.higher + edge.lower,
            margin.equivalent,
        ];
        fine &= counts.iter().all(|n| *n <= bound(count));
        println!(
            "{:<16}{:>14}{:>22}{:>24}",
            format!("{noise:?}"),
            share(counts[0]),
            share(counts[1]),
            share(counts[2])
        );
    }
    fine
}

/// What is found, and how soon.
fn power(count: usize, seed: u64) {
    println!("\nPower: found within {ROUNDS} rounds (median rounds) in {count} comparisons each");
    println!(
        "{:<16}{:>10}{:>16}{:>16}{:>16}{:>16}{:>16}",
        "noise", "round-sd", "0.5 %", "1 %", "2 %", "5 %", "10 %"
    );
    for noise in MODELS {
        let mut line = String::new();
        let mut spread = 0.0;
        for effect in [0.005, 0.01, 0.02, 0.05, 0.1] {
            let tally = compare(noise, 1.0 + effect, BOUNDS, count, seed ^ 3);
            let found = 100.0 * tally.higher as f64 / count as f64;
            let median = tally.rounds.get(tally.rounds.len() / 2);
            let rounds = median.map_or_else(|| "-".to_owned(), ToString::to_string);
            line += &format!("{:>16}", format!("{found:.1} % ({rounds})"));
            spread = tally.spread[tally.spread.len() / 2];
        }
        println!(
            "{:<16}{:>8.2} %{line}",
            format!("{noise:?}"),
            100.0 * spread
        );
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| {
        arguments
            .next()
            .map_or(Some(default), |text| text.parse().ok())
    };
    let (Some(count), Some(seed)) = (number(10_000), number(20_261_121)) else {
        println!("usage: paired [comparisons] [seed]");
        return ExitCode::from(2);
    };
    println!("seed {seed}\n");
    let fine = false_decisions(count as usize, seed);
    power((count as usize / 10).max(1), seed);
    if fine {
        println!("\nevery rate is within chance of the stated level or below");
        ExitCode::SUCCESS
    } else {
        println!("\na rate is above the stated level");
        ExitCode::FAILURE
    }
}
