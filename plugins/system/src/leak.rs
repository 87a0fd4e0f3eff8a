//! Workload `leak`: memory that is never given back, and whether it is noticed.
//!
//! Each iteration uses some memory and releases it, and keeps `leak-bytes`. With 0 it shows what growth a sound workload
//! has; with more it is the known leak against which detection is tried.

use std::fs;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload, ensure_right,
};
use serde::{Deserialize, Serialize};

use crate::{parameter::within, trend::Readings};

/// Growth of the process by sample that is no leak of the workload: the worker's record of the samples grows by 0.4 KB
/// each, page by page.
const OWN_GROWTH_BYTES: f64 = 1024.0;

/// Parameters of [`Leak`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct LeakConfig {
    pub leak_bytes: u64,
    pub churn_bytes: u64,
    pub most_bytes: u64,
}

impl Default for LeakConfig {
    fn default() -> Self {
        Self {
            leak_bytes: 0,
            churn_bytes: 1 << 20,
            most_bytes: 256 << 20,
        }
    }
}

/// Uses memory, and keeps some.
#[derive(Debug)]
pub struct Leak {
    config: LeakConfig,
    ctx: Ctx,
    kept: Vec<Vec<u8>>,
    iterations: u64,
    churned: u64,
    readings: Readings,
}

impl Workload for Leak {
    type Config = LeakConfig;

    fn describe() -> Description {
        Description::new("Uses memory and gives it back, all but a leak of known size.")
            .param(
                Param::new("leak-bytes", "kept by each iteration")
                    .unit("B")
                    .range(0.0, (1_u64 << 30) as f64),
            )
            .param(
                Param::new("churn-bytes", "allocated, written and released by each iteration")
                    .unit("B")
                    .range(1.0, (1_u64 << 30) as f64),
            )
            .param(
                Param::new("most-bytes", "the workload ends before it has kept more than this")
                    .unit("B")
                    .range(1.0, (1_u64 << 40) as f64),
            )
            .metric(
                Metric::lower("growth-per-iteration", "B").memory().help(
                    "slope of private memory over the iterations so far, median of all pairs of readings; absent \
                     below 10 samples",
                ),
            )
            .metric(
                Metric::lower("leak-suspected", "1")
                    .help("1 when memory rises by more than 1 KiB a sample and more often than chance has it; else 0"),
            )
    }

    fn create(config: LeakConfig, ctx: &Ctx) -> Result<Self, Error> {
        within("leak-bytes", config.leak_bytes, (0, 1 << 30), "bytes")?;
        within("churn-bytes", config.churn_bytes, (1, 1 << 30), "bytes")?;
        within("most-bytes", config.most_bytes, (1, 1 << 40), "bytes")?;
        Ok(Self {
            config,
            ctx: ctx.clone(),
            kept: Vec::new(),
            iterations: 0,
            churned: 0,
            readings: Readings::default(),
        })
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        self.iterations += 1;
        let mark = mark(self.iterations);
        let churn = vec![mark; self.config.churn_bytes as usize];
        self.churned += churn.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        drop(churn);
        if self.config.leak_bytes > 0 {
            self.kept.push(vec![mark; self.config.leak_bytes as usize]);
            if self.kept_bytes() + self.config.leak_bytes > self.config.most_bytes {
                self.ctx.finish();
            }
        }
        Ok(self.churned.into())
    }

    /// Everything kept is still there, and what was released had been written.
    fn verify(&mut self) -> Result<(), Error> {
        ensure_right(self.iterations > 0, || "no iteration was done")?;
        let marks = (1..=self.iterations).map(|iteration| u64::from(mark(iteration)));
        let expected = self.config.churn_bytes * marks.sum::<u64>();
        ensure_right(self.churned == expected, || {
            format!(
                "the bytes written sum up to {}, expected {expected}",
                self.churned
            )
        })?;
        for (kept, iteration) in self.kept.iter().zip(1..) {
            let right = kept.iter().all(|byte| *byte == mark(iteration));
            ensure_right(right, || {
                format!("what iteration {iteration} kept has changed")
            })?;
        }
        let expected = self.iterations * self.config.leak_bytes;
        ensure_right(self.kept_bytes() == expected, || {
            format!("{} bytes are kept, expected {expected}", self.kept_bytes())
        })
    }

    fn work(&self) -> Work {
        Work::items(1.0, "rounds").bytes(2.0 * self.config.churn_bytes as f64)
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let Some(private) = private_bytes() else {
            return Ok(());
        };
        self.readings.add(self.iterations as f64, private as f64);
        if let Some(growth) = self.readings.growth() {
            metrics.set("growth-per-iteration", growth.per_step);
            let per_sample = growth.per_step * self.iterations as f64 / self.readings.seen() as f64;
            let is_suspected = growth.is_significant && per_sample > OWN_GROWTH_BYTES;
            metrics.set("leak-suspected", f64::from(u8::from(is_suspected)));
        }
        Ok(())
    }
}

impl Leak {
    fn kept_bytes(&self) -> u64 {
        self.kept.len() as u64 * self.config.leak_bytes
    }
}

/// The byte an iteration writes; never 0.
fn mark(iteration: u64) -> u8 {
    (iteration % 251 + 1) as u8
}

/// Private resident memory of this process, bytes: what the allocator got from the kernel and somebody touched. Files and
/// shared memory are left out, because the host's own record of the samples grows there. A sum over all mappings: the
/// counter that is cheaper to read may be behind by some pages a CPU since Linux 6.2.
fn private_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Anonymous:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
