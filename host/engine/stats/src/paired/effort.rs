//! How much measuring is worth it: pairs in a round, and rounds until something can be said.

use super::Round;

/// Rounds before the scatter is known well enough to plan with.
const KNOWN_AFTER: usize = 5;

/// Fewest rounds in which even a huge effect can be decided at the usual level: 2⁸ < 2/.005 < 2⁹, and the first bets nothing.
const FEWEST_ROUNDS: f64 = 10.0;

/// Rounds that an effect of one round-sd takes beyond the fewest; more for smaller effects with the square of sd/effect.
/// From the simulation in `examples/paired.rs` (medians: 11 rounds at two sd, 20 at one, 62 at one half).
const ROUNDS_AT_ONE_SD: f64 = 12.5;

/// What a round and a pair cost, and what is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Everything of a round but its pairs, ns: two processes, set-up, warm-up.
    pub round_ns: f64,
    /// One pair of samples, ns.
    pub pair_ns: f64,
    /// Distance of the log-ratio from the bound that is nearest to being decided; at least 0.
    pub gap: f64,
    /// Fewest pairs in a round.
    pub fewest: u32,
    /// Most pairs in a round.
    pub most: u32,
}

/// Pairs of the next round that lead to a decision soonest; `usual` while too little is known.
///
/// A decision takes about A + B (τ² + σ²/n)/g² rounds ([`rounds_needed`]) of T + n t each, with T and t the costs of a round
/// and of a pair, σ² the variance that one pair leaves in the median, τ² the variance between rounds, g the gap. That is
/// least for n* = √(T/t · σ²/(τ² + g² A/B)): Cochran's optimum, with the gap as a scatter below which nothing need be known.
/// Uses the past only, so the round to come stays as fair as any.
///
/// Sources: Cochran (1977), "Sampling Techniques", 3rd ed., §10.6; Kalibera & Jones (2013), ISMM, 63–74, for benchmarks.
#[must_use]
pub fn pairs_worth(rounds: &[Round], effort: Effort, usual: u32) -> u32 {
    let usual = usual.clamp(effort.fewest, effort.most);
    if rounds.len() < KNOWN_AFTER || effort.pair_ns <= 0.0 {
        return usual;
    }
    let n = rounds.len() as f64;
    let mean_of = |value: &dyn Fn(&Round) -> f64| rounds.iter().map(value).sum::<f64>() / n;
    let within = mean_of(&Round::variance_within);
    let of_a_pair = mean_of(&|round| round.variance_within() * f64::from(round.pairs));
    let mean = mean_of(&|round| round.log_ratio);
    let total = mean_of(&|round| (round.log_ratio - mean).powi(2)) * n / (n - 1.0);
    if of_a_pair <= 0.0 {
        return effort.fewest;
    }
    let between = (total - within).max(0.0);
    let scatter = between + effort.gap.powi(2) * FEWEST_ROUNDS / ROUNDS_AT_ONE_SD;
    let best = (effort.round_ns / effort.pair_ns * of_a_pair / scatter).sqrt();
    if best.is_finite() {
        (best.round() as u32).clamp(effort.fewest, effort.most)
    } else {
        effort.most
    }
}

/// Rounds in which an effect that lies `gap` beyond a bound is typically found (median), when rounds scatter by
/// `round_sd`; infinite for no gap. `strictness`: how much more evidence a family asks for, ln(2m/αk)/ln(2/.005), 1 for
/// a single case at the usual level.
#[must_use]
pub fn rounds_needed(gap: f64, round_sd: f64, strictness: f64) -> f64 {
    if gap <= 0.0 {
        return f64::INFINITY;
    }
    strictness * (FEWEST_ROUNDS + ROUNDS_AT_ONE_SD * (round_sd / gap).powi(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(between: f64, pair_sd: f64) -> Vec<Round> {
        (0..20)
            .map(|i| Round {
                log_ratio: if i % 2 == 0 { between } else { -between },
                pairs: 16,
                pair_sd,
            })
            .collect()
    }

    const EFFORT: Effort = Effort {
        round_ns: 8e6,
        pair_ns: 6e5,
        gap: 0.0,
        fewest: 8,
        most: 64,
    };

    #[test]
    fn scatter_between_processes_asks_for_rounds_and_scatter_within_for_pairs() {
        assert_eq!(pairs_worth(&rounds(0.05, 0.001), EFFORT, 16), 8);
        assert_eq!(pairs_worth(&rounds(0.0001, 0.05), EFFORT, 16), 64);
        assert_eq!(pairs_worth(&rounds(0.0, 0.0), EFFORT, 16), 8);
        let far = Effort { gap: 0.1, ..EFFORT };
        assert_eq!(
            pairs_worth(&rounds(0.0001, 0.05), far, 16),
            8,
            "a large effect needs no precision"
        );
        let some = pairs_worth(&rounds(0.04, 0.08), EFFORT, 16);
        assert!((9..64).contains(&some), "{some}");
    }

    #[test]
    fn nothing_is_changed_before_the_scatter_is_known() {
        assert_eq!(pairs_worth(&rounds(0.05, 0.001)[..4], EFFORT, 16), 16);
        assert_eq!(pairs_worth(&[], EFFORT, 2), 8);
    }

    #[test]
    fn a_smaller_gap_takes_more_rounds() {
        assert!(rounds_needed(0.01, 0.01, 1.0) < 25.0);
        assert!(rounds_needed(0.005, 0.01, 1.0) > 50.0);
        assert_eq!(rounds_needed(0.0, 0.01, 1.0), f64::INFINITY);
    }
}
