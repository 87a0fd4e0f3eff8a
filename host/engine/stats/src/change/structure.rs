//! Series that are no noise about levels: growth, waves, turning points. Their coarse shape is told instead.
//!
//! In such series every test against noise with memory says "one long memory". People who look at them mark the few
//! places where the shape as a whole turns or jumps, and so does this: as many pieces as pay for themselves at the
//! scale of the whole plot.

use super::{
    noise::{Noise, residuals},
    partition::{Piece, Terms, partition},
    prepare::Prepared,
    survive::{Boundary, Found},
};

/// A series has structure when what the tests left over is this many times the noise from value to value. Benchmarks
/// of unchanged code stay below 3.3, even on busy machines.
const STRUCTURE: f64 = 5.0;

/// What counts as noise in the coarse shape, as a share of the spread about one line.
const COARSE_SD: f64 = 0.45;

/// More noise for each try, until the pieces are few.
const COARSER: f64 = 1.1;

/// Values that carry one boundary.
const VALUES_A_BOUNDARY: usize = 25;

/// Most boundaries.
const MOST: usize = 5;

/// Correlation at some distance that makes a series a wave, once it has been below [`WAVE_FALLS`].
const WAVE_RISES: f64 = 0.4;
/// See [`WAVE_RISES`].
const WAVE_FALLS: f64 = -0.15;

/// Whether the residuals about `pieces` are far from noise.
pub(super) fn is_left(series: &Prepared, pieces: &[Piece]) -> bool {
    let left = residuals(series, pieces);
    let squares: f64 = left.iter().map(|x| x * x).sum();
    (squares / left.len() as f64).sqrt() > STRUCTURE * series.fine
}

/// The coarse shape; one piece for waves.
pub(super) fn coarse(series: &Prepared, places: &[usize]) -> Found {
    let n = series.len();
    let spread = |rss: f64| (rss / n as f64).sqrt();
    let flat = spread(series.sums.flat_rss(0, n));
    let line = spread(series.sums.sloped(0, n).rss);
    let whole = Piece {
        start: 0,
        end: n,
        is_sloped: line < 0.5 * flat,
    };
    if is_wave(&residuals(series, &[whole])) {
        return Found {
            pieces: vec![whole],
            boundaries: Vec::new(),
        };
    }
    let terms = Terms {
        boundary: 3.0,
        slope: 1.5,
        shortest: (n / 12).max(5),
        shortest_sloped: (n / 8).max(8),
    };
    let most = (n / VALUES_A_BOUNDARY).clamp(1, MOST);
    let mut sd = (COARSE_SD * line).max(series.fine);
    let pieces = loop {
        let pieces = partition(&series.sums, places, &Noise::white(sd), &terms);
        if pieces.len() <= most + 1 {
            break pieces;
        }
        sd *= COARSER;
    };
    let boundaries = pieces
        .windows(2)
        .map(|pair| Boundary::untested(series, &pair[0], &pair[1], sd))
        .collect();
    Found { pieces, boundaries }
}

/// Whether the correlation falls and rises again with distance.
fn is_wave(residuals: &[f64]) -> bool {
    let n = residuals.len();
    let total: f64 = residuals.iter().map(|x| x * x).sum();
    let mut has_fallen = false;
    // Waves shorter than two values or longer than a third of the series are none.
    (2..(n / 3).min(400)).any(|lag| {
        let products: f64 = residuals
            .iter()
            .zip(&residuals[lag..])
            .map(|(x, y)| x * y)
            .sum();
        let correlation = products / total * n as f64 / (n - lag) as f64;
        has_fallen |= correlation < WAVE_FALLS;
        has_fallen && correlation > WAVE_RISES
    })
}
