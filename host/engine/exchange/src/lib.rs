//! Result files of other tools in, records out; records in, files that other tools read out.
//!
//! Pure: text (or a reader that is given) in, values out. No files are opened, no clock is read, nothing is
//! printed. [`detect`] names a format from its content, [`import`] reads it, [`export`] writes. A value that another
//! tool could not take is never dropped in silence: it is an [`Entry`] without value, a [`Skipped`] with the reason,
//! or both; a file that is not what it should be is an [`Error`] that names file and place.
//!
//! What all formats have in common:
//! - times become seconds (`s`), memory becomes bytes (`B`, with 1 MB = 10⁶ B as in the host's budgets); other units
//!   stay as written. [`Format::Csv`], [`Format::TrackerHistory`] and [`Format::Benchhost`] keep every unit as it
//!   is: there the unit is a word of the user, not of a tool.
//! - the value of an entry is the file's own median where it has one, else the median of the samples where nothing
//!   but samples is there, else the tool's estimate.
//! - the direction is what the tool says; where it says nothing it is [`benchhost_record::Direction::Neither`].
//! - parameters become part of the case, as in `benchhost_record::CaseId`: `sort?kind=std&n=64`.
//! - a date without zone is read as UTC.

mod case;
mod detect;
mod entry;
mod error;
pub mod export;
mod format;
mod import;
mod json;
mod moment;
mod sample;
mod unit;

pub use detect::{candidates, detect};
pub use entry::{Baseline, Entry, Import, Skipped, SourceFile};
pub use error::Error;
pub use format::Format;
pub use import::{CsvEntries, HISTORY_SCHEMA, JsonLinesEntries, import, tracker_direction};
