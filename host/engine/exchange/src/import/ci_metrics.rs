//! `ci-metrics.json` of the Fast VLM automation: a status and the four numbers its pull-request comment shows.
//!
//! Case `ci-metrics`; milliseconds become seconds, megabytes (10⁶) become bytes. Other numbers of the summary are
//! taken without unit and direction. `timestamp` and `commit` are used when they are there.

use benchhost_record::{Direction, MetricKind};

use crate::{
    Entry, Error, Import,
    json::{Json, Node},
    moment,
};

/// Key, metric, unit, direction, kind, factor and divisor to that unit.
type Known = (
    &'static str,
    &'static str,
    &'static str,
    Direction,
    MetricKind,
    f64,
    f64,
);

const KNOWN: [Known; 4] = [
    (
        "avg_latency_ms",
        "avg_latency",
        "s",
        Direction::Lower,
        MetricKind::Time,
        1.0,
        1e3,
    ),
    (
        "peak_memory_mb",
        "peak_memory",
        "B",
        Direction::Lower,
        MetricKind::Memory,
        1e6,
        1.0,
    ),
    (
        "avg_cpu_percent",
        "avg_cpu",
        "%",
        Direction::Lower,
        MetricKind::Count,
        1.0,
        1.0,
    ),
    (
        "total_throughput",
        "total_throughput",
        "ops/sec",
        Direction::Higher,
        MetricKind::Throughput,
        1.0,
        1.0,
    ),
];

pub(super) fn read(root: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    let status = root.field("status")?.text()?;
    let summary = root.field("summary")?;
    let time = match root.find("timestamp") {
        None => None,
        Some(node) => match node.json() {
            Json::Number(_) => Some(node.number()?),
            _ => Some(moment::parse(node.text()?).ok_or_else(|| node.wrong("a date"))?),
        },
    };
    let revision = ["commit", "sha", "revision"]
        .iter()
        .find_map(|key| root.find(key)?.scalar());
    let before = into.entries.len();
    for (key, metric, unit, direction, kind, times, per) in KNOWN {
        let node = summary.field(key)?;
        let value = node.value()?.map(|value| value * times / per);
        if value.is_none() {
            into.skip(node.place(), "no number");
        }
        into.entries
            .push(Entry::new("ci-metrics", metric, value).of(unit, direction, kind));
    }
    for (key, node) in summary.members()? {
        let is_known = KNOWN.iter().any(|known| known.0 == key);
        if let (false, Json::Number(_)) = (is_known, node.json()) {
            into.entries
                .push(Entry::new("ci-metrics", key, node.value()?));
        }
    }
    for entry in &mut into.entries[before..] {
        entry.time_unix_s = time;
        entry.revision.clone_from(&revision);
        entry.label("status", Some(status.to_owned()));
    }
    Ok(())
}
