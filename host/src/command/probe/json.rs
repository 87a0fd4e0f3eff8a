//! What probes can read, for scripts.

use serde_json::{Value, json};

use super::{Seen, Working};

pub(super) fn json(seen: &Seen) -> String {
    let refused = seen.refused.iter();
    let refused: Vec<Value> = refused
        .map(|(name, reason)| json!({ "name": name, "reason": reason }))
        .collect();
    let value = json!({
        "probes": seen.probes.iter().map(probe).collect::<Vec<_>>(),
        "unavailable": refused,
        "resident_bytes": seen.resident_bytes,
        "environment": seen.environment,
        "clock": {
            "source": seen.environment.clock_source,
            "read_ns": seen.clock.clock_read_ns,
            "resolution_ns": seen.clock.clock_resolution_ns,
        },
    });
    format!("{value:#}\n")
}

fn probe(probe: &Working) -> Value {
    let quantities = probe.quantities.iter().map(|quantity| {
        json!({
            "name": quantity.metric.name,
            "unit": quantity.metric.unit,
            "direction": quantity.metric.direction,
            "kind": quantity.metric.kind,
            "extent": quantity.extent,
            "basis": quantity.basis,
            "resolution": quantity.resolution,
            "source": quantity.source,
        })
    });
    let missing = probe.missing.iter();
    let missing = missing.map(|one| json!({ "name": one.quantity, "reason": one.reason }));
    json!({
        "name": probe.name,
        "cost": probe.price,
        "fastest_poll_ns": probe.fastest_poll_ns,
        "quantities": quantities.collect::<Vec<_>>(),
        "missing": missing.collect::<Vec<_>>(),
    })
}
