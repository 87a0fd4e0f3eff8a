//! Stage `windows`: finding the windows of every ID, without copying them.

use benchhost_plugin_api::{Error, ensure_right};
use benchhost_support::{
    random::{Random, stream},
    signals::Signals,
    windows::Windowing,
};

use crate::{pairs::holds_window, reference};

/// All windows of all IDs. Buffers are kept, so that an iteration allocates next to nothing.
#[derive(Debug)]
pub(super) struct Views {
    pub signals: Signals,
    windowing: Windowing,
    rng: Random,
    starts: Vec<Vec<usize>>,
}

impl Views {
    pub(super) fn new(
        mut signals: Signals,
        windowing: Windowing,
        seed: u64,
    ) -> Result<Self, Error> {
        let window = windowing.window;
        let longest = signals.longest().map_or(0, |signal| signal.length);
        signals.leave_out(|signal| {
            (signal.length < window)
                .then(|| format!("has {} samples, window is {window}", signal.length))
        });
        if signals.ids.is_empty() {
            return Err(Error::config(format!(
                "no ID of {} has a window of {window} samples: the longest has {longest}",
                signals.source
            )));
        }
        let starts = vec![Vec::new(); signals.ids.len()];
        Ok(Self {
            signals,
            windowing,
            rng: stream(seed, "windows"),
            starts,
        })
    }

    /// Finds all windows and reads the first value of each.
    pub(super) fn find(&mut self) -> f32 {
        let mut digest = 0.0;
        for (signal, starts) in self.signals.ids.iter().zip(&mut self.starts) {
            self.windowing.starts(signal.length, &mut self.rng, starts);
            let views = starts
                .iter()
                .map(|start| signal.window(*start, self.windowing.window));
            digest += views.map(|view| view[0]).sum::<f32>();
        }
        digest
    }

    pub(super) fn total(&self) -> usize {
        self.signals
            .ids
            .iter()
            .map(|signal| self.windowing.fits(signal.length))
            .sum()
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        for (signal, starts) in self.signals.ids.iter().zip(&self.starts) {
            ensure_right(
                reference::starts_are_right(&self.windowing, signal.length, starts),
                || {
                    format!(
                        "`{}` with {} samples has windows at {starts:?}, which {:?} does not give",
                        signal.name, signal.length, self.windowing
                    )
                },
            )?;
            for start in starts {
                let window = self.windowing.window;
                let view = (signal.window(*start, window), |value| value);
                ensure_right(holds_window(signal, (*start, window), view), || {
                    format!(
                        "the window at {start} of `{}` does not hold its samples",
                        signal.name
                    )
                })?;
            }
        }
        Ok(())
    }
}
