//! The vectorised loops as candle operations with gradients, so that a model can use them on tensors.
//!
//! Tensors are f32 on the CPU, of any layout (others than contiguous ones are copied first). Elsewhere they are errors:
//! candle's own operations are the ones for a GPU.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor};

use super::{
    exp::exp_all,
    gelu::{self, Form},
    rows,
};

/// eˣ of each value of `x`.
///
/// # Errors
/// `x` is not f32 on the CPU.
pub fn exp(x: &Tensor, threads: usize) -> Result<Tensor> {
    apply(x, Kind::Exp, threads)
}

/// GELU of each value of `x`.
///
/// # Errors
/// `x` is not f32 on the CPU.
pub fn gelu(x: &Tensor, form: Form, threads: usize) -> Result<Tensor> {
    apply(x, Kind::Gelu(form), threads)
}

/// Softmax of `x` over its last dimension.
///
/// # Errors
/// `x` is not f32 on the CPU, or has no dimension.
pub fn softmax_last_dim(x: &Tensor, threads: usize) -> Result<Tensor> {
    apply(x, Kind::Softmax, threads)
}

/// Log-sum-exp of `x` over its last dimension, which goes away.
///
/// # Errors
/// `x` is not f32 on the CPU, or has no dimension.
pub fn log_sum_exp_last_dim(x: &Tensor, threads: usize) -> Result<Tensor> {
    apply(x, Kind::LogSumExp, threads)
}

fn apply(x: &Tensor, kind: Kind, threads: usize) -> Result<Tensor> {
    x.contiguous()?.apply_op1(Op { kind, threads })
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Exp,
    Gelu(Form),
    Softmax,
    LogSumExp,
}

#[derive(Debug, Clone, Copy)]
struct Op {
    kind: Kind,
    threads: usize,
}

impl CustomOp1 for Op {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Exp => "vectorised-exp",
            Kind::Gelu(_) => "vectorised-gelu",
            Kind::Softmax => "vectorised-softmax",
            Kind::LogSumExp => "vectorised-log-sum-exp",
        }
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, threads) = (values(storage, layout)?, self.threads);
        let shape = layout.shape();
        let mut out = vec![0.0; x.len()];
        match self.kind {
            Kind::Exp => exp_all(&mut out, x, threads),
            Kind::Gelu(form) => gelu::gelu(&mut out, x, form, threads),
            Kind::Softmax => rows::softmax(&mut out, x, last_dim(shape)?.1, threads),
            Kind::LogSumExp => {
                let (rest, columns) = last_dim(shape)?;
                out = vec![0.0; rest.elem_count()];
                rows::log_sum_exp(&mut out, x, columns, threads);
                return Ok((CpuStorage::F32(out), rest));
            }
        }
        Ok((CpuStorage::F32(out), shape.clone()))
    }

    fn bwd(&self, x: &Tensor, result: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        Ok(Some(match self.kind {
            Kind::Exp => (result * grad)?,
            Kind::Gelu(_) => x.apply_op2_no_bwd(&grad, self)?,
            Kind::Softmax => result.apply_op2_no_bwd(&grad, self)?,
            Kind::LogSumExp => x.apply_op3_no_bwd(result, &grad, self)?,
        }))
    }
}

/// The gradient of GELU from its argument, and that of softmax from its result.
impl CustomOp2 for Op {
    fn name(&self) -> &'static str {
        "vectorised-backward"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, grad) = (values(x, layout)?, values(grad, grad_layout)?);
        let mut out = vec![0.0; x.len()];
        match self.kind {
            Kind::Gelu(form) => gelu::gelu_backward(&mut out, x, grad, form, self.threads),
            Kind::Softmax => {
                let (_, columns) = last_dim(layout.shape())?;
                rows::softmax_backward(&mut out, x, grad, columns, self.threads);
            }
            Kind::Exp | Kind::LogSumExp => candle_core::bail!("no gradient of two operands"),
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

/// The gradient of log-sum-exp from argument, result and the result's gradient.
impl CustomOp3 for Op {
    fn name(&self) -> &'static str {
        "vectorised-log-sum-exp-backward"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        result: &CpuStorage,
        result_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = values(x, layout)?;
        let rows = (values(result, result_layout)?, values(grad, grad_layout)?);
        let mut out = vec![0.0; x.len()];
        rows::log_sum_exp_backward(&mut out, x, rows, self.threads);
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let all = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((from, to)) => Ok(&all[from..to]),
        None => candle_core::bail!("a vectorised operation needs a contiguous tensor"),
    }
}

/// The shape without its last dimension, and that dimension.
fn last_dim(shape: &Shape) -> Result<(Shape, usize)> {
    match shape.dims().split_last() {
        Some((columns, rest)) => Ok((Shape::from(rest), *columns)),
        None => candle_core::bail!("a scalar has no last dimension"),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{D, DType, Device, Var};

    use super::*;

    /// `[3, 5]`, between −2.1 and 2.1.
    fn values() -> Tensor {
        let values: Vec<f32> = (0..15).map(|i| (i * 4 % 15) as f32 * 0.3 - 2.1).collect();
        Tensor::from_vec(values, (3, 5), &Device::Cpu).unwrap()
    }

    fn assert_near(found: &Tensor, plain: &Tensor, what: &str) {
        assert_eq!(found.dims(), plain.dims(), "{what}");
        let difference = (found - plain).unwrap().abs().unwrap().max_all().unwrap();
        let difference = difference.to_scalar::<f32>().unwrap();
        let largest = plain
            .abs()
            .unwrap()
            .max_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap();
        assert!(
            difference < 3e-6 * largest,
            "{what}: {difference} of {largest}"
        );
    }

    fn plain_softmax(x: &Tensor) -> Result<Tensor> {
        let powers = x.exp()?;
        powers.broadcast_div(&powers.sum_keepdim(D::Minus1)?)
    }

    #[test]
    fn values_and_gradients_are_those_of_candle() {
        type Function = fn(&Tensor) -> Result<Tensor>;
        let pairs: [(&str, Function, Function); 5] = [
            ("exp", |x| exp(x, 1), Tensor::exp),
            ("tanh form", |x| gelu(x, Form::Tanh, 1), Tensor::gelu),
            ("erf form", |x| gelu(x, Form::Erf, 1), Tensor::gelu_erf),
            ("softmax", |x| softmax_last_dim(x, 1), plain_softmax),
            (
                "log-sum-exp",
                |x| log_sum_exp_last_dim(x, 1),
                |x| x.log_sum_exp(D::Minus1),
            ),
        ];
        for (name, ours, candles) in pairs {
            // Of a transposed tensor, with an uneven gradient.
            let run = |function: Function| {
                let x = Var::from_tensor(&values()).unwrap();
                let y = function(&x.t().unwrap()).unwrap();
                let grads = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
                (y, grads.get(&x).unwrap().clone())
            };

            let (found, plain) = (run(ours), run(candles));

            assert_near(&found.0, &plain.0, name);
            assert_near(&found.1, &plain.1, &format!("gradient of {name}"));
        }
    }

    #[test]
    fn other_types_and_scalars_are_errors() {
        let half = values().to_dtype(DType::F16).unwrap();
        exp(&half, 1).unwrap_err();
        let scalar = Tensor::new(1.0f32, &Device::Cpu).unwrap();
        softmax_last_dim(&scalar, 1).unwrap_err();
        log_sum_exp_last_dim(&scalar, 1).unwrap_err();
    }
}
