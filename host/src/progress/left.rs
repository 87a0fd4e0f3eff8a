//! How long a run will still take: what is planned, corrected by what finished workers took.
//!
//! Pure: whoever asks says how late it is.

use std::{collections::HashMap, time::Duration};

use benchhost_plan::{Benchmark, Plan, WarmUp};

/// Time of a worker besides warm-up and samples, guessed: start, load, setup, teardown.
const AROUND: Duration = Duration::from_millis(50);

/// Values that a search tries, guessed: doubling and bisection.
const TRIES: u32 = 12;

/// The workers of a case.
#[derive(Debug, Clone)]
struct Turns {
    benchmark: usize,
    /// What one takes, as planned.
    planned: Duration,
    /// How many are to come, the one that runs included.
    left: u32,
    /// What those that ended took together, and how many they are.
    taken: (Duration, u32),
}

/// What is left of a plan.
#[derive(Debug, Clone, Default)]
pub(super) struct Left {
    cases: HashMap<String, Turns>,
    /// What runs, and since when.
    running: Option<(String, Duration)>,
}

/// The name of a case in what observers are told.
fn label(benchmark: &Benchmark, query: &str) -> String {
    format!("{} {query}", benchmark.name)
}

impl Left {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut cases = HashMap::new();
        for (index, benchmark) in plan.benchmarks.iter().enumerate() {
            let turns = Turns {
                benchmark: index,
                planned: planned(benchmark),
                left: benchmark.turns_of_a_case(),
                taken: (Duration::ZERO, 0),
            };
            for case in &benchmark.cases {
                cases.insert(label(benchmark, case.id.query()), turns.clone());
            }
        }
        Self {
            cases,
            running: None,
        }
    }

    /// A worker starts at `now`. What a search tries on the way has no name of its own in the plan.
    pub(super) fn starts(&mut self, label: &str, now: Duration) {
        if self.cases.contains_key(label) {
            self.running = Some((label.to_owned(), now));
        }
    }

    /// A worker ended at `now`. Returns how long the case took in all, when it was its last.
    pub(super) fn ended(&mut self, label: &str, now: Duration) -> Option<Duration> {
        let (running, since) = self.running.take()?;
        let turns = self.cases.get_mut(label).filter(|_| running == label)?;
        turns.left = turns.left.saturating_sub(1);
        turns.taken.0 += now.saturating_sub(since);
        turns.taken.1 += 1;
        (turns.left == 0).then_some(turns.taken.0)
    }

    /// What is left at `now`.
    pub(super) fn left(&self, now: Duration) -> Duration {
        let all = Share::of(self.cases.values());
        let mut benchmarks: HashMap<usize, Share> = HashMap::new();
        for turns in self.cases.values() {
            benchmarks.entry(turns.benchmark).or_default().add(turns);
        }
        let mut left = Duration::ZERO;
        for (label, turns) in &self.cases {
            let one = match turns.taken {
                // Its own repetitions know best.
                (taken, count) if count > 0 => taken / count,
                // Then other cases of its benchmark, then all others.
                _ => {
                    let alike = benchmarks.get(&turns.benchmark).and_then(Share::ratio);
                    let ratio = alike.or_else(|| all.ratio()).unwrap_or(1.0);
                    turns.planned.mul_f64(ratio)
                }
            };
            left += one * turns.left;
            if let Some((running, since)) = &self.running
                && running == label
            {
                left = left.saturating_sub(now.saturating_sub(*since).min(one));
            }
        }
        left
    }
}

/// What ended workers took, beside what was planned for them.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    taken: Duration,
    planned: Duration,
}

impl Share {
    fn of<'a>(turns: impl Iterator<Item = &'a Turns>) -> Self {
        let mut share = Self::default();
        turns.for_each(|turns| share.add(turns));
        share
    }

    fn add(&mut self, turns: &Turns) {
        self.taken += turns.taken.0;
        self.planned += turns.planned * turns.taken.1;
    }

    fn ratio(&self) -> Option<f64> {
        (!self.planned.is_zero()).then(|| self.taken.as_secs_f64() / self.planned.as_secs_f64())
    }
}

/// What a worker of a benchmark takes: warm-up, samples, and the rest.
fn planned(benchmark: &Benchmark) -> Duration {
    let settings = &benchmark.settings;
    let samples = Duration::from_nanos(settings.sampling.max_time_ns);
    let warm_up = match settings.warm_up {
        // A steady series ends it early, mostly.
        WarmUp::Auto { cap_ns, .. } => (Duration::from_nanos(cap_ns) / 2).min(samples),
        WarmUp::Time(ns) => Duration::from_nanos(ns),
        WarmUp::Iterations(_) | WarmUp::None => Duration::ZERO,
    };
    let one = AROUND + warm_up + samples;
    match benchmark.search {
        Some(_) => one * TRIES * settings.repetitions,
        None => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUITE: &str = r#"
        name = "x"
        [plugins]
        p = "./p"
        [[benchmark]]
        name = "short"
        plugin = "p"
        workload = "w"
        warm-up = "none"
        max-time = "950ms"
        repetitions = 2
        axes = { n = [1, 2] }
        [[benchmark]]
        name = "long"
        plugin = "p"
        workload = "v"
        warm-up = "2s"
        max-time = "7950ms"
    "#;

    const SHORT: [&str; 2] = ["short n=1&threads=1", "short n=2&threads=1"];
    const LONG: &str = "long threads=1";

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn left() -> Left {
        let plan = benchhost_plan::parse(SUITE, "x.toml", &Default::default());
        Left::of(&plan.expect("it is right"))
    }

    /// Rounded: shares are no round numbers.
    fn shown(left: &Left, now: f64) -> f64 {
        (100.0 * left.left(seconds(now)).as_secs_f64()).round() / 100.0
    }

    #[test]
    fn cases_weigh_what_is_planned_for_them() {
        let mut left = left();

        assert_eq!(shown(&left, 0.0), 4.0 + 10.0);
        left.starts(LONG, seconds(0.0));
        assert_eq!(shown(&left, 4.0), 10.0);
        assert_eq!(
            shown(&left, 99.0),
            4.0,
            "a worker that takes longer is nearly done"
        );
        left.ended(LONG, seconds(10.0));
        assert_eq!(shown(&left, 10.0), 4.0);
    }

    #[test]
    fn what_ended_teaches_about_its_case_its_benchmark_and_the_others() {
        let mut left = left();

        left.starts(SHORT[0], seconds(0.0));
        // Half of what was planned.
        assert_eq!(left.ended(SHORT[0], seconds(0.5)), None);

        assert_eq!(shown(&left, 0.5), 0.5 + 2.0 * 0.5 + 5.0);
        left.starts(SHORT[0], seconds(0.5));
        let whole = left.ended(SHORT[0], seconds(0.75));
        assert_eq!(whole, Some(seconds(0.75)), "its last worker");
        // 0.75 s of 2 planned ones.
        assert_eq!(shown(&left, 0.75), 2.0 * 0.375 + 3.75);
    }

    #[test]
    fn names_that_are_not_planned_change_nothing() {
        let mut left = left();

        left.starts(LONG, seconds(0.0));
        left.starts("long n=512", seconds(3.0));

        assert_eq!(left.ended("long n=512", seconds(4.0)), None);
        assert_eq!(
            left.ended(LONG, seconds(4.0)),
            None,
            "it is not known when it began"
        );
        assert_eq!(shown(&left, 4.0), 14.0);
    }
}
