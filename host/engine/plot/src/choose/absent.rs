//! Why there is no picture of a kind: what the report lacks for it, a sentence each.

use benchhost_record::Run;
use benchhost_report::Report;

use super::{history, training};

/// Sentences for the kinds of which `drawn`, names of pictures, has none.
pub(crate) fn reasons(report: &Report, drawn: &[&str]) -> Vec<String> {
    let kinds: [(&str, &str, Reason); 4] = [
        ("training_performance", "training", of_training),
        ("scalability_analysis", "scalability", of_scalability),
        ("hardware_optimization", "hardware", of_hardware),
        ("history", "the history", of_history),
    ];
    let absent = kinds
        .into_iter()
        .filter(|(name, ..)| !drawn.iter().any(|one| one.starts_with(name)));
    absent
        .map(|(_, what, why)| format!("no picture of {what}: {}", why(report)))
        .collect()
}

type Reason = fn(&Report) -> &'static str;

/// The run, when it measured something.
fn measured(report: &Report) -> Result<&Run, &'static str> {
    let run = report.run.as_ref().ok_or("there is no run")?;
    match run.cases.iter().any(|case| case.outcome.is_ok()) {
        true => Ok(run),
        false => Err("no case of the run has a value"),
    }
}

fn of_training(report: &Report) -> &'static str {
    match measured(report) {
        Err(why) => why,
        Ok(run) if run.cases.iter().any(training::is_training) => {
            "no case that trains has a throughput, phases or a loss"
        }
        Ok(_) => "no case of the run has a backward phase or a loss",
    }
}

fn of_scalability(report: &Report) -> &'static str {
    match measured(report) {
        Err(why) => why,
        Ok(run) if run.curves.is_empty() => {
            "the run has no sweep with a curve: several threads, instances or sizes of one workload"
        }
        Ok(_) => "the curves of the run have too few values that worked",
    }
}

fn of_hardware(report: &Report) -> &'static str {
    match measured(report) {
        Err(why) => why,
        Ok(_) => "no two cases with a value differ in device, threads or kind of numbers alone",
    }
}

fn of_history(report: &Report) -> &'static str {
    match report.series.iter().any(|one| history::known(one) >= 2) {
        true => "no series of this run has two values",
        false => "no series has two values yet",
    }
}
