//! What a search tried, with the sentence that says why a value does not work.

use std::collections::BTreeMap;

use benchhost_record::{Search, Tried};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct SearchData<'a> {
    key: &'a str,
    largest: Option<f64>,
    smallest_failing: Option<f64>,
    tried: Vec<TriedData<'a>>,
}

#[derive(Serialize)]
struct TriedData<'a> {
    value: f64,
    word: &'static str,
    works: bool,
    /// Why it does not work; empty when it does.
    why: String,
    medians: &'a BTreeMap<String, f64>,
}

impl<'a> SearchData<'a> {
    pub(super) fn of(search: &'a Search) -> Self {
        Self {
            key: &search.key,
            largest: search.largest,
            smallest_failing: search.smallest_failing,
            tried: search.tried.iter().map(tried).collect(),
        }
    }
}

fn tried(one: &Tried) -> TriedData<'_> {
    let missed = one.missed.clone();
    TriedData {
        value: one.value,
        word: one.outcome.word(),
        works: one.works(),
        why: missed.unwrap_or_else(|| one.outcome.sentence()),
        medians: &one.medians,
    }
}
