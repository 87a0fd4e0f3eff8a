//! Workload `elementwise`: the functions between the products of a network, over many numbers at once.

mod check;

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Param, Work, Workload};
use benchhost_support::{
    device,
    kernels::{
        exp::exp_all,
        gelu::{Form, gelu},
        rows::{log_sum_exp, softmax},
    },
    random::{fill_uniform, stream},
};
use candle_core::{D, Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::{
    parameter::{multiple, not_set_up, within},
    team::Team,
};

/// Input is U(−8, 8): every branch of every function, no overflow.
const LIMIT: f32 = 8.0;

/// Which function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Function {
    /// eˣ.
    Exp,
    /// GELU, tanh form.
    Gelu,
    /// GELU by the error function.
    GeluErf,
    /// Softmax of each row.
    Softmax,
    /// ln Σ exp of each row.
    #[serde(rename = "logsumexp")]
    LogSumExp,
}

/// Which code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ElementwiseImplementation {
    /// The loops of `benchhost-support`, into a buffer that is there.
    Vectorised,
    /// Stock candle operations, into memory of their own.
    Candle,
}

/// Parameters of [`Elementwise`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct ElementwiseConfig {
    pub op: Function,
    pub length: u64,
    pub rows: u64,
    pub implementation: ElementwiseImplementation,
}

impl Default for ElementwiseConfig {
    fn default() -> Self {
        Self {
            op: Function::Exp,
            length: 4 << 20,
            rows: 4096,
            implementation: ElementwiseImplementation::Vectorised,
        }
    }
}

/// One function of many numbers.
#[derive(Debug)]
pub struct Elementwise {
    config: ElementwiseConfig,
    ctx: Ctx,
    device: Device,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    team: Team,
    x: Vec<f32>,
    /// The results of `vectorised`; NaN until an iteration has written them.
    out: Vec<f32>,
    /// Input and results of `candle`.
    tensors: Option<(Tensor, Option<Tensor>)>,
}

impl Workload for Elementwise {
    type Config = ElementwiseConfig;

    fn describe() -> Description {
        Description::new("One function of many numbers: exp, GELU, softmax or log-sum-exp of rows.")
            .param(
                Param::new("op", "which function; gelu is the tanh form").choices(&[
                    "exp",
                    "gelu",
                    "gelu-erf",
                    "softmax",
                    "logsumexp",
                ]),
            )
            .param(
                Param::new("length", "numbers of the input")
                    .unit("values")
                    .range(1.0, 1e9),
            )
            .param(
                Param::new("rows", "rows of softmax and logsumexp; divides length").range(1.0, 1e9),
            )
            .param(
                Param::new(
                    "implementation",
                    "our loops into a buffer, or candle's operations",
                )
                .choices(&["vectorised", "candle"]),
            )
    }

    fn create(config: ElementwiseConfig, ctx: &Ctx) -> Result<Self, Error> {
        within("length", config.length, (1, 1_000_000_000), "values")?;
        within("rows", config.rows, (1, 1_000_000_000), "")?;
        if config.op.is_of_rows() {
            multiple("length", config.length, ("rows", config.rows))?;
        }
        let device = device(ctx)?;
        if !device.is_cpu() && config.implementation == ElementwiseImplementation::Vectorised {
            return Err(Error::unsupported(
                "implementation = \"vectorised\" is code for the CPU; use implementation = \"candle\" on a GPU",
            ));
        }
        Ok(Self {
            device,
            config,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let mut x = vec![0.0; self.config.length as usize];
        fill_uniform(&mut stream(self.ctx.seed(), "elementwise"), LIMIT, &mut x);
        let columns = self.columns();
        let (tensors, out) = match self.config.implementation {
            ElementwiseImplementation::Vectorised => (None, vec![f32::NAN; self.results()]),
            ElementwiseImplementation::Candle => {
                let shape = (x.len() / columns, columns);
                let tensor = Tensor::from_slice(&x, shape, &self.device)?;
                (Some((tensor, None)), Vec::new())
            }
        };
        self.state = Some(State {
            team: Team::new(&self.ctx)?,
            x,
            out,
            tensors,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let (op, columns) = (self.config.op, self.columns());
        let state = self.state.as_mut().ok_or_else(not_set_up)?;
        let (team, x, out) = (&state.team, &state.x, &mut state.out);
        let threads = team.threads();
        match &mut state.tensors {
            Some((x, result)) => *result = Some(team.together(|| op.candle(x))?),
            None if threads == 1 => op.vectorised(out, x, columns, 1),
            None => team.together(|| op.vectorised(out, x, columns, threads)),
        }
        // The result is kept: there is nothing the compiler could drop.
        Ok(().into())
    }

    fn synchronise(&mut self) -> Result<(), Error> {
        Ok(self.device.synchronize()?)
    }

    fn verify(&mut self) -> Result<(), Error> {
        let (op, columns) = (self.config.op, self.columns());
        let state = self.state.as_mut().ok_or_else(not_set_up)?;
        if let Some((_, result)) = &mut state.tensors {
            let result = result
                .take()
                .ok_or_else(|| Error::wrong("no iteration was done"))?;
            state.out = result.flatten_all()?.to_vec1()?;
        }
        check::results(op, &state.x, &state.out, columns)?;
        // Made wrong, so that the next proof is of later passes.
        state.out.fill(f32::NAN);
        Ok(())
    }

    fn work(&self) -> Work {
        let length = self.config.length as f64;
        Work::items(length, "values").bytes(4.0 * (length + self.results() as f64))
    }
}

impl Elementwise {
    /// Numbers of a row; 1 for functions that know no rows.
    fn columns(&self) -> usize {
        match self.config.op.is_of_rows() {
            true => (self.config.length / self.config.rows) as usize,
            false => 1,
        }
    }

    fn results(&self) -> usize {
        match self.config.op {
            Function::LogSumExp => self.config.rows as usize,
            _ => self.config.length as usize,
        }
    }
}

impl Function {
    fn is_of_rows(self) -> bool {
        matches!(self, Self::Softmax | Self::LogSumExp)
    }

    fn vectorised(self, out: &mut [f32], x: &[f32], columns: usize, threads: usize) {
        match self {
            Self::Exp => exp_all(out, x, threads),
            Self::Gelu => gelu(out, x, Form::Tanh, threads),
            Self::GeluErf => gelu(out, x, Form::Erf, threads),
            Self::Softmax => softmax(out, x, columns, threads),
            Self::LogSumExp => log_sum_exp(out, x, columns, threads),
        }
    }

    fn candle(self, x: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Self::Exp => x.exp(),
            Self::Gelu => x.gelu(),
            Self::GeluErf => x.gelu_erf(),
            Self::Softmax => candle_nn::ops::softmax_last_dim(x),
            Self::LogSumExp => x.log_sum_exp(D::Minus1),
        }
    }
}
