//! A packed matrix, and what is done with it: its product, and the gate of a feed-forward layer.

use super::{
    BLOCK, Block, Strip, TOKENS,
    activations::{inverse_norms, quantise},
    q4_1, q8_0,
};
use crate::kernels::lanes::{Kernel, LANES, Lanes, with_lanes};

/// How the weights are stored in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Four bits, scale and minimum: 5 bits a weight.
    Q4_1,
    /// Eight bits and scale: 8.5 bits a weight.
    Q8_0,
}

impl Packing {
    /// Bytes of a row of `inputs` weights.
    #[must_use]
    pub fn row_bytes(self, inputs: usize) -> usize {
        let block = match self {
            Self::Q4_1 => 20,
            Self::Q8_0 => 34,
        };
        inputs / BLOCK * block
    }
}

/// A matrix of `outputs × inputs` weights in tiles of 16 outputs.
#[derive(Debug)]
pub struct Matrix {
    outputs: usize,
    inputs: usize,
    tiles: Tiles,
}

/// `[outputs/16][inputs/32]`.
#[derive(Debug)]
enum Tiles {
    Q4_1(Vec<q4_1::Tile>),
    Q8_0(Vec<q8_0::Tile>),
}

/// What becomes of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// It replaces what was there.
    Place,
    /// It is added to what was there.
    Sum,
}

impl Matrix {
    /// Packs `rows`, each the stored blocks of one output. `inputs`: weights of a row.
    ///
    /// # Panics
    /// The number of rows is no multiple of 16, `inputs` none of 32, or a row has another size.
    #[must_use]
    pub fn pack(packing: Packing, rows: &[&[u8]], inputs: usize) -> Self {
        assert!(
            rows.len().is_multiple_of(LANES) && inputs.is_multiple_of(BLOCK),
            "whole tiles"
        );
        let size = packing.row_bytes(inputs);
        assert!(rows.iter().all(|row| row.len() == size), "size of a row");
        let count = rows.len() / LANES * (inputs / BLOCK);
        let sixteens = rows.as_chunks::<LANES>().0.iter();
        let tiles = match packing {
            Packing::Q4_1 => {
                let mut tiles = Vec::with_capacity(count);
                sixteens.for_each(|rows| q4_1::pack(rows, &mut tiles));
                Tiles::Q4_1(tiles)
            }
            Packing::Q8_0 => {
                let mut tiles = Vec::with_capacity(count);
                sixteens.for_each(|rows| q8_0::pack(rows, &mut tiles));
                Tiles::Q8_0(tiles)
            }
        };
        Self {
            outputs: rows.len(),
            inputs,
            tiles,
        }
    }

    /// Outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Bytes of the packed weights: those a product reads.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.tiles {
            Tiles::Q4_1(tiles) => size_of_val(tiles.as_slice()),
            Tiles::Q8_0(tiles) => size_of_val(tiles.as_slice()),
        }
    }

    /// Row `output` as numbers, in strips.
    pub fn row(&self, output: usize) -> impl Iterator<Item = Strip> + '_ {
        let blocks = self.inputs / BLOCK;
        let (first, lane) = (output / LANES * blocks, output % LANES);
        (first..first + blocks).flat_map(move |tile| {
            let row = match &self.tiles {
                Tiles::Q4_1(tiles) => q4_1::row(&tiles[tile], lane),
                Tiles::Q8_0(tiles) => q8_0::row(&tiles[tile], lane),
            };
            let (first, second) = row.split_at(LANES);
            [first, second].map(|half| half.try_into().expect("half a block is a strip"))
        })
    }

    /// Outputs `16·first_tile…` of the product with `input`, `[inputs/32][tokens]`, into `out`, `[tiles][tokens]`; as many
    /// tiles as `out` holds. 2·outputs·inputs·tokens operations.
    ///
    /// # Panics
    /// The sizes do not fit together.
    pub fn multiply(
        &self,
        first_tile: usize,
        input: &[Block],
        tokens: usize,
        into: Into,
        out: &mut [Strip],
    ) {
        assert_eq!(
            input.len(),
            self.inputs / BLOCK * tokens,
            "blocks of the input"
        );
        with_lanes(Multiply {
            matrix: self,
            first_tile,
            input,
            tokens,
            into,
            out,
        });
    }

    /// Block `block` of `silu(gate) · up`, for a matrix whose rows lie in fours of tiles: gate, gate, up, up. `out`:
    /// `[tokens]`.
    ///
    /// # Panics
    /// The sizes do not fit together.
    pub fn gated(&self, block: usize, input: &[Block], out: &mut [Block]) {
        assert_eq!(
            input.len(),
            self.inputs / BLOCK * out.len(),
            "blocks of the input"
        );
        with_lanes(Gated {
            matrix: self,
            block,
            input,
            out,
        });
    }
}

/// Normalises `x`, `[tiles][tokens]`, by its root mean square and rounds it; `weights`: one for each value. `out`: block
/// `first_block…` of the result, `[blocks][tokens]`.
///
/// # Panics
/// The sizes do not fit together.
pub fn normalise(
    x: &[Strip],
    inverse_norms: &[f32],
    weights: &[Strip],
    first_block: usize,
    out: &mut [Block],
) {
    with_lanes(Normalise {
        x,
        inverse_norms,
        weights,
        first_block,
        out,
    });
}

