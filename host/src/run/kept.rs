//! Where a run goes while it goes on: `run.json`, and the history unless that is off.
//!
//! A case is in the history as soon as its last repetition is. When the history cannot be written, the run goes on without
//! it: `run.json` has everything, and what is missing is tried once more at the end.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use benchhost_record::{CaseResult, Run};

use super::RunFile;
use crate::store::{Store, StoreError};

/// Plans with more cases than this do not rewrite `run.json` after each one while the history has it already.
const OFTEN_UP_TO_CASES: u64 = 100;

/// How often it is rewritten then. Writing all cases after each one takes a time that grows with their square.
const WRITE_EVERY: Duration = Duration::from_secs(5);

/// The two places.
#[derive(Debug)]
pub struct Kept {
    file: RunFile,
    written: Instant,
    history: Option<History>,
}

#[derive(Debug)]
struct History {
    path: PathBuf,
    /// Absent after a failure.
    store: Option<Store>,
    failure: Option<StoreError>,
    /// Ids of the cases that are in it.
    stored: HashSet<String>,
}

impl Kept {
    /// Writes the run that begins to `file`, and to the history at `history` when there is to be one.
    ///
    /// The second value: why the history cannot be written. The run may go on all the same.
    #[must_use]
    pub fn begin(mut file: RunFile, history: Option<&Path>, run: &Run) -> (Self, Option<String>) {
        file.write(run);
        let mut kept = Self {
            file,
            written: Instant::now(),
            history: history.map(|path| History {
                path: path.to_owned(),
                store: None,
                failure: None,
                stored: HashSet::new(),
            }),
        };
        let mut remark = None;
        if let Some(history) = &mut kept.history {
            history.attempt(|history| history.begin(run));
            remark = history.remark();
        }
        (kept, remark)
    }

    /// A worker has ended; `run` has the result of its case, which is whole when it `is_finished`. The sentence: why the
    /// history cannot be written, said once.
    pub fn case(&mut self, run: &Run, result: &CaseResult, is_finished: bool) -> Option<String> {
        let mut remark = None;
        let mut is_stored = false;
        if let Some(history) = self
            .history
            .as_mut()
            .filter(|h| h.store.is_some() && is_finished)
        {
            history.attempt(|history| history.put(run, result));
            is_stored = history.failure.is_none();
            remark = history.remark();
        }
        let is_due = self.written.elapsed() >= WRITE_EVERY;
        if !is_stored || run.planned_cases <= OFTEN_UP_TO_CASES || is_due {
            self.file.write(run);
            self.written = Instant::now();
        }
        remark
    }

    /// The run has ended: writes it whole, and tries once more what could not be stored.
    pub fn finish(&mut self, run: &Run) {
        self.file.write(run);
        if let Some(history) = &mut self.history {
            history.attempt(|history| history.finish(run));
        }
    }

    /// The result file.
    #[must_use]
    pub fn file(&self) -> &RunFile {
        &self.file
    }

    /// The history, and why the run is not in it, if it is not.
    #[must_use]
    pub fn history(&self) -> Option<(&Path, Option<&StoreError>)> {
        let history = self.history.as_ref()?;
        Some((&history.path, history.failure.as_ref()))
    }
}

impl History {
    /// After a failure nothing more is tried until the end: waiting for a history that others hold would hold up the
    /// measuring each time.
    fn attempt(&mut self, step: impl FnOnce(&mut Self) -> Result<(), StoreError>) {
        self.failure = step(self).err();
        if self.failure.is_some() {
            self.store = None;
        }
    }

    fn remark(&self) -> Option<String> {
        let failure = self.failure.as_ref()?;
        Some(format!(
            "warning: {failure}; the run goes on, run.json has it"
        ))
    }

    fn begin(&mut self, run: &Run) -> Result<(), StoreError> {
        let mut store = Store::open(&self.path)?;
        store.begin_run(run)?;
        self.store = Some(store);
        Ok(())
    }

    fn put(&mut self, run: &Run, result: &CaseResult) -> Result<(), StoreError> {
        if let Some(store) = &mut self.store {
            store.put_case(&run.id, result)?;
            self.stored.insert(result.case.id.as_str().to_owned());
        }
        Ok(())
    }

    fn finish(&mut self, run: &Run) -> Result<(), StoreError> {
        if self.store.is_none() {
            self.begin(run)?;
        }
        // What failed before, and the cases that an interrupted run has begun.
        for result in &run.cases {
            if !self.stored.contains(result.case.id.as_str()) {
                self.put(run, result)?;
            }
        }
        match &mut self.store {
            Some(store) => store.finish_run(run),
            None => Ok(()),
        }
    }
}
