//! What a check says.

use serde::Serialize;

/// How much a finding matters; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Numbers cannot be trusted as long as this is so.
    Problem,
    /// Numbers scatter or shift because of this.
    Warning,
    /// Worth knowing when numbers are read.
    Note,
    /// Cannot be read here; may be good or bad.
    Unknown,
    /// As it should be.
    Fine,
}

/// The answer of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the check.
    pub check: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What was found, with its number; of an unknown one, why it cannot be read.
    pub found: String,
    /// What it does to numbers.
    pub effect: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
    /// The command that does it, to be copied.
    pub command: Option<String>,
}

impl Finding {
    /// A finding without effect and remedy.
    #[must_use]
    pub fn new(check: &'static str, severity: Severity, found: impl Into<String>) -> Self {
        Self {
            check,
            severity,
            found: found.into(),
            effect: None,
            remedy: None,
            command: None,
        }
    }

    pub(super) fn fine(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Severity::Fine, found)
    }

    /// `why`: the reason why it cannot be read here.
    pub(super) fn unknown(check: &'static str, why: impl Into<String>) -> Self {
        Self::new(check, Severity::Unknown, why)
    }

    pub(super) fn effect(mut self, effect: impl Into<String>) -> Self {
        self.effect = Some(effect.into());
        self
    }

    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    pub(super) fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }
}

/// A share of 0–1 as per cent; one decimal below 10 %.
pub(super) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    if value >= 10.0 || value == 0.0 {
        format!("{value:.0} %")
    } else if value < 0.1 {
        "less than 0.1 %".to_owned()
    } else {
        format!("{value:.1} %")
    }
}

/// Bytes in the largest binary unit below them.
pub(super) fn bytes(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..0x400 => return format!("{bytes} B"),
        0x400..0x10_0000 => (10, "KiB"),
        0x10_0000..0x4000_0000 => (20, "MiB"),
        _ => (30, "GiB"),
    };
    format!("{:.1} {name}", bytes as f64 / f64::from(1u32 << unit))
}

/// `1 CPU`, `2 CPUs`.
pub(super) fn cpus(count: usize) -> String {
    counted(count, "CPU")
}

/// `1 core`, `2 cores`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(percent(0.123), "12 %");
        assert_eq!(percent(0.0123), "1.2 %");
        assert_eq!(percent(0.0002), "less than 0.1 %");
        assert_eq!(bytes(3 << 29), "1.5 GiB");
        assert_eq!(bytes(700), "700 B");
        assert_eq!(
            (cpus(1), cpus(2)),
            ("1 CPU".to_owned(), "2 CPUs".to_owned())
        );
    }
}
