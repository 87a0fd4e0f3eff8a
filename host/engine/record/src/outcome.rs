//! How a case ended, typed. A case with a wrong answer has no speed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where in the life of a worker something happened.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[repr(u32)]
pub enum Phase {
    /// The process starts.
    Spawn = 0,
    /// The library is opened and checked.
    Load = 1,
    /// `Workload::create`.
    Create = 2,
    /// `Workload::setup`.
    Setup = 3,
    /// The first, verified iteration.
    FirstIteration = 4,
    /// Iterations that are discarded.
    WarmUp = 5,
    /// Samples.
    Measure = 6,
    /// The last `Workload::verify`.
    Verify = 7,
    /// `Workload::teardown` and drop.
    Teardown = 8,
    /// Everything was said.
    Down = 9,
}

impl Phase {
    /// All phases in order.
    pub const ALL: [Self; 10] = [
        Self::Spawn,
        Self::Load,
        Self::Create,
        Self::Setup,
        Self::FirstIteration,
        Self::WarmUp,
        Self::Measure,
        Self::Verify,
        Self::Teardown,
        Self::Down,
    ];

    /// The phase with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }

    /// Name as in the serialised form.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spawn => "spawn",
            Self::Load => "load",
            Self::Create => "create",
            Self::Setup => "setup",
            Self::FirstIteration => "first-iteration",
            Self::WarmUp => "warm-up",
            Self::Measure => "measure",
            Self::Verify => "verify",
            Self::Teardown => "teardown",
            Self::Down => "down",
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How a repetition, and with it a case, ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// Measured, and the answer is right.
    Ok,
    /// The answer is wrong, or the plugin said something that cannot be true. `rule`: which check spoke,
    /// like `verify` or `metric-declared`.
    Wrong {
        /// Which check spoke.
        rule: String,
        /// What was found and what was expected.
        message: String,
    },
    /// The workload reported an error.
    PluginError {
        /// Where.
        phase: Phase,
        /// What the workload said.
        message: String,
        /// Causes, one a line.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
    },
    /// The plugin panicked and its guard caught it.
    Panic {
        /// Where.
        phase: Phase,
        /// The panic's message.
        message: String,
        /// Location and backtrace.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
    },
    /// A signal ended the worker.
    Signal {
        /// Where.
        phase: Phase,
        /// Number.
        signal: i32,
        /// `SIGSEGV`, …
        name: String,
    },
    /// The worker ended without saying good-bye, whatever its exit code.
    Exit {
        /// Where.
        phase: Phase,
        /// Exit code; 0 is no success either.
        code: i32,
    },
    /// The memory limit of the case was reached.
    OomLimit {
        /// Where.
        phase: Phase,
        /// The limit; 0 when there was none and the system refused the allocation.
        limit_bytes: u64,
        /// Highest resident memory seen.
        peak_bytes: u64,
    },
    /// The kernel killed the worker for want of memory, not at our limit.
    OomKill {
        /// Where.
        phase: Phase,
    },
    /// A phase took longer than it may.
    Timeout {
        /// Where.
        phase: Phase,
        /// The deadline of the phase.
        limit_ns: u64,
    },
    /// No sign of life for too long.
    Stall {
        /// Where.
        phase: Phase,
        /// How long it may be silent.
        limit_ns: u64,
    },
    /// The worker said something that the protocol does not know, or the host could not talk to it.
    Protocol {
        /// Where.
        phase: Phase,
        /// What was wrong.
        message: String,
    },
    /// Not run, and why. No failure.
    Skipped {
        /// What is missing and how it is had.
        reason: String,
    },
}

impl Outcome {
    /// Every [`word`](Self::word).
    pub const WORDS: [&str; 12] = [
        "ok",
        "wrong",
        "plugin-error",
        "panic",
        "signal",
        "exit",
        "oom-limit",
        "oom-kill",
        "timeout",
        "stall",
        "protocol",
        "skipped",
    ];

