//! Attention of a head with its cache: rotary embedding, causal softmax, for one token or many.
//!
//! A head has 64 values ([`HEAD`]), four strips of sixteen. Positions are turned in halves: value i with value i + 32
//! (models that turn neighbours get there by exchanging rows of their weights). Keys are cached in blocks of sixteen
//! positions, transposed, so that a block meets one value of a query at a time; values as they come.
//!
//! Softmax runs over the positions once, with a running maximum. Source: Milakov & Gimelshein (2018), arXiv 1805.02867.

use super::{
    lanes::{Kernel, LANES, Lanes, with_lanes},
    quantised::{Block, Strip, quantise},
};

/// Values of a head.
pub const HEAD: usize = 64;

/// Strips of a head.
pub const STRIPS: usize = HEAD / LANES;

/// Queries at once.
const QUERIES: usize = 8;

/// Positions whose scores are kept at once.
const POSITIONS: usize = 256;

/// A score that gives no weight; finite, so that it may be subtracted.
const NONE: f32 = -1e30;

/// Cosines (two strips) and sines (two strips) of one position.
pub type Angles = [Strip; STRIPS];

/// The angles of positions `0..count`, position · base^(−2i/64). Source: Su et al. (2021), arXiv 2104.09864.
#[must_use]
pub fn angles(count: usize, base: f32) -> Vec<Angles> {
    let angle = |position: usize, i: usize| {
        position as f64 * f64::from(base).powf(-2.0 * i as f64 / HEAD as f64)
    };
    let of = |position: usize| {
        std::array::from_fn(|strip| {
            std::array::from_fn(|lane| {
                let angle = angle(position, strip % 2 * LANES + lane);
                let value = if strip < 2 { angle.cos() } else { angle.sin() };
                value as f32
            })
        })
    };
    (0..count).map(of).collect()
}

/// Keys and values of one head.
#[derive(Debug, Clone)]
pub struct HeadCache {
    /// `[position/16][value][position%16]`.
    keys: Vec<[Strip; HEAD]>,
    values: Vec<[Strip; STRIPS]>,
}

impl HeadCache {
    /// Room for `capacity` positions.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            keys: vec![[[0.0; LANES]; HEAD]; capacity.div_ceil(LANES)],
            values: vec![[[0.0; LANES]; STRIPS]; capacity],
        }
    }

    /// Keeps the keys (turned) and values of the tokens at positions `at…`. `keys`, `values`: `[4][tokens]`.
    ///
    /// # Panics
    /// There is no room for them.
    pub fn append(&mut self, at: usize, keys: &[Strip], values: &[Strip], angles: &[Angles]) {
        with_lanes(Append {
            cache: self,
            at,
            keys,
            values,
            angles,
        });
    }

    /// What the tokens at positions `at…` read from the cache, which holds their own keys and values already. `queries`:
    /// `[4][tokens]`; `out`: `[2][tokens]`.
    ///
    /// # Panics
    /// The sizes do not fit together.
    pub fn attend(&self, at: usize, queries: &[Strip], angles: &[Angles], out: &mut [Block]) {
        assert_eq!(
            queries.len(),
            2 * out.len(),
            "four strips and two blocks a token"
        );
        with_lanes(Attend {
            cache: self,
            at,
            queries,
            angles,
            out,
        });
    }
}

/// The four strips of token `token` in `[4][tokens]`, turned by the angles of its position.
#[inline(always)]
fn turned<L: Lanes>(
    lanes: L,
    strips: &[Strip],
    token: usize,
    angles: &Angles,
) -> [L::Floats; STRIPS] {
    let tokens = strips.len() / STRIPS;
    let mut x = [lanes.splat(0.0); STRIPS];
    for (strip, x) in x.iter_mut().enumerate() {
        *x = lanes.load(&strips[strip * tokens + token]);
    }
    let mut turned = x;
    for half in 0..2 {
        let (cos, sin) = (lanes.load(&angles[half]), lanes.load(&angles[2 + half]));
        let (low, high) = (x[half], x[half + 2]);
        turned[half] = lanes.sub(lanes.mul(low, cos), lanes.mul(high, sin));
        turned[half + 2] = lanes.mul_add(low, sin, lanes.mul(high, cos));
    }
    turned
}

struct Append<'a> {
    cache: &'a mut HeadCache,
    at: usize,
    keys: &'a [Strip],
    values: &'a [Strip],
    angles: &'a [Angles],
}

