//! Opens a plugin in a child process, so that what cannot be opened takes nothing down.
//!
//! The child is this program itself, so none can be missing. It speaks JSON lines on what was its stdout; whatever
//! the plugin prints goes to its stderr. The exit status never means success: only the last line does.

mod child;
mod parent;
mod pipe;

pub use child::probe_main;
pub use parent::heed;
pub(super) use parent::{PROBE_SECONDS, probe, signal_name};

use serde::{Deserialize, Serialize};

use super::{LoadError, OpenTimings};

/// What the child was doing, for the blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// Not in the plugin yet.
    Start,
    /// In the dynamic linker, or in a constructor of the library.
    Open,
    /// Comparing the types.
    Check,
    /// In the plugin's constructor of its root module.
    Root,
    /// In the plugin's description of itself.
    Describe,
}

impl Phase {
    /// Ends a sentence: "crashed with SIGSEGV …".
    fn phrase(self) -> &'static str {
        match self {
            Self::Start => "before it was opened",
            Self::Open => "while it was opened",
            Self::Check => "while its types were compared",
            Self::Root => "while it handed out its functions",
            Self::Describe => "while it described itself",
        }
    }
}

/// One line of the child.
#[derive(Debug, Serialize, Deserialize)]
enum Message {
    /// What begins now.
    Enter(Phase),
    /// The last line.
    Done(Box<Result<Answer, LoadError>>),
}

/// What a plugin that opened says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    /// Its description, TOML.
    pub(super) meta: String,
    /// How long opening took in the child.
    pub(super) timings: OpenTimings,
}
