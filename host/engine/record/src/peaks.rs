//! The largest rates a machine was seen to reach, measured once and kept: the roofs of the roofline.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Roofs of one machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MachinePeaks {
    /// When they were measured, RFC 3339 in UTC.
    pub measured: String,
    /// Version of the host that measured.
    pub host_version: String,
    /// By number of threads, rising.
    pub levels: Vec<PeakLevel>,
}

/// Roofs of so many threads.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PeakLevel {
    /// Threads, each with a CPU of its own.
    pub threads: u32,
    /// Floating-point operations a second of a matrix product, by data type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub flop_per_s: BTreeMap<String, f64>,
    /// Bytes a second between memory and processor, by a triad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_per_s: Option<f64>,
}

impl MachinePeaks {
    /// The roofs of `threads` threads: of the fewest measured that are no fewer, or of the most measured.
    #[must_use]
    pub fn level(&self, threads: u32) -> Option<&PeakLevel> {
        let enough = self.levels.iter().find(|level| level.threads >= threads);
        enough.or(self.levels.last())
    }
}

impl PeakLevel {
    /// The roof of `dtype`. Types of half precision are computed as `f32` on processors, and have its roof.
    #[must_use]
    pub fn flops(&self, dtype: &str) -> Option<f64> {
        let dtype = if dtype == "f64" { "f64" } else { "f32" };
        self.flop_per_s.get(dtype).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roof_of_a_case_is_never_that_of_fewer_threads_while_there_is_another() {
        let level = |threads| PeakLevel {
            threads,
            ..PeakLevel::default()
        };
        let peaks = MachinePeaks {
            levels: vec![level(1), level(4), level(8)],
            ..MachinePeaks::default()
        };

        let threads = |asked| peaks.level(asked).map(|level| level.threads);
        assert_eq!([1, 2, 4, 5, 9].map(threads), [1, 4, 4, 8, 8].map(Some));
        assert_eq!(MachinePeaks::default().level(1), None);
    }
}
