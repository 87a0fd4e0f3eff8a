//! Numbers in, numbers out: what samples come to, when there are enough of them, and what is odd about them.
//!
//! Pure: no clock, no files, no randomness but a seed that is given. The sampling loop of the host asks
//! [`WarmUp`], [`calibrate_iterations`] and [`StoppingRule`] while it runs; [`summarise`] and [`is_bimodal`] look
//! at what was taken. The form of a summary belongs to `benchhost-record`.

mod arrivals;
mod bimodal;
mod bootstrap;
mod calibration;
mod change;
mod decide;
mod distribution;
mod error;
mod family;
mod interval;
mod outlier;
mod paired;
mod prediction;
mod quantile;
mod random;
mod rank_test;
mod robust;
pub mod scaling;
mod sharing;
mod steadiness;
mod stopping;
mod summary;
mod track;
mod unpaired;
mod warm_up;
mod window;

pub use arrivals::Arrivals;
pub use bimodal::is_bimodal;
pub use calibration::{MAX_ITERATIONS, MIN_SAMPLE_NS, calibrate_iterations};
pub use change::{ChangeKind, ChangePoint, FEWEST_VALUES, changes};
pub use decide::{Decided, Decision, decide, decide_unpaired};
pub use error::Error;
pub use family::{discoveries, discoveries_by_independent_p, discoveries_by_p};
pub use interval::median_interval;
pub use outlier::count_outliers;
pub use paired::{Bounds, Effort, Paired, Round, pairs_worth, rounds_needed};
pub use prediction::{FEWEST_PAST, Prediction};
pub use quantile::{quantile, samples_needed};
pub use random::SplitMix64;
pub use robust::{mad, median, trimmed_mean};
pub use sharing::{SHARED, calm, calm_level};
pub use steadiness::{Movement, Steadiness, steadiness};
pub use stopping::{Done, StoppingRule};
pub use summary::summarise;
pub use track::Track;
pub use unpaired::Unpaired;
pub use warm_up::{SHORT_BLOCKS_FLOOR, WarmUp, WarmUpState};
pub use window::{Window, trend, window};
