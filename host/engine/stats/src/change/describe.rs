//! A boundary in the words of the series: place, levels, noise, how sure.

use super::{partition::Piece, prepare::Prepared, survive::Boundary, survive::Found};
use crate::robust::{MAD_SCALE, median_in_place};

/// A place belongs to the interval while its fit is worse by less than this many noise variances; holds the true
/// place in at least 95 of 100 simulated steps.
const INTERVAL_GAIN: f64 = 7.0;

/// How a series changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// From one value to the next.
    Step,
    /// Slowly: a slope begins, ends or turns.
    Drift,
}

/// A place where a series changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// First value of the new regime, counted from 0 among all values, missing ones too.
    pub index: usize,
    /// Step or drift.
    pub kind: ChangeKind,
    /// Level before, in the unit of the series; of a drift: where it begins.
    pub before: f64,
    /// Level after; of a drift: where it ends.
    pub after: f64,
    /// Robust standard deviation before, in the unit of the series, about its own fit.
    pub noise_before: f64,
    /// The same after.
    pub noise_after: f64,
    /// First and last index at which the new regime may have begun.
    pub interval: (usize, usize),
    /// 0–1: one minus the probability of such a change in noise, wherever it might be.
    pub confidence: f64,
}

/// Changes of `series` in its own unit.
pub(super) fn describe(series: &Prepared, found: &Found) -> Vec<ChangePoint> {
    let mut changes = Vec::with_capacity(found.pieces.len());
    if let [first, ..] = found.pieces[..]
        && first.is_sloped
    {
        changes.push(drift_from_the_start(series, &first));
    }
    for (pair, boundary) in found.pieces.windows(2).zip(&found.boundaries) {
        changes.push(change(series, &pair[0], &pair[1], boundary));
    }
    changes
}

fn drift_from_the_start(series: &Prepared, piece: &Piece) -> ChangePoint {
    let noise = noise(series, piece);
    ChangePoint {
        index: series.index[0],
        kind: ChangeKind::Drift,
        before: level(series, piece, piece.start),
        after: level(series, piece, piece.end - 1),
        noise_before: noise,
        noise_after: noise,
        interval: (series.index[0], series.index[0]),
        // Slopes are held to a stricter level than one in a thousand.
        confidence: 0.999,
    }
}

fn change(series: &Prepared, left: &Piece, right: &Piece, boundary: &Boundary) -> ChangePoint {
    let (before, after) = if boundary.is_jump {
        (
            level(series, left, left.end - 1),
            level(series, right, right.start),
        )
    } else if right.is_sloped {
        (
            level(series, right, right.start),
            level(series, right, right.end - 1),
        )
    } else {
        (
            level(series, left, left.start),
            level(series, right, right.start),
        )
    };
    let (first, last) = interval(series, left, right, boundary.unit);
    ChangePoint {
        index: series.index[right.start],
        kind: if boundary.is_jump {
            ChangeKind::Step
        } else {
            ChangeKind::Drift
        },
        before,
        after,
        noise_before: noise(series, left),
        noise_after: noise(series, right),
        interval: (series.index[first], series.index[last]),
        confidence: 1.0 - boundary.p,
    }
}

/// Level of a piece at an index: the median of a flat one, the fit of a sloped one.
fn level(series: &Prepared, piece: &Piece, at: usize) -> f64 {
    if piece.is_sloped {
        series.unit_of(piece.line(&series.sums).at(at as f64))
    } else {
        median_in_place(&mut series.raw[piece.start..piece.end].to_vec())
    }
}

/// Robust standard deviation of a piece about its fit, in the unit of the series.
fn noise(series: &Prepared, piece: &Piece) -> f64 {
    let flat = level(series, piece, piece.start);
    let line = piece.line(&series.sums);
    let mut off: Vec<f64> = (piece.start..piece.end)
        .map(|t| {
            let fit = if piece.is_sloped {
                series.unit_of(line.at(t as f64))
            } else {
                flat
            };
            (series.raw[t] - fit).abs()
        })
        .collect();
    MAD_SCALE * median_in_place(&mut off)
}

/// First and last place, as indices of finite values, that fit nearly as well as the boundary that was found.
///
/// Source: inversion of the likelihood ratio, Siegmund (1988), Biometrika 75(3), 451–456.
fn interval(series: &Prepared, left: &Piece, right: &Piece, unit: f64) -> (usize, usize) {
    let rss = |place: usize| {
        let (left, right) = (
            Piece {
                end: place,
                ..*left
            },
            Piece {
                start: place,
                ..*right
            },
        );
        left.line(&series.sums).rss + right.line(&series.sums).rss
    };
    let at = right.start;
    let limit = rss(at) + INTERVAL_GAIN * unit;
    let first = (left.start + 2..at).find(|place| rss(*place) <= limit);
    let last = (at + 1..right.end - 1).rfind(|place| rss(*place) <= limit);
    (first.unwrap_or(at), last.unwrap_or(at))
}
