//! One new value against 64 past ones: how often unchanged code is called slower, and how much of a slow-down is seen.
//!
//! `cargo run --release -p benchhost-stats --example history [windows] [seed] [recorded.csv]`
//!
//! Simulated: windows of each noise and each relative standard deviation. Recorded: `series,time,value` of code that did
//! not change, in order of time; windows slide over each series by one value, so that neighbours share their past and
//! the intervals are narrower than they should be. *Confirmed* is `--confirm 1`: what is suspicious is measured
//! again, and both values are judged. Ends with exit code 1 when the confirmed rule misses a target over all windows.

#![expect(
    clippy::print_stdout,
    reason = "an example is there to print what it found"
)]

mod noise;
mod rules;

use std::{collections::BTreeMap, fs, process::ExitCode};

use benchhost_stats::SplitMix64;
use noise::{NOISES, PAST, Window};
use rules::{Judge, RULES, Rule};

/// Relative standard deviations.
const SPREADS: [f64; 4] = [0.005, 0.01, 0.02, 0.05];

/// Slow-downs; the first is none.
const EFFECTS: [f64; 5] = [0.0, 0.02, 0.05, 0.1, 0.2];

/// Lengths of a past, from the fewest values a prediction stands on.
const LENGTHS: [usize; 4] = [8, 16, 32, PAST];

/// Most false alarms and least power at +10 %, of the confirmed rule.
const TARGETS: (f64, f64) = (0.005, 0.8);

/// How often each rule said "slower", by effect.
#[derive(Clone, Default)]
struct Tally {
    windows: usize,
    slower: [[usize; EFFECTS.len()]; RULES.len()],
    faster: usize,
    suspicious: usize,
}

