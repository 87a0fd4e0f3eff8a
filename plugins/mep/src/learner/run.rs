//! Whole trainings, one for each seed in turn, and what their networks are worth.
//!
//! An iteration trains from fresh weights with the next seed. What it leaves is kept and judged outside the timed part,
//! once every seed had its turn: a figure of quality is then the mean over all seeds, the same in every run.

use std::time::Instant;

use benchhost_plugin_api::{Ctx, Description, Error, Metric, Metrics, ensure_right};
use benchhost_support::{
    nn::fused::{Mlp, in_pool},
    random::{Random, Rng, stream},
};

use super::{Learner, Phases};
use crate::{
    data::{Batch, Data, Rows},
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

/// Order, batch and learner of a training.
#[derive(Debug)]
pub(crate) struct Trainer {
    pub learner: Learner,
    pub batch: Batch,
    order: Vec<usize>,
    rows: usize,
    epochs: usize,
    shuffles: bool,
    threads: usize,
}

/// What a training leaves.
#[derive(Debug, Clone)]
pub(crate) struct Trained {
    pub network: Mlp,
    /// Mean settling steps of a step.
    pub settle_steps: f64,
    pub epoch_ns: f64,
    scores: Option<Scores>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Scores {
    accuracy: f64,
    train_accuracy: f64,
    loss: f64,
}

impl Trainer {
    /// Trainings on `train` of `epochs` epochs in batches of `rows`, shuffled where a batch is not all there is.
    pub(crate) fn new(
        learner: Learner,
        train: &Rows,
        rows: usize,
        epochs: usize,
        ctx: &Ctx,
    ) -> Self {
        Self {
            learner,
            batch: Batch::with_room(train, rows),
            order: (0..train.len()).collect(),
            rows,
            epochs,
            shuffles: rows < train.len(),
            threads: ctx.threads(),
        }
    }

    /// Trains anew with `seed`. `None` when the host wanted it to stop.
    pub(crate) fn train(
        &mut self,
        train: &Rows,
        seed: u64,
        (ctx, phases): (&Ctx, &Phases),
    ) -> Result<Option<Trained>, Error> {
        let started = Instant::now();
        self.learner.restart(seed)?;
        self.order.sort_unstable();
        let mut rng = stream(seed, "order");
        let (mut steps, mut settle_steps) = (0usize, 0usize);
        let threads = self.threads;
        let whole = in_pool(threads, || {
            for _ in 0..self.epochs {
                if self.shuffles {
                    shuffle(&mut self.order, &mut rng);
                }
                for taken in self.order.chunks(self.rows) {
                    let span = phases.span("prepare");
                    self.batch.fill(train, taken);
                    drop(span);
                    let step = self.learner.step(&self.batch, phases)?;
                    settle_steps += step.settle_steps;
                    steps += 1;
                }
                ctx.progress();
                if ctx.should_stop() {
                    return Ok::<_, Error>(false);
                }
            }
            Ok(true)
        })?;
        let epoch_ns = started.elapsed().as_nanos() as f64 / self.epochs as f64;
        if !whole {
            return Ok(None);
        }
        Ok(Some(Trained {
            network: self.learner.network()?,
            settle_steps: settle_steps as f64 / steps as f64,
            epoch_ns,
            scores: None,
        }))
    }

    /// Operations of a training of `count` rows whose steps settle in `settle_steps` steps on average.
    pub(crate) fn flop(&self, count: usize, settle_steps: f64) -> f64 {
        let whole = count / self.rows;
        let rest = count % self.rows;
        let mut epoch = whole as f64 * self.learner.flop(self.rows, settle_steps);
        if rest > 0 {
            epoch += self.learner.flop(rest, settle_steps);
        }
        self.epochs as f64 * epoch
    }
}

/// Source: Fisher & Yates, as Durstenfeld (1964), CACM 7(7), algorithm 235.
fn shuffle(order: &mut [usize], rng: &mut Random) {
    for last in (1..order.len()).rev() {
        order.swap(last, (rng.next_u64() % (last as u64 + 1)) as usize);
    }
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
        let solved = done.iter().filter(|d| d.0.accuracy == 1.0).count();
        metrics.set("accuracy", accuracy);
        metrics.set("accuracy-worst", worst);
        metrics.set("accuracy-deviation", variance.sqrt());
        metrics.set("train-accuracy", mean(&|d| d.0.train_accuracy));
        metrics.set("solved", solved as f64 / done.len() as f64);
        metrics.set("loss", mean(&|d| d.0.loss));
        metrics.set("settle-steps", mean(&|d| d.1));
        metrics.set("epoch-time", mean(&|d| d.2));
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

/// Which loss is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Losses {
    /// Mean of ‖prediction − target‖².
    Squares,
    /// Cross-entropy in nats.
    CrossEntropy,
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

fn accuracy(network: &Mlp, rows: &Rows, threads: usize) -> f64 {
    let mut right = 0usize;
    for_each_prediction(network, rows, threads, |row, output| {
        right += usize::from(class(output) == usize::from(rows.labels[row]));
    });
    right as f64 / rows.len() as f64
}

fn loss(network: &Mlp, rows: &Rows, losses: Losses, threads: usize) -> f64 {
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
fn check_predictions(network: &Mlp, rows: &Rows, threads: usize) -> Result<(), Error> {
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
fn check_learned(accuracy: f64, rows: &Rows) -> Result<(), Error> {
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
        .metric(share(Metric::higher("solved", "1"), "seeds with an accuracy of 100 %"))
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
    use crate::{data, network::network};

    fn trained(network: Mlp) -> Trained {
        Trained {
            network,
            settle_steps: 3.0,
            epoch_ns: 1.0,
            scores: None,
        }
    }

    #[test]
    fn a_shuffle_is_a_permutation_and_all_of_them_occur() {
        let mut rng = stream(1, "order");
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let mut order = [0, 1, 2, 3];
            shuffle(&mut order, &mut rng);
            let mut sorted = order;
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3]);
            seen.insert(order);
        }
        assert_eq!(seen.len(), 24);
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
