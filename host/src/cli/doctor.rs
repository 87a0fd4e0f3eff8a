//! What can be typed after `benchhost doctor`.

use clap::Args;

use super::HistoryFormat;

/// `benchhost doctor`.
#[derive(Debug, Args)]
#[command(after_help = DOCTOR_HELP)]
pub struct DoctorArguments {
    /// Exit code 1 when there is a warning or a problem.
    #[arg(long)]
    pub strict: bool,

    /// Form of the findings.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: HistoryFormat,
}

const DOCTOR_HELP: &str = "\
Severities: problem (numbers cannot be trusted) · warning (they scatter or shift) · note (worth knowing) · unknown (cannot be \
read here; never taken for fine) · fine. Nothing is changed: remedies are commands to copy.

Exit codes: 0 looked, whatever was found · 1 a warning or a problem, with --strict · 2 usage";
