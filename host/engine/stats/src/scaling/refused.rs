//! Why no law can be stated, in sentences that say what is there, what is needed, and the way out.

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The axis has too few distinct values for the law.
    #[error(
        "{found} distinct values of the axis, at least {needed} needed: add values to the sweep"
    )]
    TooFewLevels {
        /// Distinct values given.
        found: usize,
        /// Distinct values needed.
        needed: usize,
    },
    /// Nothing is left to estimate the scatter from.
    #[error(
        "{found} observations for {parameters} parameters leave nothing to estimate the scatter from, at least \
         {} needed: add repetitions", parameters + 1
    )]
    NoFreedom {
        /// Observations given.
        found: usize,
        /// Parameters of the law.
        parameters: usize,
    },
    /// A number is infinite, not a number, zero or negative.
    #[error("observation {index} is {found} at {at}, both must be finite and above 0")]
    NotPositive {
        /// Its index in the order given.
        index: usize,
        /// Its place on the axis.
        at: f64,
        /// Its value.
        found: f64,
    },
    /// A number of workers is below one.
    #[error("observation {index} is at {at} workers, at least 1 needed")]
    NoWorker {
        /// Its index in the order given.
        index: usize,
        /// Its place on the axis.
        at: f64,
    },
    /// All observations have one value.
    #[error("all {count} observations are {value}, nothing changes along the axis")]
    AllTheSame {
        /// Observations given.
        count: usize,
        /// Their value.
        value: f64,
    },
    /// The observations leave a parameter without an upper or lower end.
    #[error(
        "the observations leave {parameter} unbounded: measure one worker too, more repetitions or more values of the axis"
    )]
    Unbounded {
        /// Which one.
        parameter: &'static str,
    },
    /// No curve of this form passes near the observations, or a number leaves the range of floating-point numbers.
    #[error(
        "no curve of this form fits the observations in finite numbers: check their unit and axis"
    )]
    NoSolution,
    /// A probability lies outside the range it must be in.
    #[error("{found} is no probability between 0 and 1")]
    NotAProbability {
        /// What was given.
        found: f64,
    },
    /// A roofline needs work and the peak it is held against.
    #[error("no roof: neither FLOP with a peak in FLOP/s nor bytes with a peak in B/s are known")]
    NoRoof,
    /// A number of a roofline is infinite, not a number, zero or negative.
    #[error("{what} is {found}, it must be finite and above 0")]
    NotAnAmount {
        /// Which one.
        what: &'static str,
        /// What was given.
        found: f64,
    },
}
