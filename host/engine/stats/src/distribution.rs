//! Quantiles of the distributions the intervals stand on; the numerics are those of `statrs`.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal, StudentsT};

/// Quantile of the standard normal distribution; `p` strictly between 0 and 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// Quantile of Student's t with `freedom` ≥ 1 degrees of freedom; `p` strictly between 0 and 1.
pub(crate) fn t_quantile(p: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or_else(|_| normal_quantile(p), |t| t.inverse_cdf(p))
}

/// P(X ≤ k) for X binomial with `n` trials of probability ½.
pub(crate) fn fair_coin_cdf(k: u64, n: u64) -> f64 {
    Binomial::new(0.5, n).map_or(1.0, |coin| coin.cdf(k))
}
