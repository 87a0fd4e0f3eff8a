//! Places at which a piece may begin: where the means of both sides differ, and a coarse grid.

use super::{partition::SHORTEST, prepare::Prepared};

/// Up to this many values every place is a candidate.
const ALL_UP_TO: usize = 160;

/// Most candidates; the partition costs their square.
const MOST: usize = 200;

/// Values on each side whose means are compared: steps of all lengths, a factor of 1.5 apart.
const SCALES: [usize; 10] = [4, 6, 9, 14, 21, 32, 48, 72, 108, 162];

/// Least difference of the means, in standard errors of white noise. Low: a candidate is no claim.
const LEAST_DIFFERENCE: f64 = 2.5;

/// Grid places in a series, for drifts, which no two means show well.
const GRID: usize = 40;

/// Candidate places, sorted, with 0 and the number of values.
pub(super) fn candidates(series: &Prepared) -> Vec<usize> {
    let n = series.len();
    if n <= ALL_UP_TO {
        return (0..=n).collect();
    }
    let mut found: Vec<(f64, usize)> = SCALES
        .into_iter()
        .filter(|scale| 2 * scale <= n)
        .flat_map(|scale| peaks(series, scale))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));

    let step = n.div_ceil(GRID).max(SHORTEST);
    let mut chosen = vec![false; n + 1];
    let mut left = MOST;
    let grid = std::iter::once(0).chain((step..n).step_by(step)).chain([n]);
    for place in grid.chain(found.into_iter().map(|(_, place)| place)) {
        let at_edge = place < SHORTEST || place + SHORTEST > n;
        if left == 0 || chosen[place] || (at_edge && place != 0 && place != n) {
            continue;
        }
        chosen[place] = true;
        left -= 1;
    }
    (0..=n).filter(|place| chosen[*place]).collect()
}

/// Local maxima of the difference of means over `scale` values on both sides.
fn peaks(series: &Prepared, scale: usize) -> Vec<(f64, usize)> {
    let n = series.len();
    let error = series.fine * (2.0 / scale as f64).sqrt();
    let difference: Vec<f64> = (scale..=n - scale)
        .map(|i| {
            let (before, after) = (
                series.sums.mean(i - scale, i),
                series.sums.mean(i, i + scale),
            );
            (after - before).abs() / error
        })
        .collect();
    let reach = (scale / 2).max(2);
    (0..difference.len())
        .filter(|i| {
            let height = difference[*i];
            let end = (i + reach + 1).min(difference.len());
            height > LEAST_DIFFERENCE
                && difference[i.saturating_sub(reach)..*i]
                    .iter()
                    .all(|other| *other < height)
                && difference[i + 1..end].iter().all(|other| *other <= height)
        })
        .map(|i| (difference[i], i + scale))
        .collect()
}
