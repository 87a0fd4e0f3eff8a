//! Which cases can be compared: those that both sides have, with the same parameters.
//!
//! Nothing here stops the others: a case that one side lacks becomes a contest that has failed, with the reason. Only what
//! neither side knows is a mistake of the command line.

use benchhost_plan::{Benchmark, KnownWorkload, Plan, case_id, check_params};
use benchhost_plugin_api::meta::WorkloadMeta;
use benchhost_record::{Case, Direction, Metric, MetricKind, Params, names};

use super::{
    Contest, Side, Terms,
    contest::{CANDIDATE, MOST_PAIRS, SIDES},
    metric,
    refusal::{no_workload, other_metric, other_parameters, twice, unknown_metric},
};
use crate::{load::Plugin, run::PluginState};

/// Where it is asked what probes cost, they are polled at least this often, ns: samples last some polls, and there must be many.
const LONGEST_POLL_NS: u64 = 10_000_000;

/// The two builds and what was typed about them.
#[derive(Debug)]
pub struct Sides<'a> {
    /// Baseline and candidate: loaded, or why not.
    pub plugins: [&'a PluginState; 2],
    /// Parameters of both sides.
    pub params: Params,
    /// Parameters of one side.
    pub own_params: [Params; 2],
    /// Whether cases are compared although the sides have other parameters.
    pub allow_other_parameters: bool,
}

/// What came of matching.
#[derive(Debug)]
pub struct Matched<'a> {
    /// One for each case of the plan that has any of the metrics.
    pub contests: Vec<Contest<'a>>,
    /// What neither side knows: parameters, metrics. Empty when all is well.
    pub mistakes: Vec<String>,
}

/// Matches the cases of `plan`, whose one plugin is called `name`, with both sides; `known` translates a workload.
pub fn matched<'a>(
    plan: &Plan,
    sides: &Sides<'a>,
    terms: &Terms,
    known: fn(&str, &WorkloadMeta) -> KnownWorkload,
) -> Matched<'a> {
    let mut matching = Matching {
        plan,
        sides,
        terms,
        known,
        mistakes: Vec::new(),
    };
    let mut contests = Vec::new();
    for benchmark in &plan.benchmarks {
        for case in &benchmark.cases {
            contests.extend(matching.contest(benchmark, case));
        }
    }
    let mut mistakes = matching.mistakes;
    mistakes.extend(twice(&contests));
    for name in &terms.metrics {
        let found = |contest: &Contest<'_>| contest.tracks().iter().any(|t| t.metric.name == *name);
        if mistakes.is_empty() && !contests.is_empty() && !contests.iter().any(found) {
            mistakes.push(unknown_metric(sides, name));
        }
    }
    contests.retain(|contest| !contest.tracks().is_empty());
    Matched { contests, mistakes }
}

struct Matching<'p, 'a> {
    plan: &'p Plan,
    sides: &'p Sides<'a>,
    terms: &'p Terms,
    known: fn(&str, &WorkloadMeta) -> KnownWorkload,
    mistakes: Vec<String>,
}

