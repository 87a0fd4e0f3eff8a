//! Softmax of rows with its cross-entropy: loss and gradient in one visit.

use crate::wide;

use super::rows::{dot, exponentials, exponentials_in_place, largest};

/// Mean over the rows of −ln softmax(logits)[label], in nats, and its gradient.
///
/// `logits`: `[rows, width]`; `labels`: `[rows]`, each below `width`; `gradient`: as `logits`, receives
/// (softmax − onehot)/rows.
///
/// # Panics
/// Sizes do not fit, or a label is no column.
pub fn cross_entropy(gradient: &mut [f32], logits: &[f32], labels: &[u32]) -> f32 {
    let rows = labels.len();
    assert_eq!(gradient.len(), logits.len(), "sizes of gradient and logits");
    assert!(
        rows > 0 && logits.len().is_multiple_of(rows),
        "rows of the logits"
    );
    let width = logits.len() / rows;
    let scale = 1.0 / rows as f32;
    let mut loss = 0.0;
    wide!({
        let pairs = gradient
            .chunks_exact_mut(width)
            .zip(logits.chunks_exact(width));
        for ((gradient, logits), label) in pairs.zip(labels) {
            let label = *label as usize;
            let top = largest(logits);
            let total = exponentials(gradient, logits, top);
            loss += f64::from(total.ln() + top - logits[label]);
            let share = scale / total;
            for g in gradient.iter_mut() {
                *g *= share;
            }
            gradient[label] -= scale;
        }
    });
    (loss / rows as f64) as f32
}

/// Mean over the rows of ln Σⱼ exp(Sᵢⱼ + Mᵢⱼ) − Σⱼ Wᵢⱼ·Sᵢⱼ, in nats, and its gradient: cross-entropy with several right
/// answers (the weights W of a row add up to 1) and columns that are no candidates (M far below 0 there).
///
/// `slope`, `scores`, `weights` and `mask` (M; `None`: all are candidates): `[rows, width]`; `slope` receives
/// (softmax(S + M) − W)/rows.
///
/// # Panics
/// Sizes do not fit.
pub fn weighted_cross_entropy(
    slope: &mut [f32],
    scores: &[f32],
    weights: &[f32],
    mask: Option<&[f32]>,
    width: usize,
) -> f32 {
    let length = scores.len();
    let sizes = [
        slope.len(),
        weights.len(),
        mask.map_or(length, <[f32]>::len),
    ];
    assert_eq!(sizes, [length; 3], "sizes of slope, weights and mask");
    let rows = length / width;
    let scale = 1.0 / rows as f32;
    let mut loss = 0.0;
    wide!({
        for first in (0..length).step_by(width) {
            let row = first..first + width;
            let (slope, scores) = (&mut slope[row.clone()], &scores[row.clone()]);
            let (top, total) = match mask {
                None => {
                    let top = largest(scores);
                    (top, exponentials(slope, scores, top))
                }
                Some(mask) => {
                    let mask = &mask[row.clone()];
                    for ((slope, score), mask) in slope.iter_mut().zip(scores).zip(mask) {
                        *slope = score + mask;
                    }
                    let top = largest(slope);
                    (top, exponentials_in_place(slope, top))
                }
            };
            let weights = &weights[row];
            loss += f64::from(total.ln() + top - dot(weights, scores));
            let share = scale / total;
            for (slope, weight) in slope.iter_mut().zip(weights) {
                *slope = *slope * share - weight * scale;
            }
        }
    });
    (loss / rows as f64) as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn loss_and_gradient_are_the_plain_ones(
            rows in 1usize..20, width in 1usize..70, scale in 0.1f32..30.0,
        ) {
            let logits: Vec<f32> = (0..rows * width)
                .map(|i| (((i * 37) % 101) as f32 / 50.0 - 1.0) * scale)
                .collect();
            let labels: Vec<u32> = (0..rows).map(|i| ((i * 5) % width) as u32).collect();
            let mut gradient = vec![9.0; rows * width];

            let loss = cross_entropy(&mut gradient, &logits, &labels);

            let mut plain_loss = 0.0;
            for i in 0..rows {
                let row: Vec<f64> = logits[i * width..][..width].iter().map(|x| f64::from(*x)).collect();
                let total: f64 = row.iter().map(|x| x.exp()).sum();
                plain_loss += (total.ln() - row[labels[i] as usize]) / rows as f64;
                for j in 0..width {
                    let hit = f64::from(u8::from(labels[i] as usize == j));
                    let plain = (row[j].exp() / total - hit) / rows as f64;
                    let found = f64::from(gradient[i * width + j]);
                    prop_assert!((found - plain).abs() < 1e-6, "{found} is not {plain}");
                }
            }
            prop_assert!((f64::from(loss) - plain_loss).abs() < 1e-5 * plain_loss.max(1.0));

            // One right answer and no mask is the same loss; a column that is masked might as well not be there.
            let mut weights = vec![0.0; rows * width];
            let mut mask = vec![0.0; rows * width];
            let wider = width + 1;
            let (mut wide, mut wide_weights) = (Vec::new(), Vec::new());
            for (i, label) in labels.iter().enumerate() {
                weights[i * width + *label as usize] = 1.0;
                wide.extend_from_slice(&logits[i * width..][..width]);
                wide.push(50.0);
                wide_weights.extend_from_slice(&weights[i * width..][..width]);
                wide_weights.push(0.0);
            }
            let mut slope = vec![9.0; rows * width];
            let again = weighted_cross_entropy(&mut slope, &logits, &weights, Some(&mask), width);
            prop_assert!((again - loss).abs() < 1e-5 * loss.max(1.0));
            mask = (0..rows * wider).map(|i| if i % wider == width { -1e4 } else { 0.0 }).collect();
            let mut wide_slope = vec![9.0; rows * wider];
            let again = weighted_cross_entropy(&mut wide_slope, &wide, &wide_weights, Some(&mask), wider);
            prop_assert!((again - loss).abs() < 1e-5 * loss.max(1.0));
            for (index, g) in gradient.iter().enumerate() {
                prop_assert!((slope[index] - g).abs() < 1e-6);
                prop_assert!((wide_slope[index / width * wider + index % width] - g).abs() < 1e-6);
            }
        }
    }
}
