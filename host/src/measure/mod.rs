//! How samples are taken: calibrate, warm up, sample until the answer is sure or the time is spent.
//!
//! Runs inside the worker. Rules about *when enough is enough* are in `benchhost-stats`; here is the loop that asks
//! them, and the clock. Neither allocates, logs nor locks in the timed part.

mod at_once;
mod clock;
mod open_loop;
mod sampling;
mod spec;
mod watch;
mod yardstick;

pub use at_once::{AtOnce, equal};
pub use clock::{Clock, MonotonicClock, SystemClock};
pub use sampling::{Batch, Edge, Recorder, Sampled, SelfTimed, Stop, Subject, batch, sample};
pub use spec::{MeasureSpec, Mode, OfferedLoad, WarmUpSpec};
pub use yardstick::{Yardstick, ratio};
