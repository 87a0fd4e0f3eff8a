//! Which code computes a model: an axis of every workload here.

use benchhost_plugin_api::{Ctx, Error};
use serde::{Deserialize, Serialize};

/// Which code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Implementation {
    /// Slices, packed weights, fused layers, no allocation; CPU only.
    Fused,
    /// Stock candle operations.
    Candle,
}

impl Implementation {
    /// As written in a suite.
    pub(crate) const NAMES: &[&str] = &["fused", "candle"];

    /// Refuses fused layers on a GPU, before anything is loaded.
    pub(crate) fn check(self, ctx: &Ctx) -> Result<(), Error> {
        let device = benchhost_support::device(ctx)?;
        if self == Self::Fused && !device.is_cpu() {
            return Err(Error::unsupported(format!(
                "implementation = \"fused\" computes on the CPU, device is \"{}\"; use implementation = \"candle\"",
                ctx.device()
            )));
        }
        Ok(())
    }
}
