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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::rank_test::{shift_z, trend_z};

    #[derive(Deserialize)]
    struct Golden {
        normal: Quantiles,
        student: Vec<Quantiles>,
        ranks: Vec<Ranks>,
    }

    #[derive(Deserialize)]
    struct Quantiles {
        #[serde(default)]
        freedom: f64,
        p: Vec<f64>,
        quantile: Vec<f64>,
    }

    #[derive(Deserialize)]
    struct Ranks {
        name: String,
        values: Vec<f64>,
        trend_z: f64,
        shift_p: f64,
    }

    fn golden() -> Golden {
        toml::from_str(include_str!("../../../../tests/golden/stats.toml")).unwrap()
    }

    #[test]
    fn quantiles_agree_with_scipy() {
        let golden = golden();
        for (p, expected) in golden.normal.p.iter().zip(&golden.normal.quantile) {
            assert!((normal_quantile(*p) - expected).abs() < 1e-9, "normal {p}");
        }
        for table in golden.student {
            for (p, expected) in table.p.iter().zip(&table.quantile) {
                let found = t_quantile(*p, table.freedom);
                let error = (found - expected).abs() / expected.abs().max(1.0);
                assert!(
                    error < 1e-7,
                    "t({}) {p}: {found}, expected {expected}",
                    table.freedom
                );
            }
        }
    }

    #[test]
    fn rank_tests_agree_with_scipy() {
        for ranks in golden().ranks {
            let (before, after) = ranks.values.split_at(ranks.values.len() / 2);

            let trend = trend_z(&ranks.values);
            let shift_p = 2.0 * Normal::standard().sf(shift_z(before, after).abs());

            assert!(
                (trend - ranks.trend_z).abs() < 1e-12,
                "{}: {trend}",
                ranks.name
            );
            assert!(
                (shift_p - ranks.shift_p).abs() < 1e-9,
                "{}: {shift_p}",
                ranks.name
            );
        }
    }
}
