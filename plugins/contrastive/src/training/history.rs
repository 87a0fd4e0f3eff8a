//! What the losses so far say about a training: is it sane, does it learn?

use std::collections::VecDeque;

use benchhost_plugin_api::{Error, ensure_right};

/// Losses of the beginning and of the end that are averaged, so that one lucky batch decides nothing.
const ENDS: usize = 10;

/// The last of the steps whose mean loss is the same in every run of a seed, however long it runs.
const MILESTONE: u64 = 50;

/// It is rounded to thousandths: another order of summation is no other training.
const DIGITS: f64 = 1000.0;

/// Steps before a fall of the loss is expected.
const STEPS_TO_LEARN: u64 = 100;

/// What a training promises, which depends on its parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promise {
    /// Loss of a guess, in nats.
    pub chance: f64,
    /// Smallest and largest first loss, in nats.
    pub first: (f64, f64),
    /// Whether the loss must fall.
    pub falls: bool,
}

/// Losses of a training, in nats; bounded memory.
#[derive(Debug, Default)]
pub(super) struct History {
    steps: u64,
    first: Vec<f64>,
    last: VecDeque<f64>,
    sample: (f64, u64),
    at_milestone: Option<f64>,
    not_finite: Option<u64>,
}

impl History {
    pub(super) fn push(&mut self, loss: f64) {
        if !loss.is_finite() {
            self.not_finite.get_or_insert(self.steps);
        }
        self.steps += 1;
        if self.first.len() < ENDS {
            self.first.push(loss);
        }
        if self.last.len() == ENDS {
            self.last.pop_front();
        }
        self.last.push_back(loss);
        if self.steps == MILESTONE {
            let mean = self.last.iter().sum::<f64>() / self.last.len() as f64;
            self.at_milestone = Some((mean * DIGITS).round() / DIGITS);
        }
        self.sample.0 += loss;
        self.sample.1 += 1;
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    pub(super) fn last(&self) -> Option<f64> {
        self.last.back().copied()
    }

    /// Mean loss of steps 41 to 50; `None` before.
    pub(super) fn at_milestone(&self) -> Option<f64> {
        self.at_milestone
    }

    /// Mean loss since the last call; `None` when there was no step.
    pub(super) fn take_sample_mean(&mut self) -> Option<f64> {
        let (sum, count) = std::mem::take(&mut self.sample);
        (count > 0).then(|| sum / count as f64)
    }

    /// Holds the losses against `promise`.
    pub(super) fn check(&self, promise: &Promise) -> Result<(), Error> {
        let Some(&first) = self.first.first() else {
            return Err(Error::wrong("no step was taken"));
        };
        if let Some(step) = self.not_finite {
            return Err(Error::wrong(format!(
                "the loss of step {step} is not a finite number"
            )));
        }
        let (low, high) = promise.first;
        ensure_right((low..=high).contains(&first), || {
            format!(
                "the first loss is {first:.4} nat, expected {low:.4} to {high:.4} (a guess has {:.4})",
                promise.chance
            )
        })?;
        if !promise.falls || self.steps < STEPS_TO_LEARN {
            return Ok(());
        }
        let mean = |sum: f64, count: usize| sum / count as f64;
        let began = mean(self.first.iter().sum(), self.first.len());
        let ended = mean(self.last.iter().sum(), self.last.len());
        ensure_right(ended < began, || {
            format!(
                "the loss did not fall in {} steps: mean of the first {ENDS} {began:.4} nat, of the last \
                 {ended:.4}",
                self.steps
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMISE: Promise = Promise {
        chance: 2.0,
        first: (1.6, 2.4),
        falls: true,
    };

    fn history(losses: impl IntoIterator<Item = f64>) -> History {
        let mut history = History::default();
        losses.into_iter().for_each(|loss| history.push(loss));
        history
    }

    fn complaint(history: &History) -> String {
        history.check(&PROMISE).unwrap_err().to_string()
    }

    #[test]
    fn a_falling_loss_that_starts_at_chance_is_right() {
        assert!(
            history((0..150).map(|i| 2.0 - f64::from(i) * 0.01))
                .check(&PROMISE)
                .is_ok()
        );
        assert!(history([2.3]).check(&PROMISE).is_ok());
    }

    #[test]
    fn a_wrong_start_a_nan_a_rise_and_nothing_are_named() {
        assert_eq!(
            complaint(&history([2.5])),
            "the first loss is 2.5000 nat, expected 1.6000 to 2.4000 (a guess has 2.0000)"
        );
        assert_eq!(
            complaint(&history([2.0, f64::NAN])),
            "the loss of step 1 is not a finite number"
        );
        assert!(complaint(&history((0..150).map(|i| 2.0 + f64::from(i) * 0.01))).starts_with(
            "the loss did not fall in 150 steps: mean of the first 10 2.0450 nat, of the last 3.4450"
        ));
        assert_eq!(complaint(&History::default()), "no step was taken");
    }

    #[test]
    fn the_loss_after_fifty_steps_stays_what_it_was() {
        let falling = |steps: u32| history((1..=steps).map(|i| 100.0 - f64::from(i)));

        assert_eq!(falling(49).at_milestone(), None);
        assert_eq!(falling(50).at_milestone(), Some(54.5));
        assert_eq!(falling(1000).at_milestone(), Some(54.5));
    }

    #[test]
    fn a_short_run_or_one_without_promise_may_rise() {
        let rising = |steps: i32| history((0..steps).map(|i| 2.0 + f64::from(i) * 0.01));

        assert!(rising(99).check(&PROMISE).is_ok());
        assert!(
            rising(150)
                .check(&Promise {
                    falls: false,
                    ..PROMISE
                })
                .is_ok()
        );
    }

    #[test]
    fn the_mean_of_a_sample_starts_afresh() {
        let mut history = history([1.0, 2.0]);

        assert_eq!(history.take_sample_mean(), Some(1.5));
        assert_eq!(history.take_sample_mean(), None);
        history.push(4.0);
        assert_eq!(history.take_sample_mean(), Some(4.0));
    }
}
