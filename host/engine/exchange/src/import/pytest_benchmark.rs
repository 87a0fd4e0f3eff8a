//! pytest-benchmark: `--benchmark-json` and the files of its storage, 2.x to 5.x.
//!
//! Value: `stats.median`, seconds. Samples: `stats.data` when it was saved. The case is `fullname`, which holds
//! file, test and parameters.

use benchhost_record::{Direction, MetricKind, names};

use crate::{Entry, Error, Import, json::Node, moment};

pub(super) fn read(root: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    let benchmarks = root.field("benchmarks")?;
    root.field("machine_info")?;
    let machine = root
        .find("machine_info")
        .and_then(|info| info.find("node")?.scalar());
    let commit = root.find("commit_info");
    let revision = commit.as_ref().and_then(|info| info.find("id")?.scalar());
    let dirty = commit.and_then(|info| info.find("dirty")?.scalar());
    let time = match root.find("datetime") {
        Some(node) => Some(moment::parse(node.text()?).ok_or_else(|| node.wrong("a date"))?),
        None => None,
    };
    for benchmark in benchmarks.items()? {
        let case = match benchmark.find("fullname") {
            Some(name) => name.text()?,
            None => benchmark.field("name")?.text()?,
        };
        let stats = benchmark.field("stats")?;
        let value = stats.field("median")?.value()?;
        let mut entry =
            Entry::new(case, names::TIME, value).of("s", Direction::Lower, MetricKind::Time);
        if let Some(rounds) = stats.find("rounds") {
            entry.n = (rounds.number()? as u64).max(1);
        }
        if let Some(data) = stats.find("data") {
            entry = entry.with_samples(data.numbers()?);
        }
        entry.machine.clone_from(&machine);
        entry.time_unix_s = time;
        entry.revision = revision.clone().filter(|id| id != "unversioned");
        entry.label("dirty", dirty.clone().filter(|dirty| dirty == "true"));
        entry.label(
            "group",
            benchmark.find("group").and_then(|group| group.scalar()),
        );
        for name in ["mean", "stddev", "min", "max"] {
            entry.label(name, stats.find(name).and_then(|number| number.scalar()));
        }
        if value.is_none() {
            into.skip(benchmark.place(), "the median is not a number");
        }
        into.entries.push(entry);
    }
    Ok(())
}
