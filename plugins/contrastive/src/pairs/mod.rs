//! Batches of positive pairs: two windows of each of `batch` IDs.
//!
//! IDs of a batch are distinct as long as there are enough, so that every other row is a true negative. With
//! `repeat-ids` a batch may be larger: it then holds every ID ⌊batch/IDs⌋ or ⌈batch/IDs⌉ times.

mod check;

use benchhost_plugin_api::Error;
use benchhost_support::{
    random::{Random, stream},
    signals::Signals,
    windows::Windowing,
};
use rand::RngExt;

pub(crate) use check::holds_window;

/// Draws batches for ever.
#[derive(Debug)]
pub(crate) struct Pairs {
    pub signals: Signals,
    windowing: Windowing,
    batch: usize,
    rng: Random,
    order: Vec<usize>,
    starts: Vec<usize>,
}

/// One batch on the host.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Row-major `[2 · batch, window · channels]`: one window of each row's ID, then the other ones in the same order.
    pub views: Vec<f32>,
    /// Index of the ID of each row.
    pub ids: Vec<usize>,
    /// First samples of anchor and positive of each row.
    pub starts: Vec<[usize; 2]>,
}

impl Pairs {
    /// Leaves out the IDs that have no two different windows, and checks that enough remain.
    ///
    /// `windowing.count` is set to 2.
    pub(crate) fn new(
        mut signals: Signals,
        windowing: Windowing,
        (batch, repeat_ids): (usize, bool),
        seed: u64,
    ) -> Result<Self, Error> {
        let windowing = Windowing {
            count: 2,
            ..windowing
        };
        let window = windowing.window;
        if batch < 2 {
            return Err(Error::config(format!(
                "batch is {batch}, expected at least 2: a pair needs a negative"
            )));
        }
        let none_left = no_pair(&signals, window);
        signals.leave_out(|signal| {
            (windowing.fits(signal.length) < 2 || signal.length == window).then(|| {
                format!(
                    "has {} samples, too few for two windows of {window}",
                    signal.length
                )
            })
        });
        let ids = signals.ids.len();
        if ids == 0 {
            return Err(Error::config(none_left));
        }
        if ids < 2 || (ids < batch && !repeat_ids) {
            return Err(Error::config(format!(
                "batch = {batch} is larger than the {ids} IDs of {}; use a smaller batch or repeat-ids = true \
                 (which needs 2 IDs)",
                signals.source
            )));
        }
        let order = (0..ids).collect();
        let rng = stream(seed, "pairs");
        Ok(Self {
            signals,
            windowing,
            batch,
            rng,
            order,
            starts: Vec::new(),
        })
    }

    /// Whether the IDs of every batch are distinct.
    pub(crate) fn distinct(&self) -> bool {
        self.batch <= self.order.len()
    }

    /// Values of a row: window · channels.
    pub(crate) fn width(&self) -> usize {
        self.windowing.window * self.signals.common_channels()
    }

    /// Draws the next batch.
    pub(crate) fn next_batch(&mut self) -> Batch {
        let mut batch = Batch {
            views: Vec::with_capacity(2 * self.batch * self.width()),
            ..Batch::default()
        };
        self.draw(&mut batch);
        batch
    }

    /// Draws the next batch in place of the one that is there. Each window is copied once, from the signal to its row.
    pub(crate) fn draw(&mut self, batch: &mut Batch) {
        self.draw_ids(&mut batch.ids);
        batch.starts.clear();
        for &id in &batch.ids {
            let length = self.signals.ids[id].length;
            self.windowing
                .starts(length, &mut self.rng, &mut self.starts);
            batch.starts.push([self.starts[0], self.starts[1]]);
        }
        batch.views.clear();
        for side in [0, 1] {
            for (&id, starts) in batch.ids.iter().zip(&batch.starts) {
                let window = self.signals.ids[id].window(starts[side], self.windowing.window);
                batch.views.extend_from_slice(window);
            }
        }
    }

