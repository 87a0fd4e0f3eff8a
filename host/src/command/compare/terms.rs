//! From what was typed to the terms of a comparison.

use std::time::Duration;

use crate::{cli::CompareArguments, command::Failure, compare::Terms, meant::meant, probe};

/// A change is at least this share of the margin, unless something else is asked: two builds of one source differ by one
/// to three tenths of a per cent through the placement of their code and data alone.
const TOLERANCE_SHARE: f64 = 1.0 / 3.0;

/// Time of each case, unless something else is asked.
const MAX_TIME: &str = "5s";

/// Rounds of each case, unless something else is asked: the time always ends first.
const MAX_ROUNDS: u64 = 10_000;

/// The terms, with every default.
pub(super) fn terms(arguments: &CompareArguments) -> Result<Terms, Failure> {
    let margin = percentage("--margin", &arguments.margin)?;
    let tolerance = match &arguments.tolerance {
        Some(text) => percentage("--tolerance", text)?,
        None => TOLERANCE_SHARE * margin,
    };
    let level = level(&arguments.level)?;
    if tolerance > margin {
        return Err(Failure::usage(
            "--tolerance is larger than --margin: a change must begin where equivalence can still be told from it",
        ));
    }
    let max_rounds = arguments.max_rounds.unwrap_or(MAX_ROUNDS);
    if max_rounds == 0 {
        return Err(Failure::usage(
            "--max-rounds: there must be at least 1 round",
        ));
    }
    let max_time_ns =
        benchhost_plan::parse_duration(arguments.max_time.as_deref().unwrap_or(MAX_TIME))
            .map_err(|error| Failure::usage(format!("--max-time: {error}")))?;
    let mut metrics = Vec::new();
    for name in &arguments.metric {
        if !metrics.contains(name) {
            metrics.push(name.clone());
        }
    }
    Ok(Terms {
        level,
        tolerance,
        margin,
        max_time: Duration::from_nanos(max_time_ns),
        max_rounds,
        seed: arguments.seed.unwrap_or_else(new_seed),
        metrics,
        clock_read_ns: probe::clock::clock_cost().clock_read_ns,
        probes: probes(arguments.probes.as_deref())?,
    })
}

/// Names of probes, in the order of all.
fn probes(typed: Option<&str>) -> Result<Vec<String>, Failure> {
    let Some(typed) = typed else {
        return Ok(Vec::new());
    };
    let all = benchhost_plan::PROBES;
    if typed == "all" {
        return Ok(all.map(str::to_owned).to_vec());
    }
    let names: Vec<&str> = typed.split(',').map(str::trim).collect();
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        return Err(Failure::usage(format!(
            "--probes: there is no probe `{unknown}`{}: write `all`, or some of {}",
            meant(unknown, &all),
            all.join(", ")
        )));
    }
    let chosen = all.into_iter().filter(|name| names.contains(name));
    Ok(chosen.map(str::to_owned).collect())
}

/// A seed that differs from one comparison to the next, short enough to be typed.
fn new_seed() -> u64 {
    let now = jiff::Timestamp::now().as_nanosecond() as u64;
    (now ^ u64::from(std::process::id()).rotate_left(17)) & 0xFFFF_FFFF
}

/// The share of false decisions that is accepted.
pub(in crate::command) fn level(text: &str) -> Result<f64, Failure> {
    let level = percentage("--level", text)?;
    if level <= 0.0 || level > 0.5 {
        return Err(Failure::usage(format!(
            "--level: `{text}` is no share of false decisions above 0% and up to 50%"
        )));
    }
    Ok(level)
}

fn percentage(option: &str, text: &str) -> Result<f64, Failure> {
    benchhost_plan::parse_percentage(text)
        .filter(|ratio| (0.0..1.0).contains(ratio))
        .ok_or_else(|| {
            Failure::usage(format!(
                "{option}: `{text}` is no percentage, write it like 1% or 0.25%"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_need_their_sign() {
        assert_eq!(percentage("--margin", "1%").unwrap(), 0.01);
        for wrong in ["1", "0.01", "x%", "-1%", "100%", ""] {
            assert!(percentage("--margin", wrong).is_err(), "{wrong}");
        }
    }
}
