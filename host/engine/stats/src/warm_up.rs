//! Decides when a warm-up is over: when the series no longer drifts and its last two windows agree.
//!
//! Pure: sees durations only; the cap on time is the caller's. The windows are the third and the fourth quarter of
//! everything seen so far, so they grow with the series: a drift as slow as the warm-up is long still shows. Long
//! series are kept as at most 128 block means, so memory and cost stay small.
//!
//! How it fails. A change that comes later than all that was seen (a cache that fills, a clock that throttles after
//! seconds) is invisible: the caller's floor guards against the early ones, the flags of the run show the late ones. A
//! drift below the noise of the windows passes, and is then smaller than that noise. A series with slow waves (other
//! load, garbage collection) may never look steady: the caller's cap ends it and the result says so. Rules of this
//! kind still leave some series more than 5 % off; see Traini et al. (2023), Empirical Software Engineering 28, 13.

use crate::distribution::normal_quantile;
use crate::rank_test::{shift_z, trend_z};
use crate::robust::{mad_about, median_in_place};

/// Blocks kept at most; when they are full, neighbours are joined.
const MAX_BLOCKS: usize = 128;

/// Blocks in both windows together, below which the rank tests say too little.
const MIN_WINDOWS: usize = 10;

/// Level of either test: a steady series fails a look about this often, and then simply waits for the next.
const LEVEL: f64 = 0.05;

/// A difference of the windows below this share of their median is not worth waiting for, however significant.
const RELEVANT: f64 = 0.005;

/// Distance of the windows' medians, in robust standard deviations of the wilder window, that counts as moving whatever
/// the rank tests say: in short windows they cannot see a step that has only just come.
const FAR: f64 = 3.0;

/// Growth of the series after which it is looked at again.
const GROWTH: f64 = 1.1;

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
    /// need).
    #[must_use]
    pub fn new(floor: u64) -> Self {
        let floor = floor.max(2 * MIN_WINDOWS as u64);
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
        let windows = &self.blocks[self.blocks.len() / 2..];
        if windows.len() < MIN_WINDOWS {
            return WarmUpState::Warming;
        }
        let (before, after) = windows.split_at(windows.len() / 2);
        let critical = normal_quantile(1.0 - LEVEL / 2.0);
        let moves = trend_z(windows).abs() > critical
            || shift_z(before, after).abs() > critical
            || is_far(before, after);
        if moves && relative_difference(before, after) > RELEVANT {
            WarmUpState::Warming
        } else {
            WarmUpState::Steady
        }
    }
}

fn is_far(before: &[f64], after: &[f64]) -> bool {
    let (old, new) = (
        median_in_place(&mut before.to_vec()),
        median_in_place(&mut after.to_vec()),
    );
    let spread = mad_about(before, old).max(mad_about(after, new));
    (new - old).abs() > FAR * spread
}

/// Distance of the medians of two windows, relative to the smaller one; infinite when that is 0 and they differ.
fn relative_difference(before: &[f64], after: &[f64]) -> f64 {
    let before = median_in_place(&mut before.to_vec());
    let after = median_in_place(&mut after.to_vec());
    if before == after {
        0.0
    } else {
        (after - before).abs() / before.abs().min(after.abs())
    }
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

    #[test]
    fn a_steady_series_is_steady_soon() {
        let mut lengths: Vec<usize> = (0..200)
            .map(|seed| {
                let mut random = SplitMix64::new(seed);
                length(|_| 100.0 + 5.0 * random.normal())
            })
            .collect();
        lengths.sort_unstable();

        assert_eq!(lengths[100], 20);
        // Each look fails by chance with about 8 % (two tests at 5 %), so three in a row are rare.
        assert!(lengths[197] <= 40, "{}", lengths[197]);
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
