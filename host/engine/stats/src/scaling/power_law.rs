//! Cost against size: y = c·xᵖ.

use benchhost_record::{Estimate, Interval, PowerLaw};

use super::{
    goodness::judge,
    levels::{Levels, Observation, require_confidence},
    refused::Refused,
};

/// Distinct sizes that are needed: two points lie on every power law.
const FEWEST_SIZES: usize = 3;

/// A straight line through logarithms.
struct Line {
    slope: f64,
    intercept: f64,
    /// Mean logarithm of the size.
    centre: f64,
    /// Weighted squared distances of the sizes to it.
    spread: f64,
    /// Sum of the weights.
    weight: f64,
}

/// The power law through `points`: sizes with times, bytes or rates, one for each repetition.
///
/// Ordinary least squares of ln y on ln x; the intervals are those of Student's t, and stand on levels instead of
/// repetitions where the law does not fit (`lacks_fit`). That is the usual case of a cost with a constant part, which
/// flattens towards small sizes: leave those out, or read the exponent as an average. No constant is fitted: it and
/// the exponent explain each other, and rarely are there sizes enough to tell them apart.
///
/// The coefficient is the value at size 1, far outside most sweeps, and its interval is as wide as that makes it.
///
/// # Errors
/// [`Refused`]: fewer than three distinct sizes, values that are not positive and finite, all values the same, a
/// coefficient outside the range of numbers, a confidence that is none.
///
/// Source: Draper & Smith (1998), "Applied Regression Analysis", 3rd ed., §1.4.
pub fn power_law(points: &[Observation], confidence: f64) -> Result<PowerLaw, Refused> {
    require_confidence(confidence)?;
    let levels = Levels::new(points)?;
    levels.require(FEWEST_SIZES, 2)?;
    let sizes: Vec<f64> = levels.at.iter().map(|at| at.ln()).collect();
    let judged = judge(&levels, 2, confidence, |weights| {
        let line = line(&sizes, &levels.means, weights)?;
        let fitted = sizes.iter().map(|x| line.intercept + line.slope * x);
        let fitted = fitted.collect();
        Some((line, fitted))
    })?;
    let line = judged.law;
    let slope_half = judged.t * judged.scatter / line.spread.sqrt();
    let intercept_half = judged.t
        * judged.scatter
        * (1.0 / line.weight + line.centre * line.centre / line.spread).sqrt();
    let interval = |low, high| Interval {
        low,
        high,
        confidence,
    };
    let law = PowerLaw {
        coefficient: Estimate {
            value: line.intercept.exp(),
            interval: interval(
                (line.intercept - intercept_half).exp(),
                (line.intercept + intercept_half).exp(),
            ),
        },
        exponent: Estimate {
            value: line.slope,
            interval: interval(line.slope - slope_half, line.slope + slope_half),
        },
        goodness: judged.goodness,
    };
    let is_finite = law.coefficient.interval.high.is_finite()
        && law.coefficient.interval.low > 0.0
        && slope_half.is_finite();
    is_finite.then_some(law).ok_or(Refused::NoSolution)
}

/// Weighted least squares; `None` where the sizes are too close to each other to tell.
fn line(x: &[f64], y: &[f64], weights: &[f64]) -> Option<Line> {
    let weight: f64 = weights.iter().sum();
    let mean = |values: &[f64]| -> f64 {
        let products = values.iter().zip(weights).map(|(value, w)| value * w);
        products.sum::<f64>() / weight
    };
    let (centre, level) = (mean(x), mean(y));
    let mut spread = 0.0;
    let mut common = 0.0;
    for ((x, y), w) in x.iter().zip(y).zip(weights) {
        spread += w * (x - centre).powi(2);
        common += w * (x - centre) * (y - level);
    }
    let slope = common / spread;
    (spread > 0.0 && slope.is_finite()).then_some(Line {
        slope,
        intercept: level - slope * centre,
        centre,
        spread,
        weight,
    })
}
