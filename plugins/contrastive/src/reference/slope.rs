//! The gradient of the losses with respect to the embeddings, in f64.

use super::{dot, unit_rows};
use crate::loss::LossKind;

/// What a row of similarities is held against: the numbers of other views.
struct Row {
    view: usize,
    candidates: Vec<usize>,
    positives: Vec<usize>,
}

/// ∂[`loss`](super::loss)/∂embedding, row-major `[2·B, o]`, anchors, then positives; arguments as there.
///
/// With S = u·uᵀ/τ of the unit vectors u, ∂loss/∂S_ij is (softmax_j over the candidates − share among the positives)/rows,
/// and a change of an embedding e changes u by its part at right angles to u, divided by ‖e‖.
pub(crate) fn slope(
    kind: LossKind,
    (anchor, positive): (&[f32], &[f32]),
    ids: &[usize],
    temperature: f64,
) -> Vec<f64> {
    let views = [anchor, positive].concat();
    let width = anchor.len() / ids.len();
    let units = unit_rows(&views, 2 * ids.len());
    let rows = rows(kind, ids);
    let mut of_units = vec![vec![0.0; width]; units.len()];
    for row in &rows {
        let unit = &units[row.view];
        let similarity = |j: &usize| dot(unit, &units[*j]) / temperature;
        let scores: Vec<f64> = row.candidates.iter().map(similarity).collect();
        let total = super::log_sum_exp(&scores);
        let softmax = row.candidates.iter().zip(&scores);
        let pull = softmax.map(|(j, score)| (*j, (score - total).exp()));
        let share = 1.0 / row.positives.len() as f64;
        let push = row.positives.iter().map(|j| (*j, -share));
        let scale = 1.0 / (rows.len() as f64 * temperature);
        let mut of_row = vec![0.0; width];
        for (j, weight) in pull.chain(push) {
            add(&mut of_row, scale * weight, &units[j]);
            add(&mut of_units[j], scale * weight, unit);
        }
        add(&mut of_units[row.view], 1.0, &of_row);
    }
    let embeddings = views.chunks_exact(width).zip(&units).zip(&of_units);
    let of_embedding = embeddings.flat_map(|((embedding, unit), of_unit)| {
        let square: f64 = embedding.iter().map(|v| f64::from(*v).powi(2)).sum();
        let norm = square.sqrt();
        // Below the floor the divisor is a constant.
        let along = if norm > 1e-8 { dot(of_unit, unit) } else { 0.0 };
        let parts = of_unit.iter().zip(unit);
        parts
            .map(move |(g, u)| (g - along * u) / norm.max(1e-8))
            .collect::<Vec<f64>>()
    });
    of_embedding.collect()
}

fn rows(kind: LossKind, ids: &[usize]) -> Vec<Row> {
    let batch = ids.len();
    let count = match kind {
        LossKind::InfoNce => batch,
        LossKind::Symmetric | LossKind::SimClr | LossKind::SupCon => 2 * batch,
    };
    let same = |i: usize, j: usize| ids[i % batch] == ids[j % batch];
    let row = |i: usize| {
        let partner = (i + batch) % (2 * batch);
        let other_side = |j: &usize| (*j < batch) != (i < batch);
        let all = 0..2 * batch;
        let unlike = |j: &usize| *j == partner || !same(i, *j);
        let (candidates, positives) = match kind {
            LossKind::InfoNce | LossKind::Symmetric => (
                all.filter(other_side).filter(unlike).collect(),
                vec![partner],
            ),
            LossKind::SimClr => (all.filter(unlike).collect(), vec![partner]),
            LossKind::SupCon => {
                let others = all.filter(|j| *j != i);
                let alike = others.clone().filter(|j| same(i, *j)).collect();
                (others.collect(), alike)
            }
        };
        Row {
            view: i,
            candidates,
            positives,
        }
    };
    (0..count).map(row).collect()
}

/// `sum` + `factor` · `values`, in place.
fn add(sum: &mut [f64], factor: f64, values: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

#[cfg(test)]
mod tests {
    use benchhost_support::random::{fill_normal, stream};

    use super::*;

    #[test]
    fn the_slope_is_the_difference_of_the_loss() {
        for kind in [
            LossKind::InfoNce,
            LossKind::Symmetric,
            LossKind::SimClr,
            LossKind::SupCon,
        ] {
            for ids in [&[0, 1, 2, 3, 4][..], &[0, 1, 0, 2, 1]] {
                let mut views = vec![0.0; 2 * 5 * 4];
                fill_normal(&mut stream(3, "views"), &mut views);

                let found = slope(kind, views.split_at(20), ids, 0.3);

                for (index, found) in found.iter().enumerate() {
                    let at = |delta: f32| {
                        let mut moved = views.clone();
                        moved[index] += delta;
                        let loss = super::super::loss(kind, moved.split_at(20), ids, 0.3);
                        (loss, f64::from(moved[index]))
                    };
                    let (above, below) = (at(1e-3), at(-1e-3));
                    let expected = (above.0 - below.0) / (above.1 - below.1);
                    assert!(
                        (found - expected).abs() < 1e-4,
                        "{kind:?} {ids:?}: {found} is not {expected}"
                    );
                }
            }
        }
    }
}
