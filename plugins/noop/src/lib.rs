//! The smallest legal plugin: a tutorial, and the calibration of the host's own overhead.

use benchhost_plugin_api::prelude::*;

/// Does nothing. What it costs is what the host adds.
#[derive(Debug)]
pub struct Noop;

impl Workload for Noop {
    type Config = ();

    fn describe() -> Description {
        Description::new("Does nothing: what it costs is what the host adds.")
    }

    fn create(_config: (), _ctx: &Ctx) -> Result<Self, Error> {
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

#[cfg(test)]
mod tests {
    use benchhost_testkit::bench;

    use super::Noop;

    #[test]
    fn nothing_goes_well_and_takes_no_parameters() {
        let report = bench::<Noop>().iterations(1000).run().unwrap();
        let refused = bench::<Noop>().params("x = 1").run().unwrap_err();

        assert_eq!((report.digest, report.metrics.len()), (0, 0));
        assert!(refused.message.contains("unknown parameter `x`"));
    }
}
