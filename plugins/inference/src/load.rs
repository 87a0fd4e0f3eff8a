//! Workload `load`: from a file to a model that is ready for its first input.

use std::{fs::File, io, path::Path};

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload,
};
use benchhost_support::{
    memory::resident_bytes,
    page_cache::{Eviction, evict},
};
use serde::{Deserialize, Serialize};

use crate::{Implementation, classify, embed, language};

/// A model on its way from a file into memory.
pub(crate) trait Loading: Send {
    /// The file with the weights.
    fn path(&self) -> &Path;

    /// Makes what the proof needs and is no part of loading.
    ///
    /// # Errors
    /// A file beside the weights cannot be read.
    fn set_up(&mut self) -> Result<(), Error>;

    /// Reads the file; what was loaded before has been freed.
    ///
    /// # Errors
    /// It cannot be read, or holds another model.
    fn load(&mut self, ctx: &Ctx) -> Result<(), Error>;

    /// Frees the model.
    fn free(&mut self);

    /// Proves that the loaded model answers as it should.
    ///
    /// # Errors
    /// [`Error::wrong`] saying what it answers.
    fn prove(&mut self) -> Result<(), Error>;
}

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
pub enum Model {
    /// SmolLM2-135M-Instruct, GGUF.
    #[serde(rename = "smollm2")]
    Smollm2,
    /// all-MiniLM-L6-v2, safetensors.
    #[serde(rename = "minilm-l6-v2")]
    MiniLm,
    /// EfficientNet-Lite0, safetensors.
    #[serde(rename = "efficientnet-lite0")]
    EfficientNet,
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

impl LoadConfig {
    fn find(&self) -> Result<Box<dyn Loading>, Error> {
        let (file, implementation) = (&*self.file, self.implementation);
        Ok(match self.model {
            Model::Smollm2 => Box::new(language::Loading::find(file, implementation)?),
            Model::MiniLm => Box::new(embed::Loading::find(file, implementation)?),
            Model::EfficientNet => Box::new(classify::Loading::find(file, implementation)?),
        })
    }
}

/// Loads a model.
pub struct Load {
    config: LoadConfig,
    ctx: Ctx,
    model: Box<dyn Loading>,
    file_bytes: u64,
    /// Resident bytes of the process before the first load.
    before: Option<u64>,
    warned: bool,
}

impl Workload for Load {
    type Config = LoadConfig;

    const PREPARES_EACH_ITERATION: bool = true;

    fn describe() -> Description {
        Description::new("Loads a model from its file until it is ready for its first input.")
            .param(Param::new("model", "which model").choices(&[
                "smollm2",
                "minilm-l6-v2",
                "efficientnet-lite0",
            ]))
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
            .metric(Metric::lower("resident", "B").memory().help(
                "resident memory of the process with the model, less that before the first load",
            ))
    }

    fn create(config: LoadConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.implementation.check(ctx)?;
        Ok(Self {
            model: config.find()?,
            config,
            ctx: ctx.clone(),
            file_bytes: 0,
            before: None,
            warned: false,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        self.model.set_up()?;
        // Into the page cache, which is what "warm" means; without memory that a load could use again.
        self.file_bytes = io::copy(&mut File::open(self.model.path())?, &mut io::sink())?;
        self.before = resident_bytes();
        Ok(())
    }

    fn prepare(&mut self) -> Result<(), Error> {
        // Freeing the last model is not part of loading the next one.
        self.model.free();
        if self.config.cache == Cache::Warm {
            return Ok(());
        }
        let why = match evict(self.model.path())? {
            Eviction::Cold => return Ok(()),
            Eviction::StillCached => "is still in the page cache: this is a warm load",
            Eviction::Unknown => "may still be in the page cache: its file system does not tell",
        };
        if !std::mem::replace(&mut self.warned, true) {
            self.ctx.warn(format!(
                "cache = \"cold\", but {} {why}",
                self.model.path().display()
            ));
        }
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        self.model.load(&self.ctx)?;
        Ok(Digest::from(self.file_bytes))
    }

    fn verify(&mut self) -> Result<(), Error> {
        self.model.prove()
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
