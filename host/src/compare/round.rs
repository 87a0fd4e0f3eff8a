//! One round: two fresh workers, one for each side, that take turns on the same CPUs.

use std::time::Instant;

use benchhost_record::{Outcome, Phase};
use benchhost_stats::SplitMix64;

use super::contest::Side;
use crate::run::{Begun, Drive, Left, Order, Scratch, Setting, Taken, begin};

/// Both sides of a comparison share their core with whoever is there, in turns: nobody looks at the yardstick.
const NOT_LOOKED_AT: f64 = 0.0;

/// Sizes of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Iterations in a sample of each side.
    pub(super) iterations: [u64; 2],
    /// Samples of each side that are discarded.
    pub(super) warm_up: u32,
    /// Pairs of samples.
    pub(super) pairs: u32,
}

/// What a round yielded: baseline first.
pub(super) type Played = [Taken; 2];

/// Why a round yielded nothing: which side, and how it ended.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) side: usize,
    pub(super) outcome: Outcome,
}

/// The two workers of a round, set up.
pub(super) struct Duo<'a> {
    drives: [Drive<'a>; 2],
    threads: u32,
    /// Whether each iteration prepares its own input, so that a batch is one iteration.
    pub(super) one_by_one: bool,
    _scratch: [Scratch; 2],
}

/// A step of one side that failed.
pub(super) struct Stumble {
    side: usize,
    left: Left,
}

impl<'a> Duo<'a> {
    /// Starts both workers in coin-tossed order and leads each to its first, verified iteration.
    pub(super) fn start(
        setting: &'a Setting<'a>,
        sides: &'a [Side<'a>; 2],
        round: u64,
        coin: &mut SplitMix64,
    ) -> Result<Self, Fault> {
        let first = toss(coin);
        let (a, b) = (
            start(setting, &sides[first], first, round)?,
            start(setting, &sides[1 - first], 1 - first, round)?,
        );
        let [base, candidate] = if first == 0 { [a, b] } else { [b, a] };
        let one_by_one =
            base.meta.prepares_each_iteration || candidate.meta.prepares_each_iteration;
        let mut duo = Self {
            drives: [base.drive, candidate.drive],
            threads: sides[0].case.all_threads(),
            one_by_one,
            _scratch: [base.scratch, candidate.scratch],
        };
        let mut create = [Some(base.create), Some(candidate.create)];
        for side in [first, 1 - first] {
            let Some(spec) = create[side].take() else {
                continue;
            };
            if let Err(left) = duo.drives[side].open(spec) {
                return Err(duo.fail(Stumble { side, left }));
            }
        }
        Ok(duo)
    }

    /// One sample of each side, in coin-tossed order: baseline's and candidate's time in ns, and which of them has nothing
    /// more to do.
    pub(super) fn pair(
        &mut self,
        iterations: [u64; 2],
        coin: &mut SplitMix64,
    ) -> Result<([u64; 2], Option<usize>), Stumble> {
        let first = toss(coin);
        let mut elapsed = [0; 2];
        let mut over = None;
        for side in [first, 1 - first] {
            let batch = self.step(side, |drive| drive.watched_batch(iterations[side]))?;
            elapsed[side] = batch.elapsed_ns;
            over = over.or((batch.finished || batch.stopped).then_some(side));
        }
        Ok((elapsed, over))
    }

    /// Up to `count` batches of one side without a change to the other, until `spent_ns` reaches `budget_ns`: their times
    /// in ns.
    pub(super) fn alone(
        &mut self,
        side: usize,
        iterations: u64,
        count: usize,
        clock: (&mut u64, u64),
    ) -> Result<Vec<f64>, Stumble> {
        let (spent_ns, budget_ns) = clock;
        let mut times = Vec::new();
        while times.len() < count && (times.is_empty() || *spent_ns < budget_ns) {
            let batch = self.step(side, |drive| drive.watched_batch(iterations))?;
            if batch.finished || batch.stopped {
                return Err(too_short(side));
            }
            *spent_ns += batch.elapsed_ns;
            times.push(batch.elapsed_ns as f64);
        }
        Ok(times)
    }

    /// Warm-up, pairs, and what they used; the time of the pairs in ns.
    pub(super) fn play(&mut self, shape: Shape, coin: &mut SplitMix64) -> Result<u64, Stumble> {
        for _ in 0..shape.warm_up {
            if let Some(side) = self.pair(shape.iterations, coin)?.1 {
                return Err(too_short(side));
            }
        }
        // Whatever comes before a sample is tossed for, or the sides would not be exchangeable.
        let first = toss(coin);
        for side in [first, 1 - first] {
            self.step(side, |drive| drive.record(true))?;
        }
        let started = Instant::now();
        for _ in 0..shape.pairs {
            if self.pair(shape.iterations, coin)?.1.is_some() {
                break;
            }
        }
        let pairs_ns = started.elapsed().as_nanos() as u64;
        for side in 0..2 {
            self.step(side, Drive::usage)?;
        }
        Ok(pairs_ns)
    }

    /// Verifies and ends both workers.
    pub(super) fn end(mut self) -> Result<Played, Fault> {
        for side in 0..2 {
            if let Err(stumble) = self.step(side, Drive::close) {
                return Err(self.fail(stumble));
            }
        }
        let threads = self.threads;
        let sides = self.drives.map(|mut drive| {
            drive.settle(Ok(()));
            drive.into_taken(threads, NOT_LOOKED_AT)
        });
        for (side, taken) in sides.iter().enumerate() {
            if !taken.repetition.outcome.is_ok() {
                let outcome = taken.repetition.outcome.clone();
                return Err(Fault { side, outcome });
            }
        }
        Ok(sides)
    }

    /// Ends both workers without a word: what they did is not kept.
    pub(super) fn abandon(self) {
        drop(self);
    }

    /// Ends both workers after one of them has stumbled.
    pub(super) fn fail(self, stumble: Stumble) -> Fault {
        let threads = self.threads;
        let [base, candidate] = self.drives;
        let (mut failed, other) = if stumble.side == 0 {
            (base, candidate)
        } else {
            (candidate, base)
        };
        // Its neighbour's failure is what is told.
        drop(other);
        failed.settle(Err(stumble.left));
        Fault {
            side: stumble.side,
            outcome: failed.into_taken(threads, NOT_LOOKED_AT).repetition.outcome,
        }
    }

    fn step<T>(
        &mut self,
        side: usize,
        step: impl FnOnce(&mut Drive<'a>) -> Result<T, Left>,
    ) -> Result<T, Stumble> {
        step(&mut self.drives[side]).map_err(|left| Stumble { side, left })
    }
}

fn start<'a>(
    setting: &'a Setting<'a>,
    side: &'a Side<'a>,
    index: usize,
    round: u64,
) -> Result<Begun<'a>, Fault> {
    let order = Order {
        index: u32::try_from(round).unwrap_or(u32::MAX),
        position: 2 * round + index as u64,
    };
    begin(setting, &side.settings, &side.case, side.plugin, order).map_err(|taken| Fault {
        side: index,
        outcome: taken.repetition.outcome,
    })
}

/// The workload ended before there was a pair.
pub(super) fn too_short(side: usize) -> Stumble {
    let message = "the workload finished before its first pair of samples; give it more to do";
    Stumble {
        side,
        left: Left::Failed(Outcome::PluginError {
            phase: Phase::WarmUp,
            message: message.to_owned(),
            detail: String::new(),
        }),
    }
}

/// 0 or 1 with equal chances.
pub(super) fn toss(coin: &mut SplitMix64) -> usize {
    (coin.next_u64() >> 63) as usize
}
