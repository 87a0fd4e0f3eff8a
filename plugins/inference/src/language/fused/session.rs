//! One context over shared weights: the forward pass.

use std::sync::Arc;

use benchhost_plugin_api::Error;
use benchhost_support::kernels::{
    attention::{Angles, HeadCache, STRIPS, angles},
    lanes::LANES,
    quantised::{BLOCK, Block, Into, Matrix, Strip, normalise, norms},
    team::Team,
};

use super::weights::{Layer, Weights};
use crate::language::model::LanguageModel;

/// Most tokens that go through the layers together: enough to use each weight often, few enough for the second-level
/// cache to hold what is between two products.
const TOGETHER: usize = 128;

/// Keys and values of the tokens so far, and the threads that compute.
#[derive(Debug)]
pub(crate) struct Session {
    weights: Arc<Weights>,
    team: Team,
    angles: Arc<Vec<Angles>>,
    /// `[layer][head of keys]`.
    caches: Vec<Vec<HeadCache>>,
    position: usize,
    capacity: usize,
    work: Work,
    /// Of the last token, in strips.
    logits: Vec<Strip>,
}

/// What is between two products, for all tokens that go together.
#[derive(Debug, Default)]
struct Work {
    /// The residual stream, `[width/16][tokens]`.
    x: Vec<Strip>,
    inverse_norms: Vec<f32>,
    /// `[width/32][tokens]`.
    input: Vec<Block>,
    /// Queries, keys and values, `[…/16][tokens]`.
    turned: Vec<Strip>,
    /// `[inner/32][tokens]`.
    inner: Vec<Block>,
}

impl Session {
    /// An empty context with room for `capacity` tokens, computed by `threads`.
    pub(crate) fn new(weights: &Arc<Weights>, capacity: usize, threads: usize) -> Self {
        let sizes = weights.sizes;
        let capacity = capacity.next_multiple_of(LANES);
        // Each made anew: memory that nobody has written yet is not resident.
        let head = |_| HeadCache::new(capacity);
        let layer = |_| (0..sizes.shared_heads).map(head).collect();
        Self {
            weights: Arc::clone(weights),
            team: Team::new(threads),
            angles: Arc::new(angles(capacity, sizes.rope_base)),
            caches: (0..sizes.layers).map(layer).collect(),
            position: 0,
            capacity,
            work: Work::default(),
            logits: vec![[0.0; LANES]; sizes.vocabulary / LANES],
        }
    }

    /// Puts `tokens` through all layers; `self.work.x` then holds them.
    fn pass(&mut self, tokens: &[u32]) {
        let weights = Arc::clone(&self.weights);
        let count = tokens.len();
        self.work.embed(&weights, tokens);
        for (layer, caches) in weights.layers.iter().zip(&mut self.caches) {
            let epsilon = weights.sizes.epsilon;
            self.work
                .normalise(&mut self.team, &layer.attention_norm, epsilon, count);
            self.work
                .attend(&mut self.team, layer, caches, self.position, &self.angles);
            add(
                &mut self.team,
                &layer.attention_out,
                &self.work.input,
                &mut self.work.x,
                count,
            );
            self.work
                .normalise(&mut self.team, &layer.inner_norm, epsilon, count);
            self.work.gate(&mut self.team, layer, count);
            add(
                &mut self.team,
                &layer.down,
                &self.work.inner,
                &mut self.work.x,
                count,
            );
        }
        self.position += count;
    }

    /// Logits after the last of the `count` tokens in `self.work.x`.
    fn conclude(&mut self, count: usize) {
        let work = &mut self.work;
        let last: Vec<Strip> = work
            .x
            .iter()
            .skip(count - 1)
            .step_by(count)
            .copied()
            .collect();
        work.x = last;
        let weights = Arc::clone(&self.weights);
        work.normalise(&mut self.team, &weights.norm, weights.sizes.epsilon, 1);
        let input = &work.input;
        self.team.share(&mut self.logits, 1, |tile, out| {
            weights.embedding.multiply(tile, input, 1, Into::Place, out);
        });
    }
}

