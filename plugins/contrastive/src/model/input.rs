//! The fixed random input of a pass, the same for whoever computes.

use benchhost_support::random::{fill_normal, stream};

use super::ModelConfig;

/// N(0, 1) in f32.
#[derive(Debug)]
pub(super) struct Input {
    /// `[batch, window · channels]`.
    pub rows: Vec<f32>,
    /// `[2 · batch, output]`: anchors, then positives, for InfoNCE.
    pub views: Vec<f32>,
}

impl Input {
    pub(super) fn new(config: &ModelConfig, seed: u64) -> Self {
        let mut rng = stream(seed, "input");
        let mut normal = |count: usize| {
            let mut values = vec![0.0; count];
            fill_normal(&mut rng, &mut values);
            values
        };
        Self {
            rows: normal(config.batch * config.width()),
            views: normal(2 * config.batch * config.output),
        }
    }

    /// Anchors and positives, `[batch, output]` each.
    pub(super) fn embeddings(&self) -> [&[f32]; 2] {
        let (anchor, positive) = self.views.split_at(self.views.len() / 2);
        [anchor, positive]
    }
}
