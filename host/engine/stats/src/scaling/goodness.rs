//! How well a law fits, and what its intervals stand on: repetitions where the law holds, levels where it does not.

use benchhost_record::Goodness;
use statrs::distribution::{ContinuousCDF as _, FisherSnedecor};

use super::{levels::Levels, refused::Refused};
use crate::distribution::t_quantile;

/// Below this chance of levels so far off the law, the law is taken as a rough guide.
const LACK_OF_FIT_LEVEL: f64 = 0.05;

/// Smallest relative scatter believed. No clock and no counter is that good; below it are rounding errors, which
/// would otherwise make a σ of 10⁻¹⁶ significant.
const LEAST_SCATTER: f64 = 1e-9;

/// A law that was fitted.
pub(super) struct Judged<T> {
    /// Its parameters.
    pub(super) law: T,
    /// Weight of each level in the fit.
    pub(super) weights: Vec<f64>,
    /// Standard deviation of what has weight 1, of the logarithm.
    pub(super) scatter: f64,
    /// Quantile of Student's t for both ends of an interval.
    pub(super) t: f64,
    /// What is reported.
    pub(super) goodness: Goodness,
}

/// Fits a law of `parameters` by `fit` and tests it against the scatter of repetitions.
///
/// `fit` takes the weights of the levels and returns the law and the logarithm it has at each level.
///
/// The law is first fitted to all observations. Their squares are split into what repetitions scatter about their
/// level's mean (pure error) and how far the means are from the law (lack of fit); F compares the two. Where the
/// levels are off by more than chance allows, a repetition more at one level adds nothing to what is known about the
/// law: the level is the independent unit, all levels weigh the same and the degrees of freedom are levels −
/// parameters. With as many levels as parameters there is no such test, and the intervals hold only if the law does.
///
/// What the test cannot see is not in the interval: with levels off by half the scatter of one repetition, five of
/// them with five repetitions each, an interval of .95 holds with .88, which is the worst (`tests/it/scaling/rates.rs`).
/// A test at .25 would mend that, and make one good sweep in four useless.
///
/// Source: Draper & Smith (1998), "Applied Regression Analysis", 3rd ed., §2.1.
pub(super) fn judge<T>(
    levels: &Levels,
    parameters: usize,
    confidence: f64,
    fit: impl Fn(&[f64]) -> Option<(T, Vec<f64>)>,
) -> Result<Judged<T>, Refused> {
    let squares = |fitted: &[f64], weights: &[f64]| -> f64 {
        let pairs = levels.means.iter().zip(fitted).zip(weights);
        pairs.map(|((mean, at), w)| w * (mean - at).powi(2)).sum()
    };
    let (observations, count) = (levels.observations(), levels.at.len());
    let (mut law, mut fitted) = fit(&levels.counts).ok_or(Refused::NoSolution)?;
    let mut weights = levels.counts.clone();
    let off = squares(&fitted, &weights);
    let mut freedom = observations - parameters;
    let mut variance = (off + levels.pure_error) / freedom as f64;
    let p = lack_of_fit_p(off, levels, parameters);
    let lacks_fit = p.is_some_and(|p| p < LACK_OF_FIT_LEVEL);
    if lacks_fit {
        weights = vec![1.0; count];
        (law, fitted) = fit(&weights).ok_or(Refused::NoSolution)?;
        freedom = count - parameters;
        variance = squares(&fitted, &weights) / freedom as f64;
    }
    let unexplained = squares(&fitted, &levels.counts) + levels.pure_error;
    let scatter = variance.sqrt();
    let goodness = Goodness {
        observations: observations as u64,
        levels: count as u64,
        r_squared: 1.0 - unexplained / levels.total,
        scatter,
        freedom: freedom as u64,
        lack_of_fit_p: p,
        lacks_fit,
    };
    if !(scatter.is_finite() && goodness.r_squared.is_finite()) {
        return Err(Refused::NoSolution);
    }
    Ok(Judged {
        law,
        weights,
        scatter: scatter.max(LEAST_SCATTER),
        t: t_quantile(f64::midpoint(1.0, confidence), freedom as f64),
        goodness,
    })
}

/// Chance of level means this far off the law; `None` where nothing is left to test with.
fn lack_of_fit_p(off: f64, levels: &Levels, parameters: usize) -> Option<f64> {
    let (observations, count) = (levels.observations(), levels.at.len());
    if count <= parameters || observations <= count {
        return None;
    }
    let above = (count - parameters) as f64;
    let below = (observations - count) as f64;
    if off <= LEAST_SCATTER.powi(2) * observations as f64 {
        return Some(1.0);
    }
    if levels.pure_error == 0.0 {
        return Some(0.0);
    }
    let f = off / above / (levels.pure_error / below);
    FisherSnedecor::new(above, below).ok().map(|law| law.sf(f))
}
