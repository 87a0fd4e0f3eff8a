//! Workload `triad`: how fast memory streams, by the four kernels of STREAM.
//!
//! Each thread owns its share of the arrays and touched it first, so that on machines with several memory nodes a
//! share lies near its thread.
//!
//! Source: McCalpin (1995), IEEE TCCA Newsletter, "Memory Bandwidth and Machine Balance in Current High Performance
//! Computers"; stream.c 5.10.

use std::sync::{Mutex, PoisonError};

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Param, Work, Workload, ensure_right};
use serde::{Deserialize, Serialize};

use crate::{
    parameter::{multiple, not_set_up, within},
    team::Team,
};

/// STREAM's scalar.
const SCALAR: f64 = 3.0;

/// Bytes of a number.
const NUMBER_BYTES: u64 = size_of::<f64>() as u64;

/// Smallest array of a thread, bytes: a page.
const LEAST_SHARE_BYTES: u64 = 4096;

/// Which of the four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kernel {
    /// a ← b.
    Copy,
    /// a ← s·b.
    Scale,
    /// a ← b + c.
    Add,
    /// a ← b + s·c.
    Triad,
}

impl Kernel {
    /// Names in a suite.
    pub const NAMES: &'static [&'static str] = &["copy", "scale", "add", "triad"];

    /// Arrays that are read or written. What a cache reads before it overwrites a line is not counted, as in STREAM.
    const fn arrays(self) -> u64 {
        match self {
            Self::Copy | Self::Scale => 2,
            Self::Add | Self::Triad => 3,
        }
    }

    /// Floating-point operations an element.
    const fn flop(self) -> u64 {
        match self {
            Self::Copy => 0,
            Self::Scale | Self::Add => 1,
            Self::Triad => 2,
        }
    }

    fn value(self, b: f64, c: f64) -> f64 {
        match self {
            Self::Copy => b,
            Self::Scale => SCALAR * b,
            Self::Add => b + c,
            Self::Triad => b + SCALAR * c,
        }
    }

    /// Fills `a`; all three have the same length.
    pub fn run(self, a: &mut [f64], b: &[f64], c: &[f64]) {
        // A loop for each, so that the choice is made once and not for every element.
        let all = a.iter_mut().zip(b).zip(c);
        match self {
            Self::Copy => a.copy_from_slice(b),
            Self::Scale => all.for_each(|((a, b), _)| *a = SCALAR * b),
            Self::Add => all.for_each(|((a, b), c)| *a = b + c),
            Self::Triad => all.for_each(|((a, b), c)| *a = b + SCALAR * c),
        }
    }
}

/// Parameters of [`Stream`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct StreamConfig {
    pub kernel: Kernel,
    pub size: u64,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            kernel: Kernel::Triad,
            size: 64 << 20,
        }
    }
}

/// One thread's part of the three arrays.
#[derive(Debug)]
struct Share {
    /// Number of its first element in the whole arrays.
    first: usize,
    a: Vec<f64>,
    b: Vec<f64>,
    c: Vec<f64>,
}

impl Share {
    fn new(first: usize, length: usize) -> Self {
        Self {
            first,
            // Not a number until an iteration has written it.
            a: vec![f64::NAN; length],
            b: (first..first + length).map(input_b).collect(),
            c: (first..first + length).map(input_c).collect(),
        }
    }
}

/// Values that differ from element to element and are exact in every kernel.
fn input_b(index: usize) -> f64 {
    (index % 8191) as f64
}

fn input_c(index: usize) -> f64 {
    (index % 4093) as f64 + 0.5
}

/// Streams through arrays.
#[derive(Debug)]
pub struct Stream {
    config: StreamConfig,
    ctx: Ctx,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    team: Team,
    /// By thread. Nobody ever waits for one of these locks; they only lend each thread its own share.
    shares: Vec<Mutex<Share>>,
    /// Whether an iteration has been done since the last proof.
    is_unproved: bool,
    is_proved: bool,
}

fn lent(share: &Mutex<Share>) -> std::sync::MutexGuard<'_, Share> {
    share.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Workload for Stream {
    type Config = StreamConfig;

    fn describe() -> Description {
        Description::new("Streams through arrays in memory: STREAM's copy, scale, add and triad.")
            .param(
                Param::new(
                    "kernel",
                    "copy a ← b, scale a ← s·b, add a ← b + c, triad a ← b + s·c",
                )
                .choices(Kernel::NAMES),
            )
            .param(
                Param::new(
                    "size",
                    "of each array, over all threads; at least four times the last-level cache, to \
                     measure memory and not the cache",
                )
                .unit("B")
                .range(LEAST_SHARE_BYTES as f64, (64_u64 << 30) as f64),
            )
    }

    fn create(config: StreamConfig, ctx: &Ctx) -> Result<Self, Error> {
        let least = LEAST_SHARE_BYTES * ctx.threads() as u64;
        within("size", config.size, (least, 64 << 30), "bytes")?;
        multiple(
            "size",
            config.size,
            ("8 bytes a thread", NUMBER_BYTES * ctx.threads() as u64),
        )?;
        Ok(Self {
            config,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let team = Team::new(&self.ctx)?;
        let length = self.length() / team.threads();
        let shares = team.each(|thread| Mutex::new(Share::new(thread * length, length)));
        self.state = Some(State {
            team,
            shares,
            is_unproved: false,
            is_proved: false,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = self.state.as_mut().ok_or_else(not_set_up)?;
        let kernel = self.config.kernel;
        let shares = &state.shares;
        let lasts = state.team.each(|thread| {
            let share = &mut *lent(&shares[thread]);
            kernel.run(&mut share.a, &share.b, &share.c);
            share.a.last().copied().unwrap_or_default()
        });
        state.is_unproved = true;
        Ok(lasts.iter().sum::<f64>().into())
    }

    /// Every element. What was proved is made wrong again, so that the next proof is one of later iterations.
    fn verify(&mut self) -> Result<(), Error> {
        let state = self.state.as_mut().ok_or_else(not_set_up)?;
        ensure_right(
            state.is_unproved || state.is_proved,
            || "no iteration was done",
        )?;
        if !std::mem::take(&mut state.is_unproved) {
            return Ok(());
        }
        let kernel = self.config.kernel;
        for share in &state.shares {
            let share = &mut *lent(share);
            for (offset, found) in share.a.iter_mut().enumerate() {
                let index = share.first + offset;
                let expected = kernel.value(input_b(index), input_c(index));
                let found = std::mem::replace(found, f64::NAN);
                ensure_right(found == expected, || {
                    format!("a[{index}] is {found}, expected {expected}")
                })?;
            }
        }
        state.is_proved = true;
        Ok(())
    }

    fn work(&self) -> Work {
        let elements = self.length() as f64;
        let kernel = self.config.kernel;
        Work::items(elements, "elements")
            .flop(kernel.flop() as f64 * elements)
            .bytes((kernel.arrays() * self.config.size) as f64)
    }
}

impl Stream {
    /// Elements of each array.
    fn length(&self) -> usize {
        (self.config.size / NUMBER_BYTES) as usize
    }
}
