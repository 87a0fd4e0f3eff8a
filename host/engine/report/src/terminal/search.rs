//! Searches: the largest value that works, the smallest that does not and why, and what else was tried.

use benchhost_record::{CaseResult, Outcome, Run, Search, Tried, format_quantity};

use super::{
    layout::wrapped,
    notes::count,
    paint::{Paint, Style},
};
use crate::text::harmless;

/// One section for all searches.
pub(super) fn section(run: &Run, width: Option<usize>, paint: Paint) -> Option<String> {
    let searches = run
        .cases
        .iter()
        .filter_map(|case| Some((case, case.search.as_ref()?)));
    let mut text = String::new();
    for (result, search) in searches {
        for line in wrapped(
            &answer(result, search),
            width.map(|all| all.saturating_sub(2)),
            2,
        ) {
            text.push_str(&format!("  {line}\n"));
        }
        let details: Vec<String> = failing(search)
            .iter()
            .flat_map(|one| wrapped(one, width.map(|all| all.saturating_sub(4)), 2))
            .map(|line| format!("    {line}"))
            .collect();
        text.push_str(&paint.lines(&details, Style::Dim));
    }
    let title = paint.lines(&["searches".to_owned()], Style::Bold);
    (!text.is_empty()).then(|| format!("{title}{text}"))
}

fn answer(result: &CaseResult, search: &Search) -> String {
    let key = harmless(&search.key);
    let is_finished = !matches!(result.outcome, Outcome::Skipped { .. });
    let found = match (search.largest, search.smallest_failing) {
        (Some(works), Some(fails)) => format!(
            "the largest that works is {key} = {}, {} does not",
            shown(works),
            shown(fails)
        ),
        (Some(works), None) if is_finished => {
            format!("{key} = {} works, the end of the range", shown(works))
        }
        (Some(works), None) => format!("{key} = {} works, larger ones may", shown(works)),
        (None, Some(fails)) => format!("not even {key} = {} works", shown(fails)),
        (None, None) => format!("no {key} was tried to its end"),
    };
    let id = harmless(result.case.id.as_str());
    format!(
        "{id}: {found}; {} tried",
        count(search.tried.len(), "value")
    )
}

/// A line for each value that does not work.
fn failing(search: &Search) -> Vec<String> {
    let mut failing: Vec<&Tried> = search.tried.iter().filter(|one| !one.works()).collect();
    failing.sort_by(|a, b| a.value.total_cmp(&b.value));
    let told = |one: &Tried| {
        let why = one.missed.clone().unwrap_or_else(|| one.outcome.sentence());
        format!(
            "{} = {}: {}",
            harmless(&search.key),
            shown(one.value),
            harmless(&why)
        )
    };
    failing.into_iter().map(told).collect()
}

fn shown(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value}")
    } else {
        format_quantity(value, "1")
    }
}