    /// A fresh shuffle of the IDs, as often as the batch needs one.
    ///
    /// Source: Durstenfeld (1964), CACM 7(7), 420, stopped after the elements needed.
    fn draw_ids(&mut self, drawn: &mut Vec<usize>) {
        drawn.clear();
        while drawn.len() < self.batch {
            let wanted = (self.batch - drawn.len()).min(self.order.len());
            for i in 0..wanted {
                let j = self.rng.random_range(i..self.order.len());
                self.order.swap(i, j);
            }
            drawn.extend_from_slice(&self.order[..wanted]);
        }
    }
}

fn no_pair(signals: &Signals, window: usize) -> String {
    let found = match signals.longest() {
        Some(signal) => format!(
            "the longest, `{}`, has {} samples",
            signal.name, signal.length
        ),
        None => "there are no IDs".to_owned(),
    };
    format!(
        "no ID of {} has two windows of {window} samples: {found}",
        signals.source
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use benchhost_support::{signals::Synthetic, windows::Placement};

    use super::*;

    fn pairs(
        ids: usize,
        length: usize,
        window: usize,
        batch: (usize, bool),
    ) -> Result<Pairs, Error> {
        let windowing = Windowing {
            placement: Placement::Random,
            window,
            stride: window / 2,
            count: 2,
        };
        Pairs::new(
            Synthetic::Simple.generate(ids, length, 1),
            windowing,
            batch,
            1,
        )
    }

    #[test]
    fn rows_are_two_different_windows_of_their_id() {
        let mut pairs = pairs(6, 40, 8, (4, false)).unwrap();

        for _ in 0..50 {
            let batch = pairs.next_batch();
            let distinct: HashSet<_> = batch.ids.iter().collect();
            assert_eq!(distinct.len(), 4);
            for (row, (&id, starts)) in batch.ids.iter().zip(&batch.starts).enumerate() {
                let values = &pairs.signals.ids[id].values;
                assert_ne!(starts[0], starts[1]);
                for k in 0..8 {
                    assert_eq!(batch.views[row * 8 + k], values[starts[0] + k]);
                    assert_eq!(batch.views[(4 + row) * 8 + k], values[starts[1] + k]);
                }
            }
        }
    }

    #[test]
    fn a_repeating_batch_holds_each_id_almost_equally_often() {
        let mut pairs = pairs(3, 40, 8, (8, true)).unwrap();

        let batch = pairs.next_batch();

        assert!(!pairs.distinct());
        for id in 0..3 {
            let times = batch.ids.iter().filter(|found| **found == id).count();
            assert!((2..=3).contains(&times));
        }
    }

    #[test]
    fn what_cannot_work_is_refused_with_numbers() {
        let message = |result: Result<Pairs, Error>| result.unwrap_err().to_string();

        assert_eq!(
            message(pairs(3, 40, 8, (4, false))),
            "batch = 4 is larger than the 3 IDs of synthetic signal \"simple\"; use a smaller batch or repeat-ids \
             = true (which needs 2 IDs)"
        );
        assert_eq!(
            message(pairs(3, 40, 64, (2, false))),
            "no ID of synthetic signal \"simple\" has two windows of 64 samples: the longest, `simple-2`, has 40 \
             samples"
        );
        assert!(message(pairs(3, 40, 40, (2, false))).contains("two windows of 40 samples"));
        assert_eq!(
            message(pairs(3, 40, 8, (1, false))),
            "batch is 1, expected at least 2: a pair needs a negative"
        );
    }

    #[test]
    fn a_short_id_is_left_out_and_named() {
        let mut signals = Synthetic::Simple.generate(3, 40, 1);
        signals.ids[1] = Synthetic::Simple.signal(1, 10, 1);
        let windowing = Windowing {
            placement: Placement::Random,
            window: 16,
            stride: 8,
            count: 2,
        };

        let pairs = Pairs::new(signals, windowing, (2, false), 1).unwrap();

        assert_eq!(pairs.signals.ids.len(), 2);
        assert_eq!(
            pairs.signals.left_out,
            ["`simple-1` has 10 samples, too few for two windows of 16"]
        );
    }
}
