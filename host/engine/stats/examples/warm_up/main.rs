//! How well a warm-up is ended: ours and the published rules on simulated series, seeded.
//!
//! `cargo run --release -p benchhost-stats --example warm_up [series] [seed]`
//!
//! A series begins with its shape's transient, or never settles. Each rule says after how many blocks the warm-up ends,
//! 2000 at most; then 1000 blocks are sampled. *Late* is how many blocks were wasted after the series had arrived
//! (stays within 1 % of its final level). *Bias* is how far, in %, the true mean of the next 100 blocks lies from the
//! final level. *Off* is the distance of the end from the arrival, late or early. The *cost* of a series is its bias in
//! % plus its wasted blocks at a price. A *claim* says "steady": for the published rules that the warm-up ended, for
//! ours that it ended and that the look back at the samples found them steady.
//!
//! Ours has the floor for short blocks. The published rules are tried as published and with the same floor. The last
//! line of each table is ours with the least floor, 20, which is not judged: what long blocks have to live with.
//!
//! Ends with exit code 1 when a published rule has a smaller mean cost at any of the prices, or a smaller mean
//! distance, over the shapes that settle; or when our rule claims steadiness on any series that has none, or fails to
//! claim it on more than 2 % of the flat ones.

#![expect(
    clippy::print_stdout,
    reason = "an example is there to print what it found"
)]

mod published;
mod shapes;
mod table;

use std::process::ExitCode;

use benchhost_stats::{SHORT_BLOCKS_FLOOR, SplitMix64, Steadiness, WarmUp, steadiness};
use shapes::{CAP, KEPT, SHAPES, Series};
use table::{Outcome, Total};

const NOISES: [f64; 2] = [0.01, 0.05];

#[derive(Clone, Copy)]
enum Rule {
    Ours { floor: u64 },
    Published { rule: published::Rule, floor: usize },
}

impl Rule {
    /// Ours, the published ones, and last ours with the least floor.
    fn all() -> Vec<Self> {
        let published = [0, SHORT_BLOCKS_FLOOR as usize]
            .into_iter()
            .flat_map(|floor| {
                let rules = published::Rule::all().into_iter();
                rules.map(move |rule| Self::Published { rule, floor })
            });
        let ours = Self::Ours {
            floor: SHORT_BLOCKS_FLOOR,
        };
        let least = Self::Ours { floor: 0 };
        [ours].into_iter().chain(published).chain([least]).collect()
    }

    fn name(self) -> String {
        match self {
            Self::Ours { floor: 0 } => "benchhost, 20".to_owned(),
            Self::Ours { floor } => format!("benchhost, {floor}"),
            Self::Published { rule, floor: 0 } => rule.name(),
            Self::Published { rule, floor } => format!("{}, {floor}", rule.name()),
        }
    }

    fn outcome(self, series: &Series) -> Outcome {
        let warming = &series.values[..CAP];
        match self {
            Self::Ours { floor } => {
                let end = our_end(warming, floor);
                let claims = end.is_some_and(|end| {
                    let kept = &series.values[end..end + KEPT];
                    steadiness(kept) == Ok(Steadiness::Steady)
                });
                Outcome::new(series, end, claims)
            }
            Self::Published { rule, floor } => {
                let end = rule.end(warming, floor);
                Outcome::new(series, end, end.is_some())
            }
        }
    }
}

fn our_end(values: &[f64], floor: u64) -> Option<usize> {
    let mut rule = WarmUp::new(floor);
    let last = values.iter().position(|x| {
        rule.observe(*x);
        rule.is_steady()
    });
    last.map(|i| i + 1)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| {
        let given = arguments.next().and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    let (count, seed) = (number(500_u64).max(1), number(20_261_121));
    println!("seed {seed}, {count} series of each shape and noise");
    let rules = Rule::all();
    let mut totals: Vec<Total> = rules.iter().map(|rule| Total::new(rule.name())).collect();
    let mut random = SplitMix64::new(seed);
    for shape in SHAPES {
        for noise in NOISES {
            let draw = |_| Series::draw(shape, noise, &mut random);
            let series: Vec<Series> = (0..count).map(draw).collect();
            table::print_head(shape, noise);
            for (rule, total) in rules.iter().zip(&mut totals) {
                let outcomes: Vec<Outcome> = series.iter().map(|s| rule.outcome(s)).collect();
                table::print_line(&total.name, shape, &outcomes);
                total.add(shape, &outcomes);
            }
        }
    }
    judge(&totals)
}

fn judge(totals: &[Total]) -> ExitCode {
    table::print_total_head();
    totals.iter().for_each(Total::print);
    let [ours, published @ .., _least] = totals else {
        return ExitCode::FAILURE;
    };
    let no_worse = published.iter().all(|rule| ours.is_no_worse_than(rule));
    let checks = [
        ("no published rule is cheaper or nearer", no_worse),
        (
            "no claim where there is no steady state",
            ours.claims_where_there_is_none() == 0,
        ),
        (
            "at least 98 % of the flat series are called steady",
            ours.flat_claims() >= 0.98,
        ),
    ];
    println!();
    for (what, holds) in checks {
        println!("{}: {what}", if holds { "yes" } else { "NO" });
    }
    if checks.iter().all(|(_, holds)| *holds) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
