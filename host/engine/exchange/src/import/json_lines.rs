//! Our own JSON lines, lossless for [`Entry`], read in bounded memory.
//!
//! First line `{"benchhost":"history","schema":1}`, then one entry a line. Keys that are not known are ignored, so
//! that a newer writer of the same schema can be read; a newer schema is refused.

use std::io::{BufRead, Read};

use serde::Deserialize;

use crate::{Entry, Error, Format, Import, SourceFile, json};

/// Version of the JSON lines that is written and read.
pub const HISTORY_SCHEMA: u32 = 1;

/// Longest line that is read, bytes: two million samples, and far from all memory.
const LONGEST_LINE: u64 = 64 << 20;

#[derive(Deserialize)]
struct Header {
    benchhost: String,
    schema: u32,
}

/// Entries of our JSON lines, one at a time; memory for one line. Ends after the first error.
#[derive(Debug)]
pub struct JsonLinesEntries<R> {
    file: String,
    reader: R,
    line: u64,
    buffer: Vec<u8>,
    is_done: bool,
}

impl<R: BufRead> JsonLinesEntries<R> {
    /// Reads the first line of `file`, which is only a name for messages.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Missing`] without the header, [`Error::Version`] for another schema, and those of
    /// reading.
    pub fn new(file: &str, reader: R) -> Result<Self, Error> {
        let mut entries = Self {
            file: file.to_owned(),
            reader,
            line: 0,
            buffer: Vec::new(),
            is_done: false,
        };
        if !entries.next_line()? {
            return Err(Error::Empty {
                file: file.to_owned(),
                format: Format::Benchhost,
            });
        }
        let missing = || Error::Missing {
            file: file.to_owned(),
            key: r#"{"benchhost":"history","schema":1} in the first line"#.to_owned(),
            format: Format::Benchhost,
        };
        let first = entries
            .buffer
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&entries.buffer);
        let header: Header = serde_json::from_slice(first).map_err(|_| missing())?;
        if header.benchhost != "history" {
            return Err(missing());
        }
        if header.schema != HISTORY_SCHEMA {
            return Err(Error::Version {
                file: file.to_owned(),
                key: "schema".to_owned(),
                found: header.schema.to_string(),
                known: "1",
            });
        }
        Ok(entries)
    }

    /// The next line that is not blank, in the buffer.
    fn next_line(&mut self) -> Result<bool, Error> {
        loop {
            self.buffer.clear();
            self.line += 1;
            let mut line = (&mut self.reader).take(LONGEST_LINE);
            let read = line.read_until(b'\n', &mut self.buffer);
            let length = read.map_err(|source| Error::Read {
                file: self.file.clone(),
                line: self.line,
                source,
            })?;
            if length as u64 == LONGEST_LINE && !self.buffer.ends_with(b"\n") {
                return Err(Error::Row {
                    file: self.file.clone(),
                    line: self.line,
                    column: "line".to_owned(),
                    found: "longer than 64 MiB".to_owned(),
                    expected: "one entry a line",
                });
            }
            if length == 0 {
                return Ok(false);
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    fn entry(&self) -> Result<Entry, Error> {
        let entry: Entry = serde_json::from_slice(&self.buffer).map_err(|error| Error::Syntax {
            file: self.file.clone(),
            line: self.line,
            column: error.column() as u64,
            reason: json::without_place(&error),
        })?;
        if entry.n == 0 {
            return Err(Error::Row {
                file: self.file.clone(),
                line: self.line,
                column: "n".to_owned(),
                found: "0".to_owned(),
                expected: "a whole number above 0",
            });
        }
        Ok(entry)
    }
}

impl<R: BufRead> Iterator for JsonLinesEntries<R> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let entry = match self.next_line() {
            Ok(false) => None,
            Ok(true) => Some(self.entry()),
            Err(error) => Some(Err(error)),
        };
        self.is_done = !matches!(entry, Some(Ok(_)));
        entry
    }
}

pub(super) fn read(file: &SourceFile<'_>, into: &mut Import) -> Result<(), Error> {
    json::check_text(file.path, file.text, Format::Benchhost)?;
    for entry in JsonLinesEntries::new(file.path, file.text.as_bytes())? {
        into.entries.push(entry?);
    }
    Ok(())
}
