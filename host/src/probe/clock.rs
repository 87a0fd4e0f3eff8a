//! What the clock costs and how fine it is; measured once at the start of each run.

use std::{sync::OnceLock, time::Instant};

use benchhost_record::Overhead;

const BATCHES: usize = 51;
const READS_PER_BATCH: u32 = 1000;

/// Measures the clock: the median over batches of the mean cost of one read, and the smallest step it ever showed.
#[must_use]
pub fn clock_cost() -> Overhead {
    let mut costs: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..READS_PER_BATCH {
                std::hint::black_box(Instant::now());
            }
            started.elapsed().as_nanos() as f64 / f64::from(READS_PER_BATCH)
        })
        .collect();
    costs.sort_by(f64::total_cmp);
    Overhead {
        clock_read_ns: costs[BATCHES / 2],
        clock_resolution_ns: resolution_ns(),
        ..Overhead::default()
    }
}

/// Smallest step between two different readings, ns.
pub(crate) fn resolution_ns() -> f64 {
    static RESOLUTION: OnceLock<f64> = OnceLock::new();
    *RESOLUTION.get_or_init(|| {
        let smallest = (0..1000).map(|_| {
            let first = Instant::now();
            loop {
                let step = first.elapsed().as_nanos();
                if step > 0 {
                    break step;
                }
            }
        });
        smallest.min().unwrap_or(1) as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_costs_something_and_moves() {
        let cost = clock_cost();

        assert!(cost.clock_read_ns > 0.0 && cost.clock_resolution_ns >= 1.0);
    }
}
