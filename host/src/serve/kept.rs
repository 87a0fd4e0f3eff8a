//! Things that take long to make, kept until what they are made from changes. However many ask at once, one of them is made.

use std::{sync::Arc, time::Instant};

use tokio::{sync::Mutex, task};

use super::{answer::Problem, stamp::Stamp};

/// Values by key; those that nobody asked for the longest time make room for others.
pub(super) struct Kept<K, V> {
    most: usize,
    slots: std::sync::Mutex<Vec<(K, Slot<V>)>>,
}

type Slot<V> = Arc<Mutex<Option<Made<V>>>>;

struct Made<V> {
    value: V,
    /// What it was made from, looked at before it was made.
    from: Stamp,
    begun: Instant,
}

impl<K: PartialEq, V: Clone + Send + 'static> Kept<K, V> {
    /// Room for `most` values.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            slots: std::sync::Mutex::default(),
        }
    }

    /// The value for `key`: the kept one when `stamp` says that nothing changed, or when it was begun after it was asked for;
    /// else what `make` makes. What is begun is made to its end, also when nobody waits for it any more.
    ///
    /// # Errors
    /// Those of `make`.
    pub(super) async fn get<F>(
        &self,
        key: K,
        stamp: impl Fn() -> Stamp + Send + 'static,
        make: impl FnOnce() -> F + Send + 'static,
    ) -> Result<V, Problem>
    where
        F: Future<Output = Result<V, Problem>> + Send,
    {
        let asked = Instant::now();
        let slot = self.slot(key);
        let done = task::spawn(async move {
            let mut slot = slot.lock().await;
            let begun = Instant::now();
            let from = stamp();
            if let Some(made) = slot.as_ref()
                && (made.begun >= asked || made.from.is_still(&from))
            {
                return Ok(made.value.clone());
            }
            let value = make().await?;
            *slot = Some(Made {
                value: value.clone(),
                from,
                begun,
            });
            Ok(value)
        });
        done.await.unwrap_or_else(|error| {
            Err(Problem::new(
                axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                format!("the server failed at this: {error}"),
            ))
        })
    }

    fn slot(&self, key: K) -> Slot<V> {
        let mut slots = self.slots.lock().expect("nobody panics while holding it");
        let known = slots.iter().position(|(known, _)| *known == key);
        let entry = match known {
            Some(place) => slots.remove(place),
            None => (key, Slot::default()),
        };
        let slot = Arc::clone(&entry.1);
        slots.push(entry);
        let surplus = slots.len().saturating_sub(self.most);
        slots.drain(..surplus);
        slot
    }
}

#[cfg(test)]
mod tests {
    use std::{
        path::{Path, PathBuf},
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    fn nothing() -> Stamp {
        Stamp::of(Path::new("/there/is/no/such.db"), &[])
    }

    fn on_a_runtime(work: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(2).build().unwrap();
        runtime.block_on(work);
    }

    #[test]
    fn one_is_made_however_many_ask_and_the_oldest_makes_room() {
        on_a_runtime(async {
            let kept: Arc<Kept<u32, usize>> = Arc::new(Kept::new(2));
            let count = Arc::new(AtomicUsize::new(0));
            let ask = |key| {
                let (kept, count) = (Arc::clone(&kept), Arc::clone(&count));
                task::spawn(async move {
                    let make = || async move { Ok(count.fetch_add(1, Ordering::SeqCst)) };
                    kept.get(key, nothing, make).await.unwrap()
                })
            };

            let all: Vec<_> = (0..50).map(|_| ask(1)).collect();
            for one in all {
                assert_eq!(one.await.unwrap(), 0);
            }

            assert_eq!(ask(2).await.unwrap(), 1);
            assert_eq!(ask(3).await.unwrap(), 2);
            assert_eq!(ask(2).await.unwrap(), 1);
            assert_eq!(ask(1).await.unwrap(), 3);
        });
    }

    #[test]
    fn what_cannot_be_made_is_tried_again_and_what_changed_is_made_anew() {
        on_a_runtime(async {
            let folder = tempfile::tempdir().unwrap();
            let path: PathBuf = folder.path().join("h.db");
            let kept: Kept<(), u32> = Kept::new(1);
            let stamp = move || Stamp::of(&path, &[]);

            let failed = kept.get((), stamp.clone(), || async { Err(Problem::bad("no")) });
            assert!(failed.await.is_err());
            let first = kept.get((), stamp.clone(), || async { Ok(1) });
            assert_eq!(first.await.unwrap(), 1);
            let same = kept.get((), stamp.clone(), || async { Ok(2) });
            assert_eq!(same.await.unwrap(), 1);
            std::fs::write(folder.path().join("h.db"), "x").unwrap();
            let other = kept.get((), stamp, || async { Ok(3) });
            assert_eq!(other.await.unwrap(), 3);
        });
    }
}
