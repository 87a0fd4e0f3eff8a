//! Singular values in f64, by other ways than those of the updates under proof.
//!
//! Sources: Golub & Van Loan, "Matrix Computations", 8.3.1 (Householder), 8.4.1 (bisection with Sturm sequences), 8.2.1
//! (power iteration).

use benchhost_plugin_api::Error;
use benchhost_support::random::{fill_normal, stream};
use candle_core::Tensor;

use super::dense::{entries, gram};

/// Halvings of the interval around an eigenvalue: to 2⁻⁶⁰ of the largest.
const HALVINGS: usize = 60;

/// Power iterations at most, and the relative change of the eigenvalue that ends them before. Without any gap between
/// the values the answer is below the truth by less than 0.5 %; Kuczyński & Woźniakowski (1992), SIAM J. Matrix Anal.
/// 13(4), theorem 3.1.
const ITERATIONS: usize = 1000;
const STILL: f64 = 1e-9;

/// The largest `count` singular values, in falling order.
pub(super) fn singular_values(matrix: &Tensor, count: usize) -> Result<Vec<f64>, Error> {
    let gram = gram(matrix)?;
    let n = gram.dim(0)?;
    let tridiagonal = Tridiagonal::of(entries(&gram)?, n);
    let values = (0..count.min(n)).map(|index| tridiagonal.eigenvalue(index).max(0.0).sqrt());
    Ok(values.collect())
}

/// The largest singular value, from below.
pub(super) fn largest_singular_value(matrix: &Tensor) -> Result<f64, Error> {
    let gram = gram(matrix)?;
    let n = gram.dim(0)?;
    let gram = entries(&gram)?;
    let mut start = vec![0.0; n];
    fill_normal(&mut stream(1, "largest"), &mut start);
    let mut x: Vec<f64> = start.iter().copied().map(f64::from).collect();
    let mut value = 0.0;
    for _ in 0..ITERATIONS {
        let length = norm(&x);
        if length == 0.0 {
            return Ok(0.0);
        }
        x.iter_mut().for_each(|x| *x /= length);
        let y: Vec<f64> = gram.chunks_exact(n).map(|row| dot(row, &x)).collect();
        let next = dot(&x, &y);
        x = y;
        let is_still = (next - value).abs() <= STILL * next;
        value = next;
        if is_still {
            break;
        }
    }
    Ok(value.max(0.0).sqrt())
}

/// A symmetric matrix with the eigenvalues of another, and nothing beside the two diagonals.
struct Tridiagonal {
    diagonal: Vec<f64>,
    /// Squares of the second diagonal.
    beside: Vec<f64>,
}

impl Tridiagonal {
    /// Of the symmetric matrix `a`, `[n, n]`: a reflection for each column.
    fn of(mut a: Vec<f64>, n: usize) -> Self {
        let mut beside = Vec::with_capacity(n);
        for k in 0..n.saturating_sub(1) {
            let from = k + 1;
            let mut v: Vec<f64> = (from..n).map(|row| a[row * n + k]).collect();
            let length = norm(&v);
            beside.push(length * length);
            v[0] += length.copysign(v[0]);
            let own = norm(&v);
            if own == 0.0 {
                continue;
            }
            v.iter_mut().for_each(|v| *v /= own);
            let rows = a[from * n..].chunks_exact(n).map(|row| &row[from..]);
            let p: Vec<f64> = rows.map(|row| 2.0 * dot(row, &v)).collect();
            let share = dot(&p, &v);
            let w: Vec<f64> = p.iter().zip(&v).map(|(p, v)| p - share * v).collect();
            for (i, row) in a[from * n..].chunks_exact_mut(n).enumerate() {
                for (a, (v_j, w_j)) in row[from..].iter_mut().zip(v.iter().zip(&w)) {
                    *a -= v[i] * w_j + w[i] * v_j;
                }
            }
        }
        Self {
            diagonal: (0..n).map(|i| a[i * n + i]).collect(),
            beside,
        }
    }

    /// Eigenvalue `index`, the largest first.
    fn eigenvalue(&self, index: usize) -> f64 {
        let off = |at: Option<usize>| {
            let square = at.and_then(|at| self.beside.get(at));
            square.map_or(0.0, |square| square.sqrt())
        };
        let reach = self.diagonal.iter().enumerate();
        // Gerschgorin.
        let most = reach
            .map(|(i, d)| d.abs() + off(i.checked_sub(1)) + off(Some(i)))
            .fold(0.0, f64::max);
        let (mut low, mut high) = (-most, most);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if self.diagonal.len() - self.below(middle) > index {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }

    /// How many eigenvalues are below `x`: the negative pivots of the matrix less x.
    fn below(&self, x: f64) -> usize {
        let mut count = 0;
        let mut pivot = 1.0;
        for (i, d) in self.diagonal.iter().enumerate() {
            let square = i.checked_sub(1).map_or(0.0, |before| self.beside[before]);
            pivot = d - x - square / pivot;
            if pivot == 0.0 {
                pivot = f64::MIN_POSITIVE;
            }
            count += usize::from(pivot < 0.0);
        }
        count
    }
}

pub(super) fn norm(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::learner::check::dense::squares;

    fn random(rows: usize, columns: usize, seed: u64) -> Tensor {
        let mut values = vec![0.0; rows * columns];
        fill_normal(&mut stream(seed, "matrix"), &mut values);
        let values: Vec<f64> = values.iter().copied().map(f64::from).collect();
        Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap()
    }

    #[test]
    fn values_of_a_rotated_diagonal_are_its_entries() {
        // Reflections I − 2vvᵀ/vᵀv turn the diagonal on both sides.
        let reflection = |n: usize, seed| {
            let v = random(n, 1, seed);
            let square = squares(&v).unwrap();
            let outer = (v.matmul(&v.t().unwrap()).unwrap() * (2.0 / square)).unwrap();
            (Tensor::eye(n, candle_core::DType::F64, &Device::Cpu).unwrap() - outer).unwrap()
        };
        let mut entries = vec![0.0; 7 * 4];
        for (i, value) in [3.0, 7.0, 0.0, 1e-3].iter().enumerate() {
            entries[i * 4 + i] = *value;
        }
        let diagonal = Tensor::from_vec(entries, (7, 4), &Device::Cpu).unwrap();
        let left = reflection(7, 1).matmul(&diagonal).unwrap();
        let matrix = left.matmul(&reflection(4, 2)).unwrap();

        for matrix in [matrix.clone(), matrix.t().unwrap()] {
            let values = singular_values(&matrix, 9).unwrap();

            assert_eq!(values.len(), 4);
            for (found, expected) in values.iter().zip([7.0, 3.0, 1e-3, 0.0]) {
                assert!((found - expected).abs() < 1e-7, "{values:?}");
            }
            assert!((largest_singular_value(&matrix).unwrap() - 7.0).abs() < 1e-6);
        }
    }

    #[test]
    fn squares_of_all_values_add_up_and_power_iteration_finds_the_first() {
        for (rows, columns) in [(1, 1), (1, 9), (40, 23), (23, 40)] {
            let matrix = random(rows, columns, 5);

            let values = singular_values(&matrix, 99).unwrap();

            let sum: f64 = values.iter().map(|value| value * value).sum();
            let expected = squares(&matrix).unwrap();
            assert!((sum - expected).abs() < 1e-9 * expected);
            let first = largest_singular_value(&matrix).unwrap();
            assert!(first <= values[0] * (1.0 + 1e-9) && first > 0.995 * values[0]);
        }
    }
}
