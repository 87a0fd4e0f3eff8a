//! Workload `load`: from a file to a model that is ready for its first token.

use std::{fs::File, io, path::PathBuf};

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload,
};
use benchhost_support::{
    memory::resident_bytes,
    page_cache::{Eviction, evict},
};
use serde::{Deserialize, Serialize};

use super::{
    gguf::{ModelFile, locate},
    model::{CONTEXT, LanguageModel, Loaded},
    proof,
    tokens::Tokens,
};
use crate::Implementation;

/// Where the bytes are when loading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cache {
    /// In the page cache.
    Warm,
    /// On the device: the file is dropped from the page cache before each iteration.
    Cold,
}

/// Which model is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// SmolLM2-135M-Instruct, GGUF.
    Smollm2,
}

/// Parameters of [`Load`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct LoadConfig {
    pub model: Model,
    pub file: String,
    pub cache: Cache,
    pub implementation: Implementation,
}

impl Default for LoadConfig {
    fn default() -> Self {
        Self {
            model: Model::Smollm2,
            file: String::new(),
            cache: Cache::Warm,
            implementation: Implementation::Fused,
        }
    }
}

/// Loads a model.
pub struct Load {
    config: LoadConfig,
    ctx: Ctx,
    path: PathBuf,
    file_bytes: u64,
    tokens: Option<Tokens>,
    loaded: Option<Box<dyn LanguageModel>>,
    /// Resident bytes of the process before the first load.
    before: Option<u64>,
    warned: bool,
}

impl Workload for Load {
    type Config = LoadConfig;

    const PREPARES_EACH_ITERATION: bool = true;

    fn describe() -> Description {
        Description::new("Loads a model from its file until it is ready for its first input.")
            .param(Param::new("model", "which model").choices(&["smollm2"]))
            .param(Param::new(
                "file",
                "path of its file; empty: found in the folders of BENCHHOST_DATA",
            ))
            .param(
                Param::new(
                    "cache",
                    "whether the file is in the page cache when loading begins",
                )
                .choices(&["warm", "cold"]),
            )
            .param(Param::new("implementation", "who reads it").choices(Implementation::NAMES))
            .metric(Metric::lower("resident", "bytes").memory().help(
                "resident memory of the process with the model, less that before the first load",
            ))
    }

    fn create(config: LoadConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.implementation.check(ctx)?;
        let path = locate(&config.file)?;
        Ok(Self {
            config,
            ctx: ctx.clone(),
            path,
            file_bytes: 0,
            tokens: None,
            loaded: None,
            before: None,
            warned: false,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        self.file_bytes = ModelFile::open(&self.path)?.bytes()?;
        self.tokens = Some(Tokens::new()?);
        // Into the page cache, which is what "warm" means; without memory that a load could use again.
        io::copy(&mut File::open(&self.path)?, &mut io::sink())?;
        self.before = resident_bytes();
        Ok(())
    }

    fn prepare(&mut self) -> Result<(), Error> {
        // Freeing the last model is not part of loading the next one.
        self.loaded = None;
        if self.config.cache == Cache::Warm {
            return Ok(());
        }
        let why = match evict(&self.path)? {
            Eviction::Cold => return Ok(()),
            Eviction::StillCached => "is still in the page cache: this is a warm load",
            Eviction::Unknown => "may still be in the page cache: its file system does not tell",
        };
        if !std::mem::replace(&mut self.warned, true) {
            self.ctx.warn(format!(
                "cache = \"cold\", but {} {why}",
                self.path.display()
            ));
        }
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let file = ModelFile::open(&self.path)?;
        let loaded = Loaded::new(self.config.implementation, &file, None, &self.ctx)?;
        self.loaded = Some(loaded.context(CONTEXT, self.ctx.threads()));
        Ok(Digest::from(self.file_bytes))
    }

    fn verify(&mut self) -> Result<(), Error> {
        let (Some(model), Some(tokens)) = (&mut self.loaded, &self.tokens) else {
            return Err(Error::wrong("no model was loaded"));
        };
        proof::knows_paris(model.as_mut(), tokens)
    }

    /// One item is a load; bytes are those of the file.
    fn work(&self) -> Work {
        Work::items(1.0, "models").bytes(self.file_bytes as f64)
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        if let Some((after, before)) = resident_bytes().zip(self.before) {
            metrics.set("resident", after.saturating_sub(before) as f64);
        }
        Ok(())
    }
}
