//! Throughput that rises, bends and falls: X(N) = λN / (1 + σ(N−1) + κN(N−1)).

use benchhost_record::{Estimate, Peak, Usl};

use super::{
    amdahl::exponential,
    curve::{Curve, Solution},
    goodness::{Judged, judge},
    levels::{Levels, Observation, require_confidence, require_workers},
    profile::Profile,
    refused::Refused,
};

/// λ, σ and κ.
const PARAMETERS: usize = 3;

/// The Universal Scalability Law through `points`: numbers of workers with throughputs, one for each repetition.
///
/// Fitted to ln X by least squares; intervals are those of the profile likelihood with Student's t, and stand on levels
/// where the law does not fit. No parameter is confined: σ below 0 says that workers help each other (a problem cut in
/// pieces fits their caches), κ below 0 that the last levels are better than any contention allows. Whether σ and κ
/// are there is told by their intervals (`is_contended`, `is_coherent`).
///
/// The peak √((1−σ)/κ) and the throughput there are stated only when the whole interval of κ is above 0. Where the
/// observations barely show κ, those series that show it exaggerate it: read a peak far outside them as a warning, not
/// as a place.
///
/// The knee is the N at which speed-up times efficiency, N/D(N)² with D the denominator, is largest: the last worker
/// who brings more in speed than it costs in efficiency. It solves 3κN² + (σ−κ)N − (1−σ) = 0 and is (1−σ)/σ for κ = 0.
/// Gunther's ⌈1/σ⌉, where λN meets the ceiling λ/σ, is one worker more for κ = 0 but knows nothing of κ, and does not
/// exist for σ ≤ 0; an efficiency of one half is a convention. Efficiency at the knee is never below one half for
/// σ ≥ 0 and κ = 0. It is absent where its interval has no end.
///
/// # Errors
/// [`Refused`]: fewer than three distinct N, fewer than four observations, N below 1, values that are not positive and
/// finite, all values the same, a parameter that the observations leave unbounded.
///
/// Sources: Gunther (2007), "Guerrilla Capacity Planning", ch. 4–5, for law and peak; Eager, Zahorjan & Lazowska
/// (1989), IEEE Transactions on Computers 38(3), 408–423, for the knee.
pub fn usl(points: &[Observation], confidence: f64) -> Result<Usl, Refused> {
    require_confidence(confidence)?;
    let levels = Levels::new(points)?;
    require_workers(points)?;
    levels.require(PARAMETERS, PARAMETERS)?;
    let y = levels.each_worker();
    let judged = judge(&levels, PARAMETERS, confidence, |weights| {
        let law = full(&levels.at, &y, weights).fit([0.0, 0.0])?;
        let [sigma, kappa] = law.theta;
        let fitted = levels
            .at
            .iter()
            .map(|n| law.log_lambda + n.ln() - ((n - 1.0) * (sigma + kappa * n)).ln_1p())
            .collect();
        Some((law, fitted))
    })?;
    Fitted {
        at: &levels.at,
        y: &y,
        profile: Profile {
            least: judged.law.squares,
            target: judged.t * judged.scatter,
            confidence,
        },
        judged,
    }
    .describe()
}

/// The curve with nothing held.
fn full<'a>(at: &[f64], y: &'a [f64], weights: &'a [f64]) -> Curve<'a, 2> {
    Curve {
        y,
        weights,
        base: vec![1.0; at.len()],
        basis: at.iter().map(|n| [n - 1.0, n * (n - 1.0)]).collect(),
        log_lambda: None,
    }
}

/// The best fit, and what its intervals need.
struct Fitted<'a> {
    at: &'a [f64],
    y: &'a [f64],
    judged: Judged<Solution<2>>,
    profile: Profile,
}

