//! What is known of the run as a whole.

use benchhost_gate::Verdict;
use benchhost_record::{CaseResult, Environment, Outcome, ProbeCost, Run, RunState};
use jiff::Timestamp;

use super::Known;
use crate::{Facts, show::SHARE};

/// Every name, besides `poll.PROBE`.
pub(super) const NAMES: [&str; 25] = [
    "cases",
    "failed",
    "skipped",
    "unfinished",
    "refused-plugins",
    "regressed",
    "improved",
    "inconclusive",
    "targets-missed",
    "judged",
    "baselines",
    "runs",
    "pause",
    "run-time",
    "environment-changes",
    "probe-share",
    "declared",
    "roofs",
    "cpus",
    "gpus",
    "load-per-cpu",
    "memory-available",
    "one-repetition",
    "missing-data",
    "dirty",
];

/// What the reason of a case names that was skipped for want of models or data.
const FETCH: &str = "benchhost data";

/// The names of a run.
pub(crate) fn of_run<'a>(facts: &Facts<'a>) -> Known<'a> {
    let mut known = Known::default();
    let run = facts.run;
    let count = |of: &dyn Fn(&CaseResult) -> bool| run.cases.iter().filter(|case| of(case)).count();
    let mut put = |name: &str, count: usize, unit| known.put(name, count as f64, unit);
    put("cases", run.cases.len(), "cases");
    put(
        "failed",
        count(&|case| case.outcome.is_failure()),
        "failed cases",
    );
    let is_skipped = |case: &CaseResult| matches!(case.outcome, Outcome::Skipped { .. });
    put("skipped", count(&is_skipped), "skipped cases");
    let unfinished = run.missing_cases() + run.partial_cases();
    put("unfinished", unfinished, "unfinished cases");
    // A run that broke off has cases with fewer repetitions than were asked for.
    let is_whole = run.state != RunState::Interrupted && run.missing_cases() == 0;
    let once = |case: &CaseResult| {
        let is_once = case.repetitions.len() == 1;
        is_whole && case.outcome.is_ok() && case.search.is_none() && is_once
    };
    put("one-repetition", count(&once), "cases");
    let wants_data = |case: &CaseResult| match &case.outcome {
        Outcome::Skipped { reason } => reason.contains(FETCH),
        _ => false,
    };
    put("missing-data", count(&wants_data), "cases");
    let refused = run
        .plugins
        .iter()
        .filter(|plugin| plugin.rejected.is_some());
    put("refused-plugins", refused.count(), "plugins");
    let verdicts = |is: fn(Verdict) -> bool| {
        let judged = facts.judged.judged.iter();
        judged.filter(|one| is(one.verdict)).count()
    };
    let regressed = verdicts(|one| matches!(one, Verdict::Regressed(_)));
    put("regressed", regressed, "regressions");
    put(
        "improved",
        verdicts(|one| one == Verdict::Improved),
        "improvements",
    );
    put(
        "inconclusive",
        verdicts(|one| one == Verdict::Inconclusive),
        "verdicts",
    );
    put(
        "targets-missed",
        verdicts(|one| one == Verdict::TargetMissed),
        "targets",
    );
    put("judged", facts.judged.judged.len(), "verdicts");
    let declares = |case: &CaseResult| {
        let work = case.work.as_ref();
        case.outcome.is_ok() && work.is_some_and(|work| work.flop > 0.0 || work.bytes > 0.0)
    };
    put("declared", count(&declares), "cases");
    put("roofs", usize::from(facts.has_roofs), "roofs");
    put("gpus", run.environment.gpus.len(), "GPUs");
    put("cpus", run.environment.cpu.usable_cpus as usize, "CPUs");
    if !facts.subjects.is_empty() {
        let kept = facts.subjects.iter().filter(|one| one.baseline.is_some());
        put("baselines", kept.count(), "baselines");
    }
    if let Some(earlier) = facts.earlier_runs {
        put("runs", earlier, "earlier runs");
    }
    if let Some(git) = &run.git {
        put("dirty", usize::from(git.dirty), "1");
    }
    times(&mut known, facts);
    probes(&mut known, run);
    let machine = &run.environment;
    let load = machine.load_average_1min;
    let cpus = f64::from(machine.cpu.logical_cpus.max(1));
    known.put_some("load-per-cpu", load.map(|load| load / cpus), "1");
    let available = machine.memory.available_bytes as f64;
    known.put_some(
        "memory-available",
        Some(available).filter(|bytes| *bytes > 0.0),
        "B",
    );
    known
}

fn times(known: &mut Known<'_>, facts: &Facts<'_>) {
    let started = facts.run.started.parse::<Timestamp>().ok();
    let between = |from: Option<Timestamp>, to: Option<Timestamp>| {
        let seconds = to?.duration_since(from?).as_secs_f64();
        (seconds >= 0.0).then_some(seconds * 1e9)
    };
    let finished = facts.run.finished.as_ref();
    let finished = finished.and_then(|text| text.parse().ok());
    known.put_some("run-time", between(started, finished), "ns");
    if let Some(before) = &facts.before {
        known.put_some("pause", between(before.started.parse().ok(), started), "ns");
        let changes = differences(before.environment, &facts.run.environment);
        known.put(
            "environment-changes",
            changes as f64,
            "changes of the machine",
        );
    }
}

/// How many things about the machine are not as they were.
fn differences(before: &Environment, now: &Environment) -> usize {
    let differ = [
        before.fingerprint != now.fingerprint,
        before.os != now.os,
        before.kernel != now.kernel,
        before.virtualisation != now.virtualisation,
        before.cpu.model != now.cpu.model,
        before.cpu.usable_cpus != now.cpu.usable_cpus,
        before.cpu.smt != now.cpu.smt,
        before.cpu.governor != now.cpu.governor,
        before.cpu.turbo != now.cpu.turbo,
        before.memory.total_bytes != now.memory.total_bytes,
        before.cgroup != now.cgroup,
        before.gpus != now.gpus,
        before.clock_source != now.clock_source,
        before.aslr != now.aslr,
        before.variables != now.variables,
    ];
    differ.iter().filter(|differs| **differs).count()
}

/// What looking costs: known of the last case that was looked at.
fn probes(known: &mut Known<'_>, run: &Run) {
    for (name, cost) in &run.probe_costs {
        if cost.polls > 0 {
            known.put(format!("poll.{name}"), cost.poll_ns, "ns");
        }
    }
    let repetitions = run.cases.iter().flat_map(|case| &case.repetitions);
    let looked = repetitions.filter(|one| !one.readings.is_empty());
    let Some(last) = looked.max_by_key(|one| one.position) else {
        return;
    };
    let polls = |cost: &ProbeCost| cost.poll_ns * cost.polls as f64;
    let spent: f64 = run.probe_costs.values().map(polls).sum();
    if last.times.measure_ns > 0 {
        known.put("probe-share", spent / last.times.measure_ns as f64, SHARE);
    }
}