impl<'a> Matching<'_, 'a> {
    fn contest(&mut self, benchmark: &Benchmark, case: &Case) -> Option<Contest<'a>> {
        let typed = |own: &Params| {
            let mut params = case.params.clone();
            params.extend(self.sides.params.clone());
            params.extend(own.clone());
            params
        };
        let id = |params: &Params| {
            let params = params.clone();
            case_id(
                &Case {
                    params,
                    ..case.clone()
                },
                &[],
            )
        };
        let shared = typed(&Params::new());
        let mut own_cases = Vec::new();
        let mut plugins: Vec<(&'a Plugin, &'a WorkloadMeta)> = Vec::new();
        let mut refusals: Vec<String> = Vec::new();
        let mut unknown = Vec::new();
        for (index, side) in SIDES.into_iter().enumerate() {
            let plugin = match self.sides.plugins[index] {
                Ok(plugin) => plugin,
                Err(reason) => {
                    refusals.push(format!("the {side} cannot be loaded: {reason}"));
                    continue;
                }
            };
            let Some(workload) = workload(plugin, &case.workload) else {
                refusals.push(no_workload(side, plugin, &case.workload));
                continue;
            };
            let params = typed(&self.sides.own_params[index]);
            match self.checked(benchmark, case, params, workload) {
                Ok(case) => {
                    own_cases.push(case);
                    plugins.push((plugin, workload));
                }
                Err(message) => {
                    unknown.push((index, message.clone()));
                    refusals.push(format!(
                        "the {side} does not take the parameters: {message}"
                    ));
                }
            }
        }
        // What neither side takes, or what was typed for one side alone and is not taken by it, is a slip of the pen.
        let typed_alone = |index: usize| !self.sides.own_params[index].is_empty();
        if unknown.len() == 2 || unknown.iter().any(|(index, _)| typed_alone(*index)) {
            self.mistakes.push(unknown.swap_remove(0).1);
            return None;
        }
        if let [(_, base), (_, candidate)] = plugins[..]
            && !self.sides.allow_other_parameters
        {
            refusals.extend(other_parameters(&base.params, &candidate.params, &shared));
        }
        let metrics = self.metrics(&plugins);
        refusals.extend(self.other_metrics(&plugins));
        refusals.extend(not_in_turns(benchmark, case));
        if !refusals.is_empty() {
            return Some(Contest::failed(
                id(&shared),
                metrics,
                self.terms,
                refusals.join("; "),
            ));
        }
        let mut settings = benchmark.settings.clone();
        // Room in the worker's page: a round has few samples, whatever a suite asks of a run.
        settings.sampling.max_samples = MOST_PAIRS;
        let sides = own_cases.into_iter().zip(plugins).enumerate();
        let mut sides = sides.map(|(index, (case, (plugin, _)))| {
            let mut settings = settings.clone();
            // Probes of the suite would look at both; those that were typed look at the candidate.
            let is_watched = index == CANDIDATE;
            settings.probing.poll_ns = settings.probing.poll_ns.min(LONGEST_POLL_NS);
            settings.probing.probes = if is_watched {
                self.terms.probes.clone()
            } else {
                Vec::new()
            };
            Side {
                plugin,
                case,
                settings,
            }
        });
        let sides = [sides.next()?, sides.next()?];
        Some(Contest::new(id(&shared), sides, metrics, self.terms))
    }

    /// The case as a side with this `workload` takes it.
    fn checked(
        &self,
        benchmark: &Benchmark,
        case: &Case,
        params: Params,
        workload: &WorkloadMeta,
    ) -> Result<Case, String> {
        let case = Case {
            params,
            ..case.clone()
        };
        let mut plan = Plan {
            benchmarks: vec![Benchmark {
                cases: vec![case],
                ..benchmark.clone()
            }],
            ..self.plan.clone()
        };
        let known = [(self.known)(&benchmark.plugin, workload)];
        check_params(&mut plan, &known).map_err(|error| error.to_string())?;
        let mut cases = plan.benchmarks.swap_remove(0).cases;
        Ok(cases.swap_remove(0))
    }

    /// A sentence when the sides mean something else by an asked metric.
    fn other_metrics(&self, plugins: &[(&Plugin, &WorkloadMeta)]) -> Option<String> {
        let [(_, base), (_, candidate)] = plugins else {
            return None;
        };
        self.terms.metrics.iter().find_map(|name| {
            let find = |workload| metric::find(name, workload).ok();
            other_metric(&find(base)?, &find(candidate)?)
        })
    }

    /// The asked metrics that the workload has on any side, as the last side describes them.
    fn metrics(&self, plugins: &[(&Plugin, &WorkloadMeta)]) -> Vec<Metric> {
        let asked = self.terms.metrics.iter();
        asked
            .filter_map(|name| {
                let found = plugins
                    .iter()
                    .rev()
                    .map(|(_, meta)| metric::find(name, meta));
                let found: Vec<_> = found.collect();
                if found.is_empty() {
                    // Neither side has the workload: the name is all there is.
                    return Some(Metric::new(
                        name,
                        "",
                        Direction::Neither,
                        unknown_kind(name),
                    ));
                }
                found.into_iter().find_map(Result::ok)
            })
            .collect()
    }
}

fn unknown_kind(name: &str) -> MetricKind {
    if name == names::TIME {
        MetricKind::Time
    } else {
        MetricKind::default()
    }
}

fn workload<'a>(plugin: &'a Plugin, name: &str) -> Option<&'a WorkloadMeta> {
    plugin.meta.workloads.iter().find(|w| w.name == name)
}

/// A sentence when two workers cannot take turns at the case.
fn not_in_turns(benchmark: &Benchmark, case: &Case) -> Option<String> {
    let what = if benchmark.search.is_some() {
        "a search"
    } else if case.offered_load.is_some() {
        "a load from outside"
    } else if case.processes() > 1 {
        "instances in processes of their own"
    } else {
        return None;
    };
    Some(format!(
        "{what} cannot be compared in turns: compare two runs of it"
    ))
}
