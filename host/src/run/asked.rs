//! Whether the metrics that a suite asks for can exist: those of targets and of the conditions of searches, which must be in
//! fitting units too. Looked at before anything is measured.

use std::collections::BTreeMap;

use benchhost_plan::{Benchmark, Plan, Target, closest};
use benchhost_plugin_api::meta::WorkloadMeta;
use benchhost_record::{conversion, names};

use crate::{meant::suggested, run::PluginState};

/// Checks all benchmarks of `plan`. Plugins that could not be loaded are another matter.
///
/// # Errors
/// A sentence with file and line.
pub fn check_metrics(plan: &Plan, plugins: &BTreeMap<String, PluginState>) -> Result<(), String> {
    for benchmark in &plan.benchmarks {
        let Some(Ok(plugin)) = plugins.get(&benchmark.plugin) else {
            continue;
        };
        let workloads = &plugin.meta.workloads;
        if let Some(workload) = workloads.iter().find(|w| w.name == benchmark.workload) {
            let asked = Asked {
                benchmark,
                workload,
                file: &plan.file,
            };
            asked.check()?;
        }
    }
    Ok(())
}

/// Units of records that nobody means by a plain number.
const BASE_UNITS: [&str; 4] = ["ns", "B", "B/s", "FLOP/s"];

struct Asked<'a> {
    benchmark: &'a Benchmark,
    workload: &'a WorkloadMeta,
    file: &'a str,
}

impl Asked<'_> {
    fn check(&self) -> Result<(), String> {
        for (metric, target) in &self.benchmark.targets {
            let unit = self.unit(metric, target)?;
            let place = || format!("{}:{}: target of `{metric}`", self.file, target.line);
            let is_share = target.text.trim_end().ends_with('%');
            let is_rate = matches!(metric.as_str(), names::THROUGHPUT | names::SERVED);
            if is_share && (is_rate || unit.is_some_and(|unit| !matches!(unit, "1" | "%"))) {
                return Err(format!(
                    "{} is \"{}\", and the metric is no share of something",
                    place(),
                    target.text
                ));
            }
            let Some(unit) = unit else {
                // Known when the workload has been set up; looked at when the value is judged.
                continue;
            };
            let is_plain = target.unit == "1" && target.value != 0.0;
            if is_plain && BASE_UNITS.contains(&unit) {
                return Err(format!(
                    "{} is \"{}\", expected a bound with its unit, like \"<= 200ms\"",
                    place(),
                    target.text
                ));
            }
            // A plain number is in the metric's own unit.
            if target.unit != "1" && conversion(unit, &target.unit).is_none() {
                return Err(format!(
                    "{} is \"{}\", the metric is in {unit:?}",
                    place(),
                    target.text
                ));
            }
        }
        let search = self.benchmark.search.iter();
        for condition in search.flat_map(|search| &search.under) {
            let (metric, bound) = (&condition.metric, &condition.bound);
            if let Some(unit) = self.unit(metric, bound)?
                && conversion(unit, &bound.unit).is_none()
            {
                return Err(format!(
                    "{}:{}: `{metric}` is in {unit}, the bound is \"{}\"",
                    self.file, bound.line, bound.text
                ));
            }
        }
        Ok(())
    }

    /// The unit of a metric, where it is known before the work is declared.
    fn unit(&self, metric: &str, bound: &Target) -> Result<Option<&str>, String> {
        let found = unit(metric, self.workload);
        if let Some(unit) = found {
            return Ok(unit);
        }
        let found = self.benchmark.search.as_ref();
        let largest = found.map(|search| format!("{}{}", names::LARGEST_PREFIX, search.key));
        // What probes read depends on the machine.
        let may_be_a_reading = !self.benchmark.settings.probing.probes.is_empty();
        if may_be_a_reading || largest.as_deref() == Some(metric) {
            return Ok(None);
        }
        let own = self.workload.metrics.iter().map(|m| m.name.as_str());
        let known = names::ALL.into_iter().chain(own).chain(largest.as_deref());
        let known: Vec<&str> = known.collect();
        let meant = closest(metric, &known);
        let way_out = match &meant {
            Some(_) => suggested(meant.as_deref()),
            None => format!(
                " (there are: {}, and phases like time.forward)",
                known.join(", ")
            ),
        };
        Err(format!(
            "{}:{}: {}/{} has no metric `{metric}`{way_out}",
            self.file, bound.line, self.benchmark.plugin, self.benchmark.workload
        ))
    }
}

/// The unit of a metric, where it is known before the work is declared; `None` when there is no such metric.
fn unit<'a>(metric: &str, workload: &'a WorkloadMeta) -> Option<Option<&'a str>> {
    match metric {
        names::TIME | names::CPU_TIME | names::SETUP_TIME | names::LATENCY | names::WALL_TIME => {
            Some(Some("ns"))
        }
        names::PEAK_MEMORY | names::MEMORY_GROWTH => Some(Some("B")),
        names::FLOPS => Some(Some("FLOP/s")),
        names::BANDWIDTH => Some(Some("B/s")),
        names::FAIRNESS => Some(Some("1")),
        // Of items that the workload names when it is set up; arrivals.
        names::THROUGHPUT | names::SERVED => Some(None),
        phase if phase.starts_with(names::PHASE_PREFIX) => Some(Some("ns")),
        own => {
            let found = workload.metrics.iter().find(|m| m.name == own)?;
            Some((!found.unit.is_empty()).then_some(found.unit.as_str()))
        }
    }
}
