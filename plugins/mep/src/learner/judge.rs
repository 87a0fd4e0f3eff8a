//! What a trained network is worth on rows it may not have seen, and whether that can be believed.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::nn::fused::Mlp;

use crate::{
    data::Rows,
    network::{class, predict},
    reference,
};

/// Rows of a test that are predicted at once.
const CHUNK: usize = 1000;

/// Rows whose prediction is proved.
const PROVED_ROWS: usize = 16;

/// Largest difference of a predicted number from its f64 reference, relative to 1 or the number.
const TOLERANCE: f64 = 1e-3;

/// Deviations by which a training must beat guessing.
const SIGMAS: f64 = 5.0;

/// Which loss is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Losses {
    /// Mean of ‖prediction − target‖².
    Squares,
    /// Cross-entropy in nats.
    CrossEntropy,
}

/// Calls `each(row, prediction)` for all of `rows`.
fn for_each_prediction(
    network: &Mlp,
    rows: &Rows,
    threads: usize,
    mut each: impl FnMut(usize, &[f32]),
) {
    let mut row = 0;
    for points in rows.points.chunks(CHUNK * rows.inputs) {
        for output in predict(network, points, threads).chunks(rows.outputs) {
            each(row, output);
            row += 1;
        }
    }
}

pub(super) fn accuracy(network: &Mlp, rows: &Rows, threads: usize) -> f64 {
    let mut right = 0usize;
    for_each_prediction(network, rows, threads, |row, output| {
        right += usize::from(class(output) == usize::from(rows.labels[row]));
    });
    right as f64 / rows.len() as f64
}

pub(super) fn loss(network: &Mlp, rows: &Rows, losses: Losses, threads: usize) -> f64 {
    let mut sum = 0.0;
    for_each_prediction(network, rows, threads, |row, output| {
        let values = || output.iter().copied().map(f64::from);
        sum += match losses {
            Losses::Squares => {
                let target = rows.target(row).iter().copied().map(f64::from);
                values().zip(target).map(|(y, t)| (y - t).powi(2)).sum()
            }
            Losses::CrossEntropy => {
                let top = values().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = values().map(|y| (y - top).exp()).sum();
                top + total.ln() - f64::from(output[usize::from(rows.labels[row])])
            }
        };
    });
    sum / rows.len() as f64
}

/// The first rows' predictions, as accuracy counts them, against f64.
pub(super) fn check_predictions(network: &Mlp, rows: &Rows, threads: usize) -> Result<(), Error> {
    let mut wrong = None;
    for_each_prediction(network, rows, threads, |row, output| {
        if row >= PROVED_ROWS || wrong.is_some() {
            return;
        }
        let states = reference::forward(network, rows.point(row));
        let plain = states.last().expect("a network has a layer");
        for (unit, (found, plain)) in output.iter().zip(plain).enumerate() {
            let near = (f64::from(*found) - plain).abs() <= TOLERANCE * plain.abs().max(1.0);
            if !near && wrong.is_none() {
                wrong = Some(format!(
                    "prediction {unit} of test row {row} is {found:.6}, its f64 reference {plain:.6}"
                ));
            }
        }
    });
    wrong.map_or(Ok(()), |sentence| Err(Error::wrong(sentence)))
}

/// Guessing is right in one of `classes`, give or take what so many rows scatter.
pub(super) fn check_learned(accuracy: f64, rows: &Rows) -> Result<(), Error> {
    let chance = 1.0 / rows.outputs.max(2) as f64;
    let scatter = (chance * (1.0 - chance) / rows.len() as f64).sqrt();
    let least = chance + SIGMAS * scatter;
    ensure_right(accuracy > least, || {
        format!(
            "the training learned nothing: {:.1} % of {} rows are right, guessing stays below {:.1} %",
            100.0 * accuracy,
            rows.len(),
            100.0 * least
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::network;

    #[test]
    fn losses_and_accuracy_are_those_of_the_definition() {
        // One layer, x·W with W = I: the prediction is the point.
        let mut mlp = network(&[2, 2], 1);
        mlp.parameters_mut()
            .copy_from_slice(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let rows = Rows::xor(2);

        // Points 00, 01, 10, 11 against 10, 01, 01, 10; the largest (first of equals): 0, 1, 0, 0.
        assert_eq!(accuracy(&mlp, &rows, 1), 0.75);
        assert_eq!(
            loss(&mlp, &rows, Losses::Squares, 1),
            (1.0 + 0.0 + 2.0 + 1.0) / 4.0
        );
        let e = 1f64.exp();
        let by_hand = (2.0 * 2f64.ln() + ((1.0 + e) / e).ln() + (1.0 + e).ln()) / 4.0;
        assert!((loss(&mlp, &rows, Losses::CrossEntropy, 1) - by_hand).abs() < 1e-12);
    }
}
