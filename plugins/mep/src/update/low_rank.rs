//! The direction UVᵀ of the largest singular values only: a randomised decomposition.
//!
//! Range finder with two power iterations, then B = QᵀG is small and UVᵀ = Q·(BBᵀ)^(−½)·B, with the root from Jacobi's
//! eigenvalues in f64.
//!
//! Sources: Halko, Martinsson & Tropp (2011), SIAM Review 53(2), algorithms 4.4 and 5.1 (as `torch.svd_lowrank`);
//! Golub & Van Loan, "Matrix Computations", 8.5 (cyclic Jacobi).

use benchhost_support::{
    kernels::gemm::{Matrix, product},
    random::{Random, fill_normal, stream},
};

use crate::energy::square;

/// Power iterations of the range finder, as in `torch.svd_lowrank`.
const POWER_ITERATIONS: usize = 2;

/// Longest gradient that is taken as it is.
const LARGEST_NORM: f64 = 10.0;

/// Eigenvalues below this share of the largest are none.
const NO_EIGENVALUE: f64 = 1e-12;

/// Jacobi sweeps; it converges quadratically, in fewer than ten.
const SWEEPS: usize = 30;

/// The buffers for one shape.
#[derive(Debug)]
pub(crate) struct LowRank {
    rows: usize,
    columns: usize,
    rank: usize,
    threads: usize,
    rng: Random,
    /// `[rank, rows]`: the basis, transposed.
    basis: Vec<f32>,
    /// `[rank, columns]`.
    small: Vec<f32>,
    root: Vec<f32>,
    turned: Vec<f32>,
    jacobi: Jacobi,
}

impl LowRank {
    /// For matrices `[rows, columns]`; rank is `share` of the small side, at least 1.
    pub(crate) fn new((rows, columns): (usize, usize), share: f64, threads: usize) -> Self {
        let rank = ((share * rows.min(columns) as f64) as usize).max(1);
        Self {
            rows,
            columns,
            rank,
            threads,
            rng: stream(0, "sketch"),
            basis: vec![0.0; rank * rows],
            small: vec![0.0; rank * columns],
            root: vec![0.0; rank * rank],
            turned: vec![0.0; rank * columns],
            jacobi: Jacobi::new(rank),
        }
    }

    /// Draws from `rng` from now on.
    pub(crate) fn restart(&mut self, rng: Random) {
        self.rng = rng;
    }

    /// Writes UVᵀ of the largest singular values of `gradient`, clipped to a norm of 10, to `out`.
    pub(crate) fn direction(&mut self, gradient: &[f32], out: &mut [f32]) {
        let norm = square(gradient).sqrt();
        let scale = if norm > LARGEST_NORM {
            LARGEST_NORM / norm
        } else {
            1.0
        } as f32;
        let (rank, threads) = (self.rank, self.threads);
        let g = Matrix::new(gradient, self.rows, self.columns);
        fill_normal(&mut self.rng, &mut self.small);
        for _ in 0..=POWER_ITERATIONS {
            let small = Matrix::new(&self.small, rank, self.columns);
            product(&mut self.basis, 0.0, small, g.transposed(), scale, threads);
            orthonormalise(&mut self.basis, self.rows);
            let basis = Matrix::new(&self.basis, rank, self.rows);
            product(&mut self.small, 0.0, basis, g, scale, threads);
            // The last B is needed as it is; the ones before only span a space, in which this rounds less.
            self.turned.copy_from_slice(&self.small);
            orthonormalise(&mut self.small, self.columns);
        }
        self.jacobi
            .inverse_root(&self.turned, self.columns, &mut self.root);
        let root = Matrix::new(&self.root, rank, rank);
        let b = Matrix::new(&self.turned, rank, self.columns);
        product(&mut self.small, 0.0, root, b, 1.0, threads);
        let basis = Matrix::new(&self.basis, rank, self.rows).transposed();
        product(
            out,
            0.0,
            basis,
            Matrix::new(&self.small, rank, self.columns),
            1.0,
            threads,
        );
    }

    /// Operations of the products of one call.
    pub(crate) fn flop(&self) -> f64 {
        let (rows, columns, rank) = (self.rows as f64, self.columns as f64, self.rank as f64);
        let passes = 2.0 * (POWER_ITERATIONS as f64 + 1.0) + 1.0;
        2.0 * rank * rows * columns * passes + 2.0 * rank * rank * columns
    }
}

/// Makes the rows of `values` orthonormal; rows that depend on others become 0. Gram–Schmidt, twice.
fn orthonormalise(values: &mut [f32], length: usize) {
    for index in 0..values.len() / length {
        let (before, rest) = values.split_at_mut(index * length);
        let row = &mut rest[..length];
        let first = square(row).sqrt();
        for _ in 0..2 {
            for other in before.chunks_exact(length) {
                let overlap: f32 = other.iter().zip(&*row).map(|(a, b)| a * b).sum();
                row.iter_mut()
                    .zip(other)
                    .for_each(|(value, other)| *value -= overlap * other);
            }
        }
        let norm = square(row).sqrt();
        let scale = if norm > 1e-6 * first {
            (1.0 / norm) as f32
        } else {
            0.0
        };
        row.iter_mut().for_each(|value| *value *= scale);
    }
}

