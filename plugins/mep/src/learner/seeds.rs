//! Trainings of several seeds in turns, and the mean of what their networks are worth.
//!
//! An iteration trains from fresh weights with the next seed. What it leaves is kept and judged outside the timed part,
//! once every seed had its turn: a figure of quality is then the mean over all seeds, the same in every run.

use benchhost_plugin_api::{Description, Error, Metric, Metrics};
use benchhost_support::{
    nn::fused::Mlp,
    random::{Rng, stream},
};

use super::judge::{Losses, accuracy, check_learned, check_predictions, loss};
use crate::data::Data;

/// What a training leaves.
#[derive(Debug, Clone)]
pub(crate) struct Trained {
    pub network: Mlp,
    /// Mean settling steps of a step.
    pub settle_steps: f64,
    /// Mean passes of settling of a step.
    pub settle_passes: f64,
    pub epoch_ns: f64,
    pub(super) scores: Option<Scores>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scores {
    accuracy: f64,
    train_accuracy: f64,
    loss: f64,
}

/// Turns of the seeds, and what each training left.
#[derive(Debug)]
pub(crate) struct Seeds {
    seeds: Vec<u64>,
    next: usize,
    done: Vec<Option<Trained>>,
    last: Option<usize>,
}

impl Seeds {
    /// `count` seeds from the `seed` of the case.
    pub(crate) fn new(seed: u64, count: usize) -> Self {
        let mut rng = stream(seed, "trainings");
        Self {
            seeds: (0..count).map(|_| rng.next_u64()).collect(),
            next: 0,
            done: vec![None; count],
            last: None,
        }
    }

    /// The seed whose turn it is.
    pub(crate) fn turn(&self) -> u64 {
        self.seeds[self.next]
    }

    /// Keeps what the training of that turn left; the next one has its turn.
    pub(crate) fn keep(&mut self, trained: Trained) {
        self.done[self.next] = Some(trained);
        self.last = Some(self.next);
        self.next = (self.next + 1) % self.seeds.len();
    }

    /// Reports means over the seeds once all had their turn.
    pub(crate) fn metrics(
        &mut self,
        data: &Data,
        losses: Losses,
        metrics: &mut Metrics,
        threads: usize,
    ) {
        if self.done.iter().any(Option::is_none) {
            return;
        }
        let done: Vec<(Scores, f64, f64)> = self
            .done
            .iter_mut()
            .flatten()
            .map(|trained| {
                (
                    trained.judge(data, losses, threads),
                    trained.settle_steps,
                    trained.epoch_ns,
                )
            })
            .collect();
        let mean = |value: &dyn Fn(&(Scores, f64, f64)) -> f64| {
            done.iter().map(value).sum::<f64>() / done.len() as f64
        };
        let accuracy = mean(&|d| d.0.accuracy);
        let variance = mean(&|d| (d.0.accuracy - accuracy).powi(2));
        let worst = done
            .iter()
            .map(|d| d.0.accuracy)
            .fold(f64::INFINITY, f64::min);
        metrics.set("accuracy", accuracy);
        metrics.set("accuracy-worst", worst);
        metrics.set("accuracy-deviation", variance.sqrt());
        metrics.set("train-accuracy", mean(&|d| d.0.train_accuracy));
        metrics.set("loss", mean(&|d| d.0.loss));
        metrics.set("settle-steps", mean(&|d| d.1));
        metrics.set("epoch-time", mean(&|d| d.2));
    }

    /// Share of the seeds whose network is right on every test row; `None` before [`metrics`](Self::metrics) had them all.
    pub(crate) fn solved(&self) -> Option<f64> {
        let scores = self.done.iter().map(|trained| trained.as_ref()?.scores);
        let scores = scores.collect::<Option<Vec<Scores>>>()?;
        let solved = scores
            .iter()
            .filter(|scores| scores.accuracy == 1.0)
            .count();
        Some(solved as f64 / scores.len() as f64)
    }

    /// Holds the last training against its data: predictions in f64, and better than guessing when `must_learn`.
    pub(crate) fn check(&self, data: &Data, must_learn: bool, threads: usize) -> Result<(), Error> {
        let last = self.last.and_then(|last| self.done[last].as_ref());
        let Some(trained) = last else {
            return Err(Error::wrong("no training was finished"));
        };
        check_predictions(&trained.network, &data.test, threads)?;
        if must_learn {
            let accuracy = accuracy(&trained.network, &data.test, threads);
            check_learned(accuracy, &data.test)?;
        }
        Ok(())
    }

