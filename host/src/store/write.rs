//! A run on its way into the history: its head, then each case in one transaction, then its end.

use benchhost_record::{CaseResult, Measurement, Metric, MetricKind, Outcome, Run, Samples, names};
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{
    Store, StoreError,
    document::{damaged, pack, pack_samples},
    names::word,
    point::{NewPoint, add_point},
    series::series_id,
};

impl Store {
    /// Stores the run before its first case. Asked again for the same run, it changes nothing but the run's head.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be written.
    pub fn begin_run(&mut self, run: &Run) -> Result<(), StoreError> {
        self.write(|transaction| put_run(transaction, run).map(drop))
    }

    /// Stores one finished case of the run `run_id` in one transaction: document, samples, points. In the place of an
    /// earlier result of the same case in the same run.
    ///
    /// A case that did not end well gets points without value, so that its series show the gap; a skipped one gets none.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be written, or has no such run.
    pub fn put_case(&mut self, run_id: &str, case: &CaseResult) -> Result<(), StoreError> {
        self.write(|transaction| put_case(transaction, run_id, case))
    }

    /// Stores how the run ended, and the order of its cases. Cases are not stored again.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be written.
    pub fn finish_run(&mut self, run: &Run) -> Result<(), StoreError> {
        self.write(|transaction| {
            let id = put_run(transaction, run)?;
            let mut place =
                transaction.prepare("UPDATE result SET place = ?3 WHERE run = ?1 AND name = ?2")?;
            for (index, case) in run.cases.iter().enumerate() {
                place.execute(params![id, case.case.id.as_str(), index as i64])?;
            }
            Ok(())
        })
    }
}

/// A moment as the records write it, in ms; 0 for text that is none.
pub(super) fn to_ms(moment: &str) -> i64 {
    moment.parse().map_or(0, Timestamp::as_millisecond)
}

fn put_run(transaction: &Transaction<'_>, run: &Run) -> rusqlite::Result<i64> {
    let head = Run {
        cases: Vec::new(),
        ..without_cases(run)
    };
    let git = run.git.as_ref();
    transaction.query_row(
        "INSERT INTO run (name, started_ms, finished_ms, state, host_version, suite, revision, branch, dirty, machine,
             planned, document)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (name) DO UPDATE SET finished_ms = excluded.finished_ms, state = excluded.state,
             document = excluded.document
         RETURNING id",
        params![
            run.id,
            to_ms(&run.started),
            run.finished.as_deref().map(to_ms),
            word(&run.state)?,
            run.host_version,
            run.suite.as_ref().map(|suite| &suite.name),
            git.map(|git| &git.revision),
            git.and_then(|git| git.branch.as_ref()),
            git.is_some_and(|git| git.dirty),
            run.environment.fingerprint,
            run.planned_cases as i64,
            pack(&head)?,
        ],
        |row| row.get(0),
    )
}

/// A copy of everything but the cases, which may be large.
fn without_cases(run: &Run) -> Run {
    Run {
        schema: run.schema,
        id: run.id.clone(),
        host_version: run.host_version.clone(),
        state: run.state,
        started: run.started.clone(),
        finished: run.finished.clone(),
        command: run.command.clone(),
        seed: run.seed,
        suite: run.suite.clone(),
        git: run.git.clone(),
        environment: run.environment.clone(),
        overhead: run.overhead.clone(),
        plugins: run.plugins.clone(),
        cases: Vec::new(),
        absent_probes: run.absent_probes.clone(),
        probe_costs: run.probe_costs.clone(),
        curves: run.curves.clone(),
        contrasts: run.contrasts.clone(),
        planned_cases: run.planned_cases,
        gates: run.gates.clone(),
    }
}

/// What the points of a run have in common.
struct Origin {
    run: i64,
    time_ms: i64,
    revision: Option<i64>,
    machine: String,
}

