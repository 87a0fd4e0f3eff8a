//! Workload `hdf5`: reading all IDs of a file, from the page cache or from the device.
//!
//! Apart from `data`, because a cold read needs an untimed step before each iteration (dropping the file from the
//! page cache), and the host then takes one iteration a sample; the fast stages of `data` need many.

use std::{fs, path::PathBuf};

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Param, Work, Workload, ensure_right};
use benchhost_support::{
    files::located,
    page_cache::{Eviction, evict},
    signals::{Signals, Synthetic, hdf5},
};
use serde::{Deserialize, Serialize};

use crate::source::{GROUND_MOTION, GROUND_MOTION_FILE, warn_left_out};

/// Where the bytes are when reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cache {
    /// In the page cache.
    Warm,
    /// On the device: the file is dropped from the page cache before each iteration.
    Cold,
}

/// Parameters of [`Hdf5`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct Hdf5Config {
    pub signals: String,
    pub cache: Cache,
}

impl Default for Hdf5Config {
    fn default() -> Self {
        Self {
            signals: GROUND_MOTION.to_owned(),
            cache: Cache::Warm,
        }
    }
}

/// Reads a file of signals.
#[derive(Debug)]
pub struct Hdf5 {
    cache: Cache,
    ctx: Ctx,
    path: PathBuf,
    /// The file is the plugin's own, to be written out first.
    own: bool,
    first: Option<Signals>,
    last: Option<Signals>,
    warned: bool,
}

impl Workload for Hdf5 {
    type Config = Hdf5Config;

    const PREPARES_EACH_ITERATION: bool = true;

    fn describe() -> Description {
        Description::new("Reads all IDs of an HDF5 file into memory, decompressed and scaled.")
            .param(Param::new(
                "signals",
                "\"ground-motion\" (in the plugin) or the path of a file",
            ))
            .param(
                Param::new(
                    "cache",
                    "whether the file is in the page cache when reading begins",
                )
                .choices(&["warm", "cold"]),
            )
    }

    fn create(config: Hdf5Config, ctx: &Ctx) -> Result<Self, Error> {
        if Synthetic::from_name(&config.signals).is_some() {
            return Err(Error::config(format!(
                "signals is \"{}\", which is made and not read; expected \"{GROUND_MOTION}\" or the path of an \
                 HDF5 file",
                config.signals
            )));
        }
        let own = config.signals == GROUND_MOTION;
        let path = if own {
            ctx.scratch_file("ground_motion.h5")
        } else {
            located(&config.signals)
        };
        let (cache, ctx) = (config.cache, ctx.clone());
        Ok(Self {
            cache,
            ctx,
            path,
            own,
            first: None,
            last: None,
            warned: false,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        if self.own {
            fs::write(&self.path, GROUND_MOTION_FILE).map_err(|error| {
                Error::failed(format!("cannot write {}: {error}", self.path.display()))
            })?;
        }
        let signals = hdf5::read(&self.path)?;
        warn_left_out(&self.ctx, &signals);
        self.first = Some(signals);
        Ok(())
    }

    fn prepare(&mut self) -> Result<(), Error> {
        // Freeing the old values is not part of reading the new ones.
        self.last = None;
        if self.cache == Cache::Warm {
            return Ok(());
        }
        let why = match evict(&self.path)? {
            Eviction::Cold => return Ok(()),
            Eviction::StillCached => "is still in the page cache: this is a warm read",
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
        let signals = hdf5::read(&self.path)?;
        let digest = signals
            .ids
            .iter()
            .filter_map(|id| id.values.last())
            .sum::<f32>();
        self.last = Some(signals);
        Ok(digest.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        ensure_right(self.last.is_some() && self.last == self.first, || {
            format!("two readings of {} differ", self.path.display())
        })?;
        match (&self.last, self.own) {
            (Some(signals), true) => check_own(signals),
            _ => Ok(()),
        }
    }

    /// Items are IDs; bytes are those of the file as stored, compressed or not.
    fn work(&self) -> Work {
        let (ids, bytes) = match &self.first {
            Some(signals) => (signals.ids.len() as f64, signals.bytes as f64),
            None => (0.0, 0.0),
        };
        Work::items(ids, "IDs").bytes(bytes)
    }
}

/// Number of values and Σ|v| of the plugin's own file. Golden numbers: h5py 3.16.0 with numpy 2.4.6.
fn check_own(signals: &Signals) -> Result<(), Error> {
    let values = || signals.ids.iter().flat_map(|id| &id.values);
    let count = values().count();
    let sum: f64 = values().map(|value| f64::from(value.abs())).sum();
    ensure_right(
        count == 763_710 && (sum / 5_034_657_715.189_455 - 1.0).abs() < 1e-9,
        || {
            format!(
                "{GROUND_MOTION} has {count} values with Σ|v| = {sum}, expected 763710 with 5034657715.189"
            )
        },
    )
}
