//! Workload `allocate`: what the allocator costs, by the pattern of what is asked of it.
//!
//! The allocator is that of this plugin: the system's (glibc's malloc on Linux). Memory is touched, because memory that
//! nobody touches costs nothing yet.

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Param, Work, Workload, ensure_right};
use benchhost_support::random::stream;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::parameter::within;

/// One byte in each of so many is written, bytes: the smallest page.
const TOUCH_BYTES: usize = 4096;

/// Length to which `vector-growth` lets each vector grow, in 8-byte values.
const GROWN: usize = 4096;

/// What is asked of the allocator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// 16 B to 256 B: from the allocator's free lists.
    Small,
    /// 1 MiB to 4 MiB: from the kernel, page by page.
    Large,
    /// 16 B to 1 MiB, as many from each octave.
    Mixed,
    /// Vectors that double as values are pushed.
    VectorGrowth,
}

impl Pattern {
    /// Names in a suite.
    pub const NAMES: &'static [&'static str] = &["small", "large", "mixed", "vector-growth"];
}

/// Parameters of [`Allocate`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct AllocateConfig {
    pub pattern: Pattern,
    pub count: u64,
    pub live: u64,
}

impl Default for AllocateConfig {
    fn default() -> Self {
        Self {
            pattern: Pattern::Small,
            count: 1024,
            live: 64,
        }
    }
}

/// A series of allocations and releases.
#[derive(Debug)]
pub struct Allocate {
    config: AllocateConfig,
    seed: u64,
    /// Bytes of each allocation of an iteration, and the slot whose old content it releases.
    requests: Vec<(usize, usize)>,
    /// What is alive: the number of the request, and its memory.
    slots: Vec<(usize, Vec<u8>)>,
    /// The last vector that grew.
    grown: Vec<u64>,
    iterations: u64,
}

impl Workload for Allocate {
    type Config = AllocateConfig;

    fn describe() -> Description {
        Description::new("Allocates, touches and releases memory with the system's allocator.")
            .param(
                Param::new("pattern", "which sizes, or vectors that grow by pushing")
                    .choices(Pattern::NAMES),
            )
            .param(
                Param::new(
                    "count",
                    "allocations of one iteration, or vectors that grow",
                )
                .range(1.0, 1e7),
            )
            .param(
                Param::new(
                    "live",
                    "allocations that are alive at once; a new one releases a random older one",
                )
                .range(1.0, 1e7),
            )
    }

