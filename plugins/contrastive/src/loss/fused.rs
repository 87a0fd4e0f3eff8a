//! The losses on the CPU without candle: value and gradient with respect to the embeddings.

use benchhost_support::kernels::{
    activation::transpose,
    gemm::{Matrix, product},
    normalise::{normalise, normalise_gradient},
    softmax::weighted_cross_entropy,
};

use super::{LossKind, Roles};

/// A loss with its buffers. Embeddings are `[2·batch, width]`: anchors, then positives.
#[derive(Debug)]
pub(crate) struct FusedLoss {
    kind: LossKind,
    scale: f32,
    batch: usize,
    width: usize,
    units: Vec<f32>,
    inverse_norms: Vec<f32>,
    /// S, `[rows, rows]`.
    similarities: Vec<f32>,
    /// ∂loss/∂S.
    slope: Vec<f32>,
    /// S and its slope the other way round, for `symmetric`.
    turned: [Vec<f32>; 2],
    /// ∂loss/∂units.
    unit_gradient: Vec<f32>,
}

impl FusedLoss {
    pub(crate) fn new(kind: LossKind, temperature: f64, (batch, width): (usize, usize)) -> Self {
        let rows = kind.rows(batch);
        let square = vec![0.0; rows * rows];
        let views = vec![0.0; 2 * batch * width];
        Self {
            kind,
            scale: (1.0 / temperature) as f32,
            batch,
            width,
            inverse_norms: vec![0.0; 2 * batch],
            turned: match kind {
                LossKind::Symmetric => [square.clone(), square.clone()],
                LossKind::InfoNce | LossKind::SimClr | LossKind::SupCon => Default::default(),
            },
            similarities: square.clone(),
            slope: square,
            units: views.clone(),
            unit_gradient: views,
        }
    }

    /// The loss of `embeddings` in nats.
    pub(crate) fn forward(&mut self, embeddings: &[f32], roles: &Roles) -> f32 {
        normalise(&mut self.units, &mut self.inverse_norms, embeddings);
        let rows = roles.rows;
        let (left, right) = sides(self.kind, &self.units, rows, self.width);
        let right = right.transposed();
        product(&mut self.similarities, 0.0, left, right, self.scale, 1);
        let row_loss = |slope: &mut [f32], scores: &[f32]| {
            weighted_cross_entropy(slope, scores, &roles.weights, roles.mask(), rows)
        };
        let forward = row_loss(&mut self.slope, &self.similarities);
        if self.kind != LossKind::Symmetric {
            return forward;
        }
        // Roles are symmetric here, so that they serve both directions.
        let [turned, slope] = &mut self.turned;
        transpose(turned, &self.similarities, rows);
        let backward = row_loss(slope, turned);
        transpose(turned, slope, rows);
        for (slope, turned) in self.slope.iter_mut().zip(turned) {
            *slope = (*slope + *turned) / 2.0;
        }
        (forward + backward) / 2.0
    }

    /// The gradient with respect to the embeddings of the last [`forward`](Self::forward).
    pub(crate) fn backward(&mut self, gradient: &mut [f32]) {
        let rows = self.kind.rows(self.batch);
        let slope = Matrix::new(&self.slope, rows, rows);
        let (left, right) = sides(self.kind, &self.units, rows, self.width);
        let (out, scale) = (&mut self.unit_gradient, self.scale);
        if rows == self.batch {
            let (anchors, positives) = out.split_at_mut(rows * self.width);
            product(anchors, 0.0, slope, right, scale, 1);
            product(positives, 0.0, slope.transposed(), left, scale, 1);
        } else {
            product(out, 0.0, slope, right, scale, 1);
            product(out, 1.0, slope.transposed(), left, scale, 1);
        }
        normalise_gradient(
            gradient,
            &self.unit_gradient,
            &self.units,
            &self.inverse_norms,
        );
    }

    /// S of the last forward pass.
    pub(crate) fn similarities(&self) -> &[f32] {
        &self.similarities
    }
}

/// What is multiplied with what, `[rows, width]` each: anchors with positives, or all views with all.
fn sides(kind: LossKind, units: &[f32], rows: usize, width: usize) -> (Matrix<'_>, Matrix<'_>) {
    let (left, right) = match kind {
        LossKind::InfoNce | LossKind::Symmetric => units.split_at(rows * width),
        LossKind::SimClr | LossKind::SupCon => (units, units),
    };
    (
        Matrix::new(left, rows, width),
        Matrix::new(right, rows, width),
    )
}

#[cfg(test)]
mod tests {
    use benchhost_support::random::{fill_normal, stream};

    use super::*;
    use crate::reference;

    #[test]
    fn loss_and_gradient_are_those_of_the_definition() {
        for kind in [
            LossKind::InfoNce,
            LossKind::Symmetric,
            LossKind::SimClr,
            LossKind::SupCon,
        ] {
            for ids in [&[0, 1, 2, 3, 4, 5][..], &[0, 1, 0, 2, 1, 0]] {
                for temperature in [0.07, 1.0] {
                    check(kind, ids, temperature);
                }
            }
        }
    }

    fn check(kind: LossKind, ids: &[usize], temperature: f64) {
        let (batch, width) = (ids.len(), 5);
        let mut views = vec![0.0; 2 * batch * width];
        fill_normal(&mut stream(3, "views"), &mut views);
        let roles = Roles::new(kind, ids);
        let mut loss = FusedLoss::new(kind, temperature, (batch, width));
        let mut gradient = vec![9.0; views.len()];

        let found = f64::from(loss.forward(&views, &roles));
        loss.backward(&mut gradient);

        let plain =
            |views: &[f32]| reference::loss(kind, views.split_at(batch * width), ids, temperature);
        let case = format!("{kind:?} {ids:?} τ = {temperature}");
        let expected = plain(&views);
        assert!(
            (found - expected).abs() < 2e-5 * expected.max(1.0),
            "{case}: {found}"
        );
        for (index, found) in gradient.iter().enumerate() {
            let at = |delta: f32| {
                let mut moved = views.clone();
                moved[index] += delta;
                (plain(&moved), f64::from(moved[index]))
            };
            let (above, below) = (at(1e-3), at(-1e-3));
            let expected = (above.0 - below.0) / (above.1 - below.1);
            let difference = (f64::from(*found) - expected).abs();
            assert!(
                difference < 1e-3 * expected.abs().max(0.1),
                "{case}: {found} is not {expected}"
            );
        }
    }

    #[test]
    fn a_zero_embedding_gives_a_finite_gradient() {
        let mut views = vec![0.0; 6 * 5];
        fill_normal(&mut stream(3, "views"), &mut views[15..]);
        let roles = Roles::new(LossKind::InfoNce, &[0, 1, 2]);
        let mut loss = FusedLoss::new(LossKind::InfoNce, 0.07, (3, 5));
        let mut gradient = vec![f32::NAN; 30];

        assert!(loss.forward(&views, &roles).is_finite());
        loss.backward(&mut gradient);

        assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
    }
}
