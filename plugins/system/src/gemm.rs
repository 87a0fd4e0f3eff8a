//! Workload `gemm`: the most arithmetic a CPU does here, a large matrix product through candle.

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Param, Work, Workload, ensure_right};
use benchhost_support::{
    device,
    random::{fill_uniform, stream},
};
use candle_core::{Device, Tensor};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::{
    parameter::{not_set_up, within},
    team::Team,
};

/// Type of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DType {
    /// 32 bits.
    F32,
    /// 64 bits.
    F64,
}

impl DType {
    fn candle(self) -> candle_core::DType {
        match self {
            Self::F32 => candle_core::DType::F32,
            Self::F64 => candle_core::DType::F64,
        }
    }

    /// Distance from 1 to the next number.
    fn epsilon(self) -> f64 {
        match self {
            Self::F32 => f64::from(f32::EPSILON),
            Self::F64 => f64::EPSILON,
        }
    }
}

/// Parameters of [`Gemm`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct GemmConfig {
    pub n: u64,
    pub dtype: DType,
}

impl Default for GemmConfig {
    fn default() -> Self {
        Self {
            n: 1024,
            dtype: DType::F32,
        }
    }
}

/// Multiplies two square matrices.
#[derive(Debug)]
pub struct Gemm {
    config: GemmConfig,
    ctx: Ctx,
    device: Device,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    team: Team,
    /// `[n, n]`, U(−1, 1).
    factors: [Tensor; 2],
    product: Option<Tensor>,
}

impl Workload for Gemm {
    type Config = GemmConfig;

    fn describe() -> Description {
        Description::new("Multiplies two square matrices through candle.")
            .param(Param::new("n", "rows and columns of the matrices").range(1.0, 32768.0))
            .param(Param::new("dtype", "type of the numbers").choices(&["f32", "f64"]))
    }

    fn create(config: GemmConfig, ctx: &Ctx) -> Result<Self, Error> {
        within("n", config.n, (1, 32768), "")?;
        Ok(Self {
            device: device(ctx)?,
            config,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let n = self.config.n as usize;
        let mut rng = stream(self.ctx.seed(), "gemm");
        let mut factor = || {
            let mut values = vec![0.0; n * n];
            fill_uniform(&mut rng, 1.0, &mut values);
            let tensor = Tensor::from_vec(values, (n, n), &self.device)?;
            Ok::<_, Error>(tensor.to_dtype(self.config.dtype.candle())?)
        };
        self.state = Some(State {
            factors: [factor()?, factor()?],
            team: Team::new(&self.ctx)?,
            product: None,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = self.state.as_mut().ok_or_else(not_set_up)?;
        let [a, b] = &state.factors;
        // In a pool of our own: candle splits the work by the environment, and the pool bounds who does it.
        state.product = Some(state.team.together(|| a.matmul(b))?);
        // The product is kept: there is nothing the compiler could drop.
        Ok(().into())
    }

    fn synchronise(&mut self) -> Result<(), Error> {
        Ok(self.device.synchronize()?)
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = self.state.as_ref().ok_or_else(not_set_up)?;
        let product = state
            .product
            .as_ref()
            .ok_or_else(|| Error::wrong("no iteration was done"))?;
        let n = self.config.n as usize;
        // Drawn anew each time, from a stream that the factors do not share.
        let mut rng = stream(self.ctx.seed(), "gemm-proof");
        let signs: Vec<f64> = (0..n)
            .map(|_| if rng.random::<bool>() { 1.0 } else { -1.0 })
            .collect();
        let [a, b] = &state.factors;
        let factors = [&rows(a)?, &rows(b)?];
        check_product(&rows(product)?, factors, &signs, self.config.dtype)
    }

    fn work(&self) -> Work {
        let n = self.config.n as f64;
        let bytes = self.config.dtype.candle().size_in_bytes() as f64;
        Work::items(1.0, "products")
            .flop(2.0 * n.powi(3))
            .bytes(3.0 * n * n * bytes)
    }
}

type Rows = Vec<Vec<f64>>;

fn rows(matrix: &Tensor) -> Result<Rows, Error> {
    Ok(matrix.to_dtype(candle_core::DType::F64)?.to_vec2()?)
}

/// `rows · x`.
fn times(rows: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    let row = |row: &Vec<f64>| row.iter().zip(x).map(|(a, x)| a * x).sum();
    rows.iter().map(row).collect()
}

/// Most that rounding may do, in units of ε·n^1.5, for factors U(−1, 1). The partial sums of an entry grow like √(k/9), so
/// that adding n products one by one leaves an error of deviation ε·n·0.07, and n entries with random signs one of
/// ε·n^1.5·0.07. This is fourteen times that; blocked sums are better.
const ROUNDING: f64 = 1.0;

/// C·x = A·(B·x) for random signs x proves every entry of C at once.
///
/// Source: Freivalds (1977), IFIP Congress 77, 839–842.
fn check_product(c: &Rows, [a, b]: [&Rows; 2], signs: &[f64], dtype: DType) -> Result<(), Error> {
    let tolerance = ROUNDING * dtype.epsilon() * (c.len() as f64).powf(1.5);
    let found = times(c, signs);
    let expected = times(a, &times(b, signs));
    for (row, (found, expected)) in found.iter().zip(&expected).enumerate() {
        // Written so that a NaN fails.
        ensure_right((found - expected).abs() <= tolerance, || {
            format!(
                "row {row} of the product times random signs is {found}, expected {expected} (tolerance {tolerance:e})"
            )
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_entry_in_a_product_is_seen() {
        let a: Rows = (0..9)
            .map(|i| (0..9).map(|j| f64::from(i * j % 7) / 7.0).collect())
            .collect();
        let columns = (0..9).map(|j| a.iter().map(|row| row[j]).collect::<Vec<_>>());
        let columns: Rows = columns.collect();
        let mut c: Rows = a
            .iter()
            .map(|row| {
                columns
                    .iter()
                    .map(|c| times(std::slice::from_ref(row), c)[0])
                    .collect()
            })
            .collect();
        let signs = [1.0, -1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, -1.0];

        check_product(&c, [&a, &a], &signs, DType::F64).unwrap();
        c[4][7] += 1e-3;
        let error = check_product(&c, [&a, &a], &signs, DType::F32).unwrap_err();
        assert!(
            error.to_string().starts_with("row 4 of the product"),
            "{error}"
        );
        c[4][7] = f64::NAN;
        check_product(&c, [&a, &a], &signs, DType::F32).unwrap_err();
    }
}
