//! The last values of a series, and where they are heading, as Python's `statistics` counts them.
//!
//! For the reports of trackers that look at a window and no further: no outliers, no change points, no interval. A
//! verdict stands on the engine's rules instead.

use crate::error::{Error, check};

/// Values that [`trend`] compares on each side.
const TREND_SIDE: usize = 5;

/// Statistics of the last values of a series, all in its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation (n − 1); 0 for one value.
    pub stdev: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Values in the window: `size`, or all there are.
    pub count: usize,
}

/// Statistics of the last `size` of `values` (oldest first, any unit).
///
/// # Errors
/// [`Error::TooFew`] without values or with a window of none; [`Error::NotFinite`] with the index in `values` of a
/// value in the window.
///
/// Source: `get_historical_stats(key, window_size=10)` of the Inference-PIO tracker; `mean` and `stdev` of Python's
/// `statistics`.
pub fn window(values: &[f64], size: usize) -> Result<Window, Error> {
    let start = values.len().saturating_sub(size);
    let last = &values[start..];
    check(last, 1).map_err(|error| match error {
        Error::NotFinite { index } => Error::NotFinite {
            index: start + index,
        },
        other => other,
    })?;
    let count = last.len() as f64;
    let mean = mean(last);
    let distances: Vec<f64> = last.iter().map(|x| x - mean).collect();
    let squares: Vec<f64> = distances
        .iter()
        .map(|distance| distance * distance)
        .collect();
    // The mean is rounded: what all distances share because of that is taken out again.
    let shared = sum(&distances);
    let variation = (sum(&squares) - shared * shared / count).max(0.0);
    let stdev = if last.len() > 1 {
        (variation / (count - 1.0)).sqrt()
    } else {
        0.0
    };
    Ok(Window {
        mean,
        stdev,
        min: last.iter().copied().fold(f64::INFINITY, f64::min),
        max: last.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        count: last.len(),
    })
}

/// Mean of the last 5 of `values` against the mean of the 5 before, per cent of the latter; `None` when that is 0.
///
/// # Errors
/// [`Error::TooFew`] for fewer than 10 values; [`Error::NotFinite`] with the index in `values`.
///
/// Source: "Monitor Trends Over Time" in the document of the Inference-PIO tracker.
pub fn trend(values: &[f64]) -> Result<Option<f64>, Error> {
    let needed = 2 * TREND_SIDE;
    if values.len() < needed {
        return Err(Error::TooFew {
            found: values.len(),
            needed,
        });
    }
    let start = values.len() - needed;
    check(&values[start..], needed).map_err(|error| match error {
        Error::NotFinite { index } => Error::NotFinite {
            index: start + index,
        },
        other => other,
    })?;
    let (older, recent) = values[start..].split_at(TREND_SIDE);
    let (older, recent) = (mean(older), mean(recent));
    Ok((older != 0.0).then(|| (recent - older) / older * 100.0))
}

/// Mean that stays finite where the sum would not.
fn mean(xs: &[f64]) -> f64 {
    let n = xs.len() as f64;
    let total = sum(xs);
    if total.is_finite() {
        total / n
    } else {
        xs.iter().map(|x| x / n).sum()
    }
}

/// Sum with the rounding errors carried along.
///
/// Source: Neumaier (1974), ZAMM 54, 39–51.
fn sum(xs: &[f64]) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for x in xs {
        let next = total + x;
        lost += if total.abs() >= x.abs() {
            (total - next) + x
        } else {
            (x - next) + total
        };
        total = next;
    }
    if lost.is_finite() {
        total + lost
    } else {
        total
    }
}
