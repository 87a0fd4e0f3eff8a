//! Graphics processors, through NVIDIA's management library, which is opened at run time.
//!
//! `library` opens it once and says why it cannot; `card` is one GPU with what it can be asked; `seen` is what was read
//! of it during one case; `process` tells whose the processes on it are; `summary` turns all that into readings. The
//! host never initialises CUDA itself: a CUDA context does not survive into the workers.

mod card;
mod energy;
mod library;
mod probe;
mod process;
mod quantity;
mod seen;
mod summary;
mod throttle;
mod visible;

use benchhost_record::Gpu;

pub use library::{LIBRARY_VARIABLE, Library, NoLibrary, library};
pub use probe::GpuProbe;
pub use throttle::throttled;
pub use visible::{VISIBLE_VARIABLE, visible};

/// The graphics processors, or the sentence that says why there is none to list.
///
/// # Errors
/// A sentence for people.
pub fn gpus() -> Result<Vec<Gpu>, String> {
    library().map_err(ToString::to_string)?.gpus()
}
