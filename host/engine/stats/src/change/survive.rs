//! Which boundaries are no noise: the weakest is dropped and the rest judged anew until all stand.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::{
    noise::{Lags, Noise, residuals},
    partition::{Piece, SHORTEST, SHORTEST_SLOPED},
    prepare::Prepared,
};

/// Largest probability of a boundary in noise, times the places it could have been at.
const LEVEL: f64 = 0.003;

/// Least size of a change, in standard deviations of one value (with the wander of machines added).
const LEAST_EFFECT: f64 = 1.7;

/// Level of a machine that runs the same code: wanders by about this, as a share of the value. No statistics of one
/// series can tell a machine that became 2 % slower from code that did; small changes must stand out more.
const WANDER: f64 = 0.015;

/// Very quiet series come from quiet machines: the wander is at most this many fine standard deviations.
const WANDER_FINE: f64 = 2.0;

/// The same for series that are not positive, where no share can be taken.
const WANDER_FINE_PLAIN: f64 = 0.6;

/// Largest probability of a slope in noise.
const SLOPE_LEVEL: f64 = 1e-6;

/// Least rise over a sloped piece, in standard deviations of one value.
const LEAST_RISE: f64 = 4.0;

/// The noise of the whole series counts as this many values beside that of two pieces.
const PRIOR_VALUES: f64 = 5.0;

/// A jump between sloped pieces of more than this many standard deviations makes the change a step.
const JUMP: f64 = 2.0;

/// Pieces and what stands between them.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) pieces: Vec<Piece>,
    /// One for each boundary, in order.
    pub(super) boundaries: Vec<Boundary>,
}

/// What is known about a boundary between two pieces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Boundary {
    /// Probability in noise, times the places it could have been at; at most 1.
    pub(super) p: f64,
    /// Variance of one value about the two pieces, times the inflation by memory.
    pub(super) unit: f64,
    /// Whether the level jumps there; otherwise only the slope changes.
    pub(super) is_jump: bool,
    effect: f64,
}

impl Boundary {
    /// 0–1 for a boundary that stands, more the weaker it is.
    fn weakness(&self) -> f64 {
        if self.effect < LEAST_EFFECT {
            3.0 - self.effect / LEAST_EFFECT
        } else if self.p > LEVEL {
            1.0 + self.p
        } else {
            self.p
        }
    }

    /// A boundary of a coarse shape, which is not tested.
    pub(super) fn untested(series: &Prepared, left: &Piece, right: &Piece, sd: f64) -> Self {
        Self {
            p: LEVEL,
            unit: sd * sd,
            is_jump: is_jump(series, left, right, sd),
            effect: LEAST_EFFECT,
        }
    }
}

/// Pieces between which every boundary stands.
pub(super) fn survive(series: &Prepared, mut pieces: Vec<Piece>) -> Found {
    let noise = Noise::of(series, &pieces);
    for piece in &mut pieces {
        *piece = settled(series, *piece, &noise);
    }
    loop {
        let noise = Noise::of(series, &pieces);
        let boundaries: Vec<Boundary> = pieces
            .windows(2)
            .map(|pair| test(series, &pair[0], &pair[1], &noise))
            .collect();
        let weakest = (0..boundaries.len())
            .max_by(|a, b| {
                boundaries[*a]
                    .weakness()
                    .total_cmp(&boundaries[*b].weakness())
            })
            .filter(|k| boundaries[*k].weakness() > 1.0);
        let Some(k) = weakest else {
            return Found { pieces, boundaries };
        };
        let right = pieces.remove(k + 1);
        let merged = Piece {
            end: right.end,
            ..pieces[k]
        };
        pieces[k] = settled(series, merged, &noise);
    }
}

