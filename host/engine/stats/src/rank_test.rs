//! Rank tests for a short series: does it drift, do its two halves differ. No assumption on the shape of the noise.

/// z of the Mann–Kendall trend test: positive when later values are larger. 0 when all values are equal.
///
/// `xs` in order of time, at least two, finite. Normal limit with continuity and tie corrections; good from about ten
/// values. Quadratic time, for windows of at most a few hundred values.
///
/// Sources: Mann (1945), Econometrica 13(3), 245–259; Kendall (1975), "Rank Correlation Methods", 4th ed.
pub(crate) fn trend_z(xs: &[f64]) -> f64 {
    let mut score = 0.0;
    for (i, earlier) in xs.iter().enumerate() {
        for later in &xs[i + 1..] {
            score += sign(later - earlier);
        }
    }
    let n = xs.len() as f64;
    let ties: f64 = tie_sizes(xs).map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum();
    let variance = (n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0;
    standardised(score, 1.0, variance)
}

/// z of the Mann–Whitney test: positive when `after` tends to be larger than `before`. 0 when all values are equal.
///
/// Both not empty, finite. Normal limit with continuity and tie corrections; good from about eight values each.
///
/// Source: Mann & Whitney (1947), Annals of Mathematical Statistics 18(1), 50–60.
pub(crate) fn shift_z(before: &[f64], after: &[f64]) -> f64 {
    let mut score = 0.0;
    for x in before {
        for y in after {
            score += sign(y - x) / 2.0;
        }
    }
    let (n, m) = (before.len() as f64, after.len() as f64);
    let all: Vec<f64> = before.iter().chain(after).copied().collect();
    let total = n + m;
    let ties: f64 = tie_sizes(&all).map(|t| t * t * t - t).sum();
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    standardised(score, 0.5, variance)
}

/// `score` moved towards zero by `continuity` and divided by its standard deviation.
fn standardised(score: f64, continuity: f64, variance: f64) -> f64 {
    if variance <= 0.0 {
        return 0.0;
    }
    sign(score) * (score.abs() - continuity).max(0.0) / variance.sqrt()
}

fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// Sizes of the groups of equal values.
fn tie_sizes(xs: &[f64]) -> impl Iterator<Item = f64> {
    let mut sorted = xs.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let sizes: Vec<f64> = sorted
        .chunk_by(|a, b| a == b)
        .map(|group| group.len() as f64)
        .collect();
    sizes.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_a_fall_and_a_level_are_told_apart() {
        let rise: Vec<f64> = (0..20).map(f64::from).collect();
        let fall: Vec<f64> = rise.iter().rev().copied().collect();

        assert!(trend_z(&rise) > 6.0);
        assert_eq!(trend_z(&fall), -trend_z(&rise));
        assert_eq!(trend_z(&[3.0; 20]), 0.0);
        assert!(shift_z(&rise[..10], &rise[10..]) > 3.5);
        assert_eq!(shift_z(&[1.0; 9], &[1.0; 9]), 0.0);
    }
}
