//! From values to what is looked at: logarithms without season and without lone outliers.

use super::{FEWEST_VALUES, season, sums::Sums};
use crate::robust::{MAD_SCALE, median_in_place};

/// Values on each side of the running median that outliers are measured from. Seven in all: a burst of up to three
/// wild values is an outlier, a regime of four is not.
const HALF_WINDOW: usize = 3;

/// A value farther from the running median than this many fine standard deviations is moved to this distance.
const CLIP_SD: f64 = 2.5;

/// The running median follows its own value: residuals about it are smaller than the noise by this (normal noise).
const OWN_VALUE: f64 = 1.2;

/// Standard deviation over mean absolute deviation of normal noise, √(π/2).
const MEAN_DEVIATION_SCALE: f64 = 1.2533;

/// Values that are not positive are counted in median distances from the median, up to this many: their squares must
/// not overflow.
const FARTHEST: f64 = 1e12;

/// The fine standard deviation is at least this, so that what never varies has no infinite steps and rounding is none.
const SMALLEST_FINE: f64 = 1e-12;

/// Fewest values a season is looked for in.
const FEWEST_FOR_SEASON: usize = 24;

/// A series as the detector sees it.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    /// Finite values as they were given.
    pub(super) raw: Vec<f64>,
    /// Index of each of them among all values.
    pub(super) index: Vec<usize>,
    /// What is judged: centred logarithms (or values in units of [`Prepared::scale`]), without season, clipped.
    pub(super) z: Vec<f64>,
    /// Sums of `z`.
    pub(super) sums: Sums,
    /// Whether `z` are logarithms.
    pub(super) is_log: bool,
    /// What was subtracted to centre.
    pub(super) centre: f64,
    /// What values that are no logarithms were divided by; 1 for logarithms.
    pub(super) scale: f64,
    /// Standard deviation of `z` from one value to the next: levels and trends play no part in it.
    pub(super) fine: f64,
}

impl Prepared {
    /// Prepares `values`; nothing for too few finite ones.
    pub(super) fn new(values: &[f64]) -> Option<Self> {
        let index: Vec<usize> = (0..values.len())
            .filter(|i| values[*i].is_finite())
            .collect();
        if index.len() < FEWEST_VALUES {
            return None;
        }
        let raw: Vec<f64> = index.iter().map(|i| values[*i]).collect();
        let is_log = raw.iter().all(|x| *x > 0.0);
        let mut z: Vec<f64> = if is_log {
            raw.iter().map(|x| x.ln()).collect()
        } else {
            raw.clone()
        };
        let centre = median_in_place(&mut z.clone());
        for x in &mut z {
            *x -= centre;
        }
        if z.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let scale = if is_log { 1.0 } else { spread(&z) };
        if !is_log {
            for x in &mut z {
                *x = (*x / scale).clamp(-FARTHEST, FARTHEST);
            }
        }
        if z.len() >= FEWEST_FOR_SEASON
            && let Some(without) = season::without(&z, &index)
        {
            z = without;
        }
        let (z, fine) = clipped(&z);
        let sums = Sums::new(&z);
        Some(Self {
            raw,
            index,
            z,
            sums,
            is_log,
            centre,
            scale,
            fine,
        })
    }

    /// How many finite values there are.
    pub(super) fn len(&self) -> usize {
        self.z.len()
    }

    /// A value of `z` in the unit of the series.
    pub(super) fn unit_of(&self, z: f64) -> f64 {
        if self.is_log {
            (z + self.centre).exp()
        } else {
            z * self.scale + self.centre
        }
    }

    /// Replaces `z` from `from` to `to` by one level.
    pub(super) fn level_out(&mut self, from: usize, to: usize, level: f64) {
        self.z[from..to].fill(level);
        self.sums = Sums::new(&self.z);
    }
}

/// Median distance from 0 of what is not 0; 1 when everything is.
fn spread(z: &[f64]) -> f64 {
    let mut off: Vec<f64> = z.iter().map(|x| x.abs()).filter(|x| *x > 0.0).collect();
    if off.is_empty() {
        1.0
    } else {
        median_in_place(&mut off)
    }
}

/// `z` with lone outliers moved to the edge of the noise, and the fine standard deviation.
fn clipped(z: &[f64]) -> (Vec<f64>, f64) {
    let medians = running_median(z);
    let mut off: Vec<f64> = z.iter().zip(&medians).map(|(x, m)| (x - m).abs()).collect();
    let mut sd = MAD_SCALE * OWN_VALUE * median_in_place(&mut off);
    if sd == 0.0 {
        // More than half of the values equal their neighbours': a coarse clock, a counter.
        sd = MEAN_DEVIATION_SCALE * off.iter().sum::<f64>() / off.len() as f64;
    }
    let reach = CLIP_SD * sd;
    let clipped = z
        .iter()
        .zip(&medians)
        .map(|(x, m)| x.clamp(m - reach, m + reach))
        .collect();
    (clipped, sd.max(SMALLEST_FINE))
}

/// Median of each value and its neighbours; at the edges of the nearest seven.
fn running_median(z: &[f64]) -> Vec<f64> {
    let width = (2 * HALF_WINDOW + 1).min(z.len());
    let mut window = [0.0; 2 * HALF_WINDOW + 1];
    (0..z.len())
        .map(|i| {
            let start = i.saturating_sub(HALF_WINDOW).min(z.len() - width);
            window[..width].copy_from_slice(&z[start..start + width]);
            median_in_place(&mut window[..width])
        })
        .collect()
}
