//! How fast the two streaming readers are: `cargo run --release -p benchhost-exchange --example stream -- 10000000`.
//!
//! The text is made while it is read, so that memory shows what the readers themselves keep; making it is timed alone
//! first and taken off.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::{
    io::{BufReader, Read, Write},
    time::Instant,
};

use benchhost_exchange::{CsvEntries, Entry, Error, JsonLinesEntries, export};

/// `count` lines from `make`, after `header`.
struct Lines<F> {
    make: F,
    next: u64,
    count: u64,
    pending: Vec<u8>,
    given: usize,
}

impl<F: Fn(u64, &mut Vec<u8>)> Read for Lines<F> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.given == self.pending.len() {
            self.pending.clear();
            self.given = 0;
            while self.pending.len() < 1 << 16 && self.next < self.count {
                (self.make)(self.next, &mut self.pending);
                self.next += 1;
            }
        }
        let length = into.len().min(self.pending.len() - self.given);
        into[..length].copy_from_slice(&self.pending[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

fn lines<F: Fn(u64, &mut Vec<u8>)>(header: &str, count: u64, make: F) -> Lines<F> {
    let pending = header.as_bytes().to_vec();
    Lines {
        make,
        next: 0,
        count,
        pending,
        given: 0,
    }
}

fn csv_line(n: u64, into: &mut Vec<u8>) {
    let _ = writeln!(
        into,
        "bench_{:03}::time,{},{}.{},s,lower",
        n % 1000,
        1_700_000_000 + n,
        n % 97,
        n % 89
    );
}

fn json_line(n: u64, into: &mut Vec<u8>) {
    let _ = writeln!(
        into,
        r#"{{"case":"bench_{:03}","metric":"time","unit":"s","direction":"lower","kind":"time","time":{},"value":{}.{},"n":5}}"#,
        n % 1000,
        1_700_000_000 + n,
        n % 97,
        n % 89
    );
}

fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

fn drain(mut reader: impl Read) {
    let mut buffer = vec![0; 1 << 16];
    while reader.read(&mut buffer).is_ok_and(|length| length > 0) {}
}

fn count(entries: impl Iterator<Item = Result<Entry, Error>>) -> u64 {
    let mut count = 0;
    for entry in entries {
        match entry {
            Ok(entry) => count += u64::from(entry.value.is_some()),
            Err(error) => println!("{error}"),
        }
    }
    count
}

fn main() -> Result<(), Error> {
    let rows = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_000_000);
    let header = "series,time,value,unit,direction\n";
    let making = seconds(|| drain(lines(header, rows, csv_line)));
    let entries = CsvEntries::new("made.csv", lines(header, rows, csv_line))?;
    let reading = seconds(|| assert_eq!(count(entries), rows)) - making;
    println!("csv:        {:.0} k rows/s", rows as f64 / reading / 1e3);

    let header = export::history_header();
    let making = seconds(|| drain(lines(&header, rows, json_line)));
    let entries = JsonLinesEntries::new(
        "made.jsonl",
        BufReader::new(lines(&header, rows, json_line)),
    )?;
    let reading = seconds(|| assert_eq!(count(entries), rows)) - making;
    println!("json lines: {:.0} k rows/s", rows as f64 / reading / 1e3);
    Ok(())
}
