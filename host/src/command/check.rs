//! `benchhost check`: judge a run, tell what asks for attention, keep the alerts.

mod second_look;

use std::path::Path;

use anyhow::Context as _;
use benchhost_gate::{Judgements, LifeTerms, Lived, Rules, Terms, Verdict, judge, live, recall};
use benchhost_record::{Alert, AlertState, Quantity, Run, RunState};
use benchhost_report::{
    json::{self, JudgedRun},
    terminal as tables,
};

use super::{Failure, stored};
use crate::{
    baseline::{self, Baseline, BaselineError},
    cli::{AdviceArguments, CheckArguments, HistoryFormat, SourceArguments},
    exit,
    judge::{self as gather, ACCEPTED_FILE, Accepted, Known},
    meant::meant,
    store::{self, Store},
    terminal,
};

/// Judges a run.
///
/// # Errors
/// [`Failure`] when there is nothing to judge, or by nothing.
pub fn execute(arguments: &CheckArguments) -> Result<u8, Failure> {
    let publish = super::publish::wanted(arguments.publish.as_deref())?;
    let path = store::located(arguments.store.as_deref());
    let mut store = Store::open_if_any(&path)?;
    let run = stored::run(&arguments.run, store.as_ref(), &path)?;
    let rules = gather::rules(&run.gates, arguments.gates.as_deref())
        .map_err(|error| Failure::usage(error.to_string()))?;
    let baseline = baseline(
        arguments.baseline.as_deref(),
        &run,
        arguments.across_machines,
    )?;
    let terms = Terms {
        level: super::compare::level(&arguments.level)?,
    };
    let mut known = Known {
        history: store.as_ref().map(|_| path.as_path()),
        baseline: baseline.as_ref(),
        again: None,
        across_machines: arguments.across_machines,
    };
    let mut judged = judged(&run, &known, &rules, &terms)?;
    let suspicious = suspicious(&judged);
    let confirmed = arguments.confirm > 0 && !suspicious.is_empty();
    let again = if confirmed {
        let what = match suspicious.len() {
            1 => "1 case looks suspicious: running it again".to_owned(),
            n => format!("{n} cases look suspicious: running them again"),
        };
        let times = match arguments.confirm {
            1 => String::new(),
            n => format!(", {n} times"),
        };
        terminal::remark(&format!("{what}{times}"));
        Some(
            gather::again(&run, &suspicious, arguments.confirm).map_err(|error| {
                Failure::usage(error.to_string())
                    .hint("check without --confirm judges what is there")
            })?,
        )
    } else {
        None
    };
    let mut cleared = Vec::new();
    if again.is_some() {
        known.again = again.as_ref();
        let first = judged;
        judged = self::judged(&run, &known, &rules, &terms)?;
        cleared = second_look::cleared(&first, &judged, &run);
    }
    remark_on_what_is_mute(&judged, baseline.as_ref(), &run);
    let accepted = Accepted::read(Path::new(ACCEPTED_FILE))
        .map_err(|error| Failure::usage(error.to_string()))?;
    accepted.apply(&mut judged.judged, &run.environment.fingerprint);
    if let Some(store) = store.as_mut() {
        second_look::heed(&mut judged, &store.alerts(false)?, &run);
        let alerts = alerts(store, &run)?;
        recall(&mut judged.judged, &alerts, &run.id, LifeTerms::default());
        if !arguments.dry_run && is_newest(store, &run)? {
            keep_alerts(store, &run, &alerts, &judged, confirmed)?;
            store.put_alerts(&cleared)?;
        }
    }
    let code = exit_code(&judged, arguments.require_conclusive);
    show(arguments, &run, &judged, code)?;
    if let Some(settings) = &publish {
        let source = source(arguments);
        super::publish::softly(
            settings,
            &arguments.run,
            &source,
            Some((&judged, code)),
            arguments.quiet,
        );
    }
    Ok(code)
}

/// What the run is judged by, as the commands say it that make reports.
fn source(arguments: &CheckArguments) -> SourceArguments {
    SourceArguments {
        store: arguments.store.clone(),
        gates: arguments.gates.clone(),
        baseline: arguments.baseline.clone(),
        across_machines: arguments.across_machines,
        advice: AdviceArguments::default(),
        no_store: false,
    }
}

/// The baseline that is asked for, or `main` when there is one.
pub(super) fn baseline(
    name: Option<&str>,
    run: &Run,
    across_machines: bool,
) -> Result<Option<Baseline>, Failure> {
    let path = baseline::path(name.unwrap_or(baseline::DEFAULT_NAME));
    let found = match Baseline::read(&path) {
        Ok(found) => found,
        Err(BaselineError::Missing { .. }) if name.is_none() => return Ok(None),
        Err(error @ BaselineError::Missing { .. }) => {
            return Err(Failure::usage(error.to_string())
                .hint("`benchhost baseline list` shows those there are"));
        }
        Err(error) => return Err(Failure::usage(error.to_string())),
    };
    let is_other = !found.machine.is_empty() && found.machine != run.environment.fingerprint;
    if is_other && !across_machines {
        let cpu = if found.cpu.is_empty() {
            "unknown CPU"
        } else {
            &found.cpu
        };
        let sentence = format!(
            "the baseline `{}` was taken on another machine ({cpu}) than the run: its times say nothing about the code",
            path.display()
        );
        if name.is_some() {
            return Err(
                Failure::usage(sentence).hint("--across-machines judges by it all the same")
            );
        }
        terminal::remark(&format!("note: {sentence}; it is left out"));
        return Ok(None);
    }
    Ok(Some(found))
}

