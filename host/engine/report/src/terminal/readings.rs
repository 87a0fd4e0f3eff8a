//! What the probes read: where each number comes from, and why some are absent.

use std::collections::BTreeMap;

use benchhost_record::{Reading, Run};

use super::{
    layout::wrapped,
    paint::{Paint, Style},
};
use crate::text::{harmless, pad_right};

/// Readings whose source is told: what a model says, and what an instrument says that is not there everywhere.
fn is_told(reading: &Reading) -> bool {
    let name = reading.metric.name.as_str();
    ["energy", "carbon", "power", "gpu"]
        .iter()
        .any(|family| name == *family || name.starts_with(&format!("{family}-")))
}

/// The section, when there is something to say.
pub(super) fn section(run: &Run, width: Option<usize>, paint: Paint) -> Option<String> {
    let mut sources: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    let repetitions = run.cases.iter().flat_map(|case| &case.repetitions);
    for reading in repetitions
        .flat_map(|one| &one.readings)
        .filter(|one| is_told(one))
    {
        let key = (reading.basis.word().to_owned(), reading.source.clone());
        let names = sources.entry(key).or_default();
        if !names.contains(&reading.metric.name.as_str()) {
            names.push(&reading.metric.name);
        }
    }
    let mut rows: Vec<(String, String)> = sources
        .into_iter()
        .map(|((basis, source), names)| (names.join(", "), format!("{basis}: {source}")))
        .collect();
    let absent = run.absent_probes.iter();
    rows.extend(absent.map(|(name, reason)| (name.clone(), format!("absent: {reason}"))));
    if rows.is_empty() {
        return None;
    }
    let label = rows
        .iter()
        .map(|(label, _)| label.len())
        .max()
        .unwrap_or(0)
        .min(24);
    let mut text = paint.lines(&["probes".to_owned()], Style::Bold);
    for (name, source) in rows {
        let line = format!("{}  {}", pad_right(&name, label), harmless(&source));
        for line in wrapped(&line, width.map(|all| all.saturating_sub(2)), label + 2) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    Some(text)
}
