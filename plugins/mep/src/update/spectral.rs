//! Keeps the largest singular value of a weight matrix below a bound, so that settling stays a contraction.
//!
//! Source: Miyato et al. (2018), arXiv:1802.05957: power iteration whose vector persists between steps.

use benchhost_support::{
    random::{Rng, fill_normal},
    wide,
};

use crate::energy::square;

/// Power iterations of a step.
const ITERATIONS: usize = 3;

/// Added to a norm before dividing by it.
const EPS: f64 = 1e-6;

/// The estimate of one matrix.
#[derive(Debug)]
pub(crate) struct Spectral {
    /// Left vector (of PyTorch's `[outputs, inputs]`), length `outputs`, norm 1.
    u: Vec<f32>,
    next: Vec<f32>,
}

impl Spectral {
    /// For matrices with `outputs` columns; [`restart`](Self::restart) gives it a first guess.
    pub(crate) fn new(outputs: usize) -> Self {
        Self {
            u: vec![0.0; outputs],
            next: vec![0.0; outputs],
        }
    }

    /// A first guess from N(0, 1).
    pub(crate) fn restart(&mut self, rng: &mut impl Rng) {
        fill_normal(rng, &mut self.u);
        normalise(&mut self.u);
    }

    /// The left vector, of norm 1.
    pub(crate) fn vector(&self) -> &[f32] {
        &self.u
    }

    /// `weight`: `[inputs, outputs]`. Three power iterations, then W ← W·bound/σ when σ is above the bound. Returns σ before.
    pub(crate) fn bound(&mut self, weight: &mut [f32], bound: f64) -> f64 {
        let mut sigma = 0.0;
        for _ in 0..ITERATIONS {
            sigma = self.iterate(weight);
        }
        if sigma > bound {
            let factor = (bound / sigma) as f32;
            wide!(weight.iter_mut().for_each(|w| *w *= factor));
        }
        sigma
    }

    /// v ← Wᵀu, u ← Wv, both normalised, in one pass over the rows of the stored transpose. Returns |uᵀWv|.
    fn iterate(&mut self, weight: &[f32]) -> f64 {
        let (u, next) = (&self.u[..], &mut self.next[..]);
        next.fill(0.0);
        let squares = wide!({
            let mut squares = 0.0f64;
            for row in weight.chunks_exact(u.len()) {
                let v = dot(row, u);
                squares += f64::from(v) * f64::from(v);
                for (sum, w) in next.iter_mut().zip(row) {
                    *sum += v * w;
                }
            }
            squares
        });
        let length = (squares.sqrt() + EPS) as f32;
        self.next.iter_mut().for_each(|value| *value /= length);
        std::mem::swap(&mut self.u, &mut self.next);
        let norm = square(&self.u).sqrt();
        normalise(&mut self.u);
        // uᵀWv with u = Wv/(‖Wv‖ + ε).
        norm * norm / (norm + EPS)
    }
}

fn normalise(values: &mut [f32]) {
    let length = (square(values).sqrt() + EPS) as f32;
    values.iter_mut().for_each(|value| *value /= length);
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (a, a_rest) = a.as_chunks::<16>();
    let (b, b_rest) = b.as_chunks::<16>();
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use benchhost_support::random::stream;

    use super::*;

    #[test]
    fn a_large_matrix_is_brought_to_the_bound_and_a_small_one_stays() {
        let mut weight = vec![0.0; 30 * 20];
        fill_normal(&mut stream(3, "weight"), &mut weight);
        let mut spectral = Spectral::new(20);
        spectral.restart(&mut stream(1, "power"));

        // The vector persists: after some steps the estimate is the value.
        let first: Vec<f64> = (0..60).map(|_| spectral.bound(&mut weight, 0.95)).collect();
        let settled = weight.clone();
        let last = spectral.bound(&mut weight, 0.95 * 1.001);

        assert!(first[0] > 3.0, "{first:?}");
        assert!((last - 0.95).abs() < 1e-3, "{last}");
        assert_eq!(weight, settled);
    }

    #[test]
    fn the_estimate_of_a_diagonal_is_its_largest_entry() {
        let mut weight = [0.1, 0.0, 0.0, 0.0, -0.5, 0.0, 0.0, 0.0, 0.2];
        let mut spectral = Spectral::new(3);
        spectral.restart(&mut stream(2, "power"));

        let estimates: Vec<f64> = (0..5).map(|_| spectral.bound(&mut weight, 0.95)).collect();

        assert!((estimates[4] - 0.5).abs() < 1e-5, "{estimates:?}");
    }
}