    fn create(config: AllocateConfig, ctx: &Ctx) -> Result<Self, Error> {
        within("count", config.count, (1, 10_000_000), "")?;
        within("live", config.live, (1, 10_000_000), "")?;
        Ok(Self {
            config,
            seed: ctx.seed(),
            requests: Vec::new(),
            slots: Vec::new(),
            grown: Vec::new(),
            iterations: 0,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let mut rng = stream(self.seed, "allocate");
        let live = self.config.live as usize;
        let mut bytes = || match self.config.pattern {
            Pattern::Small => rng.random_range(16..=256),
            Pattern::Large => rng.random_range(1 << 20..=4 << 20),
            // 2⁴ to 2²⁰.
            Pattern::Mixed => 2_f64.powf(4.0 + 16.0 * rng.random::<f64>()) as usize,
            Pattern::VectorGrowth => GROWN * size_of::<u64>(),
        };
        let sizes: Vec<usize> = (0..self.config.count).map(|_| bytes()).collect();
        self.requests = sizes
            .into_iter()
            .map(|size| (size, rng.random_range(0..live)))
            .collect();
        self.slots = (0..live).map(|_| (usize::MAX, Vec::new())).collect();
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        self.iterations += 1;
        if self.config.pattern == Pattern::VectorGrowth {
            return Ok(self.grow().into());
        }
        for (number, (size, slot)) in self.requests.iter().enumerate() {
            // Zeroed: fresh pages of the kernel are zero already, and cost nothing until they are touched.
            let mut memory = vec![0; *size];
            let mark = mark(number, self.iterations);
            memory
                .iter_mut()
                .step_by(TOUCH_BYTES)
                .for_each(|b| *b = mark);
            memory[*size - 1] = mark;
            self.slots[*slot] = (number, memory);
        }
        Ok(self.slots[0].1.len().into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        ensure_right(self.iterations > 0, || "no iteration was done")?;
        match self.config.pattern {
            Pattern::VectorGrowth => self.check_grown(),
            Pattern::Small | Pattern::Large | Pattern::Mixed => self.check_slots(),
        }
    }

    fn work(&self) -> Work {
        let each = match self.config.pattern {
            Pattern::VectorGrowth => growths(),
            Pattern::Small | Pattern::Large | Pattern::Mixed => 1,
        };
        Work::items((self.config.count * each) as f64, "allocations")
    }
}

/// The byte that request `number` of an iteration leaves in its memory; never 0.
fn mark(number: usize, iteration: u64) -> u8 {
    ((number as u64 + 31 * iteration) % 251 + 1) as u8
}

/// Value number `index` of vector `number`.
fn pushed(number: usize, index: usize, iteration: u64) -> u64 {
    (number * GROWN + index) as u64 ^ iteration
}

/// How often a vector asks for memory until it has [`GROWN`] values; counted, because how vectors grow is the standard
/// library's affair.
fn growths() -> u64 {
    let mut vector = Vec::new();
    let mut growths = 0;
    for index in 0..GROWN as u64 {
        growths += u64::from(vector.len() == vector.capacity());
        vector.push(index);
    }
    growths
}

impl Allocate {
    fn grow(&mut self) -> u64 {
        let mut digest = 0;
        for number in 0..self.requests.len() {
            let mut vector = Vec::new();
            for index in 0..GROWN {
                vector.push(pushed(number, index, self.iterations));
            }
            digest ^= vector[number % GROWN];
            self.grown = vector;
        }
        digest
    }

    fn check_grown(&self) -> Result<(), Error> {
        let last = self.requests.len() - 1;
        let right = (0..GROWN).map(|index| pushed(last, index, self.iterations));
        ensure_right(self.grown.iter().copied().eq(right), || {
            format!("the last vector does not hold the {GROWN} values that were pushed")
        })
    }

    /// Which request is in which slot, how long its memory is, and the marks in it.
    fn check_slots(&self) -> Result<(), Error> {
        let mut alive = vec![usize::MAX; self.slots.len()];
        for (number, (_, slot)) in self.requests.iter().enumerate() {
            alive[*slot] = number;
        }
        for (slot, (number, memory)) in self.slots.iter().enumerate() {
            ensure_right(*number == alive[slot], || {
                format!(
                    "slot {slot} holds allocation {number}, expected {}",
                    alive[slot]
                )
            })?;
            let Some((size, _)) = self.requests.get(*number) else {
                continue;
            };
            ensure_right(memory.len() == *size, || {
                format!(
                    "allocation {number} has {} bytes, expected {size}",
                    memory.len()
                )
            })?;
            let mark = mark(*number, self.iterations);
            let marks = memory.iter().step_by(TOUCH_BYTES).chain(memory.last());
            ensure_right(marks.into_iter().all(|byte| *byte == mark), || {
                format!("allocation {number} does not hold what was written into it")
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iterated(pattern: Pattern) -> Allocate {
        let config = AllocateConfig {
            pattern,
            count: 40,
            live: 8,
        };
        let mut allocate = Allocate {
            config,
            seed: 5,
            requests: Vec::new(),
            slots: Vec::new(),
            grown: Vec::new(),
            iterations: 0,
        };
        allocate.setup().unwrap();
        allocate.iterate().unwrap();
        allocate
    }

    #[test]
    fn a_byte_that_changed_is_seen() {
        let mut allocate = iterated(Pattern::Mixed);
        allocate.verify().unwrap();
        let slot = allocate.slots.iter().position(|s| !s.1.is_empty()).unwrap();
        allocate.slots[slot].1[0] ^= 1;

        let error = allocate.verify().unwrap_err().to_string();

        assert!(
            error.ends_with("does not hold what was written into it"),
            "{error}"
        );
    }

    #[test]
    fn a_value_that_was_not_pushed_is_seen() {
        let mut allocate = iterated(Pattern::VectorGrowth);
        allocate.verify().unwrap();
        allocate.grown.pop();

        let error = allocate.verify().unwrap_err().to_string();

        assert_eq!(
            error,
            "the last vector does not hold the 4096 values that were pushed"
        );
    }

    #[test]
    fn a_vector_grows_as_often_as_its_length_doubles() {
        // 4, 8, …, 4096: what the standard library does today. If this fails, the README's number is old.
        assert_eq!(growths(), 11);
    }
}
