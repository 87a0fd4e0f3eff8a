//! Decides when a warm-up is over: when the last third of the series no longer moves, and could be seen to move.
//!
//! Pure: sees durations only; the cap on time is the caller's. The window is the last third of everything seen so far,
//! in two halves, so it grows with the series: a drift as slow as the warm-up is long still shows. Long series are kept
//! as at most 128 block means, so memory and cost stay small.
//!
//! Two things must hold. No rank test sees the window move by a relevant amount; and the difference of its halves,
//! with its standard error added, is small, because in a short noisy window every test is blind.
//!
//! How it fails. A change that comes later than all that was seen (a cache that fills, a clock that throttles after
//! seconds) is invisible. The caller's floor guards against the early ones, see [`SHORT_BLOCKS_FLOOR`]; the look back
//! at the samples, [`crate::steadiness()`], finds the late ones. A series with slow waves (other load, garbage
//! collection) may never look steady: the caller's cap ends it and the result says so. `examples/warm_up` counts how
//! often each happens, beside the published rules.

use std::f64::consts::SQRT_2;

use crate::distribution::normal_quantile;
use crate::rank_test::{shift_z, trend_z};
use crate::robust::{mad_about, median_in_place};

/// The floor for blocks so short that a hundred of them cost nothing worth saving: 10 ms at
/// [`MIN_SAMPLE_NS`](crate::MIN_SAMPLE_NS). Many transients begin with level ground, which only waiting tells apart.
pub const SHORT_BLOCKS_FLOOR: u64 = 100;

/// Durations below which nothing is steady.
const MIN_SEEN: u64 = 20;

/// Blocks kept at most; when they are full, neighbours are joined.
const MAX_BLOCKS: usize = 128;

/// Blocks in both halves of the window together, below which the rank tests say too little.
const MIN_WINDOW: usize = 10;

/// Share of the series that the window is. A half would wait too long after an exponential decay.
const WINDOW: f64 = 1.0 / 3.0;

/// Level of either test: a steady series fails a look about this often, and then simply waits for the next.
const LEVEL: f64 = 0.05;

/// A difference of the halves below this share of their median is not worth waiting for, however significant.
const RELEVANT: f64 = 0.005;

/// What the difference of the halves and its standard error may be together, relative to their median. Chosen with
/// `examples/warm_up`: with more the result is biased more often, with less noisy series wait longer.
const TOLERANCE: f64 = 0.018;

/// The same in standard deviations of one duration, where that is more: large noise alone does not make a warm-up long.
const TOLERANCE_SD: f64 = 0.3;

/// Distance of the halves' medians, in robust standard deviations of the wilder half, that counts as moving whatever
/// the rank tests say: in short windows they cannot see a step that has only just come.
const FAR: f64 = 3.0;

/// Growth of the series after which it is looked at again.
const GROWTH: f64 = 1.05;

/// What a warm-up has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarmUpState {
    /// Too short yet, or still moving.
    Warming,
    /// Steady at the last look.
    Steady,
}

/// Watches the durations of a warm-up.
#[derive(Debug, Clone)]
pub struct WarmUp {
    floor: u64,
    seen: u64,
    next_look: u64,
    blocks: Vec<f64>,
    block_len: u64,
    open_sum: f64,
    open_len: u64,
    state: WarmUpState,
}

impl WarmUp {
    /// A warm-up that has seen nothing and is not steady before `floor` durations (nor before 20, which the tests
    /// need). Give [`SHORT_BLOCKS_FLOOR`] unless blocks are long.
    #[must_use]
    pub fn new(floor: u64) -> Self {
        let floor = floor.max(MIN_SEEN);
        Self {
            floor,
            seen: 0,
            next_look: floor,
            blocks: Vec::with_capacity(MAX_BLOCKS),
            block_len: 1,
            open_sum: 0.0,
            open_len: 0,
            state: WarmUpState::Warming,
        }
    }

    /// Takes the duration of the next block of iterations, per iteration, ns. One that is not finite is ignored.
    pub fn observe(&mut self, ns: f64) {
        if !ns.is_finite() {
            return;
        }
        self.seen += 1;
        self.open_sum += ns;
        self.open_len += 1;
        if self.open_len == self.block_len {
            self.close_block();
        }
        if self.seen >= self.next_look {
            self.next_look = ((self.seen as f64 * GROWTH) as u64).max(self.seen + 1);
            self.state = self.look();
        }
    }

    /// What the last look said.
    #[must_use]
    pub fn state(&self) -> WarmUpState {
        self.state
    }

    /// Whether the series was steady at the last look.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        self.state == WarmUpState::Steady
    }

    /// How many durations were seen.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The floor that holds.
    #[must_use]
    pub fn floor(&self) -> u64 {
        self.floor
    }

    fn close_block(&mut self) {
        self.blocks.push(self.open_sum / self.block_len as f64);
        self.open_sum = 0.0;
        self.open_len = 0;
        if self.blocks.len() == MAX_BLOCKS {
            for i in 0..MAX_BLOCKS / 2 {
                self.blocks[i] = f64::midpoint(self.blocks[2 * i], self.blocks[2 * i + 1]);
            }
            self.blocks.truncate(MAX_BLOCKS / 2);
            self.block_len *= 2;
        }
    }

    fn look(&self) -> WarmUpState {
        let len = ((self.blocks.len() as f64 * WINDOW) as usize).max(MIN_WINDOW);
        let Some(start) = self.blocks.len().checked_sub(len) else {
            return WarmUpState::Warming;
        };
        if is_level(&self.blocks, start, self.block_len) {
            WarmUpState::Steady
        } else {
            WarmUpState::Warming
        }
    }
}

