//! Words and names: how enums are written, and the long names that points share.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};
use serde::{Serialize, de::DeserializeOwned};

use super::document::damaged;

/// The word an enum has in its serialised form.
pub(super) fn word<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(damaged(format!("{other:?} is no word"))),
    }
}

/// What the word stands for.
pub(super) fn meant<T: DeserializeOwned>(word: String) -> rusqlite::Result<T> {
    serde_json::from_value(serde_json::Value::String(word))
        .map_err(|error| damaged(format!("a word: {error}")))
}

/// Number of the revision `name`, given to it if need be.
pub(super) fn revision_id(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    let known = connection
        .prepare_cached("SELECT id FROM revision WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection
        .prepare_cached("INSERT INTO revision (name) VALUES (?1)")?
        .insert([name])
}

/// Names by their number, each read once.
pub(super) struct Names<'a> {
    connection: &'a Connection,
    sql: &'static str,
    known: Vec<Option<Arc<str>>>,
}

impl<'a> Names<'a> {
    /// Names of runs.
    pub(super) fn of_runs(connection: &'a Connection) -> Self {
        Self::new(connection, "SELECT name FROM run WHERE id = ?1")
    }

    /// Names of revisions.
    pub(super) fn of_revisions(connection: &'a Connection) -> Self {
        Self::new(connection, "SELECT name FROM revision WHERE id = ?1")
    }

    fn new(connection: &'a Connection, sql: &'static str) -> Self {
        Self {
            connection,
            sql,
            known: Vec::new(),
        }
    }

    /// The name with this number; none when there is no number, or its name was deleted.
    pub(super) fn get(&mut self, id: Option<i64>) -> rusqlite::Result<Option<Arc<str>>> {
        let Some(id) = id else {
            return Ok(None);
        };
        let index = usize::try_from(id).map_err(|_| damaged(format!("the number {id}")))?;
        if let Some(Some(name)) = self.known.get(index) {
            return Ok(Some(Arc::clone(name)));
        }
        let name: Option<String> = self
            .connection
            .prepare_cached(self.sql)?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let Some(name) = name else {
            return Ok(None);
        };
        let name: Arc<str> = name.into();
        // Numbers are given one by one; one that is not comes from damage, and gets no room.
        if index < self.known.len() + (1 << 24) {
            self.known.resize(self.known.len().max(index + 1), None);
            self.known[index] = Some(Arc::clone(&name));
        }
        Ok(Some(name))
    }
}
