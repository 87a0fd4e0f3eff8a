//! Whether the conditions of searches can hold at all: known metrics, fitting units. Looked at before anything is measured.

use std::collections::BTreeMap;

use benchhost_plan::{Benchmark, Plan};
use benchhost_plugin_api::meta::WorkloadMeta;
use benchhost_record::{conversion, names};

use crate::run::PluginState;

/// Checks all searches of `plan`. Plugins that could not be loaded are another matter.
///
/// # Errors
/// A sentence with file and line.
pub fn check_searches(plan: &Plan, plugins: &BTreeMap<String, PluginState>) -> Result<(), String> {
    for benchmark in &plan.benchmarks {
        let Some(Ok(plugin)) = plugins.get(&benchmark.plugin) else {
            continue;
        };
        let workloads = &plugin.meta.workloads;
        if let Some(workload) = workloads.iter().find(|w| w.name == benchmark.workload) {
            check(benchmark, workload, &plan.file)?;
        }
    }
    Ok(())
}

fn check(benchmark: &Benchmark, workload: &WorkloadMeta, file: &str) -> Result<(), String> {
    let Some(search) = &benchmark.search else {
        return Ok(());
    };
    // What probes read depends on the machine.
    let may_be_a_reading = !benchmark.settings.probing.probes.is_empty();
    for condition in &search.under {
        let metric = &condition.metric;
        let at = format!("{file}:{}", condition.bound.line);
        match unit(metric, workload) {
            Some(Some(unit)) if conversion(unit, &condition.bound.unit).is_none() => {
                return Err(format!(
                    "{at}: `{metric}` is in {unit}, the bound is \"{}\"",
                    condition.bound.text
                ));
            }
            Some(_) => {}
            None if may_be_a_reading => {}
            None => {
                let own = workload.metrics.iter().map(|m| m.name.as_str());
                let known: Vec<&str> = names::ALL.into_iter().chain(own).collect();
                return Err(format!(
                    "{at}: {}/{} has no metric `{metric}` (there are: {}, and phases like time.forward)",
                    benchmark.plugin,
                    benchmark.workload,
                    known.join(", ")
                ));
            }
        }
    }
    Ok(())
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
