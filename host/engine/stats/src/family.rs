//! Several hypotheses at once: which of them are discoveries, when the share of false ones is to stay below a level.

/// Which of the e-values, given as natural logarithms, are discoveries at the false discovery rate `level`: the k largest,
/// for the largest k with e₍ₖ₎ ≥ m / (k · level).
///
/// Holds for e-values that depend on each other in any way, and at any time the processes behind them are looked at.
///
/// Source: Wang & Ramdas (2022), Journal of the Royal Statistical Society B 84(3), 822–852 (e-BH).
#[must_use]
pub fn discoveries(log_e: &[f64], level: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..log_e.len()).collect();
    order.sort_by(|a, b| log_e[*b].total_cmp(&log_e[*a]));
    let m = log_e.len() as f64;
    let found = (1..=order.len())
        .rev()
        .find(|k| log_e[order[k - 1]] >= (m / (*k as f64 * level)).ln())
        .unwrap_or(0);
    let mut discovered = vec![false; log_e.len()];
    for index in &order[..found] {
        discovered[*index] = true;
    }
    discovered
}

/// Which of the p-values are discoveries at the false discovery rate `level`, for p-values that depend on each other in
/// any way.
///
/// Source: Benjamini & Yekutieli (2001), Annals of Statistics 29(4), 1165–1188.
#[must_use]
pub fn discoveries_by_p(p: &[f64], level: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let m = p.len() as f64;
    let harmonic: f64 = (1..=p.len()).map(|i| 1.0 / i as f64).sum();
    let found = (1..=order.len())
        .rev()
        .find(|k| p[order[k - 1]] <= *k as f64 * level / (m * harmonic))
        .unwrap_or(0);
    let mut discovered = vec![false; p.len()];
    for index in &order[..found] {
        discovered[*index] = true;
    }
    discovered
}

/// Which of the p-values are discoveries at the false discovery rate `level`, for p-values that are independent or depend
/// on each other positively, as those of one run on one machine do.
///
/// Source: Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57(1), 289–300.
#[must_use]
pub fn discoveries_by_independent_p(p: &[f64], level: f64) -> Vec<bool> {
    let mut sorted = p.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let m = p.len() as f64;
    let limit = (1..=p.len())
        .rev()
        .find(|k| sorted[k - 1] <= *k as f64 * level / m)
        .map(|k| sorted[k - 1]);
    p.iter()
        .map(|p| limit.is_some_and(|limit| *p <= limit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hypothesis_needs_one_over_the_level() {
        assert_eq!(discoveries(&[200.0_f64.ln() + 1e-9], 0.005), [true]);
        assert_eq!(discoveries(&[199.0_f64.ln()], 0.005), [false]);
        assert!(discoveries(&[], 0.005).is_empty());
    }

    #[test]
    fn company_lowers_the_bar_and_a_crowd_of_nothings_raises_it() {
        let e = |x: f64| x.ln();
        assert_eq!(
            discoveries(&[e(250.0), e(210.0), e(1.0)], 0.01),
            [true, true, false],
            "3/(2·.01) = 150"
        );
        assert_eq!(discoveries(&[e(250.0), e(1.0), e(1.0)], 0.01), [false; 3]);
        assert_eq!(
            discoveries(&[e(400.0), e(110.0), e(120.0)], 0.01),
            [true; 3],
            "the third rank needs 100 only"
        );
    }

    #[test]
    fn independent_p_values_agree_with_statsmodels() {
        // multipletests([.0001,.004,.019,.095,.2,.28,.3,.33], .1, "fdr_bh")
        let p = [0.3, 0.0001, 0.004, 0.019, 0.095, 0.2, 0.28, 0.33];
        let found = discoveries_by_independent_p(&p, 0.1);
        assert_eq!(found, [false, true, true, true, false, false, false, false]);
        assert!(discoveries_by_independent_p(&[], 0.1).is_empty());
    }

    #[test]
    fn p_values_agree_with_statsmodels() {
        // multipletests([.0001,.004,.019,.095,.2,.28,.3,.33], .05, "fdr_by")
        let p = [0.0001, 0.004, 0.019, 0.095, 0.2, 0.28, 0.3, 0.33];
        let found = discoveries_by_p(&p, 0.05);
        assert_eq!(found.iter().filter(|f| **f).count(), 2);
        assert!(found[0] && found[1]);
    }
}
