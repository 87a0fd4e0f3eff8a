//! What could be done: the first few recommendations, each with what says so.

use benchhost_advice::Recommendation;

use super::{
    notes::{Note, section as notes},
    paint::{Paint, Style},
};
use crate::text::harmless;

/// The section, when there is something to do; at most `most` of them.
pub(super) fn section(
    all: &[Recommendation],
    most: usize,
    width: Option<usize>,
    paint: Paint,
) -> Option<String> {
    let shown: Vec<Note> = all.iter().take(most).map(note).collect();
    let mut text = notes("recommendations", &shown, width, paint)?;
    if all.len() > shown.len() {
        let more = all.len() - shown.len();
        text.push_str(&paint.text(&format!("  … +{more} more: benchhost report\n"), Style::Dim));
    }
    Some(text)
}

fn note(one: &Recommendation) -> Note {
    let about = if one.about.is_empty() {
        &one.case
    } else {
        &one.about
    };
    let of = if one.metric.is_empty() { "" } else { " of " };
    let mut parts = vec![harmless(&one.number)];
    if !about.is_empty() {
        let more = match one.more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let what = format!("{}{of}{}", harmless(&one.metric), harmless(about));
        parts.push(format!("{what}{more}"));
    }
    parts.push(harmless(&format!("{}: {}", one.rule, one.condition)));
    Note {
        text: harmless(&one.text),
        indent: 0,
        details: vec![parts.join(" · ")],
    }
}