/// `1/√(mean x² + epsilon)` of each token of `x`, `[tiles][tokens]`; `out`: one for each token.
pub fn norms(x: &[Strip], epsilon: f32, out: &mut [f32]) {
    with_lanes(Norms { x, epsilon, out });
}

struct Multiply<'a> {
    matrix: &'a Matrix,
    first_tile: usize,
    input: &'a [Block],
    tokens: usize,
    into: Into,
    out: &'a mut [Strip],
}

impl Kernel for Multiply<'_> {
    #[inline(always)]
    fn run(self, lanes: impl Lanes) {
        let Self {
            matrix,
            first_tile,
            input,
            tokens,
            into,
            out,
        } = self;
        for (tile, out) in out.chunks_exact_mut(tokens).enumerate() {
            let tile = first_tile + tile;
            let mut token = 0;
            while token + TOKENS <= tokens {
                let sums = product::<_, TOKENS>(lanes, matrix, tile, input, tokens, token);
                put(lanes, into, sums, &mut out[token..]);
                token += TOKENS;
            }
            while token < tokens {
                let sums = product::<_, 1>(lanes, matrix, tile, input, tokens, token);
                put(lanes, into, sums, &mut out[token..]);
                token += 1;
            }
        }
    }
}

#[inline(always)]
fn put<L: Lanes, const N: usize>(lanes: L, into: Into, sums: [L::Floats; N], out: &mut [Strip]) {
    for (sum, out) in sums.into_iter().zip(out) {
        let sum = match into {
            Into::Place => sum,
            Into::Sum => lanes.add(sum, lanes.load(out)),
        };
        lanes.store(sum, out);
    }
}

#[inline(always)]
fn product<L: Lanes, const N: usize>(
    lanes: L,
    matrix: &Matrix,
    tile: usize,
    input: &[Block],
    tokens: usize,
    first: usize,
) -> [L::Floats; N] {
    let blocks = matrix.inputs / BLOCK;
    let tiles = tile * blocks..(tile + 1) * blocks;
    match &matrix.tiles {
        Tiles::Q4_1(all) => q4_1::product(lanes, &all[tiles], input, tokens, first),
        Tiles::Q8_0(all) => q8_0::product(lanes, &all[tiles], input, tokens, first),
    }
}

struct Gated<'a> {
    matrix: &'a Matrix,
    block: usize,
    input: &'a [Block],
    out: &'a mut [Block],
}

impl Kernel for Gated<'_> {
    #[inline(always)]
    fn run(mut self, lanes: impl Lanes) {
        let mut token = 0;
        while token + TOKENS <= self.out.len() {
            self.some::<_, TOKENS>(lanes, token);
            token += TOKENS;
        }
        while token < self.out.len() {
            self.some::<_, 1>(lanes, token);
            token += 1;
        }
    }
}

impl Gated<'_> {
    #[inline(always)]
    fn some<L: Lanes, const N: usize>(&mut self, lanes: L, first: usize) {
        let tokens = self.out.len();
        // Gate, gate, up, up. A loop and no closures: those would be functions without the lanes' instructions.
        let mut parts = [[lanes.splat(0.0); N]; 4];
        for (index, part) in parts.iter_mut().enumerate() {
            *part = product(
                lanes,
                self.matrix,
                4 * self.block + index,
                self.input,
                tokens,
                first,
            );
        }
        for (token, out) in self.out[first..first + N].iter_mut().enumerate() {
            let low = lanes.mul(silu(lanes, parts[0][token]), parts[2][token]);
            let high = lanes.mul(silu(lanes, parts[1][token]), parts[3][token]);
            *out = quantise(lanes, low, high);
        }
    }
}

/// x / (1 + e⁻ˣ). Source: Elfwing, Uchibe, Doya (2018), Neural Networks 107, 3–11.
#[inline(always)]
fn silu<L: Lanes>(lanes: L, x: L::Floats) -> L::Floats {
    let e = lanes.exp(lanes.sub(lanes.splat(0.0), x));
    lanes.div(x, lanes.add(lanes.splat(1.0), e))
}

struct Normalise<'a> {
    x: &'a [Strip],
    inverse_norms: &'a [f32],
    weights: &'a [Strip],
    first_block: usize,
    out: &'a mut [Block],
}

impl Kernel for Normalise<'_> {
    #[inline(always)]
    fn run(self, lanes: impl Lanes) {
        let tokens = self.inverse_norms.len();
        for (block, out) in self.out.chunks_exact_mut(tokens).enumerate() {
            let tile = 2 * (self.first_block + block);
            let weights = [
                lanes.load(&self.weights[tile]),
                lanes.load(&self.weights[tile + 1]),
            ];
            let (first, second) = self.x[tile * tokens..(tile + 2) * tokens].split_at(tokens);
            for (token, out) in out.iter_mut().enumerate() {
                let inverse = lanes.splat(self.inverse_norms[token]);
                let scaled = lanes.mul(lanes.load(&first[token]), inverse);
                let low = lanes.mul(scaled, weights[0]);
                let scaled = lanes.mul(lanes.load(&second[token]), inverse);
                let high = lanes.mul(scaled, weights[1]);
                *out = quantise(lanes, low, high);
            }
        }
    }
}

struct Norms<'a> {
    x: &'a [Strip],
    epsilon: f32,
    out: &'a mut [f32],
}

impl Kernel for Norms<'_> {
    #[inline(always)]
    fn run(self, lanes: impl Lanes) {
        inverse_norms(lanes, self.x, self.epsilon, self.out);
    }
}
