//! Turns what was seen of a worker's end into a typed outcome. Pure.
//!
//! The exit status never means success: only the `Bye` frame does, and with it this code is not asked.

use benchhost_record::{CrashReport, Outcome, Phase};

/// What was seen of a worker that ended without `Bye`.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Phase word of the page.
    pub phase: Phase,
    /// Signal that ended it.
    pub signal: Option<i32>,
    /// Exit code, when it ended itself.
    pub code: Option<i32>,
    /// Why the host ended it, when it did.
    pub killed: Option<Kill>,
    /// Memory limit in force.
    pub limit_bytes: Option<u64>,
    /// Highest resident memory seen.
    pub peak_bytes: u64,
    /// The kernel killed in the worker's control group.
    pub group_oom_kill: bool,
    /// The kernel killed somewhere on the machine meanwhile.
    pub system_oom_kill: bool,
    /// End of its standard error.
    pub stderr: String,
    /// What its signal handler wrote.
    pub crash: Option<CrashReport>,
}

/// Why the host ended a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kill {
    /// A phase took too long.
    Deadline {
        /// The limit of the phase.
        limit_ns: u64,
    },
    /// No sign of life.
    Stall {
        /// How long it may be silent.
        limit_ns: u64,
    },
    /// Too much memory.
    Memory {
        /// The limit.
        limit_bytes: u64,
    },
    /// It said something the protocol does not know.
    Protocol(String),
    /// The user wants to stop.
    Interrupt,
}

impl Kill {
    /// Whether the worker may finish what it does: it is neither too large nor out of its mind.
    #[must_use]
    pub fn leaves_time(&self) -> bool {
        !matches!(self, Self::Memory { .. } | Self::Protocol(_))
    }
}

/// The outcome that the evidence speaks for.
#[must_use]
pub fn classify(evidence: &Evidence) -> Outcome {
    let phase = evidence.phase;
    match &evidence.killed {
        Some(Kill::Deadline { limit_ns }) => {
            return Outcome::Timeout {
                phase,
                limit_ns: *limit_ns,
            };
        }
        Some(Kill::Stall { limit_ns }) => {
            return Outcome::Stall {
                phase,
                limit_ns: *limit_ns,
            };
        }
        Some(Kill::Memory { limit_bytes }) => return oom_limit(evidence, *limit_bytes),
        Some(Kill::Protocol(message)) => {
            return Outcome::Protocol {
                phase,
                message: message.clone(),
            };
        }
        Some(Kill::Interrupt) => {
            return Outcome::Skipped {
                reason: "interrupted by the user".to_owned(),
            };
        }
        None => {}
    }
    match (evidence.signal, evidence.code) {
        (Some(libc::SIGKILL), _) if evidence.group_oom_kill => {
            oom_limit(evidence, evidence.limit_bytes.unwrap_or(0))
        }
        (Some(libc::SIGKILL), _) if evidence.system_oom_kill => Outcome::OomKill { phase },
        (Some(libc::SIGABRT), _) if allocation_failed(&evidence.stderr) => {
            oom_limit(evidence, evidence.limit_bytes.unwrap_or(0))
        }
        // No plugin is loaded yet: the system found no room for the process itself.
        (Some(_), _) if phase == Phase::Spawn && evidence.limit_bytes.is_some() => {
            oom_limit(evidence, evidence.limit_bytes.unwrap_or(0))
        }
        (Some(signal), _) => Outcome::Signal {
            phase,
            signal,
            name: signal_name(signal),
        },
        (None, Some(code)) => Outcome::Exit { phase, code },
        (None, None) => Outcome::Protocol {
            phase,
            message: "the worker's end could not be read".to_owned(),
        },
    }
}

fn oom_limit(evidence: &Evidence, limit_bytes: u64) -> Outcome {
    Outcome::OomLimit {
        phase: evidence.phase,
        limit_bytes,
        peak_bytes: evidence.peak_bytes,
    }
}

/// Rust's runtime says so before it aborts.
fn allocation_failed(stderr: &str) -> bool {
    stderr
        .lines()
        .any(|line| line.starts_with("memory allocation of ") && line.contains("failed"))
}

/// Name of a signal as people write it.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGHUP => "SIGHUP",
        libc::SIGINT => "SIGINT",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGILL => "SIGILL",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGKILL => "SIGKILL",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGALRM => "SIGALRM",
        libc::SIGTERM => "SIGTERM",
        libc::SIGXCPU => "SIGXCPU",
        libc::SIGXFSZ => "SIGXFSZ",
        libc::SIGSYS => "SIGSYS",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence() -> Evidence {
        Evidence {
            phase: Phase::Measure,
            signal: None,
            code: None,
            killed: None,
            limit_bytes: None,
            peak_bytes: 7,
            group_oom_kill: false,
            system_oom_kill: false,
            stderr: String::new(),
            crash: None,
        }
    }

    #[test]
    fn exit_code_zero_without_good_bye_is_no_success() {
        let outcome = classify(&Evidence {
            code: Some(0),
            ..evidence()
        });

        assert_eq!(
            outcome,
            Outcome::Exit {
                phase: Phase::Measure,
                code: 0
            }
        );
        assert!(outcome.is_failure());
    }

    #[test]
    fn a_kill_by_the_kernel_is_told_apart_by_who_had_too_little() {
        let killed = Evidence {
            signal: Some(libc::SIGKILL),
            ..evidence()
        };

        let at_limit = Evidence {
            group_oom_kill: true,
            limit_bytes: Some(100),
            ..killed.clone()
        };
        let machine = Evidence {
            system_oom_kill: true,
            ..killed.clone()
        };

        assert_eq!(
            classify(&at_limit),
            Outcome::OomLimit {
                phase: Phase::Measure,
                limit_bytes: 100,
                peak_bytes: 7
            }
        );
        assert_eq!(
            classify(&machine),
            Outcome::OomKill {
                phase: Phase::Measure
            }
        );
        assert_eq!(classify(&killed).word(), "signal");
    }

    #[test]
    fn a_refused_allocation_is_a_memory_outcome_other_aborts_are_not() {
        let abort = Evidence {
            signal: Some(libc::SIGABRT),
            ..evidence()
        };
        let stderr = "thread x\nmemory allocation of 4398046511104 bytes failed\n".to_owned();

        assert_eq!(
            classify(&Evidence {
                stderr,
                ..abort.clone()
            })
            .word(),
            "oom-limit"
        );
        assert_eq!(classify(&abort).word(), "signal");
    }

    #[test]
    fn what_the_host_did_itself_comes_first() {
        let stalled = Evidence {
            signal: Some(libc::SIGTERM),
            killed: Some(Kill::Stall { limit_ns: 5 }),
            ..evidence()
        };

        assert_eq!(
            classify(&stalled),
            Outcome::Stall {
                phase: Phase::Measure,
                limit_ns: 5
            }
        );
    }
}
