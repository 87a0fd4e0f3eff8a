//! What was told of by whom, so that nobody is told twice. A small file beside the history.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use benchhost_record::{AlertState, Severity};
use serde::{Deserialize, Serialize};

use super::{
    super::{PublishError, settings::Limits},
    event::{Event, FAILURE},
};

/// Form of the file.
const SCHEMA: u32 = 1;

/// State and severity that were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    state: AlertState,
    severity: Severity,
}

/// All that was told, by action and event.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    schema: u32,
    told: BTreeMap<String, BTreeMap<String, Vec<Told>>>,
}

/// Where it is when the history is at `history`.
pub(super) fn beside(history: &Path) -> PathBuf {
    let mut name = history
        .file_name()
        .map_or(OsString::from("history.db"), OsString::from);
    name.push("-published.json");
    history.with_file_name(name)
}

impl Memory {
    /// What the file says; nothing when there is none.
    pub(super) fn read(path: &Path) -> Result<Self, PublishError> {
        let damaged = |why: &dyn std::fmt::Display| {
            PublishError::undelivered(format!(
                "cannot read what was told before in `{}`: {why}",
                path.display()
            ))
            .with_hint(
                "without it everything would be told again; remove the file if that is right",
            )
        };
        match fs::read(path) {
            Ok(bytes) => {
                let memory: Self =
                    serde_json::from_slice(&bytes).map_err(|error| damaged(&error))?;
                if memory.schema > SCHEMA {
                    return Err(damaged(&"it was written by a later version"));
                }
                Ok(memory)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(damaged(&error)),
        }
    }

    /// Replaces the file in one step.
    pub(super) fn write(&mut self, path: &Path) -> Result<(), PublishError> {
        self.schema = SCHEMA;
        let put = || -> io::Result<()> {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        };
        put().map_err(|error| {
            PublishError::undelivered(format!(
                "cannot remember what was told in `{}`: {error}",
                path.display()
            ))
        })
    }

    /// Keys of failures that somebody was told of.
    pub(super) fn failures(&self) -> BTreeSet<String> {
        let keys = self.told.values().flat_map(BTreeMap::keys);
        keys.filter(|key| key.starts_with(FAILURE))
            .cloned()
            .collect()
    }

    /// What the event is to be told as by an action, when it is to be told.
    ///
    /// What is alive is told when its state is one that the action asks for and was not told yet, or has become worse since. What
    /// was confirmed before anybody was told counts as opened. What is over is news only to those who know of it, unless they
    /// asked for nothing else.
    pub(super) fn due(
        &self,
        action: &str,
        event: &Event,
        limits: &Limits,
        again: bool,
    ) -> Option<Told> {
        let told = self.told.get(action).and_then(|by| by.get(&event.key));
        let told = told.map_or(&[][..], Vec::as_slice);
        let asks = |state: AlertState| limits.states.contains(&state);
        let is_late = event.state == AlertState::Confirmed
            && !asks(AlertState::Confirmed)
            && told
                .iter()
                .all(|one| !one.state.is_alive() || one.severity < event.severity || again);
        let state = if is_late {
            AlertState::Opened
        } else {
            event.state
        };
        let is_new = again
            || !told
                .iter()
                .any(|one| one.state == state && one.severity >= event.severity);
        let asks_for_the_living = asks(AlertState::Opened) || asks(AlertState::Confirmed);
        let is_known = told.iter().any(|one| one.state.is_alive());
        let concerns = state.is_alive() || is_known || !asks_for_the_living || again;
        (asks(state) && is_new && concerns).then_some(Told {
            state,
            severity: event.severity,
        })
    }

    /// Remembers that the event was told.
    pub(super) fn remember(&mut self, action: &str, event: &Event, told: Told) {
        let by = self.told.entry(action.to_owned()).or_default();
        let known = by.entry(event.key.clone()).or_default();
        if !known.contains(&told) {
            known.push(told);
        }
    }

    /// Lets an action forget failures that are over: the next one is news. Whether there was any.
    pub(super) fn forget(&mut self, action: &str, over: &[&Event]) -> bool {
        let Some(by) = self.told.get_mut(action) else {
            return false;
        };
        let before = by.len();
        by.retain(|key, _| {
            !(key.starts_with(FAILURE) && over.iter().any(|event| event.key == *key))
        });
        by.len() != before
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::settings::Kind, *};
    use crate::store::SeriesFilter;

    fn limits(states: &[AlertState]) -> Limits {
        Limits {
            on: vec![Kind::Regression],
            severity: Severity::Info,
            states: states.to_vec(),
            series: SeriesFilter::default(),
            most: 9,
        }
    }

    fn event(state: AlertState, severity: Severity) -> Event {
        Event {
            key: "alert 1 of r".to_owned(),
            kind: Kind::Regression,
            severity,
            state,
            case: String::new(),
            metric: String::new(),
            sentence: String::new(),
            alert: None,
        }
    }

    /// What is told of a life, state by state.
    fn life(states: &[AlertState], asked: &[AlertState]) -> Vec<AlertState> {
        let (mut memory, limits) = (Memory::default(), limits(asked));
        let mut all = Vec::new();
        for state in states {
            let event = event(*state, Severity::Warning);
            if let Some(told) = memory.due("a", &event, &limits, false) {
                memory.remember("a", &event, told);
                all.push(told.state);
            }
        }
        all
    }

    use AlertState::{Confirmed, Opened, Resolved};

    #[test]
    fn each_state_is_told_once() {
        let states = [Opened, Opened, Confirmed, Confirmed, Resolved, Resolved];

        assert_eq!(life(&states, &[Opened, Resolved]), [Opened, Resolved]);
        assert_eq!(
            life(&states, &[Opened, Confirmed, Resolved]),
            [Opened, Confirmed, Resolved]
        );
        assert_eq!(life(&states, &[Resolved]), [Resolved]);
        assert_eq!(life(&states, &[Confirmed]), [Confirmed]);
    }

    #[test]
    fn what_nobody_was_told_of_is_opened_when_confirmed_and_no_news_when_over() {
        assert_eq!(
            life(&[Confirmed, Confirmed, Resolved], &[Opened, Resolved]),
            [Opened, Resolved]
        );
        assert_eq!(life(&[Resolved], &[Opened, Resolved]), []);
    }

    #[test]
    fn what_became_worse_is_told_again() {
        let (mut memory, limits) = (Memory::default(), limits(&[Opened]));
        let first = event(Opened, Severity::Warning);
        let told = memory.due("a", &first, &limits, false).unwrap();
        memory.remember("a", &first, told);

        assert!(
            memory
                .due("a", &event(Confirmed, Severity::Warning), &limits, false)
                .is_none()
        );
        let worse = event(Confirmed, Severity::Critical);
        let told = memory.due("a", &worse, &limits, false).unwrap();
        memory.remember("a", &worse, told);
        assert!(memory.due("a", &worse, &limits, false).is_none());
        assert!(memory.due("a", &worse, &limits, true).is_some());
        assert!(memory.due("b", &worse, &limits, false).is_some());
    }
}
