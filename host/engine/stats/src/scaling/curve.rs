//! Least squares for curves X(N) = λN / D(N), D linear in the parameters: what Amdahl's law and the USL have in common.
//!
//! Fitted is ln(X/N) = ln λ − ln D, because the noise of throughput is relative. ln λ is a weighted mean once D is
//! known, so only the parameters of D are searched for, by Gauss–Newton steps that are halved until they help. The
//! same curve with one thing held (a parameter, λ, the peak) is fitted again and again for an interval: see `profile`.

/// Gauss–Newton steps; a handful is usual.
const STEPS: u32 = 100;

/// Halvings of a step before the place counts as the best one.
const HALVINGS: u32 = 40;

/// Steps that promise to lower the squares by less, relative, end the search.
const PRECISION: f64 = 1e-12;

/// Squares below which everything is rounding.
const ROUNDING: f64 = 1e-24;

/// ln λ as it follows from the parameters of D, and its derivatives; `None` where it does not exist.
pub(super) type LogLambda<'a, const K: usize> = &'a dyn Fn([f64; K]) -> Option<(f64, [f64; K])>;

/// A curve with `K` parameters in D(N) = base(N) + Σ θₖ·basisₖ(N).
pub(super) struct Curve<'a, const K: usize> {
    /// Mean ln(X/N) of each level.
    pub(super) y: &'a [f64],
    /// Weight of each level.
    pub(super) weights: &'a [f64],
    /// The part of D that is known.
    pub(super) base: Vec<f64>,
    /// What each parameter is multiplied by.
    pub(super) basis: Vec<[f64; K]>,
    /// ln λ where it is not free.
    pub(super) log_lambda: Option<LogLambda<'a, K>>,
}

/// The best fit of a curve.
#[derive(Clone, Copy)]
pub(super) struct Solution<const K: usize> {
    /// Parameters of D.
    pub(super) theta: [f64; K],
    /// ln λ.
    pub(super) log_lambda: f64,
    /// Weighted squares that are left.
    pub(super) squares: f64,
}

/// The curve at one place of its parameters.
struct Place<const K: usize> {
    solution: Solution<K>,
    residuals: Vec<f64>,
    /// Their derivatives by θ.
    slopes: Vec<[f64; K]>,
    /// Derivatives of ln λ by θ.
    lambda_slopes: [f64; K],
}

