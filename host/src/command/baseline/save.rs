//! `benchhost baseline save` and `update`: values of a run become what is expected.

use std::{fs, path::Path};

use benchhost_exchange::{Format, SourceFile, import};
use benchhost_gate::{Judgements, Terms, Verdict};
use benchhost_record::{Alert, AlertState, CaseResult, Run, format_quantity};

use crate::{
    baseline::{self, Baseline, BaselineCase, BaselineMetric, Change, SCHEMA},
    cli::{SaveArguments, TakeArguments, UpdateArguments},
    command::{Failure, check, stored, table::table, unmatched::Names},
    judge::{self as gather, Known},
    store::{self, Store},
};

/// Makes a baseline that is not there yet.
pub(super) fn save(arguments: &SaveArguments) -> Result<String, Failure> {
    if arguments.take.name.trim().is_empty() {
        return Err(Failure::usage("a baseline needs a name, like main"));
    }
    let path = baseline::path(&arguments.take.name);
    if path.exists() {
        return Err(Failure::usage(format!(
            "the baseline `{}` is there already",
            path.display()
        ))
        .hint("`benchhost baseline update` changes it, after showing what changes"));
    }
    let mut new = match &arguments.from {
        Some(file) => imported(file)?,
        None => taken(&arguments.take, None)?,
    };
    set_tolerance(&mut new, arguments.take.tolerance.as_deref())?;
    if new.case.is_empty() {
        return Err(
            Failure::usage("no case was chosen that has values").hint("--case GLOB chooses others")
        );
    }
    new.write(&path, &arguments.take.name)?;
    Ok(format!("{}: {}\n", path.display(), counted(&new)))
}

/// Changes a baseline that is there.
pub(super) fn update(arguments: &UpdateArguments) -> Result<String, Failure> {
    let path = baseline::path(&arguments.take.name);
    let old = Baseline::read(&path)?;
    let mut new = taken(&arguments.take, Some(&old))?;
    if arguments.take.tolerance.is_some() {
        set_tolerance(&mut new, arguments.take.tolerance.as_deref())?;
    }
    let changes = baseline::changes(Some(&old), &new);
    if changes.is_empty() {
        return Ok(format!("{}: nothing changes\n", path.display()));
    }
    let listed = listed(&changes);
    if !arguments.yes {
        crate::terminal::remark_lines(listed.trim_end());
        let question = format!("{} values of `{}` change", changes.len(), path.display());
        if !stored::agreed(&question, "say --yes to change them")? {
            return Ok("nothing was changed\n".to_owned());
        }
    }
    new.write(&path, &arguments.take.name)?;
    accept_alerts(&arguments.take, &changes)?;
    Ok(format!("{listed}{}: {}\n", path.display(), counted(&new)))
}

/// What is expected now is nothing to be alarmed about: alerts of the values that were taken are accepted.
fn accept_alerts(arguments: &TakeArguments, changes: &[Change]) -> Result<(), Failure> {
    let history = store::located(arguments.store.as_deref());
    let Some(mut store) = Store::open_if_any(&history)? else {
        return Ok(());
    };
    let accepted: Vec<Alert> = store
        .alerts(true)?
        .into_iter()
        .filter(|alert| {
            let is_taken = |one: &Change| one.case == alert.case && one.metric == alert.metric;
            changes.iter().any(is_taken)
        })
        .map(|alert| Alert {
            state: AlertState::Accepted,
            reason: Some(format!("baseline {} was updated", arguments.name)),
            ..alert
        })
        .collect();
    store.put_alerts(&accepted)?;
    Ok(())
}

/// The baseline with the values of a run. A run that is not fine is refused.
fn taken(arguments: &TakeArguments, old: Option<&Baseline>) -> Result<Baseline, Failure> {
    let history = store::located(arguments.store.as_deref());
    let store = Store::open_if_any(&history)?;
    let run = stored::run(&arguments.run, store.as_ref(), &history)?;
    let globs = globs(&arguments.case)?;
    if !arguments.case.is_empty() {
        some_match(&run, &arguments.case, &globs)?;
    }
    let keep = |result: &CaseResult| {
        let id = result.case.id.as_str();
        let workload = id.split('?').next().unwrap_or(id);
        arguments.case.is_empty()
            || [id, workload, &result.case.benchmark]
                .iter()
                .any(|name| globs.is_match(name))
    };
    if !arguments.force {
        let path = store.as_ref().map(|_| history.as_path());
        refuse_unfit(arguments, &run, path, old, &keep)?;
    }
    if let Some(old) = old
        && !old.machine.is_empty()
        && old.machine != run.environment.fingerprint
        && !arguments.force
    {
        return Err(
            Failure::usage("the baseline was taken on another machine than the run")
                .hint("save it under another name, or say --force"),
        );
    }
    Ok(baseline::take(old, &run, &keep))
}

/// Refuses globs that no case of the run matches.
fn some_match(run: &Run, typed: &[String], globs: &globset::GlobSet) -> Result<(), Failure> {
    let mut names = Names::default();
    for one in &run.cases {
        names.add(one.case.id.as_str(), "");
        names.add_benchmark(&one.case.benchmark);
    }
    if names.cases().any(|name| globs.is_match(name)) {
        return Ok(());
    }
    let asked = names.unmatched(typed, &[]);
    Err(Failure::usage(format!(
        "no case of run `{}` matches {asked}",
        run.id
    )))
}

