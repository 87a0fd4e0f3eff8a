//! What can be wrong with a file that is to be imported.

use crate::Format;

/// Why a file cannot be imported. Each names the file and the place in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No file was given, or none of those that make up the format.
    #[error("no file of format `{format}` among {given}: expected {expected}")]
    NoFile {
        /// The format.
        format: Format,
        /// Files given.
        given: usize,
        /// What must be among them.
        expected: &'static str,
    },
    /// A file holds nothing.
    #[error("{file}: empty, expected a file of format `{format}`; run the tool again")]
    Empty {
        /// The file.
        file: String,
        /// The format.
        format: Format,
    },
    /// A file is not text.
    #[error("{file}:{line}: byte {byte:#04x} found, expected text in UTF-8; is it compressed?")]
    Binary {
        /// The file.
        file: String,
        /// Line, counted from 1.
        line: u64,
        /// The byte that no text has.
        byte: u8,
    },
    /// A file is no JSON.
    #[error("{file}:{line}:{column}: not JSON: {reason}; make the file again with its tool")]
    Syntax {
        /// The file.
        file: String,
        /// Line, counted from 1.
        line: u64,
        /// Column, counted from 1; 0 at the end of a line.
        column: u64,
        /// What the parser says.
        reason: String,
    },
    /// A value has another type than the format says.
    #[error("{file}: `{key}` is {found}, expected {expected}")]
    Type {
        /// The file.
        file: String,
        /// Path of the key: `benchmarks[0].stats.median`.
        key: String,
        /// What is there.
        found: String,
        /// What the format says.
        expected: &'static str,
    },
    /// A key is not there.
    #[error("{file}: `{key}` is missing; a file of format `{format}` has it")]
    Missing {
        /// The file.
        file: String,
        /// Path of the key.
        key: String,
        /// The format.
        format: Format,
    },
    /// The file has a version that is not known.
    #[error(
        "{file}: `{key}` is {found}, known are {known}; update benchhost or export with an older tool"
    )]
    Version {
        /// The file.
        file: String,
        /// Path of the key.
        key: String,
        /// The version found.
        found: String,
        /// Versions that can be read.
        known: &'static str,
    },
    /// The file is of another format than the one asked for.
    #[error("{file}: not of format `{asked}`, it looks like `{looks_like}`; import it as that")]
    WrongFormat {
        /// The first of the files.
        file: String,
        /// The format asked for.
        asked: Format,
        /// The format its content has.
        looks_like: Format,
        /// What the format asked for stumbled over.
        #[source]
        cause: Box<Error>,
    },
    /// The first line of a table does not name its columns.
    #[error("{file}:1: column {column:?} {problem}; expected a header like `{expected}`")]
    Header {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: &'static str,
        /// A good header.
        expected: &'static str,
    },
    /// A line holds something else than it should.
    #[error("{file}:{line}: {column} is {found:?}, expected {expected}")]
    Row {
        /// The file.
        file: String,
        /// Line, counted from 1.
        line: u64,
        /// Name of the column or part.
        column: String,
        /// What is there.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A line of a table has another number of fields than its header.
    #[error("{file}:{line}: {found} fields, expected {expected} as in the header")]
    Fields {
        /// The file.
        file: String,
        /// Line, counted from 1.
        line: u64,
        /// Fields found.
        found: u64,
        /// Fields of the header.
        expected: u64,
    },
    /// The reader failed.
    #[error("{file}:{line}: cannot read on")]
    Read {
        /// The file.
        file: String,
        /// Line reached, counted from 1.
        line: u64,
        /// What the reader says.
        #[source]
        source: std::io::Error,
    },
}