impl Tally {
    fn add(&mut self, window: &Window) {
        let Some(judge) = Judge::new(&window.past) else {
            return;
        };
        self.windows += 1;
        self.faster += usize::from(judge.is_faster(window));
        self.suspicious += usize::from(judge.is_suspicious(window));
        for (counts, (rule, _)) in self.slower.iter_mut().zip(RULES) {
            for (count, effect) in counts.iter_mut().zip(EFFECTS) {
                *count += usize::from(judge.is_slower(rule, window, 1.0 + effect));
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.windows += other.windows;
        self.faster += other.faster;
        self.suspicious += other.suspicious;
        let pairs = self.slower.iter_mut().zip(&other.slower);
        for (mine, theirs) in pairs.flat_map(|(mine, theirs)| mine.iter_mut().zip(theirs)) {
            *mine += theirs;
        }
    }

    fn share(&self, rule: usize, effect: usize) -> f64 {
        self.slower[rule][effect] as f64 / self.windows as f64
    }
}

/// Wilson's interval at 95 %, in percent (Wilson 1927, JASA 22, 209–212).
fn wilson(count: usize, n: usize) -> String {
    let (z, n) = (1.959_964_f64, n as f64);
    let share = count as f64 / n;
    let centre = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 100.0 / (1.0 + z * z / n);
    format!(
        "[{:.2}, {:.2}]",
        scale * (centre - half).max(0.0),
        scale * (centre + half)
    )
}

/// The table of all windows: a line for each rule.
fn totals(tally: &Tally) {
    println!(
        "\n{:<22}{:>9}{:>16}{:>9}{:>9}{:>9}{:>9}",
        "rule", "false", "95 %", "+2 %", "+5 %", "+10 %", "+20 %"
    );
    for (k, (_, name)) in RULES.iter().enumerate() {
        print!(
            "{name:<22}{:>7.2} %{:>16}",
            100.0 * tally.share(k, 0),
            wilson(tally.slower[k][0], tally.windows)
        );
        let found = (1..EFFECTS.len()).map(|effect| 100.0 * tally.share(k, effect));
        println!(
            "{}",
            found
                .map(|percent| format!("{percent:>7.1} %"))
                .collect::<String>()
        );
    }
    let percent = |count: usize| 100.0 * count as f64 / tally.windows as f64;
    println!(
        "measured again {:.1} %, called faster {:.2} % {}",
        percent(tally.suspicious),
        percent(tally.faster),
        wilson(tally.faster, tally.windows)
    );
}

/// One share of each group and rule.
fn by_group(groups: &BTreeMap<String, Tally>, effect: usize) {
    println!("\nby group, +{:.0} %", 100.0 * EFFECTS[effect]);
    let names: String = RULES
        .iter()
        .map(|(_, name)| format!("{name:>22}"))
        .collect();
    println!("{:<26}{:>9}{names}", "", "windows");
    for (group, tally) in groups {
        let shares: String = (0..RULES.len())
            .map(|k| format!("{:>20.2} %", 100.0 * tally.share(k, effect)))
            .collect();
        println!("{group:<26}{:>9}{shares}", tally.windows);
    }
}

/// All tables; whether the targets are met.
fn report(groups: &BTreeMap<String, Tally>) -> bool {
    let mut all = Tally::default();
    for tally in groups.values() {
        all.merge(tally);
    }
    if all.windows == 0 {
        println!("no series of {} values", PAST + 2);
        return false;
    }
    totals(&all);
    by_group(groups, 0);
    by_group(groups, 3);
    let ours = RULES.iter().position(|(rule, _)| *rule == Rule::Confirmed);
    let ours = ours.expect("the rule is in the list");
    let is_met = all.share(ours, 0) <= TARGETS.0 && all.share(ours, 3) >= TARGETS.1;
    println!(
        "\ntargets (confirmed, all windows): {}",
        if is_met { "met" } else { "missed" }
    );
    is_met
}

/// What fewer past values cost, over all noises and spreads.
fn by_length(windows: usize, seed: u64) {
    println!(
        "\nbenchhost, by values in the past: false and +10 %, alone; false and +10 %, confirmed"
    );
    for length in LENGTHS {
        let mut all = Tally::default();
        for (k, noise) in NOISES.into_iter().enumerate() {
            for sd in SPREADS {
                let mut random = SplitMix64::new(seed ^ (k as u64 * 1000 + (sd * 1e4) as u64));
                for _ in 0..windows {
                    all.add(&Window::draw(noise, sd, &mut random).shortened(length));
                }
            }
        }
        let shares = [(0, 0), (0, 3), (1, 0), (1, 3)];
        let shares =
            shares.map(|(rule, effect)| format!("{:>9.2} %", 100.0 * all.share(rule, effect)));
        println!("{length:>4}{}", shares.concat());
    }
}

fn simulated(windows: usize, seed: u64) -> BTreeMap<String, Tally> {
    let mut groups = BTreeMap::new();
    for (k, noise) in NOISES.into_iter().enumerate() {
        for sd in SPREADS {
            let mut random = SplitMix64::new(seed ^ (k as u64 * 1000 + (sd * 1e4) as u64));
            let mut tally = Tally::default();
            for _ in 0..windows {
                tally.add(&Window::draw(noise, sd, &mut random));
            }
            let name = format!("{noise:?}");
            groups.insert(format!("{name:<16}{:>5.1} %", 100.0 * sd), tally);
        }
    }
    groups
}

/// Windows of the series in `text`, grouped by their relative robust spread.
fn recorded(text: &str) -> BTreeMap<String, Tally> {
    let mut series: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        let (Some(name), Some(value)) = (cells.next(), cells.nth(1)) else {
            continue;
        };
        if let Ok(value) = value.trim().parse() {
            series.entry(name).or_default().push(value);
        }
    }
    println!("{} series", series.len());
    let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
    for values in series.values() {
        for values in values.windows(PAST + 2) {
            let window = Window::of(values);
            let (Ok(mad), Ok(median)) = (
                benchhost_stats::mad(&window.past),
                benchhost_stats::median(&window.past),
            ) else {
                continue;
            };
            let group = match mad / median {
                x if x < 0.01 => "spread below 1 %",
                x if x < 0.03 => "spread of 1 to 3 %",
                x if x < 0.1 => "spread of 3 to 10 %",
                _ => "spread over 10 %",
            };
            groups.entry(group.to_owned()).or_default().add(&window);
        }
    }
    groups
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |k: usize, default: u64| {
        arguments
            .get(k)
            .map_or(Some(default), |text| text.parse().ok())
    };
    let (Some(windows), Some(seed)) = (number(0, 4000), number(1, 20_261_121)) else {
        println!("usage: history [windows] [seed] [recorded.csv]");
        return ExitCode::from(2);
    };
    println!("seed {seed}, {windows} windows of each noise and spread");
    let mut is_met = report(&simulated(windows as usize, seed));
    by_length((windows as usize / 4).max(1), seed);
    if let Some(path) = arguments.get(2) {
        println!("\nrecorded in {path}");
        match fs::read_to_string(path) {
            Ok(text) => is_met &= report(&recorded(&text)),
            Err(error) => {
                println!("cannot read {path}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    if is_met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