    #[cfg(test)]
    fn last_network(&mut self) -> &mut Mlp {
        let last = self.last.unwrap();
        &mut self.done[last].as_mut().unwrap().network
    }
}

impl Trained {
    fn judge(&mut self, data: &Data, losses: Losses, threads: usize) -> Scores {
        if let Some(scores) = self.scores {
            return scores;
        }
        let scores = Scores {
            accuracy: accuracy(&self.network, &data.test, threads),
            train_accuracy: accuracy(&self.network, &data.train, threads),
            loss: loss(&self.network, &data.test, losses, threads),
        };
        self.scores = Some(scores);
        scores
    }
}

/// Adds the metrics of whole trainings.
pub(crate) fn describe_metrics(description: Description) -> Description {
    let share = |metric: Metric, help| metric.ratio().help(help);
    description
        .metric(share(
            Metric::higher("accuracy", "1"),
            "test rows the trained network classifies right; mean over the seeds, once all had their turn",
        ))
        .metric(share(Metric::higher("accuracy-worst", "1"), "that of the worst seed"))
        .metric(share(
            Metric::neutral("accuracy-deviation", "1"),
            "standard deviation of the accuracy over the seeds",
        ))
        .metric(share(
            Metric::higher("train-accuracy", "1"),
            "rows it was trained with that it classifies right",
        ))
        .metric(Metric::lower("loss", "1").quality().help(
            "on the test rows: squared distance from the target, or cross-entropy in nats of learners by backprop",
        ))
        .metric(
            Metric::neutral("settle-steps", "1").help("settling steps of a step, those refused included"),
        )
        .metric(
            Metric::lower("epoch-time", "ns")
                .time()
                .help("a training divided by its epochs, mean over the last training of each seed"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::{self, Rows},
        network::network,
    };

    fn trained(network: Mlp) -> Trained {
        Trained {
            network,
            settle_steps: 3.0,
            settle_passes: 8.0,
            epoch_ns: 1.0,
            scores: None,
        }
    }

    #[test]
    fn seeds_take_turns_and_quality_waits_for_all() {
        let rows = Rows::xor(2);
        let data = Data {
            train: rows.clone(),
            test: rows,
        };
        let mut seeds = Seeds::new(1, 2);
        let first = seeds.turn();

        let names = |seeds: &mut Seeds| {
            let mut metrics = Metrics::default();
            seeds.metrics(&data, Losses::Squares, &mut metrics, 1);
            format!("{metrics:?}")
        };
        seeds.keep(trained(network(&[2, 3, 2], 1)));
        let half = names(&mut seeds);
        let second = seeds.turn();
        seeds.keep(trained(network(&[2, 3, 2], 2)));

        assert!(!half.contains("accuracy"), "{half}");
        assert!(names(&mut seeds).contains("accuracy-worst"));
        assert_ne!(first, second);
        assert_eq!(seeds.turn(), first);
    }

    #[test]
    fn a_network_at_chance_or_one_that_predicts_otherwise_is_wrong() {
        let data = data::load("subset", None, (10, 200)).unwrap();
        let mut seeds = Seeds::new(1, 1);
        seeds.keep(trained(network(&[784, 5, 10], 1)));

        seeds.check(&data, false, 1).unwrap();
        // Nothing reaches the outputs: whatever is shown, the largest bias speaks.
        seeds.last_network().layer_mut(1).0.fill(0.0);
        let error = seeds.check(&data, true, 1).unwrap_err().to_string();
        seeds.last_network().layer_mut(1).1[0] = f32::NAN;
        let nan = seeds.check(&data, false, 1).unwrap_err().to_string();

        assert!(
            error.starts_with("the training learned nothing: "),
            "{error}"
        );
        assert!(
            nan.starts_with("prediction 0 of test row 0 is NaN"),
            "{nan}"
        );
        let none = Seeds::new(1, 1).check(&data, false, 1).unwrap_err();
        assert_eq!(none.to_string(), "no training was finished");
    }
}
