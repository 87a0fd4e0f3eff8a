//! Which trials there are, in which order, and what came of them.

use fixture_kernels::random::SplitMix64;

use crate::{
    arguments::Trials,
    tool::{Tool, Verdict},
};

/// One comparison to be made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trial {
    /// Who is asked.
    pub(crate) tool: Tool,
    /// About what.
    pub(crate) kernel: String,
    /// How much slower the candidate is, %.
    pub(crate) slowdown: f64,
}

/// What the tool said.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// The comparison.
    pub(crate) trial: Trial,
    /// Its verdict.
    pub(crate) verdict: Verdict,
    /// The change it estimates, %; NaN when it says none.
    pub(crate) change: f64,
    /// Wall-clock time, s.
    pub(crate) seconds: f64,
}

impl Outcome {
    /// The columns of [`row`](Self::row).
    pub(crate) const HEADER: &str = "tool,kernel,slowdown_percent,verdict,change_percent,seconds";

    /// The outcome as a line of CSV.
    pub(crate) fn row(&self) -> String {
        let Trial {
            tool,
            kernel,
            slowdown,
        } = &self.trial;
        let (verdict, change, seconds) = (self.verdict.word(), self.change, self.seconds);
        format!(
            "{},{kernel},{slowdown},{verdict},{change:.3},{seconds:.3}",
            tool.name()
        )
    }
}

/// All trials in an order drawn from `seed`, so that a bad minute of the machine does not fall on one tool.
pub(crate) fn plan(
    trials: &[Trials],
    kernels: &[String],
    slowdowns: &[f64],
    seed: u64,
) -> Vec<Trial> {
    let mut all = Vec::new();
    for Trials { tool, number } in trials {
        for kernel in kernels {
            for slowdown in slowdowns {
                let trial = Trial {
                    tool: *tool,
                    kernel: kernel.clone(),
                    slowdown: *slowdown,
                };
                all.extend(std::iter::repeat_n(trial, *number));
            }
        }
    }
    let mut random = SplitMix64::new(seed);
    for i in (1..all.len()).rev() {
        all.swap(i, random.below(i as u64 + 1) as usize);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_is_made_and_the_seed_decides_the_order() {
        let trials = [("tango=3"), ("criterion=1"), ("benchhost=0")].map(|t| t.parse().unwrap());
        let kernels = ["arithmetic".to_owned(), "cache".to_owned()];
        let planned = |seed| plan(&trials, &kernels, &[0.0, 5.0], seed);
        let count = |tool| planned(1).iter().filter(|trial| trial.tool == tool).count();

        assert_eq!(
            (
                count(Tool::Tango),
                count(Tool::Criterion),
                count(Tool::Benchhost)
            ),
            (12, 4, 0)
        );
        assert_eq!(planned(1), planned(1));
        assert_ne!(planned(1), planned(2));
    }
}
