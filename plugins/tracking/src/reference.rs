//! The loss once more, in f64 and without candle: what `verify` holds the fast one against.

/// A fully connected layer.
#[derive(Debug, PartialEq)]
pub(crate) struct PlainLayer {
    /// `outputs × inputs`, row by row.
    pub weights: Vec<f32>,
    /// One for each output.
    pub biases: Vec<f32>,
}

/// Cross-entropy in nats, mean over the rows of `points` (`rows × inputs`), of a network with ReLU between its layers.
///
/// `one_hot`: `rows × classes`.
pub(crate) fn loss(layers: &[PlainLayer], points: &[f32], one_hot: &[f32]) -> f64 {
    let classes = layers.last().map_or(1, |layer| layer.biases.len());
    let rows = one_hot.len() / classes;
    let inputs = points.len() / rows;
    let rows = points.chunks(inputs).zip(one_hot.chunks(classes));
    let losses = rows.map(|(point, label)| {
        let logits = logits(layers, point);
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        let right: f64 = logits
            .iter()
            .zip(label)
            .map(|(x, y)| x * f64::from(*y))
            .sum();
        largest + sum.ln() - right
    });
    losses.sum::<f64>() * classes as f64 / one_hot.len() as f64
}

fn logits(layers: &[PlainLayer], point: &[f32]) -> Vec<f64> {
    let mut x: Vec<f64> = point.iter().copied().map(f64::from).collect();
    for (index, layer) in layers.iter().enumerate() {
        let is_last = index + 1 == layers.len();
        let outputs = layer
            .weights
            .chunks(x.len())
            .zip(&layer.biases)
            .map(|(row, bias)| {
                let sum: f64 = row.iter().zip(&x).map(|(w, x)| f64::from(*w) * x).sum();
                let value = sum + f64::from(*bias);
                if is_last { value } else { value.max(0.0) }
            });
        x = outputs.collect();
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rows_by_hand() {
        // Row 1: hidden (1, 0), logits (1, −1); row 2: hidden (0, 3), logits (0, 3 − 1).
        let layer = |biases: [f32; 2]| PlainLayer {
            weights: vec![1.0, 0.0, 0.0, 1.0],
            biases: biases.to_vec(),
        };
        let layers = [layer([0.0, 1.0]), layer([0.0, -1.0])];
        let found = loss(&layers, &[1.0, -2.0, -4.0, 2.0], &[1.0, 0.0, 1.0, 0.0]);

        let by_hand = ((1.0 + (-2.0f64).exp()).ln() + (1.0 + 2.0f64.exp()).ln()) / 2.0;
        assert!((found - by_hand).abs() < 1e-12, "{found} {by_hand}");
    }
}
