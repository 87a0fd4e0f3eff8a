//! What can be wrong with the numbers that are given.

/// Why nothing can be said about these numbers.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Error {
    /// There are fewer values than the statistic needs.
    #[error("{found} values, at least {needed} needed")]
    TooFew {
        /// Values given.
        found: usize,
        /// Values needed.
        needed: usize,
    },
    /// A value is infinite or not a number.
    #[error("value {index} is not a finite number")]
    NotFinite {
        /// Its index in the order given.
        index: usize,
    },
    /// A probability lies outside the range it must be in.
    #[error("{found} is no probability between 0 and 1")]
    NotAProbability {
        /// What was given.
        found: f64,
    },
}

/// Checks that there are `needed` values and that all are finite.
pub(crate) fn check(xs: &[f64], needed: usize) -> Result<(), Error> {
    if xs.len() < needed {
        return Err(Error::TooFew {
            found: xs.len(),
            needed,
        });
    }
    match xs.iter().position(|x| !x.is_finite()) {
        Some(index) => Err(Error::NotFinite { index }),
        None => Ok(()),
    }
}

/// Checks that `p` lies strictly between 0 and 1.
pub(crate) fn check_probability(p: f64) -> Result<(), Error> {
    if p > 0.0 && p < 1.0 {
        Ok(())
    } else {
        Err(Error::NotAProbability { found: p })
    }
}
