//! Generic CSV, the form [`crate::Format::Csv`] reads: one point a line, nothing of it lost but samples and labels.
//!
//! A text cell that begins with `= + - @` gets a `'` before it, so that no spreadsheet runs it (CWE-1236); the import
//! takes it away again. A line break in a name stays inside its quotes.

use benchhost_record::Direction;

use super::series::{Series, full_name};
use crate::import::is_formula;

/// Columns `series,time,value,unit,direction,revision,machine,low,high,n`; a point without value has an empty field.
#[must_use]
pub fn csv(series: &[Series]) -> String {
    let header = [
        "series",
        "time",
        "value",
        "unit",
        "direction",
        "revision",
        "machine",
        "low",
        "high",
        "n",
    ];
    let mut rows = Rows::new(&header);
    for one in series {
        let name = cell(&full_name(&one.case, &one.metric));
        let (unit, machine) = (
            cell(&one.unit),
            cell(one.machine.as_deref().unwrap_or_default()),
        );
        let direction = match one.direction {
            Direction::Lower => "lower",
            Direction::Higher => "higher",
            Direction::Neither => "",
        };
        for point in &one.points {
            let interval = point
                .interval
                .filter(|(low, high)| low.is_finite() && high.is_finite());
            rows.push(&[
                &name,
                &number(point.time_unix_s.filter(|time| time.is_finite())),
                &number(point.finite()),
                &unit,
                direction,
                &cell(point.revision.as_deref().unwrap_or_default()),
                &machine,
                &number(interval.map(|bounds| bounds.0)),
                &number(interval.map(|bounds| bounds.1)),
                &point.n.max(1).to_string(),
            ]);
        }
    }
    rows.text()
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, super::python::repr)
}

/// Text that no spreadsheet takes for a formula; a `'` that is there already is doubled, so that one can be taken
/// away again.
pub(super) fn cell(text: &str) -> String {
    if is_formula(text.trim_start_matches('\'')) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Lines of CSV in memory, where writing cannot fail.
pub(super) struct Rows(csv::Writer<Vec<u8>>);

impl Rows {
    pub(super) fn new(header: &[&str]) -> Self {
        let mut rows = Self(csv::Writer::from_writer(Vec::new()));
        rows.push(header);
        rows
    }

    pub(super) fn push(&mut self, fields: &[&str]) {
        self.0
            .write_record(fields)
            .expect("as many fields as the header, into memory");
    }

    pub(super) fn text(self) -> String {
        let bytes = self.0.into_inner().expect("writing into memory");
        String::from_utf8(bytes).expect("made of texts")
    }
}
