//! Workload `disk`: writing and reading a file, in order or at random, and the cost of making a write durable.
//!
//! The file has no name (see `file`), so that nothing remains however the process ends.

mod content;
mod file;

use std::{
    fs::File,
    os::{fd::AsRawFd, unix::fs::FileExt},
    path::PathBuf,
};

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Param, Work, Workload, ensure_right};
use benchhost_support::{
    page_cache::{Eviction, evict},
    random::{Random, stream},
};
use serde::{Deserialize, Serialize};

use crate::{
    order::shuffle,
    parameter::{multiple, not_set_up, within},
};
use content::Content;

/// What is done to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Every block in order, then one sync.
    SequentialWrite,
    /// Every block in order.
    SequentialRead,
    /// Every block once in random order, then one sync.
    RandomWrite,
    /// Every block once in random order.
    RandomRead,
    /// One block, then a sync.
    Fsync,
}

impl Operation {
    /// Names in a suite.
    pub const NAMES: &'static [&'static str] = &[
        "sequential-write",
        "sequential-read",
        "random-write",
        "random-read",
        "fsync",
    ];

    const fn reads(self) -> bool {
        matches!(self, Self::SequentialRead | Self::RandomRead)
    }

    const fn is_random(self) -> bool {
        matches!(self, Self::RandomWrite | Self::RandomRead)
    }
}

/// Where the bytes are when reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cache {
    /// On the device: the file is dropped from the page cache before each iteration.
    Cold,
    /// In the page cache.
    Warm,
}

/// Parameters of [`Disk`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct DiskConfig {
    pub operation: Operation,
    pub block: u64,
    pub file_size: u64,
    pub cache: Cache,
    pub folder: String,
}

impl Default for DiskConfig {
    fn default() -> Self {
        Self {
            operation: Operation::SequentialWrite,
            block: 1 << 20,
            file_size: 64 << 20,
            cache: Cache::Cold,
            folder: String::new(),
        }
    }
}

/// Writes or reads a file.
#[derive(Debug)]
pub struct Disk {
    config: DiskConfig,
    ctx: Ctx,
    state: Option<State>,
    warned: bool,
}

#[derive(Debug)]
struct State {
    file: File,
    content: Content,
    /// Blocks in the order in which the next iteration takes them.
    order: Vec<u64>,
    rng: Random,
    buffer: Vec<u8>,
    iterations: u64,
    /// Sum of the block numbers that the last iteration read from the file.
    read_numbers: u64,
}

impl Workload for Disk {
    type Config = DiskConfig;

    const PREPARES_EACH_ITERATION: bool = true;

    fn describe() -> Description {
        Description::new("Writes or reads a file block by block, and makes writes durable.")
            .param(
                Param::new(
                    "operation",
                    "in order or at random; writes end with a sync, `fsync` syncs each block",
                )
                .choices(Operation::NAMES),
            )
            .param(
                Param::new("block", "of one call")
                    .unit("B")
                    .range(content::STAMP_BYTES as f64, (1_u64 << 30) as f64),
            )
            .param(
                Param::new("file-size", "of the file, a multiple of block")
                    .unit("B")
                    .range(content::STAMP_BYTES as f64, (1_u64 << 40) as f64),
            )
            .param(
                Param::new("cache", "whether what is read is in the page cache")
                    .choices(&["cold", "warm"]),
            )
            .param(Param::new(
                "folder",
                "where the file lies; empty for the scratch folder of the run",
            ))
    }

    fn create(config: DiskConfig, ctx: &Ctx) -> Result<Self, Error> {
        within(
            "block",
            config.block,
            (content::STAMP_BYTES as u64, 1 << 30),
            "bytes",
        )?;
        within(
            "file-size",
            config.file_size,
            (config.block, 1 << 40),
            "bytes",
        )?;
        multiple("file-size", config.file_size, ("block", config.block))?;
        Ok(Self {
            config,
            ctx: ctx.clone(),
            state: None,
            warned: false,
        })
    }

