//! Units other tools write, and what they become: seconds and bytes, the rest as it is.

use benchhost_record::{Direction, MetricKind};

/// A unit of ours with the way from the unit that was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unit {
    /// Our unit.
    pub(crate) name: String,
    /// What is measured in it.
    pub(crate) kind: MetricKind,
    times: f64,
    per: f64,
}

impl Unit {
    /// The value in our unit. Divides where the written unit is the smaller one, so that the result is the nearest
    /// number there is.
    pub(crate) fn convert(&self, value: f64) -> f64 {
        value * self.times / self.per
    }

    /// What the unit alone says about the direction: less time and less memory are better.
    pub(crate) fn direction(&self) -> Direction {
        match self.kind {
            MetricKind::Time | MetricKind::Memory | MetricKind::Energy => Direction::Lower,
            MetricKind::Throughput | MetricKind::Quality => Direction::Higher,
            MetricKind::Count | MetricKind::Ratio => Direction::Neither,
        }
    }
}

/// The unit for what was written. A duration per iteration (`ns/iter`, `us/op`) is a duration.
pub(crate) fn read(written: &str) -> Unit {
    let written = written.trim();
    let unit = |name: &str, kind, times, per| Unit {
        name: name.to_owned(),
        kind,
        times,
        per,
    };
    let alone = ["/iter", "/iteration", "/op", "/call"]
        .iter()
        .find_map(|each| written.strip_suffix(each))
        .unwrap_or(written);
    if let Some((times, per)) = seconds(alone) {
        return unit("s", MetricKind::Time, times, per);
    }
    if let Some(times) = bytes(written) {
        return unit("B", MetricKind::Memory, times, 1.0);
    }
    unit(written, kind(written), 1.0, 1.0)
}

/// What is measured in a unit that stays as it is.
pub(crate) fn kind(written: &str) -> MetricKind {
    if seconds(written).is_some() {
        MetricKind::Time
    } else if bytes(written).is_some() {
        MetricKind::Memory
    } else if is_rate(written) {
        MetricKind::Throughput
    } else if matches!(written, "J" | "Wh" | "kWh") {
        MetricKind::Energy
    } else {
        MetricKind::Count
    }
}

/// Whether the unit is something per second (or per a part of one).
pub(crate) fn is_rate(written: &str) -> bool {
    let per = written.rsplit_once('/').map(|(_, per)| per);
    per.is_some_and(|per| seconds(per).is_some())
}

/// Factor and divisor from a unit of time to seconds.
pub(crate) fn seconds(written: &str) -> Option<(f64, f64)> {
    Some(match written {
        "ps" | "picoseconds" => (1.0, 1e12),
        "ns" | "nsec" | "nanosecond" | "nanoseconds" => (1.0, 1e9),
        "us" | "µs" | "μs" | "usec" | "microsecond" | "microseconds" => (1.0, 1e6),
        "ms" | "msec" | "millisecond" | "milliseconds" => (1.0, 1e3),
        "s" | "sec" | "secs" | "second" | "seconds" => (1.0, 1.0),
        "min" | "minute" | "minutes" => (60.0, 1.0),
        "h" | "hr" | "hour" | "hours" => (3600.0, 1.0),
        "day" | "days" => (86_400.0, 1.0),
        _ => return None,
    })
}

fn bytes(written: &str) -> Option<f64> {
    Some(match written {
        "B" | "byte" | "bytes" | "Byte" | "Bytes" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        "TiB" => 1_099_511_627_776.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_seconds_and_memory_bytes() {
        for (written, value, unit, expected) in [
            ("ns/iter", 3.0, "s", 3e-9),
            ("us", 250.0, "s", 0.00025),
            ("MiB", 2.0, "B", 2_097_152.0),
            ("ops/sec", 5.0, "ops/sec", 5.0),
            ("allocs/op", 5.0, "allocs/op", 5.0),
        ] {
            let found = read(written);

            assert_eq!(
                (found.name.as_str(), found.convert(value)),
                (unit, expected)
            );
        }
        assert!(is_rate("tokens/sec") && is_rate("ops/ms") && !is_rate("B/op"));
    }
}