/// Says which rules, targets and values of the baseline speak of nothing in this run: a typing error looks like this, and a
/// case that is gone.
fn remark_on_what_is_mute(judged: &Judgements, baseline: Option<&Baseline>, run: &Run) {
    for rule in &judged.idle {
        terminal::remark(&format!(
            "note: the rule at {rule} speaks of nothing in this run"
        ));
    }
    let measures = |case: &str, metric: &str| {
        let found = run.cases.iter().find(|one| one.case.id.as_str() == case);
        found.is_some_and(|one| {
            !one.outcome.is_ok() || one.measurements.iter().any(|m| m.metric.name == metric)
        })
    };
    for case in &run.cases {
        let id = case.case.id.as_str();
        for metric in case.targets.keys().filter(|metric| !measures(id, metric)) {
            let known = case.measurements.iter();
            let known: Vec<&str> = known.map(|one| one.metric.name.as_str()).collect();
            terminal::remark(&format!(
                "note: the target of `{metric}` of {id} judges nothing: it is not measured{}",
                meant(metric, &known)
            ));
        }
    }
    for case in &run.cases {
        for (metric, text) in &case.targets {
            let found = case.measurements.iter().find(|m| m.metric.name == *metric);
            let bound = Quantity::parse(text.trim_start_matches(['<', '>', '=', ' ']));
            if let (Some(found), Some(bound)) = (found, bound)
                && !bound.unit.is_empty()
                && bound.in_unit(&found.metric.unit).is_none()
            {
                terminal::remark(&format!(
                    "note: the target `{text}` of `{metric}` of {} judges nothing: the metric is in `{}`",
                    case.case.id, found.metric.unit
                ));
            }
        }
    }
    let Some(baseline) = baseline else { return };
    let mute: Vec<String> = baseline
        .case
        .iter()
        .flat_map(|(case, entry)| entry.metrics.keys().map(move |metric| (case, metric)))
        .filter(|(case, metric)| !measures(case, metric))
        .map(|(case, metric)| format!("{metric} of {case}"))
        .collect();
    if let [first, ..] = mute.as_slice() {
        let others = match mute.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        terminal::remark(&format!(
            "note: the baseline has values that this run did not measure: {first}{others}"
        ));
    }
}

/// Verdicts on a run by what is known.
pub(super) fn judged(
    run: &Run,
    known: &Known<'_>,
    rules: &Rules,
    terms: &Terms,
) -> Result<Judgements, Failure> {
    let subjects = gather::subjects(run, known)?;
    Ok(judge(&subjects, rules, terms))
}

/// Ids of the cases that a second look could clear, each once.
fn suspicious(judged: &Judgements) -> Vec<String> {
    let mut cases: Vec<String> = judged
        .judged
        .iter()
        .filter(|one| one.is_suspicious)
        .map(|one| one.case.clone())
        .collect();
    cases.sort();
    cases.dedup();
    cases
}

/// Whether no later run of the same suite on the same machine is known. One that others came after has had its say: judging
/// it again moves no alert.
fn is_newest(store: &Store, run: &Run) -> Result<bool, Failure> {
    let suite = run.suite.as_ref().map(|suite| &suite.name);
    let runs = store.runs(None)?;
    let mut alike = runs
        .iter()
        .filter(|row| row.machine == run.environment.fingerprint && row.suite.as_ref() == suite);
    Ok(alike.next().is_none_or(|newest| newest.id == run.id))
}

/// Alerts that this run has a say in: opened by it or before it, on its machine. Accepted and expired ones silence a repeat.
fn alerts(store: &Store, run: &Run) -> Result<Vec<Alert>, Failure> {
    let mut known = store.alerts(false)?;
    known.retain(|alert| {
        alert.state != AlertState::Resolved
            && alert.machine == run.environment.fingerprint
            && alert.opened <= run.started
    });
    Ok(known)
}

/// Opens, moves and closes alerts by the verdicts.
fn keep_alerts(
    store: &mut Store,
    run: &Run,
    known: &[Alert],
    judged: &Judgements,
    confirmed: bool,
) -> Result<(), Failure> {
    let machine = &run.environment.fingerprint;
    let lived = Lived {
        run: &run.id,
        started: &run.started,
        machine,
        confirmed,
    };
    store.put_alerts(&live(known, &judged.judged, &lived, LifeTerms::default()))?;
    Ok(())
}

pub(super) fn exit_code(judged: &Judgements, require_conclusive: bool) -> u8 {
    let inconclusive = judged
        .judged
        .iter()
        .any(|one| one.verdict == Verdict::Inconclusive);
    if judged.fails() {
        exit::REGRESSION
    } else if judged.has_failures() {
        exit::FAILED
    } else if require_conclusive && inconclusive {
        exit::INCONCLUSIVE
    } else {
        exit::FINE
    }
}

fn show(
    arguments: &CheckArguments,
    run: &Run,
    judged: &Judgements,
    code: u8,
) -> Result<(), Failure> {
    if arguments.quiet {
        return Ok(());
    }
    let text = match arguments.format {
        HistoryFormat::Json => json::judgements(
            &JudgedRun {
                run: &run.id,
                machine: &run.environment.fingerprint,
                exit_code: code,
            },
            judged,
        ),
        HistoryFormat::Table => tables::render_judgements(
            &heading(run),
            judged,
            arguments.all,
            terminal::width(),
            terminal::colour(),
        ),
    };
    Ok(terminal::show(&text).context("cannot print")?)
}

fn heading(run: &Run) -> String {
    let mut parts = vec![run.id.clone()];
    parts.extend(run.suite.as_ref().map(|suite| suite.name.clone()));
    parts.extend(run.git.as_ref().map(|git| {
        let dirty = if git.dirty { "-dirty" } else { "" };
        format!("{:.10}{dirty}", git.revision)
    }));
    if run.state != RunState::Finished {
        parts.push("not finished".to_owned());
    }
    parts.join(" · ")
}
