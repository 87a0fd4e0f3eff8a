//! Compares two builds round by round, and may be asked after every round.
//!
//! A round is one fresh pair of processes; its one number is the median over its pairs of ln(candidate / baseline). If the
//! builds are alike, the coins that order processes and pairs make that number symmetric about 0, exactly, whatever the
//! noise: drift, heavy tails, two modes, correlation in time. Nothing else is assumed, and so nothing else can go wrong:
//! the evidence is an e-process, which may be watched and stopped at any time. Rounds are the independent unit because
//! code placement, allocator state and page colours belong to a process; pairs within a round share them.
//!
//! How it fails. A real difference between two builds of one source (another placement of the code) is a real difference:
//! it is found, unless it is below the tolerance. When the builds differ, symmetry about the true ratio needs noise that
//! treats both alike; a skew of the candidate alone shifts what "the ratio" means by a part of that skew.

mod bet;
mod effort;
mod round;

use benchhost_record::Interval;

use self::bet::{Bet, Side};
pub use self::{
    effort::{Effort, pairs_worth, rounds_needed},
    round::Round,
};
use crate::robust::median_in_place;

/// What counts as a change and what as none, in natural logarithms of the ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// A change must be larger than this.
    pub tolerance: f64,
    /// A difference within this is none.
    pub margin: f64,
}

/// A paired comparison that goes on.
#[derive(Debug, Clone)]
pub struct Paired {
    bounds: Bounds,
    rounds: Vec<Round>,
    spreads: Vec<Option<f64>>,
    higher: Bet,
    lower: Bet,
    below_margin: Bet,
    above_margin: Bet,
}

impl Paired {
    /// A comparison that has seen nothing.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            rounds: Vec::new(),
            spreads: Vec::new(),
            higher: Bet::new(Side::Above, bounds.tolerance),
            lower: Bet::new(Side::Below, -bounds.tolerance),
            below_margin: Bet::new(Side::Below, bounds.margin),
            above_margin: Bet::new(Side::Above, -bounds.margin),
        }
    }

    /// Takes the next round.
    pub fn observe(&mut self, round: Round) {
        let spread = self.spread();
        for bet in [
            &mut self.higher,
            &mut self.lower,
            &mut self.below_margin,
            &mut self.above_margin,
        ] {
            bet.observe(round.log_ratio, spread);
        }
        self.rounds.push(round);
        self.spreads.push(spread);
    }

    /// Rounds so far.
    #[must_use]
    pub fn rounds(&self) -> &[Round] {
        &self.rounds
    }

    /// ln of the e-value for "the candidate's value is higher by more than the tolerance".
    #[must_use]
    pub fn log_evidence_higher(&self) -> f64 {
        self.higher.log_evidence()
    }

    /// ln of the e-value for "the candidate's value is lower by more than the tolerance".
    #[must_use]
    pub fn log_evidence_lower(&self) -> f64 {
        self.lower.log_evidence()
    }

    /// ln of the e-value for "the two differ by less than the margin".
    #[must_use]
    pub fn log_evidence_equivalent(&self) -> f64 {
        self.below_margin
            .log_evidence()
            .min(self.above_margin.log_evidence())
    }

    /// Median over the rounds of ln(candidate / baseline); absent before the first.
    #[must_use]
    pub fn log_ratio(&self) -> Option<f64> {
        let mut values = self.log_ratios();
        (!values.is_empty()).then(|| median_in_place(&mut values))
    }

    /// How far the log-ratio lies beyond the tolerance or inside the margin, whichever is more; 0 before the first round.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.log_ratio().map_or(0.0, |ratio| {
            let to_change = ratio.abs() - self.bounds.tolerance;
            let to_equal = self.bounds.margin - ratio.abs();
            to_change.max(to_equal).max(0.0)
        })
    }

    /// Spread of the rounds' log-ratios as a standard deviation (mean absolute deviation from the median, × √(π/2));
    /// absent before the second round.
    #[must_use]
    pub fn round_sd(&self) -> Option<f64> {
        (self.rounds.len() > 1).then(|| spread_of(self.log_ratios()))
    }

    /// Confidence sequence of the log-ratio: the interval of all centres against which there is no evidence of
    /// 2/`level`. Over all times together it misses the true ratio with probability at most `level`. Infinite ends mean
    /// that there are too few rounds.
    ///
    /// The evidence against a centre falls as the centre moves towards the rounds, because each factor does and the sizes
    /// of the bets do not depend on the centre; so the ends are found by bisection.
    #[must_use]
    pub fn interval(&self, level: f64) -> Interval {
        let needed = (2.0 / level).ln();
        let values = self.log_ratios();
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let width = (highest - lowest).max(f64::EPSILON);
        let low = self.end(Side::Above, needed, highest, -width);
        let high = self.end(Side::Below, needed, lowest, width);
        Interval {
            low,
            high,
            confidence: 1.0 - level,
        }
    }

    /// Walks from `start`, where there is no evidence, in growing steps to where there is, and bisects in between.
    fn end(&self, side: Side, needed: f64, start: f64, step: f64) -> f64 {
        const STEPS: u32 = 60;
        let speaks = |centre: f64| self.log_evidence_at(side, centre) >= needed;
        let found = (0..STEPS)
            .map(|i| start + step * 2.0_f64.powi(i as i32))
            .find(|centre| speaks(*centre));
        let Some(mut outside) = found else {
            return f64::INFINITY.copysign(step);
        };
        let mut inside = start;
        for _ in 0..STEPS {
            let middle = f64::midpoint(inside, outside);
            if speaks(middle) {
                outside = middle;
            } else {
                inside = middle;
            }
        }
        outside
    }

    fn log_evidence_at(&self, side: Side, centre: f64) -> f64 {
        let mut bet = Bet::new(side, centre);
        for (round, spread) in self.rounds.iter().zip(&self.spreads) {
            bet.observe(round.log_ratio, *spread);
        }
        bet.log_evidence()
    }

    /// The unit of the next round's bets: the spread of the rounds so far, or how far the only one lies from 0.
    fn spread(&self) -> Option<f64> {
        match self.rounds.as_slice() {
            [] => None,
            [only] => Some(only.log_ratio.abs()),
            _ => self.round_sd(),
        }
    }

    fn log_ratios(&self) -> Vec<f64> {
        self.rounds.iter().map(|round| round.log_ratio).collect()
    }

    /// What counts as a change here.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }
}

/// Standard deviation from the mean absolute deviation about the median, with the n/(n − 1) of small samples.
fn spread_of(mut values: Vec<f64>) -> f64 {
    let n = values.len() as f64;
    let median = median_in_place(&mut values);
    let total: f64 = values.iter().map(|value| (value - median).abs()).sum();
    std::f64::consts::FRAC_PI_2.sqrt() * total / (n - 1.0)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