    /// The word of the table: `ok`, `wrong`, `panic`, …
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Wrong { .. } => "wrong",
            Self::PluginError { .. } => "plugin-error",
            Self::Panic { .. } => "panic",
            Self::Signal { .. } => "signal",
            Self::Exit { .. } => "exit",
            Self::OomLimit { .. } => "oom-limit",
            Self::OomKill { .. } => "oom-kill",
            Self::Timeout { .. } => "timeout",
            Self::Stall { .. } => "stall",
            Self::Protocol { .. } => "protocol",
            Self::Skipped { .. } => "skipped",
        }
    }

    /// Whether the case was measured and is right.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Ok)
    }

    /// Whether the run must not end with exit code 0 because of this case.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Ok | Self::Skipped { .. })
    }

    /// One sentence for people; empty for `Ok`.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Ok => String::new(),
            Self::Wrong { rule, message } => format!("wrong ({rule}): {message}"),
            Self::PluginError { phase, message, .. } => format!("error in {phase}: {message}"),
            Self::Panic {
                phase,
                message,
                detail,
            } => {
                let place = detail.lines().next().unwrap_or_default();
                format!("panic in {phase}: {message} {place}")
                    .trim_end()
                    .to_owned()
            }
            Self::Signal { phase, name, .. } => format!("ended by {name} in {phase}"),
            Self::Exit { phase, code } => {
                format!("the process ended itself in {phase} with exit code {code}")
            }
            Self::OomLimit {
                phase,
                limit_bytes: 0,
                peak_bytes,
            } => format!(
                "the system refused an allocation in {phase} (peak {})",
                crate::Bytes(*peak_bytes)
            ),
            Self::OomLimit {
                phase,
                limit_bytes,
                peak_bytes,
            } => format!(
                "reached the memory limit of {} in {phase} (peak {})",
                crate::Bytes(*limit_bytes),
                crate::Bytes(*peak_bytes)
            ),
            Self::OomKill { phase } => {
                format!("killed by the kernel for want of memory in {phase}, below its own limit")
            }
            Self::Timeout { phase, limit_ns } => {
                format!(
                    "{phase} took longer than its limit of {}",
                    crate::Nanos(*limit_ns)
                )
            }
            Self::Stall { phase, limit_ns } => {
                format!("no sign of life in {phase} for {}", crate::Nanos(*limit_ns))
            }
            Self::Protocol { phase, message } => format!("protocol broken in {phase}: {message}"),
            Self::Skipped { reason } => format!("skipped: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_keep_their_numbers_and_names() {
        for (number, phase) in Phase::ALL.iter().enumerate() {
            assert_eq!(Phase::from_number(number as u32), Some(*phase));
            assert_eq!(
                serde_json::to_string(phase).unwrap(),
                format!("\"{}\"", phase.name())
            );
        }
        assert_eq!(Phase::from_number(10), None);
    }

    #[test]
    fn the_words_are_those_of_all_outcomes() {
        let schema = serde_json::to_value(schemars::schema_for!(Outcome)).unwrap();
        let variants = schema["oneOf"].as_array().unwrap().iter();
        let tags: Vec<&str> = variants
            .map(|variant| variant["properties"]["kind"]["const"].as_str().unwrap())
            .collect();
        assert_eq!(tags, Outcome::WORDS);
    }

    #[test]
    fn outcomes_are_tagged_by_their_word() {
        let outcome = Outcome::Stall {
            phase: Phase::Measure,
            limit_ns: 2_000_000_000,
        };

        let text = serde_json::to_string(&outcome).unwrap();

        assert_eq!(
            text,
            r#"{"kind":"stall","phase":"measure","limit_ns":2000000000}"#
        );
        assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
        assert_eq!(outcome.sentence(), "no sign of life in measure for 2 s");
        assert!(text.contains(outcome.word()));
    }
}
