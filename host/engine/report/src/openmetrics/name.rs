//! What a metric is called: the names that `history export` writes, in base units.
//!
//! A metric may have any name; a family has letters, digits and underscores. Two metrics that come to one name share its family,
//! where the label `metric` tells them apart, unless their units differ: then one of the names grows.

use std::collections::HashMap;

use benchhost_record::openmetrics;

/// Before every name.
pub(super) const PREFIX: &str = "benchhost";

/// Endings that mean something else than a gauge to who reads the text.
const RESERVED_ENDINGS: [&str; 6] = ["_total", "_info", "_count", "_sum", "_bucket", "_created"];

/// Beginnings of names that are not those of a metric.
const RESERVED_BEGINNINGS: [&str; 4] = ["interval_", "baseline_", "reference_", "metric_"];

/// A value's unit in the words of the format.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Base {
    /// `seconds`, `samples_per_second`; empty for plain numbers.
    pub(super) unit: String,
    times: f64,
    per: f64,
}

impl Base {
    /// The base unit of `unit`.
    pub(super) fn of(unit: &str) -> Self {
        let base = |unit: &str, times, per| Self {
            unit: openmetrics::unit(unit),
            times,
            per,
        };
        match unit {
            "ps" => base("s", 1.0, 1e12),
            "ns" => base("s", 1.0, 1e9),
            "us" | "µs" | "μs" => base("s", 1.0, 1e6),
            "ms" => base("s", 1.0, 1e3),
            "s" | "sec" | "second" | "seconds" => base("s", 1.0, 1.0),
            "min" => base("s", 60.0, 1.0),
            "h" => base("s", 3600.0, 1.0),
            "B" | "byte" | "bytes" => base("B", 1.0, 1.0),
            "kB" | "KB" => base("B", 1e3, 1.0),
            "MB" => base("B", 1e6, 1.0),
            "GB" => base("B", 1e9, 1.0),
            "KiB" => base("B", 1024.0, 1.0),
            "MiB" => base("B", 1_048_576.0, 1.0),
            "GiB" => base("B", 1_073_741_824.0, 1.0),
            "J" => base("J", 1.0, 1.0),
            "mJ" => base("J", 1.0, 1e3),
            "kJ" => base("J", 1e3, 1.0),
            "Wh" => base("J", 3600.0, 1.0),
            "kWh" => base("J", 3.6e6, 1.0),
            other => base(other, 1.0, 1.0),
        }
    }

    /// The value in the base unit. Divides where the written unit is the smaller one: the result is the nearest number there
    /// is.
    pub(super) fn convert(&self, value: f64) -> f64 {
        value * self.times / self.per
    }
}

/// Names of the families of metrics, each given once.
#[derive(Debug)]
pub(super) struct Names {
    /// Name without prefix and unit, by metric and unit.
    known: HashMap<(String, String), String>,
    /// Unit of each whole name.
    taken: HashMap<String, String>,
}

impl Names {
    /// Names that none of `ours` is among: those of the families that are not of a metric, without prefix.
    pub(super) fn besides(ours: impl IntoIterator<Item = String>) -> Self {
        // No unit is called so: what is taken by us is taken for every metric.
        let taken = ours.into_iter().map(|name| (name, " ".to_owned()));
        Self {
            known: HashMap::new(),
            taken: taken.collect(),
        }
    }

    /// The name of the metric's family, without prefix and without the unit at its end.
    pub(super) fn of(&mut self, metric: &str, unit: &str) -> String {
        let key = (metric.to_owned(), unit.to_owned());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let base = own_word(metric, unit);
        let ways = [base.clone(), format!("metric_{base}")]
            .into_iter()
            .chain((2..).map(|n| format!("metric_{base}_{n}")));
        let name = ways
            .into_iter()
            .find(|name| {
                let unit_of = self.taken.get(&whole(name, unit));
                unit_of.is_none_or(|known| known == unit)
            })
            .expect("one of infinitely many names is free");
        self.taken.insert(whole(&name, unit), unit.to_owned());
        self.known.insert(key, name.clone());
        name
    }
}

/// The name with its unit.
pub(super) fn whole(name: &str, unit: &str) -> String {
    match unit {
        "" => name.to_owned(),
        unit => format!("{name}_{unit}"),
    }
}

/// The metric as a word that neither ends with its unit, which comes after it anyway, nor looks like a name of something else.
fn own_word(metric: &str, unit: &str) -> String {
    let word = openmetrics::word(metric);
    let stem = match unit {
        "" => None,
        unit => word
            .strip_suffix(unit)
            .and_then(|stem| stem.strip_suffix('_')),
    };
    let mut name = stem.unwrap_or(&word).to_owned();
    if RESERVED_BEGINNINGS
        .iter()
        .any(|start| name.starts_with(start))
    {
        name.insert_str(0, "metric_");
    }
    if unit.is_empty() && RESERVED_ENDINGS.iter().any(|end| name.ends_with(end)) {
        name.push_str("_value");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(names: &mut Names, metric: &str, unit: &str) -> String {
        let unit = Base::of(unit).unit;
        whole(&names.of(metric, &unit), &unit)
    }

    #[test]
    fn names_are_those_of_the_export() {
        let mut names = Names::besides([]);
        for (metric, unit, expected) in [
            ("time", "ns", "time_seconds"),
            ("time.forward", "ns", "time_forward_seconds"),
            ("peak-memory", "B", "peak_memory_bytes"),
            ("resident_bytes", "bytes", "resident_bytes"),
            ("energy-cpu", "J", "energy_cpu_joules"),
            ("throughput", "samples/s", "throughput_samples_per_second"),
            ("bandwidth", "B/s", "bandwidth_bytes_per_second"),
            ("accuracy", "1", "accuracy"),
            ("loss", "nat", "loss_nat"),
            ("<script>", "=cmd()", "script_cmd"),
            ("\u{202e}\n", "", "unnamed"),
            ("cache_total", "1", "cache_total_value"),
            ("baseline-cost", "1", "metric_baseline_cost"),
        ] {
            assert_eq!(name(&mut names, metric, unit), expected);
        }
    }

    #[test]
    fn values_become_the_nearest_number_in_base_units() {
        for (unit, value, expected) in [
            ("ns", 3.0, 3e-9),
            ("MiB", 2.0, 2_097_152.0),
            ("kWh", 2.0, 7.2e6),
            ("samples/s", 5.0, 5.0),
        ] {
            assert_eq!(Base::of(unit).convert(value), expected, "{unit}");
        }
    }

    #[test]
    fn one_name_never_stands_for_two_units_or_for_something_of_ours() {
        let mut names = Names::besides(["run_age_seconds".to_owned()]);

        let plain = name(&mut names, "time_seconds", "1");
        let real = name(&mut names, "time", "ns");
        let ours = name(&mut names, "run.age", "ms");
        let hyphen = name(&mut names, "a-b", "1");
        let dot = name(&mut names, "a.b", "1");

        assert_eq!(
            [plain.as_str(), &real, &ours],
            [
                "time_seconds",
                "metric_time_seconds",
                "metric_run_age_seconds"
            ]
        );
        assert_eq!(hyphen, dot);
        assert_eq!(name(&mut names, "time", "ns"), real);
    }
}