/// The piece with a slope only if the slope is no noise.
fn settled(series: &Prepared, piece: Piece, noise: &Noise) -> Piece {
    let flat = Piece {
        is_sloped: false,
        ..piece
    };
    let sloped = Piece {
        is_sloped: true,
        ..piece
    };
    let n = piece.len();
    if n < SHORTEST_SLOPED {
        return flat;
    }
    let line = sloped.line(&series.sums);
    let lags = Lags::new(&residuals(series, &[sloped]), &[n]);
    let inflation = lags.inflation(Some((&noise.lags, PRIOR_VALUES)));
    let freedom = n as f64 - 2.0 + PRIOR_VALUES;
    let variance = (line.rss + PRIOR_VALUES * noise.variance) / freedom;
    let gain = (flat.line(&series.sums).rss - line.rss) / (variance * inflation);
    let rise = line.slope.abs() * n as f64;
    if rise > LEAST_RISE * variance.sqrt()
        && chance(gain, 1.0, freedom / inflation) < SLOPE_LEVEL
        && line.rss < one_step(series, piece)
    {
        sloped
    } else {
        flat
    }
}

/// Sum of squares about the best two levels of a piece: a step that was too small to be told must not come back as a
/// slope.
fn one_step(series: &Prepared, piece: Piece) -> f64 {
    (piece.start + SHORTEST..=piece.end - SHORTEST)
        .map(|at| series.sums.flat_rss(piece.start, at) + series.sums.flat_rss(at, piece.end))
        .fold(f64::INFINITY, f64::min)
}

fn test(series: &Prepared, left: &Piece, right: &Piece, noise: &Noise) -> Boundary {
    let (before, after) = (left.line(&series.sums), right.line(&series.sums));
    let lags = Lags::new(
        &residuals(series, &[*left, *right]),
        &[left.len(), right.len()],
    );
    let inflation = lags.inflation(Some((&noise.lags, PRIOR_VALUES)));
    let (n_left, n_right) = (left.len() as f64, right.len() as f64);
    let parameters = left.parameters() + right.parameters();
    let known = PRIOR_VALUES * noise.variance;
    let freedom = (n_left + n_right - parameters + PRIOR_VALUES).max(1.0);
    let variance = (before.rss + after.rss + known) / freedom;
    let freedom = freedom / inflation;
    let (p, size) = if left.is_sloped || right.is_sloped {
        let whole = series.sums.sloped(left.start, right.end);
        let added = (parameters - 2.0).max(1.0);
        let gain = (whole.rss - before.rss - after.rss).max(0.0) / added / (variance * inflation);
        let fit = |t: f64| {
            if t < right.start as f64 {
                before.at(t)
            } else {
                after.at(t)
            }
        };
        let ends = [left.start, left.end - 1, right.start, right.end - 1];
        let size = ends
            .into_iter()
            .map(|t| (fit(t as f64) - whole.at(t as f64)).abs())
            .fold(0.0, f64::max);
        (chance(gain, added, freedom), size)
    } else {
        let difference = after.mean - before.mean;
        // A side that is noisier than both together has an error of its own.
        let of_side = |rss: f64, n: f64| {
            let own = (rss + known) / (n - 1.0 + PRIOR_VALUES);
            own.max(variance) / n
        };
        let error = inflation * (of_side(before.rss, n_left) + of_side(after.rss, n_right));
        (
            chance(difference * difference / error, 1.0, freedom),
            difference.abs(),
        )
    };
    let wander = if series.is_log {
        WANDER.min(WANDER_FINE * series.fine)
    } else {
        WANDER_FINE_PLAIN * series.fine
    };
    Boundary {
        p: (p * series.len() as f64).min(1.0),
        unit: variance * inflation,
        is_jump: is_jump(series, left, right, variance.sqrt()),
        effect: size / (variance + wander * wander).sqrt(),
    }
}

/// Whether the level jumps from one piece to the next, and not only the slope.
fn is_jump(series: &Prepared, left: &Piece, right: &Piece, sd: f64) -> bool {
    if !left.is_sloped && !right.is_sloped {
        return true;
    }
    let between = right.start as f64 - 0.5;
    let jump = right.line(&series.sums).at(between) - left.line(&series.sums).at(between);
    jump.abs() > JUMP * sd
}

/// Probability of an F value as large, with `added` and at least one degree of freedom.
fn chance(f: f64, added: f64, freedom: f64) -> f64 {
    if !f.is_finite() {
        return 0.0;
    }
    FisherSnedecor::new(added, freedom.max(1.0)).map_or(1.0, |law| law.sf(f.max(0.0)))
}