impl Fitted<'_> {
    fn describe(&self) -> Result<Usl, Refused> {
        let law = &self.judged.law;
        let [sigma, kappa] = law.theta;
        let step = |g, h| self.half_width(g, h).ok_or(Refused::NoSolution);
        let sigma = self
            .profile
            .estimate(sigma, step([1.0, 0.0], 0.0)?, |sigma| {
                self.held(kappa, |n| (1.0 + sigma * (n - 1.0), n * (n - 1.0)))
            })
            .ok_or(Refused::Unbounded { parameter: "σ" })?;
        let kappa = self
            .profile
            .estimate(kappa, step([0.0, 1.0], 0.0)?, |kappa| {
                self.held(sigma.value, |n| (1.0 + kappa * n * (n - 1.0), n - 1.0))
            })
            .ok_or(Refused::Unbounded { parameter: "κ" })?;
        let lambda = self
            .profile
            .estimate(law.log_lambda, step([0.0, 0.0], 1.0)?, |log_lambda| {
                let held = Curve {
                    log_lambda: Some(&|_| Some((log_lambda, [0.0, 0.0]))),
                    ..full(self.at, self.y, &self.judged.weights)
                };
                Some(held.fit(law.theta)?.squares)
            })
            .and_then(exponential)
            .ok_or(Refused::Unbounded { parameter: "λ" })?;
        let is_coherent = kappa.interval.low > 0.0;
        Ok(Usl {
            lambda,
            sigma,
            kappa,
            peak: if is_coherent { self.peak() } else { None },
            knee: self.knee(),
            goodness: self.judged.goodness,
        })
    }

    /// Largest throughput. With its place n held, σ = 1 − κn² and D(N) = N + κ(N−1)(N−n²).
    fn peak(&self) -> Option<Peak> {
        let [sigma, kappa] = self.judged.law.theta;
        let at = ((1.0 - sigma) / kappa).max(1.0).sqrt();
        let held = |n: f64| self.held(kappa, |m| (m, (m - 1.0) * (m - n * n)));
        Some(Peak {
            at: self.profile.workers(at, *self.at.last()?, held)?,
            throughput: self.throughput()?,
        })
    }

    /// The largest throughput X*. With it held, λ = X*·D(n)/n at the n of the peak, and since X is flat there, ln λ moves
    /// with θ as ln D(n) does.
    fn throughput(&self) -> Option<Estimate> {
        let law = &self.judged.law;
        let at_peak = |[sigma, kappa]: [f64; 2]| {
            let n = ((1.0 - sigma) / kappa).max(1.0).sqrt();
            let denominator = 1.0 + (n - 1.0) * (sigma + kappa * n);
            let slopes = [(n - 1.0) / denominator, n * (n - 1.0) / denominator];
            (kappa > 0.0).then(|| ((denominator / n).ln(), slopes))
        };
        let (above, slopes) = at_peak(law.theta)?;
        let step = self.half_width(slopes.map(|slope| -slope), 1.0)?;
        let log = self
            .profile
            .estimate(law.log_lambda - above, step, |log_throughput| {
                let follow = |theta| {
                    let (above, slopes) = at_peak(theta)?;
                    Some((log_throughput + above, slopes))
                };
                let held = Curve {
                    log_lambda: Some(&follow),
                    ..full(self.at, self.y, &self.judged.weights)
                };
                Some(held.fit(law.theta)?.squares)
            })?;
        exponential(log)
    }

    /// Where N/D² is largest. With n held, σ = (1 + κn(1−3n))/(n+1).
    ///
    /// For κ < 0 the equation of the knee has a second root, where N/D² is smallest; n is the first one as long as
    /// 1 + κ(3n² + 6n − 1) > 0. That is demanded by one level more whose D it is and which has no weight.
    fn knee(&self) -> Option<Estimate> {
        let [sigma, kappa] = self.judged.law.theta;
        let root = ((sigma - kappa).powi(2) + 12.0 * kappa * (1.0 - sigma)).sqrt();
        let at = 2.0 * (1.0 - sigma) / (sigma - kappa + root);
        // No root at all, or only one that lies below 0 though throughput still rises: there is no knee.
        if !(at.is_finite() && (at > 0.0 || sigma >= 1.0)) {
            return None;
        }
        let (mut y, mut weights) = (self.y.to_vec(), self.judged.weights.clone());
        y.push(0.0);
        weights.push(0.0);
        self.profile.workers(at, *self.at.last()?, |n| {
            let mut base: Vec<f64> = Vec::with_capacity(y.len());
            let mut basis = Vec::with_capacity(y.len());
            for m in self.at {
                base.push(1.0 + (m - 1.0) / (n + 1.0));
                basis.push([(m - 1.0) * (m + n * (1.0 - 3.0 * n) / (n + 1.0))]);
            }
            base.push(1.0);
            basis.push([3.0 * n * n + 6.0 * n - 1.0]);
            let held = Curve {
                y: &y,
                weights: &weights,
                base,
                basis,
                log_lambda: None,
            };
            Some(held.fit_from_anywhere(kappa)?.squares)
        })
    }

    /// Squares of the best fit with one thing held: D(N) = `part(N).0` + θ·`part(N).1`, searched for from `start`.
    fn held(&self, start: f64, part: impl Fn(f64) -> (f64, f64)) -> Option<f64> {
        let (base, basis) = self
            .at
            .iter()
            .map(|n| part(*n))
            .map(|(base, basis)| (base, [basis]))
            .unzip();
        let held = Curve {
            y: self.y,
            weights: &self.judged.weights,
            base,
            basis,
            log_lambda: None,
        };
        Some(held.fit_from_anywhere(start)?.squares)
    }

    /// Half the linear interval of g·θ + h·ln λ.
    fn half_width(&self, g: [f64; 2], h: f64) -> Option<f64> {
        let curve = full(self.at, self.y, &self.judged.weights);
        let variance = curve.variance(&self.judged.law, g, h)?;
        Some(self.profile.target * variance.sqrt())
    }
}
