//! Which signals a case works on: the recordings in this plugin, a file, or a formula.

use std::path::Path;

use benchhost_plugin_api::{Ctx, Error};
use benchhost_support::{
    files::located,
    signals::{Signals, Synthetic, hdf5},
};
use serde::{Deserialize, Serialize};

/// Name of the recordings that are part of the plugin.
pub(crate) const GROUND_MOTION: &str = "ground-motion";

/// 19 real instruments, 1–3 channels, 3 675–120 000 samples; licence and origin: `signals/NOTICE`. Embedded, so
/// that the plugin works from any folder.
pub(crate) const GROUND_MOTION_FILE: &[u8] = include_bytes!("../signals/ground_motion.h5");

/// What is done to the values before windows are cut; outside the timed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalise {
    /// Each channel of each ID gets mean 0 and standard deviation 1.
    Id,
    /// Nothing: values in the unit of the file.
    None,
}

/// Where signals come from and what they become.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// `ground-motion`, `simple`, `medium`, `complex`, or a path.
    pub signals: String,
    /// IDs of a synthetic signal.
    pub ids: usize,
    /// Samples of each ID of a synthetic signal.
    pub length: usize,
    /// First channels to keep; 0 for as many as every ID has.
    pub channels: usize,
    /// What is done to the values.
    pub normalise: Normalise,
}

impl Source {
    /// The formula, when the signals are synthetic.
    pub(crate) fn synthetic(&self) -> Option<Synthetic> {
        Synthetic::from_name(&self.signals)
    }

    /// Reads or makes the signals.
    pub(crate) fn load(&self, seed: u64) -> Result<Signals, Error> {
        let mut signals = match self.synthetic() {
            Some(family) => family.generate(self.ids, self.length, seed),
            None if self.signals == GROUND_MOTION => {
                hdf5::parse(GROUND_MOTION_FILE.to_vec(), GROUND_MOTION)?
            }
            None => read_path(&self.signals)?,
        };
        signals.keep_channels(self.channels)?;
        if self.normalise == Normalise::Id {
            signals.standardise();
        }
        Ok(signals)
    }
}

/// Reads the file at `path`, here or in a folder of `BENCHHOST_DATA`; a name that is no path gets the names that would have been.
fn read_path(path: &str) -> Result<Signals, Error> {
    let looks_like_a_name = !path.contains(['/', '\\', '.']);
    if looks_like_a_name && !Path::new(path).exists() {
        return Err(Error::config(format!(
            "signals is \"{path}\", expected \"{GROUND_MOTION}\", \"simple\", \"medium\", \"complex\", or the \
             path of an HDF5 file"
        )));
    }
    hdf5::read(&located(path))
}

/// Says what was left out: a number about fewer IDs than the file has must say so.
pub(crate) fn warn_left_out(ctx: &Ctx, signals: &Signals) {
    if !signals.left_out.is_empty() {
        ctx.warn(format!(
            "left out of {}: {}",
            signals.source,
            signals.left_out.join("; ")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(signals: &str, channels: usize, normalise: Normalise) -> Source {
        Source {
            signals: signals.to_owned(),
            ids: 3,
            length: 50,
            channels,
            normalise,
        }
    }

    #[test]
    fn the_recordings_in_the_plugin_are_19_instruments_with_one_common_channel() {
        let signals = source(GROUND_MOTION, 0, Normalise::None).load(1).unwrap();

        assert_eq!(signals.ids.len(), 19);
        assert_eq!(signals.common_channels(), 1);
        assert_eq!(signals.ids.iter().map(|id| id.length).min(), Some(3675));
        assert_eq!(signals.ids.iter().map(|id| id.length).max(), Some(120_000));
    }

    #[test]
    fn three_channels_leave_three_instruments_out_by_name() {
        let signals = source(GROUND_MOTION, 3, Normalise::Id).load(1).unwrap();

        assert_eq!(signals.ids.len(), 16);
        assert_eq!(signals.left_out[0], "`HUDDLE_0438` has 1 of 3 channels");
        let energy = signals.ids[0].values.iter().map(|v| v * v).sum::<f32>();
        assert!((energy / signals.ids[0].values.len() as f32 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_name_that_means_nothing_is_told_the_names_that_do() {
        let error = source("noise", 0, Normalise::Id).load(1).unwrap_err();

        assert_eq!(
            error.to_string(),
            "signals is \"noise\", expected \"ground-motion\", \"simple\", \"medium\", \"complex\", or the path \
             of an HDF5 file"
        );
    }
}
