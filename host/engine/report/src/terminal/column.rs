//! Which metrics get a column, in which order, and which go first when there is no room.

use benchhost_record::{CaseResult, Measurement, names};

use super::{
    mark::Marks,
    quantity::{self, NOTHING},
};
use crate::text::harmless;

/// The quantile of the time that has a column.
const TAIL: f64 = 0.95;

/// Metrics that are always left to run.json: they explain a number, they are not what is asked.
const BACKGROUND: [&str; 3] = [names::CPU_TIME, names::MEMORY_GROWTH, names::SETUP_TIME];

/// What a column shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// Median of the metric with this name.
    Median(String),
    /// Relative half-width of the time's interval.
    Spread,
    /// A high quantile of the time.
    Tail,
    /// What is said of the case.
    Verdict,
}

impl Column {
    pub(super) fn header(&self) -> String {
        match self {
            Self::Median(name) => {
                quantity::short(name.strip_prefix(names::PHASE_PREFIX).unwrap_or(name))
            }
            Self::Spread => "±".to_owned(),
            Self::Tail => format!("p{:.0}", 100.0 * TAIL),
            Self::Verdict => "verdict".to_owned(),
        }
    }

    /// Name to give when there is no room for the column.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Median(name) => harmless(name),
            Self::Spread | Self::Tail => format!("{} of {}", self.header(), names::TIME),
            Self::Verdict => self.header(),
        }
    }

    /// The cell of `result`.
    pub(super) fn cell(&self, result: &CaseResult, marks: &Marks<'_>) -> String {
        let of = |name: &str| result.measurements.iter().find(|m| m.metric.name == name);
        let text = match self {
            Self::Median(name) => of(name).and_then(quantity::median),
            Self::Spread => of(names::TIME).and_then(quantity::spread),
            Self::Tail => of(names::TIME).and_then(|m: &Measurement| quantity::quantile(m, TAIL)),
            Self::Verdict => marks.of(result).map(|mark| mark.text),
        };
        text.unwrap_or_else(|| NOTHING.to_owned())
    }

    /// Place from the left.
    fn place(&self) -> u8 {
        match self {
            Self::Median(name) => match name.as_str() {
                names::TIME => 0,
                names::THROUGHPUT => 3,
                names::FLOPS => 4,
                names::BANDWIDTH => 5,
                names::PEAK_MEMORY => 8,
                phase if phase.starts_with(names::PHASE_PREFIX) => 6,
                _ => 7,
            },
            Self::Spread => 1,
            Self::Verdict | Self::Tail => 2,
        }
    }

    /// The higher, the sooner it goes.
    pub(super) fn dispensability(&self) -> u8 {
        match self {
            Self::Median(name) => match name.as_str() {
                names::TIME => 0,
                names::THROUGHPUT => 2,
                names::PEAK_MEMORY => 4,
                names::FLOPS => 7,
                names::BANDWIDTH => 8,
                phase if phase.starts_with(names::PHASE_PREFIX) => 6,
                _ => 3,
            },
            Self::Verdict => 0,
            Self::Spread => 1,
            Self::Tail => 5,
        }
    }
}

/// Readings of probes that have a column: what is asked of a probe first.
const READINGS: [&str; 4] = ["energy", "power", "gpu-power", "instructions"];

/// Whether a metric comes from a probe and is only looked at when something is to be explained.
fn is_background_reading(cases: &[&CaseResult], name: &str) -> bool {
    let repetitions = cases.iter().flat_map(|case| &case.repetitions);
    let is_read = repetitions
        .flat_map(|one| &one.readings)
        .any(|one| one.metric.name == name);
    is_read && !READINGS.contains(&name)
}

/// Columns for the measured cases of a block, from the left, and names of metrics that never get one. Both are empty
/// when no case has a summary.
pub(super) fn columns(cases: &[&CaseResult], marks: &Marks<'_>) -> (Vec<Column>, Vec<String>) {
    let mut columns: Vec<Column> = Vec::new();
    let mut hidden = Vec::new();
    let summarised = |m: &&Measurement| m.summary.is_some();
    for measurement in cases
        .iter()
        .flat_map(|c| &c.measurements)
        .filter(summarised)
    {
        let name = &measurement.metric.name;
        let column = Column::Median(name.clone());
        if BACKGROUND.contains(&name.as_str()) || is_background_reading(cases, name) {
            if !hidden.contains(&harmless(name)) {
                hidden.push(harmless(name));
            }
        } else if !columns.contains(&column) {
            columns.push(column);
        }
    }
    if columns.contains(&Column::Median(names::TIME.to_owned())) {
        columns.extend([Column::Spread, Column::Tail]);
    }
    columns.push(Column::Verdict);
    // A column without any number in it would only take room.
    columns.retain(|column| {
        cases
            .iter()
            .any(|result| column.cell(result, marks) != NOTHING)
    });
    columns.sort_by_key(Column::place);
    (columns, hidden)
}
