//! A whole training: from fresh weights through shuffled batches.

use std::time::Instant;

use benchhost_plugin_api::{Ctx, Error};
use benchhost_support::{
    nn::fused::in_pool,
    random::{Random, Rng, stream},
};

use super::{Learner, Phases, seeds::Trained};
use crate::{
    data::{Batch, Rows},
    energy::Settled,
};

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
        let (mut steps, mut settled) = (0usize, Settled::default());
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
                    settled += step.settled;
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
            settle_steps: settled.steps as f64 / steps as f64,
            settle_passes: settled.passes as f64 / steps as f64,
            epoch_ns,
            scores: None,
        }))
    }

    /// Operations of a training of `count` rows whose steps settle in `settle_passes` passes on average.
    pub(crate) fn flop(&self, count: usize, settle_passes: f64) -> f64 {
        let whole = count / self.rows;
        let rest = count % self.rows;
        let mut epoch = whole as f64 * self.learner.flop(self.rows, settle_passes);
        if rest > 0 {
            epoch += self.learner.flop(rest, settle_passes);
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
