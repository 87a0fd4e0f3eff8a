//! Speed-up with a part that stays serial: X(N) = λN / (1 + σ(N−1)).

use benchhost_record::{Amdahl, Estimate, Interval};

use super::{
    curve::Curve,
    goodness::judge,
    levels::{Levels, Observation, require_confidence, require_workers},
    profile::Profile,
    refused::Refused,
};

/// Amdahl's law through `points`: numbers of workers with throughputs, one for each repetition.
///
/// Fitted to ln X by least squares; intervals are those of the profile likelihood with Student's t, and stand on levels
/// where the law does not fit. σ is not confined: below 0 it says that workers help each other. The limit 1/σ and the
/// knee (1−σ)/σ are stated only when the whole interval of σ is above 0; for the knee see [`super::usl()`].
///
/// # Errors
/// [`Refused`]: fewer than two distinct N, fewer than three observations, N below 1, values that are not positive and
/// finite, all values the same, a parameter that the observations leave unbounded.
///
/// Source: Amdahl (1967), AFIPS 30, 483–485; in this form Gunther (2007), "Guerrilla Capacity Planning", ch. 4.
pub fn amdahl(points: &[Observation], confidence: f64) -> Result<Amdahl, Refused> {
    require_confidence(confidence)?;
    let levels = Levels::new(points)?;
    require_workers(points)?;
    levels.require(2, 2)?;
    let others: Vec<f64> = levels.at.iter().map(|n| n - 1.0).collect();
    let y = levels.each_worker();
    let judged = judge(&levels, 2, confidence, |weights| {
        let law = full(&levels.at, &y, weights).fit([0.0])?;
        let fitted = levels.at.iter().zip(&others);
        let fitted = fitted
            .map(|(n, u)| law.log_lambda + n.ln() - (law.theta[0] * u).ln_1p())
            .collect();
        Some((law, fitted))
    })?;
    let (law, weights) = (judged.law, &judged.weights[..]);
    let profile = Profile {
        least: law.squares,
        target: judged.t * judged.scatter,
        confidence,
    };
    let curve = full(&levels.at, &y, weights);
    let step = |g, h| {
        let variance = curve.variance(&law, [g], h).ok_or(Refused::NoSolution)?;
        Ok(profile.target * variance.sqrt())
    };
    let sigma = profile.estimate(law.theta[0], step(1.0, 0.0)?, |sigma| {
        let held = Curve::<0> {
            y: &y,
            weights,
            base: others.iter().map(|u| 1.0 + sigma * u).collect(),
            basis: vec![[]; others.len()],
            log_lambda: None,
        };
        Some(held.fit([])?.squares)
    });
    let sigma = sigma.ok_or(Refused::Unbounded { parameter: "σ" })?;
    let log_lambda = profile.estimate(law.log_lambda, step(0.0, 1.0)?, |log_lambda| {
        let held = Curve {
            log_lambda: Some(&|_| Some((log_lambda, [0.0]))),
            ..full(&levels.at, &y, weights)
        };
        Some(held.fit(law.theta)?.squares)
    });
    let lambda = log_lambda.and_then(exponential);
    let falling = |f: fn(f64) -> f64| {
        (sigma.interval.low > 0.0).then(|| Estimate {
            value: f(sigma.value),
            interval: Interval {
                low: f(sigma.interval.high),
                high: f(sigma.interval.low),
                confidence,
            },
        })
    };
    Ok(Amdahl {
        lambda: lambda.ok_or(Refused::Unbounded { parameter: "λ" })?,
        sigma,
        // From σ = 1 on, more workers are slower than one, and none is what limits them.
        speedup_limit: falling(|sigma| (1.0 / sigma).max(1.0)).filter(|_| sigma.value < 1.0),
        knee: falling(|sigma| (1.0 / sigma - 1.0).max(1.0)),
        goodness: judged.goodness,
    })
}

/// The curve with nothing held.
fn full<'a>(at: &[f64], y: &'a [f64], weights: &'a [f64]) -> Curve<'a, 1> {
    Curve {
        y,
        weights,
        base: vec![1.0; at.len()],
        basis: at.iter().map(|n| [n - 1.0]).collect(),
        log_lambda: None,
    }
}

/// An estimate of a logarithm as one of the number; `None` where that is no finite positive number.
pub(super) fn exponential(log: Estimate) -> Option<Estimate> {
    let (low, high) = (log.interval.low.exp(), log.interval.high.exp());
    (low > 0.0 && high.is_finite()).then(|| Estimate {
        value: log.value.exp(),
        interval: Interval {
            low,
            high,
            ..log.interval
        },
    })
}