    /// Lays down the whole file, so that what is measured later overwrites blocks that exist.
    fn setup(&mut self) -> Result<(), Error> {
        let folder = match self.config.folder.as_str() {
            "" => self.ctx.scratch_dir().to_owned(),
            folder => PathBuf::from(folder),
        };
        let file = file::nameless(&folder)?;
        if file::is_in_memory(&file)? {
            self.ctx.warn(format!(
                "{} is in memory (tmpfs): this is no disk, and a sync costs nothing; set folder",
                folder.display()
            ));
        }
        let block = self.config.block as usize;
        let blocks = self.config.file_size / self.config.block;
        let mut content = Content::new(block, blocks, self.ctx.seed());
        for number in 0..blocks {
            file.write_all_at(content.write(number), number * self.config.block)?;
            self.ctx.progress();
        }
        file.sync_all()?;
        self.state = Some(State {
            file,
            content,
            order: (0..blocks).collect(),
            rng: stream(self.ctx.seed(), "disk-order"),
            buffer: vec![0; block],
            iterations: 0,
            read_numbers: 0,
        });
        Ok(())
    }

    fn prepare(&mut self) -> Result<(), Error> {
        let state = self.state.as_mut().ok_or_else(not_set_up)?;
        if self.config.operation.is_random() {
            shuffle(&mut state.order, &mut state.rng);
        }
        if !self.config.operation.reads() || self.config.cache == Cache::Warm {
            return Ok(());
        }
        // A file without a name can still be opened through the descriptor.
        let path = PathBuf::from(format!("/proc/self/fd/{}", state.file.as_raw_fd()));
        let why = match evict(&path)? {
            Eviction::Cold => return Ok(()),
            Eviction::StillCached => "is still in the page cache: these are warm reads",
            Eviction::Unknown => "may still be in the page cache: its file system does not tell",
        };
        if !std::mem::replace(&mut self.warned, true) {
            self.ctx
                .warn(format!("cache = \"cold\", but the file {why}"));
        }
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let block = self.config.block;
        let state = self.state.as_mut().ok_or_else(not_set_up)?;
        let turn = state.iterations;
        state.iterations += 1;
        match self.config.operation {
            Operation::SequentialRead | Operation::RandomRead => {
                state.read_numbers = 0;
                for number in &state.order {
                    state
                        .file
                        .read_exact_at(&mut state.buffer, number * block)?;
                    state.read_numbers += content::number(&state.buffer);
                }
            }
            Operation::SequentialWrite | Operation::RandomWrite => {
                for number in &state.order {
                    let bytes = state.content.write(*number);
                    state.file.write_all_at(bytes, number * block)?;
                }
                state.file.sync_all()?;
            }
            Operation::Fsync => {
                let number = turn % state.order.len() as u64;
                let bytes = state.content.write(number);
                state.file.write_all_at(bytes, number * block)?;
                state.file.sync_all()?;
            }
        }
        Ok(state.read_numbers.into())
    }

    /// Reads every block and compares every byte with what was written there last.
    fn verify(&mut self) -> Result<(), Error> {
        let state = self.state.as_mut().ok_or_else(not_set_up)?;
        ensure_right(state.iterations > 0, || "no iteration was done")?;
        let blocks = state.order.len() as u64;
        for number in 0..blocks {
            let place = number * self.config.block;
            state.file.read_exact_at(&mut state.buffer, place)?;
            state.content.check(number, &state.buffer)?;
            self.ctx.progress();
        }
        let expected = blocks * (blocks - 1) / 2;
        let right = !self.config.operation.reads() || state.read_numbers == expected;
        ensure_right(right, || {
            let found = state.read_numbers;
            format!(
                "the numbers of the blocks that were read sum up to {found}, expected {expected}"
            )
        })
    }

    fn work(&self) -> Work {
        match self.config.operation {
            Operation::Fsync => Work::items(1.0, "durable writes").bytes(self.config.block as f64),
            _ => {
                let blocks = self.config.file_size / self.config.block;
                Work::items(blocks as f64, "blocks").bytes(self.config.file_size as f64)
            }
        }
    }

    /// Closing the file frees its blocks: it has no name.
    fn teardown(&mut self) -> Result<(), Error> {
        self.state = None;
        Ok(())
    }
}
