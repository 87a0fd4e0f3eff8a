//! What probes can read, as tables for people.

use std::fmt::Write as _;

use benchhost_record::{Extent, format_quantity};

use super::{Seen, Working, machine};
use crate::command::table::table;

pub(super) fn text(seen: &Seen) -> String {
    let mut text = costs(&seen.probes);
    let memory = format_quantity(seen.resident_bytes as f64, "B");
    text += &format!(
        "All of them together took {memory} of the host's memory, and nothing of the worker's.\n"
    );
    text.push('\n');
    text += &quantities(&seen.probes);
    let absent = absent(seen);
    if !absent.is_empty() {
        text += "\nNot here:\n";
        text += &absent;
    }
    text += "\nThis machine:\n";
    text += &machine::machine(&seen.environment, &seen.clock);
    text
}

fn costs(probes: &[Working]) -> String {
    if probes.is_empty() {
        return "No probe works here.\n".to_owned();
    }
    let mut rows = vec![["PROBE", "BEFORE", "ONE POLL", "AFTER", "POLLED"].map(str::to_owned)];
    rows.extend(probes.iter().map(|probe| {
        let time = |ns: u64| format_quantity(ns as f64, "ns");
        let none = || "-".to_owned();
        [
            probe.name.to_owned(),
            time(probe.price.begin_ns),
            probe.price.poll_ns.map_or_else(none, time),
            time(probe.price.end_ns),
            probe.fastest_poll_ns.map_or_else(
                || "never".to_owned(),
                |ns| format!("every {} at most", time(ns)),
            ),
        ]
    }));
    format!("What a look costs:\n{}", table(&rows))
}

fn quantities(probes: &[Working]) -> String {
    if probes.is_empty() {
        return String::new();
    }
    let heading = [
        "PROBE",
        "QUANTITY",
        "UNIT",
        "SHOWN",
        "BASIS",
        "RESOLUTION",
        "SOURCE",
    ];
    let mut rows = vec![heading.map(str::to_owned)];
    for probe in probes {
        rows.extend(probe.quantities.iter().map(|quantity| {
            let shown = match quantity.extent {
                Extent::Amount => "per iteration",
                Extent::Level => "as it is",
            };
            [
                probe.name.to_owned(),
                quantity.metric.name.clone(),
                quantity.metric.unit.clone(),
                shown.to_owned(),
                quantity.basis.word().to_owned(),
                quantity.resolution.clone(),
                quantity.source.clone(),
            ]
        }));
    }
    format!("What can be read:\n{}", table(&rows))
}

/// One sentence and a way out for each thing that does not work.
fn absent(seen: &Seen) -> String {
    let mut text = String::new();
    for (name, reason) in &seen.refused {
        let _ = writeln!(text, "  {name}: {reason}");
    }
    for probe in &seen.probes {
        for missing in &probe.missing {
            let _ = writeln!(
                text,
                "  {} ({}): {}",
                probe.name, missing.quantity, missing.reason
            );
        }
    }
    text
}
