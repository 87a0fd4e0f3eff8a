//! proto
#![allow(
    clippy::all,
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "proto"
)]
use benchhost_stats::{ChangeKind, changes};
use std::{
    collections::HashMap,
    io::{BufRead, Write},
};
fn main() {
    let mut names: Vec<String> = Vec::new();
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut data: Vec<Vec<f64>> = Vec::new();
    let mut times: Vec<Vec<String>> = Vec::new();
    for line in std::io::stdin().lock().lines().skip(1) {
        let line = line.unwrap();
        let mut f = line.split(',');
        let s = f.next().unwrap();
        let tm = f.next().unwrap();
        let v = f.next().unwrap_or("").trim().parse().unwrap_or(f64::NAN);
        let i = match at.get(s) {
            Some(i) => *i,
            None => {
                names.push(s.to_owned());
                data.push(vec![]);
                times.push(vec![]);
                at.insert(s.to_owned(), names.len() - 1);
                names.len() - 1
            }
        };
        data[i].push(v);
        times[i].push(tm.to_owned());
    }
    let start = std::time::Instant::now();
    let results: Vec<_> = data.iter().map(|d| changes(d)).collect();
    let el = start.elapsed().as_secs_f64();
    let pts: usize = data.iter().map(|d| d.len()).sum();
    eprintln!(
        "{} series {} points {:.3} s, {:.3} ms per 1000 points",
        data.len(),
        pts,
        el,
        el * 1e6 / pts as f64
    );
    let mut o = std::io::BufWriter::new(std::io::stdout().lock());
    write!(o, "{{\"series\":[").unwrap();
    for (k, r) in results.iter().enumerate() {
        if k > 0 {
            write!(o, ",").unwrap();
        }
        write!(
            o,
            "{{\"series\":{:?},\"points\":{},\"changes\":[",
            names[k],
            data[k].len()
        )
        .unwrap();
        for (m, c) in r.iter().enumerate() {
            if m > 0 {
                write!(o, ",").unwrap();
            }
            write!(o, "{{\"index\":{},\"time\":{:?},\"kind\":\"{}\",\"before\":{},\"after\":{},\"interval\":[{},{}],\"confidence\":{}}}", c.index, times[k][c.index], if c.kind == ChangeKind::Step {"step"} else {"drift"}, c.before, c.after, c.interval.0, c.interval.1, c.confidence).unwrap();
        }
        write!(o, "]}}").unwrap();
    }
    writeln!(o, "]}}").unwrap();
}
