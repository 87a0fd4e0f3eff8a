//! What came and went is no change of the code; what stands at an edge may yet go.

use super::{
    partition::Piece,
    prepare::Prepared,
    survive::{Found, survive},
};

/// A regime shorter than this that ends where it began came and went: a busy neighbour, a burst of outliers.
const SHORT: usize = 10;

/// It ends where it began when the levels around it differ by less than this share of the step.
const RETURNS: f64 = 0.35;

/// Fewest values of a regime at either end of a series.
const SHORTEST_AT_EDGE: usize = 6;

/// Boundaries of `pieces` that stand when what came and went is levelled out of `series`.
pub(super) fn without(series: &mut Prepared, pieces: Vec<Piece>) -> Found {
    let mut found = survive(series, pieces);
    // Every round takes out a piece, so that this ends.
    while let Some((k, level)) = passing(series, &found.pieces) {
        let mut pieces = found.pieces;
        let piece = pieces.remove(k);
        series.level_out(piece.start, piece.end, level);
        if k == 0 {
            pieces[0].start = piece.start;
        } else if k == pieces.len() {
            pieces[k - 1].end = piece.end;
        } else {
            pieces[k - 1].end = pieces[k].end;
            pieces.remove(k);
        }
        found = survive(series, pieces);
    }
    found
}

/// The shortest piece that came and went or stands at an edge, and the level that would be there without it.
fn passing(series: &Prepared, pieces: &[Piece]) -> Option<(usize, f64)> {
    let last = pieces.len() - 1;
    let fit = |k: usize, at: usize| pieces[k].line(&series.sums).at(at as f64);
    let level = |k: usize| -> Option<f64> {
        let piece = pieces[k];
        if last == 0 {
            return None;
        }
        if k == 0 || k == last {
            let neighbour = if k == 0 {
                fit(1, piece.end)
            } else {
                fit(last - 1, piece.start)
            };
            return (piece.len() < SHORTEST_AT_EDGE).then_some(neighbour);
        }
        let (before, after) = (fit(k - 1, piece.start), fit(k + 1, piece.end));
        let own = piece.line(&series.sums).mean;
        let step = (own - before).abs().min((own - after).abs());
        let returns = (after - before).abs() < RETURNS * step
            && (own > before) == (own > after)
            && piece.len() < SHORT;
        returns.then_some(f64::midpoint(before, after))
    };
    (0..pieces.len())
        .filter_map(|k| level(k).map(|level| (k, level)))
        .min_by_key(|(k, _)| pieces[*k].len())
}
