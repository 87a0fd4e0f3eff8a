//! The direction of a matrix against its definition, every entry of it.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::random::{fill_normal, stream};
use candle_core::{DType, Device, Tensor};

use super::{
    TOLERANCE,
    dense::{close, entries, gram, largest, matrix, squares},
    spectrum::singular_values,
};
use crate::update;

/// Added to the tolerance of a direction, whose entries are of order 1/√width: what rounding leaves of no gradient at all.
const ROUNDING: f64 = 1e-7;

/// Random vectors that must not tell DᵀG from its transpose.
const VECTORS: usize = 4;

/// What the randomised decomposition may miss of the sum of the largest singular values: this share of the first value
/// that is not among them, for each of them. It misses the most where all are alike, as of a random matrix (rank 1 a
/// fifth, larger ranks half of that), a fiftieth of images' gradients, and nothing where there are no others.
const MISSED: f64 = 0.25;

/// A singular value above this share of the largest must be found, if there is room for it.
const CLEAR: f64 = 1e-3;

/// X₀ = `input`/‖`input`‖, X ← ½X(3I − XᵀX), `steps` times: `direction` is that.
pub(super) fn check_newton_schulz(
    direction: &[f32],
    input: &[f32],
    (rows, columns): (usize, usize),
    steps: usize,
) -> Result<(), Error> {
    let input = matrix(input, rows, columns)?;
    let (least, most) = update::NORMS;
    let mut x = (&input / squares(&input)?.sqrt().clamp(least, most))?;
    let small = rows.min(columns);
    let three = (Tensor::eye(small, DType::F64, &Device::Cpu)? * 3.0)?;
    for _ in 0..steps {
        let half = ((&three - gram(&x)?)? * 0.5)?;
        x = if rows >= columns {
            x.matmul(&half)?
        } else {
            half.matmul(&x)?
        };
    }
    let tolerance = TOLERANCE * largest(&x)? + ROUNDING;
    close(
        "the direction of Newton–Schulz",
        (&matrix(direction, rows, columns)?, &x),
        tolerance,
    )
}

/// `direction` D is UVᵀ of the largest `rank` singular values of `gradient` G: a partial isometry of that rank that makes
/// DᵀG symmetric, with ⟨G, D⟩ near the sum of these values. No D of that kind has more (Fan, 1951, PNAS 37(11), 760–766).
pub(super) fn check_low_rank(
    direction: &[f32],
    gradient: &[f32],
    (rows, columns): (usize, usize),
    rank: usize,
) -> Result<(), Error> {
    let (d, g) = (
        matrix(direction, rows, columns)?,
        matrix(gradient, rows, columns)?,
    );
    let again = if rows >= columns {
        d.matmul(&gram(&d)?)?
    } else {
        gram(&d)?.matmul(&d)?
    };
    close(
        "D is no UVᵀ: D·Dᵀ·D",
        (&again, &d),
        TOLERANCE * largest(&d)?.max(1.0 / rank as f64),
    )?;
    let mut values = singular_values(&g, rank + 1)?;
    let next = if values.len() > rank {
        values.pop()
    } else {
        None
    };
    let first = values.first().copied().unwrap_or(0.0);
    let clear = values
        .iter()
        .filter(|value| **value > CLEAR * first)
        .count();
    let found = squares(&d)?;
    ensure_right(
        (clear as f64 - 0.5..=rank as f64 + 0.5).contains(&found),
        || format!("the direction has rank {found:.2}, expected {clear} to {rank}"),
    )?;
    check_symmetric(&d, &g)?;
    let promised: f64 = values.iter().sum();
    let found: f64 = (&d * &g)?.sum_all()?.to_scalar()?;
    let missed = MISSED * rank as f64 * next.unwrap_or(0.0);
    ensure_right(found >= (1.0 - TOLERANCE) * promised - missed, || {
        format!(
            "the direction has {found:.6e} of the gradient, its largest {rank} singular values add up to {promised:.6e}"
        )
    })
}

/// DᵀG and GᵀD map random vectors alike.
fn check_symmetric(d: &Tensor, g: &Tensor) -> Result<(), Error> {
    let (_, columns) = d.dims2()?;
    let mut vectors = vec![0.0; columns * VECTORS];
    fill_normal(&mut stream(1, "symmetric"), &mut vectors);
    let x = matrix(&vectors, columns, VECTORS)?;
    let one = d.t()?.matmul(&g.matmul(&x)?)?;
    let other = g.t()?.matmul(&d.matmul(&x)?)?;
    let tolerance = TOLERANCE
        * entries(&other)?
            .iter()
            .fold(0.0, |a: f64, b| a.max(b.abs()));
    close(
        "the direction is none of this gradient: DᵀG on a vector",
        (&one, &other),
        tolerance,
    )
}
