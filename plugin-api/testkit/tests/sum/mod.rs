// The workload of the examples in the documentation: adds numbers. Included, so that an example shows its own lines alone.

use benchhost_plugin_api::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
pub struct Config {
    length: u64,
    first: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            length: 4,
            first: 0,
        }
    }
}

pub struct Sum {
    config: Config,
    ctx: Ctx,
    sum: u64,
}

impl Workload for Sum {
    type Config = Config;

    fn describe() -> Description {
        Description::new("Adds numbers.").metric(Metric::neutral("total", "1"))
    }

    fn create(config: Config, ctx: &Ctx) -> Result<Self, Error> {
        if ctx.device() != "cpu" {
            return Err(Error::unsupported("runs on `cpu` only"));
        }
        Ok(Self {
            config,
            ctx: ctx.clone(),
            sum: 0,
        })
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let Config { length, first } = self.config;
        self.sum = self
            .ctx
            .time("add", || (first..first + length).sum::<u64>());
        self.ctx.info("added");
        Ok(self.sum.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        ensure_right(self.config.length <= 100, || {
            format!(
                "the sum is of {} numbers, 100 is the most",
                self.config.length
            )
        })
    }

    fn work(&self) -> Work {
        Work::items(self.config.length as f64, "numbers")
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        metrics.set("total", self.sum as f64);
        Ok(())
    }
}
