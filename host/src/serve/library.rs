//! Looks into the history, each in a thread of its own, a few at once: SQLite makes its caller wait, and a crowd must neither stop
//! the server nor take the memory.

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;
use tokio::{sync::Semaphore, task, time};

use super::answer::Problem;
use crate::store::Store;

/// Looks at once.
const PLACES: usize = 4;

/// How long one waits for a place.
const PATIENCE: Duration = Duration::from_secs(20);

/// The history, and room to look into it.
pub(super) struct Library {
    path: PathBuf,
    places: Arc<Semaphore>,
}

impl Library {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }

    /// What `work` finds in the history.
    ///
    /// # Errors
    /// When the history cannot be opened, when there was no place for too long, and what `work` says.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let path = self.path.clone();
        self.work(move || work(&Store::open_existing(&path)?)).await
    }

    /// As [`look`](Self::look), answered as JSON, which is written in that thread too.
    ///
    /// # Errors
    /// Those of [`look`](Self::look).
    pub(super) async fn json(
        &self,
        work: impl FnOnce(&Store) -> Result<Value, Problem> + Send + 'static,
    ) -> Result<Response, Problem> {
        let text = self.look(move |store| Ok(work(store)?.to_string())).await?;
        Ok(written(text))
    }

    /// What `work` comes to, which may take its time.
    ///
    /// # Errors
    /// When there was no place for too long, and what `work` says.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = || {
            let sentence = format!(
                "too many ask at once: no place within {} s",
                PATIENCE.as_secs()
            );
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, sentence).hint("ask again later")
        };
        let place = Arc::clone(&self.places).acquire_owned();
        let place = time::timeout(PATIENCE, place).await.map_err(|_| busy())?;
        let done = task::spawn_blocking(move || {
            let done = work();
            // Held to the end, also when nobody waits for the answer any more.
            drop(place);
            done
        });
        done.await.unwrap_or_else(|_| {
            Err(Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the server failed at this; its standard error says where",
            ))
        })
    }
}

/// JSON that is written already.
pub(super) fn written(text: String) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], text).into_response()
}
