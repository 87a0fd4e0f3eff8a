//! The gradient seen by the inverse of its own second moment: G·(F + λI)⁻¹ with F an average of GᵀG.
//!
//! F is as wide as the layer's input, so that a Cholesky factor is needed in each step. It lies in square tiles, which
//! turns nearly all of it into small products.
//!
//! Source: Amari (1998), Neural Computation 10(2), 251–276, with the empirical second moment for the Fisher matrix.

use benchhost_support::kernels::gemm::{Matrix, product};

/// Side of a tile.
const TILE: usize = 64;

/// Fisher matrix and its factor for one shape.
#[derive(Debug)]
pub(crate) struct Natural {
    inputs: usize,
    outputs: usize,
    decay: f32,
    damping: f32,
    threads: usize,
    /// `[inputs, inputs]`.
    fisher: Vec<f32>,
    /// Tile (i, j) with j ≤ i of the factor at i·(i+1)/2 + j.
    tiles: Vec<Vec<f32>>,
    /// Inverse of each tile on the diagonal.
    inverses: Vec<Vec<f32>>,
    spare: Vec<f32>,
}

impl Natural {
    /// For gradients stored as `[inputs, outputs]`, the transpose of G.
    pub(crate) fn new(
        (inputs, outputs): (usize, usize),
        (decay, damping): (f64, f64),
        threads: usize,
    ) -> Self {
        let sides: Vec<usize> = (0..inputs.div_ceil(TILE))
            .map(|i| side(inputs, i))
            .collect();
        let tiles = sides.iter().enumerate().flat_map(|(i, rows)| {
            sides[..=i]
                .iter()
                .map(move |columns| vec![0.0; rows * columns])
        });
        Self {
            inputs,
            outputs,
            decay: decay as f32,
            damping: damping as f32,
            threads,
            fisher: vec![0.0; inputs * inputs],
            tiles: tiles.collect(),
            inverses: sides.iter().map(|side| vec![0.0; side * side]).collect(),
            spare: vec![0.0; TILE * outputs.max(TILE)],
        }
    }

    pub(crate) fn reset(&mut self) {
        self.fisher.fill(0.0);
    }

    /// F, `[inputs, inputs]`.
    pub(crate) fn fisher(&self) -> &[f32] {
        &self.fisher
    }

    /// F ← decay·F + (1 − decay)·GᵀG, then `out ← (F + λI)⁻¹·gradient`.
    pub(crate) fn direction(&mut self, gradient: &[f32], out: &mut [f32]) {
        let g = Matrix::new(gradient, self.inputs, self.outputs);
        product(
            &mut self.fisher,
            self.decay,
            g,
            g.transposed(),
            1.0 - self.decay,
            self.threads,
        );
        self.factorise();
        out.copy_from_slice(gradient);
        self.solve(out);
    }

    /// Operations of one call.
    pub(crate) fn flop(&self) -> f64 {
        let (n, m) = (self.inputs as f64, self.outputs as f64);
        2.0 * n * n * m + n * n * n / 3.0 + 2.0 * n * n * m
    }

    /// L with L·Lᵀ = F + λI, a column of tiles after the other.
    fn factorise(&mut self) {
        let n = self.inputs;
        let count = self.inverses.len();
        for k in 0..count {
            for i in k..count {
                let (rows, columns) = (side(n, i), side(n, k));
                let (at, column) = (i * TILE, k * TILE);
                let mut tile = std::mem::take(&mut self.tiles[place(i, k)]);
                for (row, line) in tile.chunks_exact_mut(columns).enumerate() {
                    line.copy_from_slice(&self.fisher[(at + row) * n + column..][..columns]);
                }
                if i == k {
                    tile.iter_mut()
                        .step_by(columns + 1)
                        .for_each(|value| *value += self.damping);
                }
                for j in 0..k {
                    let width = side(n, j);
                    let a = Matrix::new(&self.tiles[place(i, j)], rows, width);
                    let b = if i == k {
                        a
                    } else {
                        Matrix::new(&self.tiles[place(k, j)], columns, width)
                    };
                    product(&mut tile, 1.0, a, b.transposed(), -1.0, 1);
                }
                if i == k {
                    cholesky(&mut tile, rows, self.damping);
                    invert_lower(&tile, &mut self.inverses[k], rows);
                } else {
                    let inverse = Matrix::new(&self.inverses[k], columns, columns);
                    let spare = &mut self.spare[..rows * columns];
                    let a = Matrix::new(&tile, rows, columns);
                    product(spare, 0.0, a, inverse.transposed(), 1.0, 1);
                    tile.copy_from_slice(spare);
                }
                self.tiles[place(i, k)] = tile;
            }
        }
    }

