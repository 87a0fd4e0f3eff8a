//! Whole matrices in f64 for the proofs of updates: candle's products on the CPU, which share no code with the passes
//! under proof and see every entry.

use benchhost_plugin_api::{Error, ensure_right};
use candle_core::{Device, Tensor};

/// `values` as a matrix of f64.
pub(super) fn matrix(values: &[f32], rows: usize, columns: usize) -> Result<Tensor, Error> {
    let values: Vec<f64> = values.iter().copied().map(f64::from).collect();
    Ok(Tensor::from_vec(values, (rows, columns), &Device::Cpu)?)
}

/// The entries in their order.
pub(super) fn entries(matrix: &Tensor) -> Result<Vec<f64>, Error> {
    Ok(matrix.contiguous()?.flatten_all()?.to_vec1()?)
}

/// Σ of the squares of all entries.
pub(super) fn squares(matrix: &Tensor) -> Result<f64, Error> {
    Ok(matrix.sqr()?.sum_all()?.to_scalar()?)
}

/// Largest absolute value.
pub(super) fn largest(matrix: &Tensor) -> Result<f64, Error> {
    Ok(matrix.abs()?.max_all()?.to_scalar()?)
}

/// MᵀM or MMᵀ, whichever is smaller.
pub(super) fn gram(matrix: &Tensor) -> Result<Tensor, Error> {
    let (rows, columns) = matrix.dims2()?;
    Ok(if rows >= columns {
        matrix.t()?.matmul(matrix)?
    } else {
        matrix.matmul(&matrix.t()?)?
    })
}

/// Every entry of `found` is within `tolerance` of `expected`; else the sentence says where it is not.
pub(super) fn close(
    what: &str,
    (found, expected): (&Tensor, &Tensor),
    tolerance: f64,
) -> Result<(), Error> {
    let (_, columns) = found.dims2()?;
    let (found, expected) = (entries(found)?, entries(expected)?);
    for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
        // Written so that "not a number" is wrong.
        ensure_right((found - expected).abs() <= tolerance, || {
            let (row, column) = (at / columns, at % columns);
            format!("{what} is {found:.6e} at [{row}, {column}], its f64 reference {expected:.6e}")
        })?;
    }
    Ok(())
}