impl Kernel for Append<'_> {
    #[inline(always)]
    fn run(self, lanes: impl Lanes) {
        let tokens = self.keys.len() / STRIPS;
        for token in 0..tokens {
            let position = self.at + token;
            let key = turned(lanes, self.keys, token, &self.angles[position]);
            let block = &mut self.cache.keys[position / LANES];
            for (strip, values) in key.into_iter().enumerate() {
                let mut one = [0.0; LANES];
                lanes.store(values, &mut one);
                for (lane, value) in one.into_iter().enumerate() {
                    block[strip * LANES + lane][position % LANES] = value;
                }
            }
            self.cache.values[position] =
                std::array::from_fn(|strip| self.values[strip * tokens + token]);
        }
    }
}

struct Attend<'a> {
    cache: &'a HeadCache,
    at: usize,
    queries: &'a [Strip],
    angles: &'a [Angles],
    out: &'a mut [Block],
}

impl Kernel for Attend<'_> {
    #[inline(always)]
    fn run(mut self, lanes: impl Lanes) {
        let tokens = self.out.len() / 2;
        let mut token = 0;
        while token + QUERIES <= tokens {
            self.some::<_, QUERIES>(lanes, token);
            token += QUERIES;
        }
        while token < tokens {
            self.some::<_, 1>(lanes, token);
            token += 1;
        }
    }
}

/// Weighted sums of values so far, under their largest score.
struct Sums {
    largest: f32,
    weight: f32,
    values: [Strip; STRIPS],
}

impl Attend<'_> {
    /// Tokens `first..first + N`.
    #[inline(always)]
    fn some<L: Lanes, const N: usize>(&mut self, lanes: L, first: usize) {
        let scale = lanes.splat(1.0 / (HEAD as f32).sqrt());
        let mut queries = [[0.0; HEAD]; N];
        for (query, values) in queries.iter_mut().enumerate() {
            let token = first + query;
            let strips = turned(lanes, self.queries, token, &self.angles[self.at + token]);
            for (strip, to) in strips.into_iter().zip(values.as_chunks_mut().0) {
                lanes.store(lanes.mul(strip, scale), to);
            }
        }
        let mut sums: [Sums; N] = std::array::from_fn(|_| Sums {
            largest: NONE,
            weight: 0.0,
            values: [[0.0; LANES]; STRIPS],
        });
        // The last of the tokens sees this many positions.
        let visible = self.at + first + N;
        let mut scores = [[[0.0; LANES]; POSITIONS / LANES]; N];
        for from in (0..visible).step_by(POSITIONS) {
            let until = visible.min(from + POSITIONS);
            self.score(lanes, &queries, from..until, &mut scores);
            for (query, (scores, sums)) in scores.iter_mut().zip(&mut sums).enumerate() {
                let sees = (self.at + first + query + 1).clamp(from, until) - from;
                weigh(
                    lanes,
                    &mut scores[..(until - from).div_ceil(LANES)],
                    sees,
                    sums,
                );
            }
            self.gather(lanes, &scores, from..until, &mut sums);
        }
        let tokens = self.out.len() / 2;
        for (query, sums) in sums.iter().enumerate() {
            let inverse = lanes.splat(1.0 / sums.weight);
            let mut strips = [inverse; STRIPS];
            for (strip, values) in strips.iter_mut().zip(&sums.values) {
                *strip = lanes.mul(lanes.load(values), inverse);
            }
            self.out[first + query] = quantise(lanes, strips[0], strips[1]);
            self.out[tokens + first + query] = quantise(lanes, strips[2], strips[3]);
        }
    }

    /// Products of the queries with the keys of `positions`.
    #[inline(always)]
    fn score<L: Lanes, const N: usize>(
        &self,
        lanes: L,
        queries: &[[f32; HEAD]; N],
        positions: std::ops::Range<usize>,
        scores: &mut [[Strip; POSITIONS / LANES]; N],
    ) {
        let blocks = &self.cache.keys[positions.start / LANES..positions.end.div_ceil(LANES)];
        // One query alone would wait for each sum before it adds to it again: it takes several blocks at once. The order
        // within a sum is the same in both ways, so that a token reads the same alone and among others.
        let together = if N == 1 { 4 } else { 1 };
        let many = blocks.len() / together * together;
        for index in (0..many).step_by(together) {
            match together {
                4 => products::<_, N, 4>(lanes, queries, &blocks[index..], index, scores),
                _ => products::<_, N, 1>(lanes, queries, &blocks[index..], index, scores),
            }
        }
        for index in many..blocks.len() {
            products::<_, N, 1>(lanes, queries, &blocks[index..], index, scores);
        }
    }

    /// Adds the values of `positions`, weighted.
    #[inline(always)]
    fn gather<L: Lanes, const N: usize>(
        &self,
        lanes: L,
        weights: &[[Strip; POSITIONS / LANES]; N],
        positions: std::ops::Range<usize>,
        sums: &mut [Sums; N],
    ) {
        let values = &self.cache.values[positions];
        let mut quads = weights.chunks_exact(4).zip(sums.chunks_exact_mut(4));
        for (weights, sums) in &mut quads {
            let weights: &[_; 4] = weights.try_into().expect("chunks of four");
            let sums: &mut [_; 4] = sums.try_into().expect("chunks of four");
            gather(lanes, values, weights, sums);
        }
        if N == 1 {
            gather(lanes, values, weights, sums);
        }
    }
}