fn put_case(
    transaction: &Transaction<'_>,
    run_id: &str,
    result: &CaseResult,
) -> rusqlite::Result<()> {
    let found = transaction
        .query_row(
            "SELECT id, started_ms, machine, revision, dirty FROM run WHERE name = ?1",
            [run_id],
            |row| {
                let revision: Option<String> = row.get(3)?;
                let dirty = if row.get(4)? { "-dirty" } else { "" };
                let origin = Origin {
                    run: row.get(0)?,
                    time_ms: row.get(1)?,
                    revision: None,
                    machine: row.get(2)?,
                };
                Ok((
                    origin,
                    revision.map(|revision| format!("{revision}{dirty}")),
                ))
            },
        )
        .optional()?;
    let Some((mut origin, revision)) = found else {
        return Err(damaged(format!(
            "a case of the run `{run_id}`, which was never begun"
        )));
    };
    if let Some(revision) = revision {
        origin.revision = Some(super::names::revision_id(transaction, &revision)?);
    }
    let is_new = put_document(transaction, origin.run, result)?;
    if !is_new {
        remove_points(transaction, &origin, result.case.id.as_str())?;
    }
    put_points(transaction, &origin, result)
}

/// Whether the run had no result of this case before.
fn put_document(
    transaction: &Transaction<'_>,
    run: i64,
    result: &CaseResult,
) -> rusqlite::Result<bool> {
    let samples = pack_samples(result.measurements.iter().map(|m| &m.samples))?;
    let name = result.case.id.as_str();
    let before = transaction.execute(
        "DELETE FROM result WHERE run = ?1 AND name = ?2",
        params![run, name],
    )?;
    transaction.execute(
        "INSERT INTO result (run, name, outcome, failed, document, samples) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            run,
            name,
            result.outcome.word(),
            result.outcome.is_failure(),
            pack(&without_samples(result))?,
            samples,
        ],
    )?;
    Ok(before == 0)
}

fn without_samples(result: &CaseResult) -> CaseResult {
    let bare = |measurement: &Measurement| Measurement {
        metric: measurement.metric.clone(),
        samples: Samples::default(),
        summary: measurement.summary.clone(),
    };
    CaseResult {
        case: result.case.clone(),
        outcome: result.outcome.clone(),
        repetitions: result.repetitions.clone(),
        measurements: result.measurements.iter().map(bare).collect(),
        work: result.work.clone(),
        flags: result.flags.clone(),
        targets: result.targets.clone(),
        search: result.search.clone(),
        roofline: result.roofline,
    }
}

/// Takes away what an earlier form of the same result has put into the series.
fn remove_points(
    transaction: &Transaction<'_>,
    origin: &Origin,
    case: &str,
) -> rusqlite::Result<()> {
    let mut ids = transaction.prepare_cached("SELECT id FROM series WHERE name = ?1")?;
    let ids: Vec<i64> = ids
        .query_map([case], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in ids {
        let removed = transaction.execute(
            "DELETE FROM point WHERE series = ?1 AND time_ms = ?2 AND run = ?3",
            params![id, origin.time_ms, origin.run],
        )?;
        if removed > 0 {
            super::series::recount(transaction, id)?;
        }
    }
    Ok(())
}

fn put_points(
    transaction: &Transaction<'_>,
    origin: &Origin,
    result: &CaseResult,
) -> rusqlite::Result<()> {
    if matches!(result.outcome, Outcome::Skipped { .. }) {
        return Ok(());
    }
    let case = result.case.id.as_str();
    let mut new = NewPoint {
        time_ms: origin.time_ms,
        run: Some(origin.run),
        revision: origin.revision,
        value: None,
        low: None,
        high: None,
        n: 0,
    };
    if !result.outcome.is_ok() {
        for id in series_of_failed(transaction, origin, result)? {
            add_point(transaction, id, &new)?;
        }
        return Ok(());
    }
    for measurement in &result.measurements {
        let Some(summary) = &measurement.summary else {
            continue;
        };
        let id = series_id(transaction, case, &measurement.metric, &origin.machine)?;
        new.value = Some(summary.median);
        new.low = Some(summary.interval.low);
        new.high = Some(summary.interval.high);
        new.n = summary.n as i64;
        add_point(transaction, id, &new)?;
    }
    Ok(())
}

/// All series that the case would have continued: those it has on this machine, and that of its time.
fn series_of_failed(
    transaction: &Transaction<'_>,
    origin: &Origin,
    result: &CaseResult,
) -> rusqlite::Result<Vec<i64>> {
    let case = result.case.id.as_str();
    let time = Metric::new(
        names::TIME,
        "ns",
        benchhost_record::Direction::Lower,
        MetricKind::Time,
    );
    series_id(transaction, case, &time, &origin.machine)?;
    let mut known =
        transaction.prepare_cached("SELECT id FROM series WHERE name = ?1 AND machine = ?2")?;
    known
        .query_map(params![case, origin.machine], |row| row.get(0))?
        .collect()
}