impl LanguageModel for Session {
    fn forward(&mut self, tokens: &[u32]) -> Result<&[f32], Error> {
        let vocabulary = self.weights.sizes.vocabulary;
        if let Some(token) = tokens.iter().find(|token| **token as usize >= vocabulary) {
            return Err(Error::failed(format!(
                "token {token} is none of the model's {vocabulary}"
            )));
        }
        if tokens.is_empty() || self.position + tokens.len() > self.capacity {
            return Err(Error::failed(format!(
                "{} tokens after {} do not fit into a context of {}",
                tokens.len(),
                self.position,
                self.capacity
            )));
        }
        let mut count = 0;
        for together in tokens.chunks(TOGETHER) {
            self.pass(together);
            count = together.len();
        }
        self.conclude(count);
        Ok(self.logits.as_flattened())
    }

    fn reset(&mut self) {
        self.position = 0;
    }
}

impl Work {
    /// The rows of the embedding that belong to `tokens`.
    fn embed(&mut self, weights: &Weights, tokens: &[u32]) {
        let count = tokens.len();
        self.x.clear();
        self.x
            .resize(weights.sizes.width / LANES * count, [0.0; LANES]);
        for (at, token) in tokens.iter().enumerate() {
            for (strip, to) in weights
                .embedding
                .row(*token as usize)
                .zip(self.x[at..].iter_mut().step_by(count))
            {
                *to = strip;
            }
        }
    }

    /// `x`, normalised, into `input`.
    fn normalise(&mut self, team: &mut Team, norm: &[Strip], epsilon: f32, count: usize) {
        self.inverse_norms.resize(count, 0.0);
        self.input.resize(norm.len() / 2 * count, Block::ZERO);
        norms(&self.x, epsilon, &mut self.inverse_norms);
        let (x, inverse) = (&self.x, &self.inverse_norms);
        let block = |block: usize, out: &mut [Block]| normalise(x, inverse, norm, block, out);
        match count {
            // Less work than sharing it.
            1 => block(0, &mut self.input),
            _ => team.share(&mut self.input, count, block),
        }
    }

    /// Attention over everything up to here, into `input`.
    fn attend(
        &mut self,
        team: &mut Team,
        layer: &Layer,
        caches: &mut [HeadCache],
        at: usize,
        angles: &[Angles],
    ) {
        let count = self.inverse_norms.len();
        let matrix = &layer.attention_in;
        self.turned
            .resize(matrix.outputs() / LANES * count, [0.0; LANES]);
        let input = &self.input;
        team.share(&mut self.turned, count, |tile, out| {
            matrix.multiply(tile, input, count, Into::Place, out)
        });

        let head = STRIPS * count;
        let heads = self.turned.len() / head - 2 * caches.len();
        let (queries, rest) = self.turned.split_at(heads * head);
        let (keys, values) = rest.split_at(caches.len() * head);
        let append = |index: usize, caches: &mut [HeadCache]| {
            for (cache, at_head) in caches.iter_mut().zip(index..) {
                let of = at_head * head..(at_head + 1) * head;
                cache.append(at, &keys[of.clone()], &values[of], angles);
            }
        };
        match count {
            1 => append(0, caches),
            _ => team.chunks(caches, 1, append),
        }
        let together = heads / caches.len();
        let caches = &*caches;
        let head_blocks = STRIPS * LANES / BLOCK * count;
        team.chunks(&mut self.input, head_blocks, |index, out| {
            caches[index / together].attend(
                at,
                &queries[index * head..(index + 1) * head],
                angles,
                out,
            );
        });
    }

    /// `silu(gate) · up` into `inner`.
    fn gate(&mut self, team: &mut Team, layer: &Layer, count: usize) {
        self.inner
            .resize(layer.down.inputs() / BLOCK * count, Block::ZERO);
        let input = &self.input;
        team.share(&mut self.inner, count, |first, out| {
            for (block, out) in out.chunks_exact_mut(count).enumerate() {
                layer.gate_up.gated(first + block, input, out);
            }
        });
    }
}

/// Adds the product of `matrix` and `input` to `x`.
fn add(team: &mut Team, matrix: &Matrix, input: &[Block], x: &mut [Strip], count: usize) {
    team.share(x, count, |tile, out| {
        matrix.multiply(tile, input, count, Into::Sum, out)
    });
}
