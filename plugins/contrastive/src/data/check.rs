//! Holds prepared data against plain definitions.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::signals::{Signal, Signals, Synthetic};
use candle_core::Tensor;

use crate::{pairs::Batch, reference};

/// `found` must be the rows of `signal` from `start`, picked value by value.
pub(super) fn check_window(
    signal: &Signal,
    (start, window): (usize, usize),
    found: &[f32],
) -> Result<(), Error> {
    let channels = signal.channels;
    let plain = (0..window * channels)
        .map(|k| signal.values[(start + k / channels) * channels + k % channels].to_bits());
    ensure_right(found.iter().map(|value| value.to_bits()).eq(plain), || {
        format!(
            "the window at {start} of `{}` does not hold its samples",
            signal.name
        )
    })
}

/// Each row of `views`, `[2 · batch, window · channels]`, must be the window that the batch names.
pub(super) fn check_batch(
    signals: &Signals,
    window: usize,
    batch: &Batch,
    views: &Tensor,
) -> Result<(), Error> {
    let count = batch.ids.len();
    for (view, values) in views.to_vec2::<f32>()?.iter().enumerate() {
        let (side, row) = (view / count, view % count);
        let signal = &signals.ids[batch.ids[row]];
        check_window(signal, (batch.starts[row][side], window), values)?;
    }
    Ok(())
}

/// The deviation of the noise that is left when the formula of `family` is taken away, within six standard
/// errors. Phases of `complex` are random, so its noise is judged by differences of neighbours, where the slow
/// waves cancel.
pub(super) fn check_family(family: Synthetic, signals: &Signals) -> Result<(), Error> {
    let (expected, noise): (f64, Vec<f64>) = match family {
        Synthetic::Simple => (1.0, residual(signals, |_, _| 0.0)),
        Synthetic::Medium => (0.1, residual(signals, reference::medium)),
        Synthetic::Complex => {
            let differences = signals.ids.iter().flat_map(|id| {
                id.values
                    .chunks_exact(2)
                    .map(|two| f64::from(two[1] - two[0]) / 2f64.sqrt())
            });
            (0.2, differences.collect())
        }
    };
    let count = noise.len() as f64;
    if count < 1000.0 {
        return ensure_right(
            noise.iter().all(|v| v.is_finite()),
            || "a value is not finite",
        );
    }
    let found = (noise.iter().map(|v| v * v).sum::<f64>() / count).sqrt();
    let margin = 6.0 * expected / (2.0 * count).sqrt() + 0.01 * expected;
    ensure_right((found - expected).abs() <= margin, || {
        format!(
            "the noise of \"{}\" has deviation {found:.5}, expected {expected}",
            family.name()
        )
    })
}

fn residual(signals: &Signals, formula: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut out = Vec::new();
    for (i, id) in signals.ids.iter().enumerate() {
        let last = id.length.max(2) - 1;
        let clean = |n: usize| formula(i, n as f64 / last as f64);
        out.extend(
            id.values
                .iter()
                .enumerate()
                .map(|(n, v)| f64::from(*v) - clean(n)),
        );
    }
    out
}
