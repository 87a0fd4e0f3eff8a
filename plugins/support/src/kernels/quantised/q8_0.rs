//! Eight bits a weight with a scale: GGUF's Q8_0, repacked.

use super::{BLOCK, Block, q4_1::four};
use crate::kernels::lanes::{LANES, Lanes};

/// Bytes of a Q8_0 block: scale, 32 signed bytes.
const STORED: usize = 2 + BLOCK;

/// Groups of four inputs of a block.
const GROUPS: usize = BLOCK / 4;

/// One block of 16 outputs. Weight = scale · (byte − 128): the instruction wants unsigned bytes.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(32))]
pub(super) struct Tile {
    /// Half precision.
    scales: [u16; LANES],
    /// `[g]`: four bytes an output, inputs 4g….
    bytes: [[u8; 4 * LANES]; GROUPS],
}

/// Repacks 16 rows of `blocks` Q8_0 blocks each, and puts the tiles behind those in `tiles`.
pub(super) fn pack(rows: &[&[u8]; LANES], tiles: &mut Vec<Tile>) {
    let blocks = rows[0].len() / STORED;
    for block in 0..blocks {
        let mut tile = Tile {
            scales: [0; LANES],
            bytes: [[0; 4 * LANES]; GROUPS],
        };
        for (lane, row) in rows.iter().enumerate() {
            let stored = &row[block * STORED..][..STORED];
            tile.scales[lane] = u16::from_le_bytes([stored[0], stored[1]]);
            for (group, four) in stored[2..].chunks_exact(4).enumerate() {
                for (to, from) in tile.bytes[group][4 * lane..].iter_mut().zip(four) {
                    *to = from ^ 0x80;
                }
            }
        }
        tiles.push(tile);
    }
}

/// Products of the 16 outputs in `tiles` with `N` tokens of `input` from `first` on; `input` is `[blocks][tokens]`.
#[inline(always)]
pub(super) fn product<L: Lanes, const N: usize>(
    lanes: L,
    tiles: &[Tile],
    input: &[Block],
    tokens: usize,
    first: usize,
) -> [L::Floats; N] {
    let mut sums = [lanes.splat(0.0); N];
    for (tile, row) in tiles.iter().zip(input.chunks_exact(tokens)) {
        let scales = lanes.load_half(&tile.scales);
        let row: &[Block; N] = row[first..first + N].try_into().expect("N tokens were cut");
        for (sum, block) in sums.iter_mut().zip(row) {
            let mut dot = lanes.splat_int(block.offset);
            for group in 0..GROUPS {
                dot = lanes.dot(
                    dot,
                    lanes.load_bytes(&tile.bytes[group]),
                    four(block, group),
                );
            }
            let scaled = lanes.mul(lanes.to_floats(dot), lanes.splat(block.scale));
            *sum = lanes.mul_add(scaled, scales, *sum);
        }
    }
    sums
}

/// Row `lane` of a tile as numbers.
pub(super) fn row(tile: &Tile, lane: usize) -> [f32; BLOCK] {
    let scale = half::f16::from_bits(tile.scales[lane]).to_f32();
    std::array::from_fn(|input| {
        let byte = tile.bytes[input / 4][4 * lane + input % 4];
        scale * f32::from((byte ^ 0x80).cast_signed())
    })
}
