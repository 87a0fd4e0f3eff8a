//! The smallest legal plugin: a tutorial, and the calibration of the host's own overhead.

use benchhost_plugin_api::prelude::*;
use serde::{Deserialize, Serialize};

/// No parameters.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct NoConfig {}

/// Does nothing. What it costs is what the host adds.
#[derive(Debug)]
pub struct Noop;

impl Workload for Noop {
    type Config = NoConfig;

    fn describe() -> Description {
        Description::new("Does nothing: what it costs is what the host adds.")
    }

    fn create(_config: NoConfig, _ctx: &Ctx) -> Result<Self, Error> {
        Ok(Self)
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        Ok(().into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

export_plugin! {
    name: "noop",
    summary: "Nothing, measured perfectly.",
    workloads: { "noop" => Noop },
}
