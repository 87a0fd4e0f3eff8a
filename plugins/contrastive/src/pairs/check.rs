//! Holds a batch against the signals it claims to be cut from: a wrong window or a wrong label is a wrong answer, however
//! well the step that follows is computed.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::signals::Signal;

use super::Pairs;
use crate::reference;

impl Pairs {
    /// Row i of both views must be windows of the ID `ids[i]`, at `starts[i]` and where the strategy puts them; IDs must be
    /// distinct, or appear almost equally often.
    ///
    /// `views`: row-major `[2 · batch, window · channels]`, anchors, then positives, each value as `rounded` makes it.
    ///
    /// # Errors
    /// [`Error::wrong`] with the first thing that does not fit.
    pub(crate) fn check(
        &self,
        ids: &[usize],
        starts: &[[usize; 2]],
        (views, rounded): (&[f32], impl Fn(f32) -> f32),
    ) -> Result<(), Error> {
        let batch = self.batch;
        let found = (ids.len(), starts.len(), views.len());
        let expected = (batch, batch, 2 * batch * self.width());
        ensure_right(found == expected, || {
            format!(
                "the batch has {found:?} IDs, places of windows and values, expected {expected:?}"
            )
        })?;
        self.check_ids(ids)?;
        let window = self.windowing.window;
        for (row, (&id, starts)) in ids.iter().zip(starts).enumerate() {
            let signal = &self.signals.ids[id];
            ensure_right(
                reference::starts_are_right(&self.windowing, signal.length, starts),
                || {
                    format!(
                        "pair {row} has windows at {starts:?} of `{}` with {} samples, which {:?} does not give",
                        signal.name, signal.length, self.windowing
                    )
                },
            )?;
            for (side, view) in ["anchor", "positive"].iter().enumerate() {
                let values = &views[(side * batch + row) * self.width()..][..self.width()];
                let holds = holds_window(signal, (starts[side], window), (values, &rounded));
                ensure_right(holds, || {
                    format!(
                        "the {view} of pair {row} does not hold the samples of `{}` from {}",
                        signal.name, starts[side]
                    )
                })?;
            }
        }
        Ok(())
    }

    /// Each ID ⌊batch/IDs⌋ or ⌈batch/IDs⌉ times: at most once when there are enough.
    fn check_ids(&self, ids: &[usize]) -> Result<(), Error> {
        let count = self.signals.ids.len();
        let mut times = vec![0; count];
        for &id in ids {
            ensure_right(id < count, || {
                format!(
                    "the batch has ID number {id}, the last one is {}",
                    count - 1
                )
            })?;
            times[id] += 1;
        }
        let expected = self.batch / count..=self.batch.div_ceil(count);
        let odd = times.iter().position(|times| !expected.contains(times));
        ensure_right(odd.is_none(), || {
            let id = odd.expect("it was just seen");
            format!(
                "`{}` is {} times in the batch, expected {expected:?}",
                self.signals.ids[id].name, times[id]
            )
        })
    }
}

/// Whether `found` holds the rows of `signal` from `start`, picked value by value and `rounded`; the window must lie inside.
pub(crate) fn holds_window(
    signal: &Signal,
    (start, window): (usize, usize),
    (found, rounded): (&[f32], impl Fn(f32) -> f32),
) -> bool {
    let channels = signal.channels;
    let plain = (0..window * channels)
        .map(|k| rounded(signal.values[(start + k / channels) * channels + k % channels]));
    found
        .iter()
        .map(|value| value.to_bits())
        .eq(plain.map(f32::to_bits))
}

#[cfg(test)]
mod tests {
    use benchhost_support::{
        signals::Synthetic,
        windows::{Placement, Windowing},
    };

    use super::*;
    use crate::pairs::Batch;

    fn pairs(placement: Placement, batch: usize) -> Pairs {
        let windowing = Windowing {
            placement,
            window: 8,
            stride: 4,
            count: 2,
        };
        let signals = Synthetic::Simple.generate(6, 40, 1);
        Pairs::new(signals, windowing, (batch, true), 1).unwrap()
    }

    fn complaint(disturb: impl Fn(&mut Batch)) -> String {
        let mut pairs = pairs(Placement::Random, 4);
        let mut batch = pairs.next_batch();
        disturb(&mut batch);
        let views = (&*batch.views, |value| value);
        let result = pairs.check(&batch.ids, &batch.starts, views);
        result.unwrap_err().to_string()
    }

    #[test]
    fn batches_of_every_strategy_are_right() {
        for placement in [
            Placement::Random,
            Placement::Sequential,
            Placement::EvenlySpaced,
        ] {
            for batch in [2, 6, 15] {
                let mut pairs = pairs(placement, batch);
                for _ in 0..5 {
                    let batch = pairs.next_batch();
                    let views = (&*batch.views, |value| value);
                    pairs.check(&batch.ids, &batch.starts, views).unwrap();
                }
            }
        }
    }

    #[test]
    fn one_changed_sample_is_wrong() {
        let message = complaint(|batch| batch.views[19] += 1e-6);

        assert!(message.starts_with("the anchor of pair 2 does not hold"));
    }

    /// A wrong label: the loss would call two windows of different IDs a pair.
    #[test]
    fn a_view_of_another_id_is_wrong() {
        let message = complaint(|batch| batch.views.copy_within(7 * 8..8 * 8, 6 * 8));
        assert!(message.starts_with("the positive of pair 2 does not hold"));

        let message = complaint(|batch| batch.ids.swap(0, 1));
        assert!(message.starts_with("the anchor of pair 0 does not hold"));
    }

    #[test]
    fn windows_must_be_where_the_strategy_puts_them() {
        let message = complaint(|batch| batch.starts[3][1] = batch.starts[3][0]);
        assert!(message.starts_with("pair 3 has windows at ["), "{message}");

        let message = complaint(|batch| batch.starts[1][0] = 33);
        assert!(message.contains("with 40 samples, which"), "{message}");
    }

    #[test]
    fn ids_must_be_known_and_distinct() {
        let message = complaint(|batch| batch.ids[0] = 6);
        assert_eq!(message, "the batch has ID number 6, the last one is 5");

        let message = complaint(|batch| batch.ids[0] = batch.ids[1]);
        assert!(message.contains("is 2 times in the batch, expected 0..=1"));

        let message = complaint(|batch| batch.starts.truncate(3));
        assert!(
            message.starts_with("the batch has (4, 3, 64) IDs"),
            "{message}"
        );
    }
}
