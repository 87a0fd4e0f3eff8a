//! How much each may have of what there is for all.

/// The largest number of things each may keep so that all together keep at most `budget`: who has fewer keeps them all,
/// and leaves more to the others. [`u64::MAX`] where everything fits.
///
/// ```
/// assert_eq!(benchhost_report::share([100, 10, 100], 110), 50);
/// assert_eq!(benchhost_report::share([1, 2], 3), u64::MAX);
/// ```
#[must_use]
pub fn share(sizes: impl IntoIterator<Item = u64>, budget: u64) -> u64 {
    let mut sizes: Vec<u64> = sizes.into_iter().collect();
    sizes.sort_unstable();
    let mut left = budget;
    for (i, size) in sizes.iter().enumerate() {
        let others = (sizes.len() - i) as u64;
        if size.saturating_mul(others) > left {
            return left / others;
        }
        left -= size;
    }
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn what_the_short_do_not_need_goes_to_the_long_ones() {
        assert_eq!(share([10, 10], 100), u64::MAX);
        assert_eq!(share([10, 1000, 1000], 110), 50);
        assert_eq!(share([], 5), u64::MAX);
        assert_eq!(share([5; 1000], 100), 0);
        assert_eq!(share([u64::MAX, u64::MAX], 100), 50);
    }
}
