//! Readings one after the other, alone and beside busy threads.

use std::{
    hint::black_box,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use benchhost::measure::{Yardstick, ratio};
use benchhost_stats::{SHARED, calm_level, quantile};

/// One reading: what it said and what it cost, µs.
type Reading = (f64, f64);

/// Reads for `seconds` alone and for as long beside a busy thread for each other CPU.
pub(crate) fn show(seconds: f64) {
    println!("     beside   readings  cost µs     p1    p50    p99  above {SHARED}");
    let alone = read(seconds);
    let level = calm_level(&alone.iter().map(|one| one.0).collect::<Vec<_>>()).unwrap();
    line("nobody", &alone, level);
    let others = thread::available_parallelism().map_or(1, usize::from) - 1;
    let stop = AtomicBool::new(false);
    let beside = thread::scope(|scope| {
        for _ in 0..others {
            scope.spawn(|| keep_busy(&stop));
        }
        let beside = read(seconds);
        stop.store(true, Ordering::Relaxed);
        beside
    });
    line(&format!("{others} busy"), &beside, level);
    println!("readings in units of the least tenth alone, {level:.3}");
}

fn read(seconds: f64) -> Vec<Reading> {
    let yardstick = Yardstick::default();
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut readings = Vec::new();
    while Instant::now() < end {
        let started = Instant::now();
        let reading = ratio(yardstick.read());
        readings.push((reading, started.elapsed().as_nanos() as f64 / 1000.0));
    }
    readings
}

fn line(beside: &str, readings: &[Reading], level: f64) {
    let said: Vec<f64> = readings.iter().map(|one| one.0 / level).collect();
    let cost: Vec<f64> = readings.iter().map(|one| one.1).collect();
    let at = |values: &[f64], q| quantile(values, q).unwrap();
    let above = said.iter().filter(|one| **one > SHARED).count();
    println!(
        "{beside:>11} {:>10} {:>8.1} {:>6.3} {:>6.3} {:>6.3} {:>9.1} %",
        readings.len(),
        at(&cost, 0.5),
        at(&said, 0.01),
        at(&said, 0.5),
        at(&said, 0.99),
        100.0 * above as f64 / readings.len() as f64
    );
}

fn keep_busy(stop: &AtomicBool) {
    let numbers: Vec<f32> = (0..1024_u16).map(f32::from).collect();
    while !stop.load(Ordering::Relaxed) {
        black_box(numbers.iter().map(|one| one * one).sum::<f32>());
    }
}