/// Eigenvalues of a small symmetric matrix.
#[derive(Debug)]
struct Jacobi {
    n: usize,
    a: Vec<f64>,
    /// Rows are eigenvectors.
    vectors: Vec<f64>,
}

impl Jacobi {
    fn new(n: usize) -> Self {
        Self {
            n,
            a: vec![0.0; n * n],
            vectors: vec![0.0; n * n],
        }
    }

    /// `out ← (b·bᵀ)^(−½)` for `b` `[n, columns]`, 0 in directions that b does not have.
    fn inverse_root(&mut self, b: &[f32], columns: usize, out: &mut [f32]) {
        let n = self.n;
        for (i, row) in b.chunks_exact(columns).enumerate() {
            for (j, other) in b.chunks_exact(columns).enumerate().take(i + 1) {
                let sum: f64 = row
                    .iter()
                    .zip(other)
                    .map(|(x, y)| f64::from(*x) * f64::from(*y))
                    .sum();
                (self.a[i * n + j], self.a[j * n + i]) = (sum, sum);
            }
        }
        self.diagonalise();
        let values = || (0..n).map(|i| self.a[i * n + i]);
        let largest = values().fold(0.0, f64::max);
        for i in 0..n {
            for j in 0..n {
                let terms = values()
                    .enumerate()
                    .filter(|(_, value)| *value > NO_EIGENVALUE * largest);
                let sum: f64 = terms
                    .map(|(k, value)| {
                        self.vectors[k * n + i] * self.vectors[k * n + j] / value.sqrt()
                    })
                    .sum();
                out[i * n + j] = sum as f32;
            }
        }
    }

    fn diagonalise(&mut self) {
        let n = self.n;
        self.vectors.fill(0.0);
        self.vectors
            .iter_mut()
            .step_by(n + 1)
            .for_each(|value| *value = 1.0);
        for _ in 0..SWEEPS {
            let trace: f64 = (0..n).map(|i| self.a[i * n + i].abs()).sum();
            let mut largest = 0.0f64;
            for p in 0..n {
                for q in p + 1..n {
                    largest = largest.max(self.a[p * n + q].abs());
                    self.rotate(p, q);
                }
            }
            if largest <= 1e-15 * trace {
                return;
            }
        }
    }

    fn rotate(&mut self, p: usize, q: usize) {
        let n = self.n;
        let off = self.a[p * n + q];
        if off == 0.0 {
            return;
        }
        let theta = (self.a[q * n + q] - self.a[p * n + p]) / (2.0 * off);
        let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
        let c = 1.0 / t.hypot(1.0);
        let s = t * c;
        for k in 0..n {
            let (x, y) = (self.a[k * n + p], self.a[k * n + q]);
            (self.a[k * n + p], self.a[k * n + q]) = (c * x - s * y, s * x + c * y);
        }
        for matrix in [&mut self.a, &mut self.vectors] {
            let (above, below) = matrix.split_at_mut(q * n);
            let rows = above[p * n..][..n].iter_mut().zip(&mut below[..n]);
            for (x, y) in rows {
                (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ scale_k·u_k·v_kᵀ with random u and v.
    fn matrix(rows: usize, columns: usize, scales: &[f32]) -> Vec<f32> {
        let mut rng = stream(3, "matrix");
        let mut u = vec![0.0; 5 * rows];
        let mut v = vec![0.0; 5 * columns];
        fill_normal(&mut rng, &mut u);
        fill_normal(&mut rng, &mut v);
        orthonormalise(&mut u, rows);
        orthonormalise(&mut v, columns);
        let mut out = vec![0.0; rows * columns];
        for (k, scale) in scales.iter().enumerate() {
            for i in 0..rows {
                for j in 0..columns {
                    out[i * columns + j] += scale * u[k * rows + i] * v[k * columns + j];
                }
            }
        }
        out
    }

    #[test]
    fn all_kept_singular_values_become_one_and_the_others_nothing() {
        for (rows, columns) in [(40, 15), (15, 40)] {
            let gradient = matrix(rows, columns, &[100.0, 40.0, 9.0, 1e-4, 1e-5]);
            let expected = matrix(rows, columns, &[1.0, 1.0, 1.0]);
            let mut out = vec![0.0; gradient.len()];
            let mut low = LowRank::new((rows, columns), 0.2, 1);

            low.direction(&gradient, &mut out);

            assert_eq!(low.rank, 3);
            for (found, expected) in out.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
            }
        }
    }

    #[test]
    fn a_gradient_of_lower_rank_than_asked_gives_only_what_it_has() {
        let gradient = matrix(30, 20, &[2.0]);
        let mut out = vec![0.0; gradient.len()];

        LowRank::new((30, 20), 0.2, 1).direction(&gradient, &mut out);

        let expected = matrix(30, 20, &[1.0]);
        for (found, expected) in out.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
        }
    }
}
