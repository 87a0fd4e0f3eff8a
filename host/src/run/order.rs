//! The order of the workers: every case once before any case a second time, each round shuffled by the seed.
//!
//! Slow changes of the machine (heat, other load) then fall on all cases alike, and no case always follows the same
//! other one.

use benchhost_plan::{Benchmark, Plan};
use benchhost_stats::SplitMix64;

/// One worker to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Job {
    /// Index of the benchmark in the plan.
    pub(super) benchmark: usize,
    /// Index of the case in the benchmark.
    pub(super) case: usize,
    /// Index of the repetition.
    pub(super) repetition: u32,
}

/// All workers of `plan`, in the order in which they run. The same plan and seed give the same order.
pub(super) fn jobs(plan: &Plan) -> Vec<Job> {
    let rounds = plan
        .benchmarks
        .iter()
        .map(Benchmark::turns_of_a_case)
        .max()
        .unwrap_or(0);
    let mut random = SplitMix64::new(plan.seed);
    let mut all = Vec::new();
    for repetition in 0..rounds {
        let mut round: Vec<Job> = plan
            .benchmarks
            .iter()
            .enumerate()
            .filter(|(_, benchmark)| repetition < benchmark.turns_of_a_case())
            .flat_map(|(index, benchmark)| {
                (0..benchmark.cases.len()).map(move |case| Job {
                    benchmark: index,
                    case,
                    repetition,
                })
            })
            .collect();
        shuffle(&mut round, &mut random);
        all.extend(round);
    }
    all
}

/// Fisher–Yates.
fn shuffle(jobs: &mut [Job], random: &mut SplitMix64) {
    for last in (1..jobs.len()).rev() {
        let other = random.index(last + 1);
        jobs.swap(last, other);
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
        name = "a"
        plugin = "p"
        workload = "w"
        repetitions = 3
        axes = { n = { from = 1, to = 8, step = 1 } }
        [[benchmark]]
        name = "b"
        plugin = "p"
        workload = "v"
    "#;

    fn plan(seed: u64) -> Plan {
        let overrides = benchhost_plan::Overrides {
            seed: Some(seed),
            ..Default::default()
        };
        benchhost_plan::parse(SUITE, "x.toml", &overrides).unwrap()
    }

    #[test]
    fn every_round_holds_every_case_once_in_an_order_that_the_seed_decides() {
        let jobs_of_7 = jobs(&plan(7));

        assert_eq!(jobs_of_7, jobs(&plan(7)));
        assert_ne!(jobs_of_7, jobs(&plan(8)));
        let rounds: Vec<u32> = jobs_of_7.iter().map(|job| job.repetition).collect();
        assert!(rounds.is_sorted());
        let mut sorted = jobs_of_7.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 8 * 3 + 1);
    }
}