/// Products of `N` queries with the first `K` of `blocks`, which are those from number `first` on.
#[inline(always)]
fn products<L: Lanes, const N: usize, const K: usize>(
    lanes: L,
    queries: &[[f32; HEAD]; N],
    blocks: &[[Strip; HEAD]],
    first: usize,
    scores: &mut [[Strip; POSITIONS / LANES]; N],
) {
    let blocks: &[[Strip; HEAD]; K] = blocks[..K].try_into().expect("K blocks were cut");
    let mut sums = [[lanes.splat(0.0); K]; N];
    for value in 0..HEAD {
        let mut keys = [lanes.splat(0.0); K];
        for (keys, block) in keys.iter_mut().zip(blocks) {
            *keys = lanes.load(&block[value]);
        }
        for (query, sums) in queries.iter().zip(&mut sums) {
            let query = lanes.splat(query[value]);
            for (sum, keys) in sums.iter_mut().zip(keys) {
                *sum = lanes.mul_add(query, keys, *sum);
            }
        }
    }
    for (sums, scores) in sums.into_iter().zip(scores.iter_mut()) {
        for (sum, score) in sums.into_iter().zip(&mut scores[first..]) {
            lanes.store(sum, score);
        }
    }
}

/// Turns scores into weights under the running maximum, and rescales what was summed under the old one. Only the first
/// `sees` positions count.
#[inline(always)]
fn weigh<L: Lanes>(lanes: L, scores: &mut [Strip], sees: usize, sums: &mut Sums) {
    for score in &mut scores.as_flattened_mut()[sees..] {
        *score = NONE;
    }
    let mut largest = lanes.splat(sums.largest);
    for strip in &*scores {
        largest = lanes.max(largest, lanes.load(strip));
    }
    let largest = lanes.largest(largest);
    let fade = (sums.largest - largest).exp();
    let mut weight = lanes.splat(0.0);
    for strip in scores {
        let weights = lanes.exp(lanes.sub(lanes.load(strip), lanes.splat(largest)));
        lanes.store(weights, strip);
        weight = lanes.add(weight, weights);
    }
    sums.weight = sums.weight * fade + lanes.sum(weight);
    sums.largest = largest;
    for strip in &mut sums.values {
        lanes.store(lanes.mul(lanes.load(strip), lanes.splat(fade)), strip);
    }
}

#[inline(always)]
fn gather<L: Lanes, const N: usize>(
    lanes: L,
    values: &[[Strip; STRIPS]],
    weights: &[[Strip; POSITIONS / LANES]; N],
    sums: &mut [Sums; N],
) {
    let mut into = [[lanes.splat(0.0); STRIPS]; N];
    for (into, sums) in into.iter_mut().zip(sums.iter()) {
        for (into, strip) in into.iter_mut().zip(&sums.values) {
            *into = lanes.load(strip);
        }
    }
    for (position, value) in values.iter().enumerate() {
        let mut strips = [lanes.splat(0.0); STRIPS];
        for (strip, value) in strips.iter_mut().zip(value) {
            *strip = lanes.load(value);
        }
        for (query, into) in into.iter_mut().enumerate() {
            let weight = lanes.splat(weights[query].as_flattened()[position]);
            for (into, value) in into.iter_mut().zip(strips) {
                *into = lanes.mul_add(weight, value, *into);
            }
        }
    }
    for (into, sums) in into.into_iter().zip(sums) {
        for (into, strip) in into.into_iter().zip(&mut sums.values) {
            lanes.store(into, strip);
        }
    }
}

#[cfg(test)]
mod tests;