/// Whether the halves of the window from `start` on agree, and would be seen to differ. Each block is the mean of
/// `block_len` durations.
fn is_level(blocks: &[f64], start: usize, block_len: u64) -> bool {
    let window = &blocks[start..];
    let (before, after) = window.split_at(window.len() / 2);
    let (old, new) = (median_of(before), median_of(after));
    let difference = (new - old).abs();
    let level = old.abs().min(new.abs());
    if difference > RELEVANT * level && moves(window) {
        return false;
    }
    // A short window looks quiet by luck now and then; the steps between all neighbours have less of it.
    let spread = mad_about(window, median_of(window)).max(spread_of_steps(blocks));
    // Of the difference of two means; that of medians is a quarter more.
    let standard_error = 2.0 * spread / (window.len() as f64).sqrt();
    let noise = spread * (block_len as f64).sqrt();
    difference + standard_error <= (TOLERANCE * level).max(TOLERANCE_SD * noise)
}

/// Robust standard deviation of independent noise, from the steps between neighbours: a slow movement adds little.
fn spread_of_steps(blocks: &[f64]) -> f64 {
    let steps: Vec<f64> = blocks.windows(2).map(|w| w[1] - w[0]).collect();
    mad_about(&steps, 0.0) / SQRT_2
}

/// Whether a window drifts, or its halves differ, by more than chance.
fn moves(window: &[f64]) -> bool {
    let (before, after) = window.split_at(window.len() / 2);
    let critical = normal_quantile(1.0 - LEVEL / 2.0);
    trend_z(window).abs() > critical
        || shift_z(before, after).abs() > critical
        || is_far(before, after)
}

fn is_far(before: &[f64], after: &[f64]) -> bool {
    let (old, new) = (median_of(before), median_of(after));
    let spread = mad_about(before, old).max(mad_about(after, new));
    (new - old).abs() > FAR * spread
}

fn median_of(xs: &[f64]) -> f64 {
    median_in_place(&mut xs.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    const LIMIT: usize = 20_000;

    /// Durations until steady; [`LIMIT`] when never.
    fn length(mut duration: impl FnMut(usize) -> f64) -> usize {
        let mut rule = WarmUp::new(10);
        (1..=LIMIT)
            .find(|i| {
                rule.observe(duration(*i));
                rule.is_steady()
            })
            .unwrap_or(LIMIT)
    }

    /// Lengths over 200 steady series with normal noise of `noise` %, sorted.
    fn lengths(noise: f64) -> Vec<usize> {
        let mut lengths: Vec<usize> = (0..200)
            .map(|seed| {
                let mut random = SplitMix64::new(seed);
                length(|_| 100.0 + noise * random.normal())
            })
            .collect();
        lengths.sort_unstable();
        lengths
    }

    #[test]
    fn a_quiet_steady_series_is_steady_soon() {
        let lengths = lengths(1.0);

        assert_eq!(lengths[100], 20);
        assert!(lengths[197] <= 60, "{}", lengths[197]);
    }

    #[test]
    fn noise_takes_longer_but_not_for_ever() {
        // 2·5 %/√L is below 1.8 % from L = 31 on, a third of 93.
        let noisy = lengths(5.0);
        assert!((60..200).contains(&noisy[100]), "{}", noisy[100]);
        // A share of .3 of the noise needs L = 45, whatever the noise.
        let wild = lengths(25.0);
        assert!((100..500).contains(&wild[100]), "{}", wild[100]);
        assert!(wild[197] <= 2000, "{}", wild[197]);
    }

    #[test]
    fn a_fall_hidden_in_noise_is_waited_for() {
        let mut early = 0;
        for seed in 0..100 {
            let mut random = SplitMix64::new(seed);
            let level = |i: usize| 100.0 * (1.0 + 0.5 * (-(i as f64) / 100.0).exp());

            let n = length(|i| level(i) * (1.0 + 0.05 * random.normal()));

            early += usize::from(level(n) > 105.0);
        }

        // No rank test sees this fall, 5 % in 10 durations: without the standard error nearly all would be early.
        assert!(early <= 45, "{early} of 100 are more than 5 % off");
    }

    #[test]
    fn a_falling_start_is_waited_for() {
        for seed in 0..50 {
            let mut random = SplitMix64::new(seed);
            let level = |i: usize| 100.0 * (1.0 + 2.0 * (-(i as f64) / 100.0).exp());

            let n = length(|i| level(i) + random.normal());

            // When it is called steady, at most 2 % of the 200 % are left.
            assert!(
                n < LIMIT && level(n) < 102.0,
                "seed {seed}: {} after {n}",
                level(n)
            );
        }
    }

    #[test]
    fn a_step_down_is_forgotten_once_it_lies_behind_the_windows() {
        let mut random = SplitMix64::new(5);

        let n = length(|i| if i < 18 { 300.0 } else { 100.0 } + random.normal());

        assert!((25..100).contains(&n), "{n}");
    }

    #[test]
    fn a_series_that_never_settles_is_never_steady() {
        assert_eq!(length(|i| 100.0 + i as f64), LIMIT);
    }

    #[test]
    fn a_drift_too_small_to_matter_does_not_hold_it_up() {
        // A perfectly regular rise of 0.2 % over 100 values: significant, not relevant.
        assert_eq!(length(|i| 100.0 + 0.002 * i as f64), 20);
    }

    #[test]
    fn the_floor_holds_and_odd_values_are_ignored() {
        let mut rule = WarmUp::new(500);
        for _ in 0..499 {
            rule.observe(7.0);
            rule.observe(f64::NAN);
        }
        assert_eq!(rule.state(), WarmUpState::Warming);
        rule.observe(7.0);
        assert_eq!((rule.state(), rule.seen()), (WarmUpState::Steady, 500));
        assert_eq!(WarmUp::new(0).floor(), 20);
    }
}