    /// `x ← (L·Lᵀ)⁻¹·x`, `x` `[inputs, outputs]`.
    fn solve(&mut self, x: &mut [f32]) {
        let (n, m, count) = (self.inputs, self.outputs, self.inverses.len());
        for i in 0..count {
            let (before, rest) = x.split_at_mut(i * TILE * m);
            let rows = side(n, i);
            let block = &mut rest[..rows * m];
            for j in 0..i {
                let l = Matrix::new(&self.tiles[place(i, j)], rows, TILE);
                let y = Matrix::new(&before[j * TILE * m..][..TILE * m], TILE, m);
                product(block, 1.0, l, y, -1.0, self.threads);
            }
            let inverse = Matrix::new(&self.inverses[i], rows, rows);
            apply(inverse, block, m, &mut self.spare);
        }
        for i in (0..count).rev() {
            let rows = side(n, i);
            let (front, after) = x.split_at_mut((i * TILE + rows) * m);
            let block = &mut front[i * TILE * m..];
            for j in i + 1..count {
                let height = side(n, j);
                let l = Matrix::new(&self.tiles[place(j, i)], height, rows).transposed();
                let y = &after[(j - i - 1) * TILE * m..][..height * m];
                product(block, 1.0, l, Matrix::new(y, height, m), -1.0, self.threads);
            }
            let inverse = Matrix::new(&self.inverses[i], rows, rows).transposed();
            apply(inverse, block, m, &mut self.spare);
        }
    }
}

/// `block ← matrix·block`.
fn apply(matrix: Matrix<'_>, block: &mut [f32], columns: usize, spare: &mut [f32]) {
    let spare = &mut spare[..block.len()];
    let rows = block.len() / columns;
    product(
        spare,
        0.0,
        matrix,
        Matrix::new(block, rows, columns),
        1.0,
        1,
    );
    block.copy_from_slice(spare);
}

fn place(i: usize, j: usize) -> usize {
    i * (i + 1) / 2 + j
}

fn side(n: usize, index: usize) -> usize {
    TILE.min(n - index * TILE)
}

/// Replaces the symmetric positive matrix by its lower factor. No pivot of F + λI is below λ, `least`, but by rounding.
fn cholesky(a: &mut [f32], n: usize, least: f32) {
    for i in 0..n {
        for j in 0..=i {
            let (row_i, row_j) = (&a[i * n..][..j], &a[j * n..][..j]);
            let sum: f32 = row_i.iter().zip(row_j).map(|(x, y)| x * y).sum();
            let value = a[i * n + j] - sum;
            a[i * n + j] = if i == j {
                value.max(least).sqrt()
            } else {
                value / a[j * n + j]
            };
        }
        a[i * n + i + 1..(i + 1) * n].fill(0.0);
    }
}

/// `out ← l⁻¹` for a lower matrix.
fn invert_lower(l: &[f32], out: &mut [f32], n: usize) {
    out.fill(0.0);
    for j in 0..n {
        out[j * n + j] = 1.0 / l[j * n + j];
        for i in j + 1..n {
            let sum: f32 = (j..i).map(|k| l[i * n + k] * out[k * n + j]).sum();
            out[i * n + j] = -sum / l[i * n + i];
        }
    }
}

#[cfg(test)]
mod tests {
    use benchhost_support::random::{fill_normal, stream};

    use super::*;

    #[test]
    fn the_answer_solves_the_damped_equation_over_tiles_and_rests() {
        for (inputs, outputs) in [(5, 3), (64, 2), (130, 9), (200, 40)] {
            let mut natural = Natural::new((inputs, outputs), (0.5, 0.1), 1);
            let mut gradient = vec![0.0; inputs * outputs];
            let mut out = gradient.clone();
            let mut rng = stream(1, "gradient");
            // Twice, so that F is an average of two.
            for _ in 0..2 {
                fill_normal(&mut rng, &mut gradient);
                natural.direction(&gradient, &mut out);
            }

            for column in 0..outputs {
                for i in 0..inputs {
                    let row = &natural.fisher[i * inputs..][..inputs];
                    let sum: f64 = (0..inputs)
                        .map(|j| f64::from(row[j]) * f64::from(out[j * outputs + column]))
                        .sum();
                    let found = sum + 0.1 * f64::from(out[i * outputs + column]);
                    let expected = f64::from(gradient[i * outputs + column]);
                    assert!(
                        (found - expected).abs() < 2e-3,
                        "{inputs}×{outputs}: {found} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_average_begins_with_nothing_and_keeps_its_share() {
        let mut natural = Natural::new((2, 1), (0.75, 1.0), 1);
        let mut out = [0.0; 2];

        natural.direction(&[2.0, 0.0], &mut out);
        natural.direction(&[0.0, 4.0], &mut out);

        assert_eq!(natural.fisher, [0.75, 0.0, 0.0, 4.0]);
        natural.reset();
        assert_eq!(natural.fisher, [0.0; 4]);
    }
}
