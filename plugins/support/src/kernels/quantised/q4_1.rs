//! Four bits a weight with a scale and a minimum: GGUF's Q4_1, repacked.

use super::{BLOCK, Block, Strip};
use crate::kernels::lanes::{LANES, Lanes};

/// Bytes of a Q4_1 block: scale, minimum, 32 nibbles.
const STORED: usize = 2 + 2 + BLOCK / 2;

/// Groups of four inputs of a block.
const GROUPS: usize = BLOCK / 4;

/// One block of 16 outputs. Weight = scale · nibble + minimum.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Tile {
    /// Half precision.
    scales: [u16; LANES],
    minima: [u16; LANES],
    /// `[g]`: four bytes an output; inputs 4g… in the lower nibbles, 4(g+4)… in the upper ones.
    nibbles: [[u8; 4 * LANES]; GROUPS / 2],
}

/// Repacks 16 rows of `blocks` Q4_1 blocks each, and puts the tiles behind those in `tiles`.
pub(super) fn pack(rows: &[&[u8]; LANES], tiles: &mut Vec<Tile>) {
    let blocks = rows[0].len() / STORED;
    for block in 0..blocks {
        let mut tile = Tile {
            scales: [0; LANES],
            minima: [0; LANES],
            nibbles: [[0; 4 * LANES]; GROUPS / 2],
        };
        for (lane, row) in rows.iter().enumerate() {
            let stored = &row[block * STORED..][..STORED];
            tile.scales[lane] = u16::from_le_bytes([stored[0], stored[1]]);
            tile.minima[lane] = u16::from_le_bytes([stored[2], stored[3]]);
            // GGUF: byte i holds input i below, input i + 16 above. So does ours: 4g + j, and 4(g + 4) + j.
            for (group, four) in stored[4..].chunks_exact(4).enumerate() {
                tile.nibbles[group][4 * lane..4 * lane + 4].copy_from_slice(four);
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
        let minima = lanes.load_half(&tile.minima);
        let packed: [L::Ints; GROUPS / 2] = tile.nibbles.each_ref().map(
            #[inline(always)]
            |bytes| lanes.load_bytes(bytes),
        );
        let row: &[Block; N] = row[first..first + N].try_into().expect("N tokens were cut");
        for (sum, block) in sums.iter_mut().zip(row) {
            let mut dot = lanes.splat_int(0);
            for (group, packed) in packed.iter().enumerate() {
                dot = lanes.dot(dot, lanes.low_nibbles(*packed), four(block, group));
            }
            for (group, packed) in packed.iter().enumerate() {
                let inputs = four(block, group + GROUPS / 2);
                dot = lanes.dot(dot, lanes.high_nibbles(*packed), inputs);
            }
            let scaled = lanes.mul(lanes.to_floats(dot), lanes.splat(block.scale));
            *sum = lanes.mul_add(scaled, scales, *sum);
            *sum = lanes.mul_add(minima, lanes.splat(block.sum), *sum);
        }
    }
    sums
}

/// Inputs `4 · group` and the next three.
#[inline(always)]
pub(super) fn four(block: &Block, group: usize) -> [i8; 4] {
    let at = 4 * group;
    [
        block.values[at],
        block.values[at + 1],
        block.values[at + 2],
        block.values[at + 3],
    ]
}

/// Row `lane` of a tile as numbers.
pub(super) fn row(tile: &Tile, lane: usize) -> [f32; BLOCK] {
    let real = |bits: u16| half::f16::from_bits(bits).to_f32();
    let (scale, minimum) = (real(tile.scales[lane]), real(tile.minima[lane]));
    std::array::from_fn(|input| {
        let byte = tile.nibbles[input / 4 % 4][4 * lane + input % 4];
        let nibble = if input < BLOCK / 2 {
            byte & 15
        } else {
            byte >> 4
        };
        scale * f32::from(nibble) + minimum
    })
}

const _: () = assert!(size_of::<Strip>() == 64 && size_of::<Tile>() == 320);
