//! The readers that take one line at a time.

use std::io::Read;

use benchhost_exchange::{CsvEntries, Entry, Format, JsonLinesEntries, export};
use benchhost_stats::SplitMix64;

use crate::fixture::{import_file, import_text};

/// A text that is made while it is read, so that a test can see that nobody keeps it.
struct Lines<F> {
    make: F,
    next: u64,
    count: u64,
    pending: Vec<u8>,
}

impl<F: Fn(u64) -> String> Read for Lines<F> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.pending.is_empty() && self.next < self.count {
            self.pending = (self.make)(self.next).into_bytes();
            self.next += 1;
        }
        let length = self.pending.len().min(into.len());
        into[..length].copy_from_slice(&self.pending[..length]);
        self.pending.drain(..length);
        Ok(length)
    }
}

#[test]
fn a_long_csv_is_read_line_by_line() {
    let make = |line| match line {
        0 => "series,time,value\n".to_owned(),
        _ => format!("s{}::time,{line},{}.5\n", line % 100, line),
    };
    let reader = Lines {
        make,
        next: 0,
        count: 50_001,
        pending: Vec::new(),
    };

    let mut count = 0_u64;
    for entry in CsvEntries::new("long.csv", reader).unwrap() {
        count += 1;
        assert_eq!(entry.unwrap().value, Some(count as f64 + 0.5));
    }

    assert_eq!(count, 50_000);
}

#[test]
fn json_lines_lose_nothing() {
    let mut random = SplitMix64::new(7);
    let mut text = export::history_header();
    let mut written = Vec::new();
    for index in 0..500 {
        let mut number = || f64::from_bits(random.next_u64());
        let mut entry = Entry::new(
            format!("case \"{index}\"\n\u{7f}<b>"),
            "é,|",
            Some(number()),
        );
        entry.value = entry.value.filter(|value| value.is_finite());
        entry.unit = "µs".to_owned();
        entry.time_unix_s = Some(number()).filter(|time| time.is_finite());
        entry.interval = Some((number(), number())).filter(|i| i.0.is_finite() && i.1.is_finite());
        entry.samples = (0..3).map(|_| number()).filter(|x| x.is_finite()).collect();
        entry.n = u64::MAX;
        entry.labels.insert("a".into(), "=1+1".into());
        entry.machine = Some(String::new());
        text.push_str(&export::history_line(&entry));
        written.push(entry);
    }

    let read = import_text(Format::Benchhost, "h.jsonl", &text)
        .unwrap()
        .entries;

    assert_eq!(read, written);
    for (read, written) in read.iter().zip(&written) {
        assert_eq!(
            read.value.map(f64::to_bits),
            written.value.map(f64::to_bits)
        );
    }
}

#[test]
fn json_lines_of_a_newer_writer_are_read() {
    let text = "{\"benchhost\":\"history\",\"schema\":1,\"by\":\"2.0\"}\n\n\
                {\"case\":\"a\",\"metric\":\"time\",\"value\":1,\"new\":[1]}\n";

    let entries: Vec<Entry> = JsonLinesEntries::new("h.jsonl", text.as_bytes())
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();

    assert_eq!(entries, [Entry::new("a", "time", Some(1.0))]);
    assert_eq!(
        import_file(Format::Benchhost, "benchhost/history.jsonl")
            .entries
            .len(),
        2
    );
}
