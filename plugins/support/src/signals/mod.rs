//! Signals by ID: read from an HDF5 file, or made by a formula.

pub mod hdf5;
mod synthetic;

use benchhost_plugin_api::Error;

pub use synthetic::Synthetic;

/// The recording of one ID.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// The ID: name of the dataset, or `simple-0`, `simple-1`, …
    pub name: String,
    /// Samples of each channel.
    pub length: usize,
    /// Channels.
    pub channels: usize,
    /// Row-major `[length, channels]`, in the physical unit of the source.
    pub values: Vec<f32>,
}

impl Signal {
    /// A view of `window` samples of all channels from sample `start`: `[window, channels]`.
    ///
    /// # Panics
    /// When the window reaches beyond the end.
    #[must_use]
    pub fn window(&self, start: usize, window: usize) -> &[f32] {
        &self.values[start * self.channels..(start + window) * self.channels]
    }

    fn keep_channels(&mut self, channels: usize) {
        if channels < self.channels {
            let kept = self
                .values
                .chunks_exact(self.channels)
                .flat_map(|row| &row[..channels]);
            self.values = kept.copied().collect();
            self.channels = channels;
        }
    }

    fn standardise(&mut self) {
        for channel in 0..self.channels {
            let column = || self.values.iter().skip(channel).step_by(self.channels);
            let count = self.length.max(1) as f64;
            let mean = column().map(|v| f64::from(*v)).sum::<f64>() / count;
            let variance = column()
                .map(|v| (f64::from(*v) - mean).powi(2))
                .sum::<f64>()
                / count;
            // A constant channel carries nothing; it becomes zeros.
            let scale = if variance > 0.0 {
                variance.sqrt().recip()
            } else {
                0.0
            };
            for value in self.values.iter_mut().skip(channel).step_by(self.channels) {
                *value = ((f64::from(*value) - mean) * scale) as f32;
            }
        }
    }
}

/// All signals of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Signals {
    /// Where they come from, as a user would name it.
    pub source: String,
    /// One for each ID, sorted by name when read from a file.
    pub ids: Vec<Signal>,
    /// What was found and not used, with the reason; worth a warning.
    pub left_out: Vec<String>,
    /// Bytes read from the file; 0 for synthetic ones.
    pub bytes: u64,
}

impl Signals {
    /// The number of channels that every ID has.
    #[must_use]
    pub fn common_channels(&self) -> usize {
        self.ids
            .iter()
            .map(|signal| signal.channels)
            .min()
            .unwrap_or(0)
    }

    /// Cuts every ID to its first `channels` channels and leaves out the IDs that have fewer; 0 stands for
    /// [`common_channels`](Self::common_channels).
    ///
    /// # Errors
    /// [`Error::config`] when no ID has so many.
    pub fn keep_channels(&mut self, channels: usize) -> Result<(), Error> {
        let channels = if channels == 0 {
            self.common_channels()
        } else {
            channels
        };
        let most = self
            .ids
            .iter()
            .map(|signal| signal.channels)
            .max()
            .unwrap_or(0);
        if channels > most {
            return Err(Error::config(format!(
                "channels = {channels} is more than any ID of {} has: {most}",
                self.source
            )));
        }
        self.leave_out(|signal| {
            (signal.channels < channels)
                .then(|| format!("has {} of {channels} channels", signal.channels))
        });
        self.ids
            .iter_mut()
            .for_each(|signal| signal.keep_channels(channels));
        Ok(())
    }

    /// Gives each channel of each ID mean 0 and standard deviation 1 over its whole length, so that counts and
    /// m/s² can stand side by side; constant channels become 0.
    pub fn standardise(&mut self) {
        self.ids.iter_mut().for_each(Signal::standardise);
    }

    /// Removes the IDs for which `reason` finds one, and notes it.
    pub fn leave_out(&mut self, reason: impl Fn(&Signal) -> Option<String>) {
        let left_out = &mut self.left_out;
        self.ids.retain(|signal| match reason(signal) {
            Some(reason) => {
                left_out.push(format!("`{}` {reason}", signal.name));
                false
            }
            None => true,
        });
    }

    /// The longest signal; `None` when there is none.
    #[must_use]
    pub fn longest(&self) -> Option<&Signal> {
        self.ids.iter().max_by_key(|signal| signal.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(name: &str, channels: usize, values: &[f32]) -> Signal {
        let length = values.len() / channels;
        Signal {
            name: name.to_owned(),
            length,
            channels,
            values: values.to_vec(),
        }
    }

    fn two() -> Signals {
        Signals {
            source: "test".to_owned(),
            ids: vec![
                signal("a", 1, &[1.0, 2.0, 3.0]),
                signal("b", 2, &[1.0, 10.0, 2.0, 20.0, 3.0, 30.0]),
            ],
            left_out: Vec::new(),
            bytes: 0,
        }
    }

    #[test]
    fn a_window_is_a_view_of_whole_rows() {
        assert_eq!(two().ids[1].window(1, 2), [2.0, 20.0, 3.0, 30.0]);
    }

    #[test]
    fn common_channels_are_kept_and_the_others_cut() {
        let mut signals = two();

        signals.keep_channels(0).unwrap();

        assert_eq!(signals.ids[1].values, [1.0, 2.0, 3.0]);
        assert!(signals.left_out.is_empty());
    }

    #[test]
    fn an_id_with_too_few_channels_is_left_out_by_name() {
        let mut signals = two();

        signals.keep_channels(2).unwrap();

        assert_eq!(signals.ids.len(), 1);
        assert_eq!(signals.left_out, ["`a` has 1 of 2 channels"]);
        let error = signals.keep_channels(3).unwrap_err();
        assert_eq!(
            error.to_string(),
            "channels = 3 is more than any ID of test has: 2"
        );
    }

    #[test]
    fn standardising_works_channel_by_channel_and_survives_a_constant() {
        let mut constant = signal("c", 2, &[5.0, 1.0, 5.0, 3.0]);

        constant.standardise();

        assert_eq!(constant.values, [0.0, -1.0, 0.0, 1.0]);
    }
}
