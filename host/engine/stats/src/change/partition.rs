//! The best pieces, flat or sloped: least squares with a price for each boundary and each slope.

use super::{
    noise::Noise,
    sums::{Line, Sums},
};

/// Fewest values of a piece.
pub(super) const SHORTEST: usize = 4;

/// Fewest values of a sloped piece.
pub(super) const SHORTEST_SLOPED: usize = 16;

/// What pieces cost and how short they may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Price of a boundary, in noise variances times ln n.
    pub(super) boundary: f64,
    /// Price of a slope, in the same.
    pub(super) slope: f64,
    /// Fewest values of a piece.
    pub(super) shortest: usize,
    /// Fewest values of a sloped piece.
    pub(super) shortest_sloped: usize,
}

/// Terms for levels in noise: a little above the 2 ln n of the Schwarz criterion with a location to pay for.
pub(super) const FINE: Terms = Terms {
    boundary: 3.0,
    slope: 3.0,
    shortest: SHORTEST,
    shortest_sloped: SHORTEST_SLOPED,
};

/// A run of values with one level or one slope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) start: usize,
    /// One past its last value.
    pub(super) end: usize,
    pub(super) is_sloped: bool,
}

impl Piece {
    /// How many values it has.
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    /// Numbers that were fitted.
    pub(super) fn parameters(&self) -> f64 {
        if self.is_sloped { 2.0 } else { 1.0 }
    }

    /// Its fit.
    pub(super) fn line(&self, sums: &Sums) -> Line {
        if self.is_sloped {
            sums.sloped(self.start, self.end)
        } else {
            sums.flat(self.start, self.end)
        }
    }
}

/// The cheapest pieces whose boundaries are among `places` (sorted, with both ends).
pub(super) fn partition(sums: &Sums, places: &[usize], noise: &Noise, terms: &Terms) -> Vec<Piece> {
    let unit = noise.variance * noise.inflation * (sums.len() as f64).ln();
    let (boundary, slope) = (terms.boundary * unit, terms.slope * unit);
    let mut cost = vec![f64::INFINITY; places.len()];
    let mut from = vec![(0, false); places.len()];
    cost[0] = -boundary;
    for b in 1..places.len() {
        let end = places[b];
        for a in 0..b {
            let start = places[a];
            let before = cost[a] + boundary;
            if end - start < terms.shortest || before >= cost[b] {
                continue;
            }
            let flat = before + sums.flat_rss(start, end);
            if flat < cost[b] {
                (cost[b], from[b]) = (flat, (a, false));
            }
            if end - start >= terms.shortest_sloped && before + slope < cost[b] {
                let sloped = before + slope + sums.sloped(start, end).rss;
                if sloped < cost[b] {
                    (cost[b], from[b]) = (sloped, (a, true));
                }
            }
        }
    }
    let mut pieces = Vec::new();
    let mut b = places.len() - 1;
    while b > 0 {
        let (a, is_sloped) = from[b];
        pieces.push(Piece {
            start: places[a],
            end: places[b],
            is_sloped,
        });
        b = a;
    }
    pieces.reverse();
    pieces
}
