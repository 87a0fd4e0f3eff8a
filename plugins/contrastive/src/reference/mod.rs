//! Plain answers in f64, one definition after the other, for `verify`. Slow on purpose, shares no code with what
//! is measured.

mod rounding;
mod slope;

use std::collections::HashSet;

use benchhost_support::{
    random::{Random, Rng},
    windows::{Placement, Windowing},
};

use crate::loss::LossKind;

pub(crate) use rounding::rounding;
pub(crate) use slope::slope;

/// A linear layer: weights row-major `[out, in]`, and biases.
#[derive(Debug)]
pub(crate) struct Layer {
    pub weight: Vec<f64>,
    pub bias: Vec<f64>,
}

/// Embedding of one row: linear layers with ReLU between.
pub(crate) fn embed(layers: &[Layer], row: &[f64]) -> Vec<f64> {
    match layers.split_first() {
        Some((first, rest)) => finish(rest, linear(first, row)),
        None => row.to_vec(),
    }
}

/// Embedding from the output `y` of a linear layer, which the layers `rest` follow.
pub(crate) fn finish(rest: &[Layer], y: Vec<f64>) -> Vec<f64> {
    if rest.is_empty() {
        y
    } else {
        embed(rest, &relu(&y))
    }
}

/// W·x + b.
pub(crate) fn linear(layer: &Layer, x: &[f64]) -> Vec<f64> {
    let rows = layer.weight.chunks_exact(x.len());
    rows.zip(&layer.bias)
        .map(|(row, bias)| dot(row, x) + bias)
        .collect()
}

/// Positive values; 0 for the others.
pub(crate) fn relu(y: &[f64]) -> Vec<f64> {
    y.iter().map(|value| value.max(0.0)).collect()
}

/// `count` random signs.
pub(crate) fn signs(rng: &mut Random, count: usize) -> Vec<f64> {
    let sign = |bit: u32| if bit & 1 == 0 { 1.0 } else { -1.0 };
    (0..count).map(|_| sign(rng.next_u32())).collect()
}

/// Σ a·b.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The loss of embeddings `(anchor, positive)`, row-major `[B, o]`, whose row i shows the ID `ids[i]`.
pub(crate) fn loss(
    kind: LossKind,
    (anchor, positive): (&[f32], &[f32]),
    ids: &[usize],
    temperature: f64,
) -> f64 {
    let (a, p) = (unit_rows(anchor, ids.len()), unit_rows(positive, ids.len()));
    let views: Vec<Vec<f64>> = a.iter().chain(&p).cloned().collect();
    let view_ids: Vec<usize> = ids.iter().chain(ids).copied().collect();
    match kind {
        LossKind::InfoNce => info_nce(&a, &p, ids, temperature),
        LossKind::Symmetric => {
            (info_nce(&a, &p, ids, temperature) + info_nce(&p, &a, ids, temperature)) / 2.0
        }
        LossKind::SimClr => nt_xent(&views, &view_ids, temperature),
        LossKind::SupCon => sup_con(&views, &view_ids, temperature),
    }
}

fn unit_rows(values: &[f32], rows: usize) -> Vec<Vec<f64>> {
    let row = |row: &[f32]| {
        let row: Vec<f64> = row.iter().map(|v| f64::from(*v)).collect();
        let norm = dot(&row, &row).sqrt().max(1e-8);
        row.into_iter().map(|v| v / norm).collect()
    };
    values.chunks_exact(values.len() / rows).map(row).collect()
}

fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + values.iter().map(|v| (v - largest).exp()).sum::<f64>().ln()
}

fn info_nce(a: &[Vec<f64>], p: &[Vec<f64>], ids: &[usize], temperature: f64) -> f64 {
    let row = |i: usize| {
        let candidates: Vec<f64> = (0..p.len())
            .filter(|j| *j == i || ids[*j] != ids[i])
            .map(|j| dot(&a[i], &p[j]) / temperature)
            .collect();
        log_sum_exp(&candidates) - dot(&a[i], &p[i]) / temperature
    };
    (0..a.len()).map(row).sum::<f64>() / a.len() as f64
}

