//! {{ name }}: the dot product of two vectors, in two ways. Replace it with what you want to measure.

use benchhost_plugin_api::prelude::*;
use serde::{Deserialize, Serialize};

/// What a suite may set. The default value documents itself: its keys, types and values are what
/// `benchhost plugin check` shows, and a key that is not here is refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Config {
    length: usize,
    method: Method,
}

/// How it is calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    /// One sum.
    Plain,
    /// Sixteen sums side by side, which the processor adds at once.
    Lanes,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            length: 4096,
            method: Method::Plain,
        }
    }
}

/// The dot product of two vectors of random numbers.
#[derive(Debug)]
pub struct Dot {
    config: Config,
    ctx: Ctx,
    left: Vec<f32>,
    right: Vec<f32>,
    found: f32,
}

impl Workload for Dot {
    type Config = Config;

    fn describe() -> Description {
        Description::new("The dot product of two vectors of random numbers.")
            .param(
                Param::new("length", "numbers in each vector")
                    .unit("values")
                    .range(1.0, 1e9),
            )
            .param(
                Param::new("method", "one sum, or sixteen side by side")
                    .choices(&["plain", "lanes"]),
            )
            .metric(
                Metric::lower("error", "1")
                    .quality()
                    .help("difference from the exact product, relative"),
            )
    }

    // Cheap: checks the parameters and remembers the context.
    fn create(config: Config, ctx: &Ctx) -> Result<Self, Error> {
        if config.length == 0 {
            return Err(Error::config("length is 0, expected at least 1"));
        }
        Ok(Self {
            config,
            ctx: ctx.clone(),
            left: Vec::new(),
            right: Vec::new(),
            found: 0.0,
        })
    }

    // Heavy: timed on its own, never part of a sample.
    fn setup(&mut self) -> Result<(), Error> {
        let mut state = self.ctx.seed();
        self.left = random(self.config.length, &mut state);
        self.right = random(self.config.length, &mut state);
        Ok(())
    }

    // The measured body. What it returns depends on the whole result, so that the compiler cannot leave it out.
    fn iterate(&mut self) -> Result<Digest, Error> {
        self.found = match self.config.method {
            Method::Plain => plain(&self.left, &self.right),
            Method::Lanes => lanes(&self.left, &self.right),
        };
        Ok(self.found.into())
    }

    // A case with a wrong answer has no speed.
    fn verify(&mut self) -> Result<(), Error> {
        let error = self.error();
        ensure_right(error <= 1e-3, || {
            format!(
                "the product is {}, which is off by {error:.1e} of it",
                self.found
            )
        })
    }

    // What one iteration does: throughput, FLOP/s, bandwidth and the roofline follow from it.
    fn work(&self) -> Work {
        let length = self.config.length as f64;
        Work::items(length, "values")
            .flop(2.0 * length)
            .bytes(8.0 * length)
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        metrics.set("error", self.error());
        Ok(())
    }
}

impl Dot {
    /// Difference from the product in twice the precision, relative to the sum of all magnitudes.
    fn error(&self) -> f64 {
        let products = || {
            self.left
                .iter()
                .zip(&self.right)
                .map(|(l, r)| f64::from(*l) * f64::from(*r))
        };
        let (exact, size): (f64, f64) = (products().sum(), products().map(f64::abs).sum());
        (f64::from(self.found) - exact).abs() / size.max(f64::MIN_POSITIVE)
    }
}

fn plain(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}

fn lanes(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (left, left_rest) = left.as_chunks::<16>();
    let (right, right_rest) = right.as_chunks::<16>();
    for (left, right) in left.iter().zip(right) {
        for ((sum, l), r) in sums.iter_mut().zip(left).zip(right) {
            *sum += l * r;
        }
    }
    sums.iter().sum::<f32>() + plain(left_rest, right_rest)
}

/// `count` numbers in −1…1 from `state`, which moves on (xorshift64*, Vigna 2016).
fn random(count: usize, state: &mut u64) -> Vec<f32> {
    *state |= 1;
    let mut next = || {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        let bits = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
        bits as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

export_plugin! {
    name: "{{ name }}",
    summary: "The dot product of two vectors, in two ways.",
    workloads: { "dot" => Dot },
}

#[cfg(test)]
mod tests {
    use benchhost_testkit::bench;

    use super::Dot;

    #[test]
    fn both_methods_are_right_for_any_length() {
        for length in [1, 15, 16, 17, 1000] {
            for method in ["plain", "lanes"] {
                let params = format!("length = {length}\nmethod = '{method}'");

                let report = bench::<Dot>().params(params).run().unwrap();

                assert!(
                    report.metric("error").unwrap() < 1e-5,
                    "{length} {method}: {report:?}"
                );
                assert_eq!(report.work.flop, 2.0 * f64::from(length));
            }
        }
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let failure = bench::<Dot>().params("length = 0").run().unwrap_err();

        assert_eq!(failure.message, "length is 0, expected at least 1");
    }
}
