//! Workload `cache-ladder`: the time of one load that depends on the one before, by the size of what is walked through.
//!
//! A node is the first word of a 64-byte line and holds the place of the next one; all nodes form one random cycle, so
//! that no prefetcher can guess and every line is used. As the size passes a cache, the time steps up.

use std::time::Instant;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload, ensure_right,
};
use benchhost_support::random::stream;
use serde::{Deserialize, Serialize};

use crate::{
    order::cycle,
    parameter::{multiple, not_set_up, within},
};

/// Bytes of a cache line on the machines we know; where lines are longer, neighbours share one.
const LINE_BYTES: u64 = 64;

/// Words of a line.
const LINE_WORDS: usize = 8;

/// Parameters of [`CacheLadder`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct CacheLadderConfig {
    pub size: u64,
    pub accesses: u64,
}

impl Default for CacheLadderConfig {
    fn default() -> Self {
        Self {
            size: 32 << 10,
            accesses: 1 << 16,
        }
    }
}

/// A walk along a random cycle.
#[derive(Debug)]
pub struct CacheLadder {
    config: CacheLadderConfig,
    seed: u64,
    /// Word 8·n is node n and holds the index of the word of the next node; the other words are never read.
    words: Vec<usize>,
    /// Index of the word that is read next.
    place: usize,
    /// Loads so far.
    walked: u64,
    /// Time in [`iterate`](Workload::iterate) since the last report, ns, and the loads in it.
    sample: (u64, u64),
}

/// Follows the cycle for `loads` loads.
fn walk(words: &[usize], mut place: usize, loads: u64) -> usize {
    for _ in 0..loads {
        place = words[place];
    }
    place
}

impl Workload for CacheLadder {
    type Config = CacheLadderConfig;

    fn describe() -> Description {
        Description::new(
            "Loads that each depend on the one before, in a random cycle through memory.",
        )
        .param(
            Param::new("size", "of what is walked through; 64 bytes a node")
                .unit("B")
                .range(128.0, (64_u64 << 30) as f64),
        )
        .param(
            Param::new(
                "accesses",
                "loads of one iteration; the walk goes on where it stopped",
            )
            .range(1.0, 1e12),
        )
        .metric(
            Metric::lower("ns-per-access", "ns")
                .time()
                .help("time of one dependent load, those of the TLB included"),
        )
    }

    fn create(config: CacheLadderConfig, ctx: &Ctx) -> Result<Self, Error> {
        within("size", config.size, (2 * LINE_BYTES, 64 << 30), "bytes")?;
        multiple("size", config.size, ("a line", LINE_BYTES))?;
        within("accesses", config.accesses, (1, 1_000_000_000_000), "")?;
        Ok(Self {
            config,
            seed: ctx.seed(),
            words: Vec::new(),
            place: 0,
            walked: 0,
            sample: (0, 0),
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let mut rng = stream(self.seed, "cache-ladder");
        let next = cycle(self.nodes(), &mut rng);
        self.words = vec![0; self.nodes() * LINE_WORDS];
        for (line, next) in self.words.chunks_exact_mut(LINE_WORDS).zip(next) {
            line[0] = next * LINE_WORDS;
        }
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        if self.words.is_empty() {
            return Err(not_set_up());
        }
        let started = Instant::now();
        self.place = walk(&self.words, self.place, self.config.accesses);
        self.sample.0 += started.elapsed().as_nanos() as u64;
        self.sample.1 += self.config.accesses;
        self.walked += self.config.accesses;
        Ok(self.place.into())
    }

    /// One lap from the beginning comes by every node once, and by the place reached after as many loads as were done.
    fn verify(&mut self) -> Result<(), Error> {
        ensure_right(self.walked > 0, || "no iteration was done")?;
        let nodes = self.nodes();
        let mut visited = vec![false; nodes];
        let mut place = 0;
        let mut expected = 0;
        for load in 0..nodes as u64 {
            if load == self.walked % nodes as u64 {
                expected = place;
            }
            let node = place / LINE_WORDS;
            ensure_right(!std::mem::replace(&mut visited[node], true), || {
                format!("the cycle is back at node {node} after {load} of {nodes} nodes")
            })?;
            place = self.words[place];
        }
        ensure_right(place == 0, || {
            format!("a lap of {nodes} loads ends at word {place}, expected 0")
        })?;
        ensure_right(self.place == expected, || {
            let (place, walked) = (self.place, self.walked);
            format!("{walked} loads lead to word {place}, expected {expected}")
        })
    }

    fn work(&self) -> Work {
        Work::items(self.config.accesses as f64, "accesses")
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let (ns, accesses) = std::mem::take(&mut self.sample);
        if accesses > 0 {
            metrics.set("ns-per-access", ns as f64 / accesses as f64);
        }
        Ok(())
    }
}

impl CacheLadder {
    fn nodes(&self) -> usize {
        (self.config.size / LINE_BYTES) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(nodes: usize, accesses: u64) -> CacheLadder {
        let mut ladder = CacheLadder {
            config: CacheLadderConfig {
                size: nodes as u64 * LINE_BYTES,
                accesses,
            },
            seed: 1,
            words: Vec::new(),
            place: 0,
            walked: 0,
            sample: (0, 0),
        };
        ladder.setup().unwrap();
        ladder.iterate().unwrap();
        ladder.iterate().unwrap();
        ladder
    }

    #[test]
    fn a_walk_of_any_length_is_proved() {
        for accesses in [1, 7, 50, 100, 1001] {
            walked(100, accesses).verify().unwrap();
        }
    }

    #[test]
    fn a_cycle_that_was_cut_short_is_seen() {
        let mut ladder = walked(100, 10);
        // Node 0 leads to the successor of its successor: one node is left out.
        ladder.words[0] = ladder.words[ladder.words[0]];

        let error = ladder.verify().unwrap_err().to_string();

        assert_eq!(error, "the cycle is back at node 0 after 99 of 100 nodes");
    }

    #[test]
    fn a_load_that_was_left_out_is_seen() {
        let mut ladder = walked(100, 10);
        ladder.walked += 1;

        let error = ladder.verify().unwrap_err().to_string();

        assert!(error.starts_with("21 loads lead to word"), "{error}");
    }
}
