//! Alerts: kept until somebody looks.

use benchhost_record::Alert;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::{
    Store, StoreError,
    names::{meant, word},
};

/// What [`read`] expects.
pub(super) const ALERTS: &str =
    "SELECT id, name, metric, machine, kind, severity, state, rule, opened_run, opened, last_run, updated, runs, value,
         reference, sentence, reason FROM alert";

impl Store {
    /// The alerts, newest first; all or only those that still ask for attention.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be read.
    pub fn alerts(&self, alive_only: bool) -> Result<Vec<Alert>, StoreError> {
        self.read(|connection| {
            let sql = format!(
                "{ALERTS} WHERE NOT ?1 OR state IN ('opened', 'confirmed') ORDER BY id DESC"
            );
            connection
                .prepare_cached(&sql)?
                .query_map([alive_only], read)?
                .collect()
        })
    }

    /// Stores an alert and returns its number: a new one when its id is 0, else in the place of the one with that id.
    ///
    /// Only one is alive for a case, metric and machine: a new one takes the place of one that is alive, and keeps its
    /// number and when it was opened.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be written.
    pub fn put_alert(&mut self, alert: &Alert) -> Result<u64, StoreError> {
        self.write(|transaction| put(transaction, alert))
    }

    /// As [`put_alert`](Self::put_alert) for many, in one transaction.
    ///
    /// # Errors
    /// [`StoreError`] when the history cannot be written; none is stored then.
    pub fn put_alerts(&mut self, alerts: &[Alert]) -> Result<Vec<u64>, StoreError> {
        self.write(|transaction| alerts.iter().map(|alert| put(transaction, alert)).collect())
    }
}

fn put(transaction: &Transaction<'_>, alert: &Alert) -> rusqlite::Result<u64> {
    let alive: Option<(i64, String, String)> = transaction
        .prepare_cached(
            "SELECT id, opened_run, opened FROM alert
             WHERE name = ?1 AND metric = ?2 AND machine = ?3 AND state IN ('opened', 'confirmed') AND ?4",
        )?
        .query_row(
            params![alert.case, alert.metric, alert.machine, alert.id == 0 && alert.state.is_alive()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let (id, opened_run, opened) = match alive {
        Some((id, opened_run, opened)) => (Some(id), opened_run, opened),
        None => (
            i64::try_from(alert.id).ok().filter(|id| *id > 0),
            alert.opened_run.clone(),
            alert.opened.clone(),
        ),
    };
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO alert (id, name, metric, machine, kind, severity, state, rule, opened_run, opened,
                 last_run, updated, runs, value, reference, sentence, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?
        .insert(params![
            id,
            alert.case,
            alert.metric,
            alert.machine,
            word(&alert.kind)?,
            word(&alert.severity)?,
            word(&alert.state)?,
            alert.rule,
            opened_run,
            opened,
            alert.last_run,
            alert.updated,
            alert.runs,
            alert.value,
            alert.reference,
            alert.sentence,
            alert.reason,
        ])
        .map(i64::unsigned_abs)
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Alert> {
    let number =
        |index| Ok::<_, rusqlite::Error>(row.get::<_, Option<f64>>(index)?.unwrap_or(f64::NAN));
    Ok(Alert {
        id: row.get::<_, i64>(0)?.unsigned_abs(),
        case: row.get(1)?,
        metric: row.get(2)?,
        machine: row.get(3)?,
        kind: meant(row.get(4)?)?,
        severity: meant(row.get(5)?)?,
        state: meant(row.get(6)?)?,
        rule: row.get(7)?,
        opened_run: row.get(8)?,
        opened: row.get(9)?,
        last_run: row.get(10)?,
        updated: row.get(11)?,
        runs: row.get(12)?,
        value: number(13)?,
        reference: number(14)?,
        sentence: row.get(15)?,
        reason: row.get(16)?,
    })
}
