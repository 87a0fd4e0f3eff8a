//! The bets that evidence is made of: a stake that can grow only when the rounds lean to one side of a centre.

/// Sizes of the bets, in units of one over the spread of a round. Small ones win slowly on small effects, the largest one
/// doubles with every round of a large effect; all are held at once, and the mean of their wealth is the evidence.
const SIZES: [f64; 6] = [0.25, 0.5, 0.75, 1.0, 1.5, 4.0];

/// Which side of the centre a bet is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The rounds lie above the centre.
    Above,
    /// The rounds lie below it.
    Below,
}

/// Wealth of the bets against "the rounds are symmetric about a point that is not on this side of `centre`".
///
/// For a number X that is symmetric about zero, E[exp(λX)/cosh(λX)] = 1 for every λ, and below 1 for λ > 0 when X is
/// symmetric about a point below zero. So the product over the rounds, and the mean over several λ, is a non-negative
/// supermartingale that begins at 1, whatever the distribution of the rounds, as long as λ is chosen before the round.
/// It reaches 1/α at any time with probability at most α.
///
/// Sources: Efron (1969), JASA 64(328), 1278–1302, for symmetry; de la Peña (1999), Annals of Probability 27(1), 537–564,
/// for the martingale; Ville (1939) for the inequality; Ramdas, Ruf, Larsson & Koolen (2020), arXiv:2009.03167.
#[derive(Debug, Clone)]
pub(super) struct Bet {
    side: Side,
    centre: f64,
    log_wealth: [f64; SIZES.len()],
}

impl Bet {
    pub(super) fn new(side: Side, centre: f64) -> Self {
        Self {
            side,
            centre,
            log_wealth: [0.0; SIZES.len()],
        }
    }

    /// Takes a round. `spread`: of the rounds before it; absent when there were none, then nothing is bet.
    pub(super) fn observe(&mut self, log_ratio: f64, spread: Option<f64>) {
        let Some(spread) = spread else { return };
        let distance = match self.side {
            Side::Above => log_ratio - self.centre,
            Side::Below => self.centre - log_ratio,
        };
        for (wealth, size) in self.log_wealth.iter_mut().zip(SIZES) {
            *wealth += log_factor(size * distance, spread);
        }
    }

    /// Natural logarithm of the evidence: an e-value.
    pub(super) fn log_evidence(&self) -> f64 {
        let most = self
            .log_wealth
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = self.log_wealth.iter().map(|w| (w - most).exp()).sum();
        most + (sum / SIZES.len() as f64).ln()
    }
}

/// ln(exp(x)/cosh(x)) = ln 2 − ln(1 + exp(−2x)) for x = `distance`/`spread`, without overflow.
fn log_factor(distance: f64, spread: f64) -> f64 {
    if distance == 0.0 {
        return 0.0;
    }
    // A spread of 0 is a deterministic metric: all bets are as large as can be, short of ruin.
    let x = (distance / spread).clamp(-LARGEST, LARGEST);
    std::f64::consts::LN_2 - (-2.0 * x).exp().ln_1p()
}

/// Beyond this a factor is 2, or so small that one such loss is final.
const LARGEST: f64 = 20.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_fair_for_every_symmetric_pair_of_outcomes() {
        for x in [1e-9, 0.1, 1.0, 7.0, 1e6] {
            let mean = f64::midpoint(log_factor(x, 1.0).exp(), log_factor(-x, 1.0).exp());
            assert!((mean - 1.0).abs() < 1e-12, "x = {x}: {mean}");
        }
    }

    #[test]
    fn wealth_doubles_with_every_round_of_a_large_effect() {
        let mut bet = Bet::new(Side::Above, 0.0);
        bet.observe(1.0, None);
        assert_eq!(bet.log_evidence(), 0.0);
        for _ in 0..9 {
            bet.observe(1.0, Some(1e-3));
        }
        assert!((bet.log_evidence() - 9.0 * std::f64::consts::LN_2).abs() < 1e-9);
    }

    #[test]
    fn both_sides_mirror_each_other() {
        let (mut above, mut below) = (Bet::new(Side::Above, 0.5), Bet::new(Side::Below, -0.5));
        for x in [0.3, 1.2, -0.4, 0.9] {
            above.observe(x, Some(0.7));
            below.observe(-x, Some(0.7));
        }
        assert_eq!(above.log_evidence(), below.log_evidence());
    }
}