/// Refuses a run with failed or wrong cases, or one that regressed or had no core of its own: one bad run must not become what is expected.
fn refuse_unfit(
    arguments: &TakeArguments,
    run: &Run,
    history: Option<&Path>,
    old: Option<&Baseline>,
    keep: &dyn Fn(&CaseResult) -> bool,
) -> Result<(), Failure> {
    const FORCE: &str = "--force takes the values all the same";
    if let Some(failed) = run
        .cases
        .iter()
        .find(|one| keep(one) && one.outcome.is_failure())
    {
        return Err(Failure::usage(format!(
            "run `{}` cannot be a baseline: {} ended with: {}",
            run.id,
            failed.case.id,
            failed.outcome.sentence()
        ))
        .hint(FORCE));
    }
    if let Some(shared) = run
        .cases
        .iter()
        .find(|one| keep(one) && one.shared_its_core())
    {
        return Err(Failure::usage(format!(
            "run `{}` cannot be a baseline: {} was measured beside another program on the same core",
            run.id, shared.case.id
        ))
        .hint("run it again when the machine is less busy")
        .hint(FORCE));
    }
    let rules = gather::rules(&run.gates, arguments.gates.as_deref())
        .map_err(|error| Failure::usage(error.to_string()))?;
    let known = Known {
        history,
        baseline: old,
        ..Known::default()
    };
    let judged = check::judged(run, &known, &rules, &Terms::default())?;
    match worst(&judged, run, keep) {
        Some(sentence) => Err(Failure::usage(format!(
            "run `{}` cannot be a baseline: {sentence}",
            run.id
        ))
        .hint(FORCE)
        .hint("`benchhost history accept` says that a change is meant to be so")),
        None => Ok(()),
    }
}

fn worst(judged: &Judgements, run: &Run, keep: &dyn Fn(&CaseResult) -> bool) -> Option<String> {
    let is_kept = |case: &str| {
        run.cases
            .iter()
            .any(|one| one.case.id.as_str() == case && keep(one))
    };
    judged
        .judged
        .iter()
        .find(|one| {
            matches!(one.verdict, Verdict::Regressed(_))
                && one.verdict.fails()
                && is_kept(&one.case)
        })
        .map(|one| one.sentence.clone())
}

/// Baselines of another tool's file.
fn imported(file: &Path) -> Result<Baseline, Failure> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("cannot read `{name}`: {error}")))?;
    let source = [SourceFile {
        path: &name,
        text: &text,
    }];
    let found = import(Format::BaselineResults, &source)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let mut baseline = Baseline {
        schema: SCHEMA,
        ..Baseline::default()
    };
    for one in found.baselines {
        let entry: &mut BaselineCase = baseline.case.entry(one.case).or_default();
        let value = BaselineMetric {
            value: one.value,
            unit: one.unit,
            tolerance: Some(toml::Value::Float(one.tolerance)),
            direction: Some(one.direction),
            ..BaselineMetric::default()
        };
        entry.metrics.insert(one.metric, value);
    }
    if baseline.case.is_empty() {
        return Err(
            Failure::usage(format!("`{name}` holds results, no baselines"))
                .hint("`benchhost history import` takes results"),
        );
    }
    Ok(baseline)
}

fn set_tolerance(baseline: &mut Baseline, typed: Option<&str>) -> Result<(), Failure> {
    let Some(typed) = typed else { return Ok(()) };
    let value = match (
        typed.parse::<f64>(),
        benchhost_plan::parse_percentage(typed),
    ) {
        (Ok(number), _) if number.is_finite() && number >= 0.0 => toml::Value::Float(number),
        (Err(_), Some(_)) => toml::Value::String(typed.to_owned()),
        _ => {
            return Err(Failure::usage(format!(
                "--tolerance: {typed:?} found, expected a share like 5%, or a number in the metric's unit"
            )));
        }
    };
    for metric in baseline
        .case
        .values_mut()
        .flat_map(|case| case.metrics.values_mut())
    {
        metric.tolerance = Some(value.clone());
    }
    Ok(())
}

pub(super) fn globs(globs: &[String]) -> Result<globset::GlobSet, Failure> {
    let mut set = globset::GlobSetBuilder::new();
    for glob in globs {
        let parsed = globset::Glob::new(glob)
            .map_err(|error| Failure::usage(format!("--case: `{glob}`: {}", error.kind())))?;
        set.add(parsed);
    }
    set.build()
        .map_err(|error| Failure::usage(format!("--case: {error}")))
}

fn counted(baseline: &Baseline) -> String {
    let values: usize = baseline.case.values().map(|case| case.metrics.len()).sum();
    format!("{} cases, {values} values", baseline.case.len())
}

fn listed(changes: &[Change]) -> String {
    let value = |value: Option<f64>, unit: &str| {
        value.map_or_else(|| "–".to_owned(), |v| format_quantity(v, unit))
    };
    let rows: Vec<[String; 5]> = changes
        .iter()
        .map(|change| {
            let share = change
                .before
                .zip(change.after)
                .map(|(before, after)| (after - before) / before.abs());
            [
                change.case.clone(),
                change.metric.clone(),
                value(change.before, &change.unit),
                value(change.after, &change.unit),
                share.map_or_else(String::new, |share| format!("{:+.1} %", 100.0 * share)),
            ]
        })
        .collect();
    table(&rows)
}