fn nt_xent(views: &[Vec<f64>], ids: &[usize], temperature: f64) -> f64 {
    let half = views.len() / 2;
    let row = |i: usize| {
        let partner = (i + half) % views.len();
        let candidates: Vec<f64> = (0..views.len())
            .filter(|j| *j == partner || ids[*j] != ids[i])
            .map(|j| dot(&views[i], &views[j]) / temperature)
            .collect();
        log_sum_exp(&candidates) - dot(&views[i], &views[partner]) / temperature
    };
    (0..views.len()).map(row).sum::<f64>() / views.len() as f64
}

fn sup_con(views: &[Vec<f64>], ids: &[usize], temperature: f64) -> f64 {
    let row = |i: usize| {
        let others: Vec<usize> = (0..views.len()).filter(|j| *j != i).collect();
        let similarity = |j: usize| dot(&views[i], &views[j]) / temperature;
        let all: Vec<f64> = others.iter().map(|j| similarity(*j)).collect();
        let positives: Vec<usize> = others.into_iter().filter(|j| ids[*j] == ids[i]).collect();
        let sum: f64 = positives
            .iter()
            .map(|j| log_sum_exp(&all) - similarity(*j))
            .sum();
        sum / positives.len() as f64
    };
    (0..views.len()).map(row).sum::<f64>() / views.len() as f64
}

/// sin(2πft) with f = 0.1 + 0.05·(i mod 10): the synthetic signal `medium` of ID `i` without its noise.
pub(crate) fn medium(i: usize, t: f64) -> f64 {
    let f = 0.1 + 0.05 * (i % 10) as f64;
    (std::f64::consts::TAU * f * t).sin()
}

/// Σ sin(2πft + φ) over f = 0.05, 0.15, 0.3, and ½·t: the synthetic signal `complex` without its noise.
pub(crate) fn complex(phases: [f64; 3], t: f64) -> f64 {
    let waves = [0.05, 0.15, 0.3].into_iter().zip(phases);
    let sum: f64 = waves
        .map(|(f, phase)| (std::f64::consts::TAU * f * t + phase).sin())
        .sum();
    sum + 0.5 * t
}

/// Whether `starts` is what `rule` means for a signal of `length` samples; random ones must be as many as asked
/// for (or as there are), different, and inside.
pub(crate) fn starts_are_right(rule: &Windowing, length: usize, starts: &[usize]) -> bool {
    let last = length - rule.window;
    match rule.placement {
        Placement::Sequential => {
            let mut plain = Vec::new();
            let mut start = 0;
            while plain.len() < rule.count && start <= last {
                plain.push(start);
                start += rule.stride;
            }
            plain == starts
        }
        Placement::EvenlySpaced if rule.count == 1 => starts == [last / 2],
        Placement::EvenlySpaced => {
            // Nearest whole number, ties to even, without floating point.
            let gaps = rule.count - 1;
            let nearest = |i: usize| {
                let (whole, rest) = (i * last / gaps, i * last % gaps);
                let up = 2 * rest > gaps || (2 * rest == gaps && whole % 2 == 1);
                whole + usize::from(up)
            };
            starts.iter().copied().eq((0..rule.count).map(nearest))
        }
        Placement::Random => {
            let distinct: HashSet<&usize> = starts.iter().collect();
            starts.len() == rule.count.min(last + 1)
                && distinct.len() == starts.len()
                && starts.iter().all(|start| *start <= last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_orthogonal_pairs_give_the_loss_worked_out_by_hand() {
        let views = [1.0f32, 0.0, 0.0, 1.0];

        let found = loss(LossKind::InfoNce, (&views, &views), &[0, 1], 1.0);

        // −1 + ln(e + 1).
        assert!((found - (1f64.exp() + 1.0).ln() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_embedding_worked_out_by_hand() {
        let layers = [
            Layer {
                weight: vec![1.0, 1.0, -1.0, 0.0],
                bias: vec![0.5, 0.0],
            },
            Layer {
                weight: vec![2.0, 3.0],
                bias: vec![-1.0],
            },
        ];

        // First layer 3.5 and −1; the negative one becomes 0.
        assert_eq!(embed(&layers, &[1.0, 2.0]), [6.0]);
    }
}
