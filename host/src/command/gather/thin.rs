//! Fewer points of a series, so that the picture stays the same.

/// Which points of a series stay when at most about `most` may: both ends, the smallest and the largest of each stretch,
/// and those of `kept`. Indices rise. Fewer than four are never asked for.
pub(super) fn thinned(values: &[f64], kept: &[usize], most: usize) -> Vec<usize> {
    let n = values.len();
    let most = most.max(4);
    if n <= most {
        return (0..n).collect();
    }
    let stretches = ((most - 2) / 2).max(1);
    let mut stay: Vec<usize> = vec![0, n - 1];
    for stretch in 0..stretches {
        let (from, to) = (stretch * n / stretches, (stretch + 1) * n / stretches);
        let known = (from..to).filter(|i| values[*i].is_finite());
        let least = known
            .clone()
            .min_by(|a, b| values[*a].total_cmp(&values[*b]));
        let most = known.max_by(|a, b| values[*a].total_cmp(&values[*b]));
        // Where every run failed, the failure stays to be seen.
        stay.push(least.unwrap_or(from));
        stay.extend(most);
    }
    stay.extend(kept.iter().copied().filter(|i| *i < n));
    stay.sort_unstable();
    stay.dedup();
    stay
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_extremes_and_what_is_kept_stay() {
        let mut values: Vec<f64> = (0..1000).map(|i| f64::from(i % 7)).collect();
        values[123] = 99.0;
        values[777] = -5.0;

        let stay = thinned(&values, &[501, 5000], 50);

        for wanted in [0, 123, 501, 777, 999] {
            assert!(stay.contains(&wanted), "{wanted} is gone");
        }
        assert!(stay.len() <= 53 && stay.is_sorted(), "{}", stay.len());
        assert_eq!(thinned(&values[..3], &[], 2), [0, 1, 2]);
    }

    #[test]
    fn a_stretch_without_values_keeps_its_failures() {
        let mut values = vec![1.0; 100];
        values[20..60].fill(f64::NAN);
        assert!(
            thinned(&values, &[], 12)
                .iter()
                .any(|i| values[*i].is_nan())
        );
    }
}