impl<const K: usize> Curve<'_, K> {
    /// The best fit, searched for from `start`; `None` where D is not positive at every level for it.
    pub(super) fn fit(&self, start: [f64; K]) -> Option<Solution<K>> {
        let mut place = self.place(start)?;
        for _ in 0..STEPS {
            let Some((step, promise)) = self.step(&place) else {
                break;
            };
            if promise <= PRECISION * (place.solution.squares + ROUNDING) {
                break;
            }
            let Some(next) = self.advance(&place, step) else {
                break;
            };
            place = next;
        }
        Some(place.solution)
    }

    /// Everything about the curve at `theta`.
    fn place(&self, theta: [f64; K]) -> Option<Place<K>> {
        let mut residuals = Vec::with_capacity(self.y.len());
        let mut slopes = Vec::with_capacity(self.y.len());
        let (mut weight, mut level, mut mean_slopes) = (0.0, 0.0, [0.0; K]);
        for (j, basis) in self.basis.iter().enumerate() {
            let mut denominator = self.base[j];
            for k in 0..K {
                denominator += theta[k] * basis[k];
            }
            if !(denominator > 0.0 && denominator.is_finite()) {
                return None;
            }
            let residual = self.y[j] + denominator.ln();
            let slope = basis.map(|b| b / denominator);
            weight += self.weights[j];
            level += self.weights[j] * residual;
            for k in 0..K {
                mean_slopes[k] += self.weights[j] * slope[k];
            }
            residuals.push(residual);
            slopes.push(slope);
        }
        let (log_lambda, lambda_slopes) = match self.log_lambda {
            Some(follow) => follow(theta)?,
            None => (level / weight, mean_slopes.map(|sum| sum / weight)),
        };
        let mut squares = 0.0;
        for j in 0..residuals.len() {
            residuals[j] -= log_lambda;
            squares += self.weights[j] * residuals[j] * residuals[j];
            for k in 0..K {
                slopes[j][k] -= lambda_slopes[k];
            }
        }
        squares.is_finite().then_some(Place {
            solution: Solution {
                theta,
                log_lambda,
                squares,
            },
            residuals,
            slopes,
            lambda_slopes,
        })
    }

    /// The first of step, step/2, step/4 … that lowers the squares.
    fn advance(&self, from: &Place<K>, mut step: [f64; K]) -> Option<Place<K>> {
        for _ in 0..HALVINGS {
            let theta = std::array::from_fn(|k| from.solution.theta[k] + step[k]);
            if let Some(next) = self.place(theta)
                && next.solution.squares < from.solution.squares
            {
                return Some(next);
            }
            step.iter_mut().for_each(|part| *part /= 2.0);
        }
        None
    }

    /// The Gauss–Newton step and by how much it promises to lower the squares; `None` where the normal equations have no
    /// solution.
    fn step(&self, place: &Place<K>) -> Option<([f64; K], f64)> {
        let mut right = [0.0; K];
        for (j, slope) in place.slopes.iter().enumerate() {
            for k in 0..K {
                right[k] -= self.weights[j] * slope[k] * place.residuals[j];
            }
        }
        let step = multiply(&self.inverse(&place.slopes)?, &right);
        Some((step, product(&step, &right)))
    }

    /// (Σ w·slope·slopeᵀ)⁻¹.
    fn inverse(&self, slopes: &[[f64; K]]) -> Option<[[f64; K]; K]> {
        let mut normal = [[0.0; K]; K];
        for (slope, w) in slopes.iter().zip(self.weights) {
            for i in 0..K {
                for k in 0..K {
                    normal[i][k] += w * slope[i] * slope[k];
                }
            }
        }
        inverse(normal)
    }

    /// Variance of Σ gₖ·θₖ + h·ln λ for observations of weight 1 with variance 1, from the curvature at `solution`.
    pub(super) fn variance(&self, solution: &Solution<K>, g: [f64; K], h: f64) -> Option<f64> {
        let place = self.place(solution.theta)?;
        let inverse = self.inverse(&place.slopes)?;
        // ln λ = mean(y + ln D) moves with θ, and by the mean of the observations on its own.
        let along: [f64; K] = std::array::from_fn(|k| g[k] + h * place.lambda_slopes[k]);
        let by_theta = product(&multiply(&inverse, &along), &along);
        Some(by_theta + h * h / self.weights.iter().sum::<f64>())
    }
}

impl Curve<'_, 1> {
    /// The best fit from `start`, or from the middle of where D is positive if it is not there.
    pub(super) fn fit_from_anywhere(&self, start: f64) -> Option<Solution<1>> {
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for (base, [basis]) in self.base.iter().zip(&self.basis) {
            let zero = -base / basis;
            if *basis > 0.0 {
                low = low.max(zero);
            } else if *basis < 0.0 {
                high = high.min(zero);
            }
        }
        let start = match (low.is_finite(), high.is_finite()) {
            _ if start > low && start < high => start,
            (true, true) => f64::midpoint(low, high),
            (true, false) => low + low.abs().max(f64::MIN_POSITIVE),
            (false, true) => high - high.abs().max(f64::MIN_POSITIVE),
            (false, false) => return None,
        };
        self.fit([start])
    }
}

/// Inverse of a symmetric positive matrix of at most two rows, scaled so that units do not matter; `None` where it
/// has none.
fn inverse<const K: usize>(matrix: [[f64; K]; K]) -> Option<[[f64; K]; K]> {
    let scale: [f64; K] = std::array::from_fn(|k| 1.0 / matrix[k][k].sqrt());
    let mut inverse = [[0.0; K]; K];
    match K {
        1 => inverse[0][0] = scale[0] * scale[0],
        2 => {
            let correlation = matrix[0][1] * scale[0] * scale[1];
            let determinant = (1.0 - correlation) * (1.0 + correlation);
            for i in 0..K {
                for k in 0..K {
                    let part = if i == k { 1.0 } else { -correlation };
                    inverse[i][k] = part / determinant * scale[i] * scale[k];
                }
            }
        }
        _ => return None,
    }
    let is_finite = inverse.iter().flatten().all(|x| x.is_finite());
    is_finite.then_some(inverse)
}

/// matrix · vector.
fn multiply<const K: usize>(matrix: &[[f64; K]; K], vector: &[f64; K]) -> [f64; K] {
    std::array::from_fn(|i| product(&matrix[i], vector))
}

/// Sum of the products.
fn product<const K: usize>(a: &[f64; K], b: &[f64; K]) -> f64 {
    (0..K).map(|k| a[k] * b[k]).sum()
}
