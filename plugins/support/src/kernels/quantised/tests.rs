//! Products against the same in f64, on weights and activations as they were rounded.

use half::f16;
use proptest::prelude::*;

use super::*;
use crate::kernels::lanes::{Kernel, Lanes, with_lanes};

/// Rows of stored blocks with numbers that depend on `seed`.
fn stored(packing: Packing, rows: usize, inputs: usize, seed: usize) -> Vec<Vec<u8>> {
    let byte = |row: usize, at: usize| ((row * 31 + at * 17 + seed * 7) % 256) as u8;
    let scale = |row: usize, block: usize| {
        f16::from_f32(((row + 3 * block + seed) % 13) as f32 / 64.0 - 0.05)
    };
    let row = |row: usize| {
        let blocks = (0..inputs / BLOCK).flat_map(|block| {
            let mut bytes = scale(row, block).to_le_bytes().to_vec();
            if packing == Packing::Q4_1 {
                bytes.extend(scale(row + 5, block).to_le_bytes());
                bytes.extend((0..16).map(|i| byte(row, 16 * block + i)));
            } else {
                bytes.extend((0..32).map(|i| byte(row, 32 * block + i)));
            }
            bytes
        });
        blocks.collect()
    };
    (0..rows).map(row).collect()
}

/// The weights of one stored row as the format defines them.
fn plain(packing: Packing, row: &[u8]) -> Vec<f64> {
    let half = |bytes: &[u8]| f64::from(f16::from_le_bytes([bytes[0], bytes[1]]).to_f32());
    let of = |block: &[u8]| -> Vec<f64> {
        match packing {
            Packing::Q4_1 => (0..32)
                .map(|i| {
                    let byte = block[4 + i % 16];
                    let nibble = if i < 16 { byte & 15 } else { byte >> 4 };
                    half(block) * f64::from(nibble) + half(&block[2..])
                })
                .collect(),
            Packing::Q8_0 => block[2..]
                .iter()
                .map(|byte| half(block) * f64::from(byte.cast_signed()))
                .collect(),
        }
    };
    row.chunks(packing.row_bytes(BLOCK)).flat_map(of).collect()
}

/// `[inputs/32][tokens]`, rounded from numbers that depend on `seed`.
fn activations(inputs: usize, tokens: usize, seed: usize) -> Vec<Block> {
    struct Quantise<'a>(usize, &'a mut [Block]);
    impl Kernel for Quantise<'_> {
        #[inline(always)]
        fn run(self, lanes: impl Lanes) {
            for (index, block) in self.1.iter_mut().enumerate() {
                let value = |i: usize| ((index * 13 + i * 29 + self.0) % 97) as f32 / 40.0 - 1.1;
                let halves = [
                    std::array::from_fn(value),
                    std::array::from_fn(|i| value(i + 16)),
                ];
                *block = quantise(lanes, lanes.load(&halves[0]), lanes.load(&halves[1]));
                let largest = halves
                    .as_flattened()
                    .iter()
                    .fold(0.0f32, |most, x| most.max(x.abs()));
                for (found, expected) in block.dequantised().iter().zip(halves.as_flattened()) {
                    assert!(
                        (found - expected).abs() <= 0.501 * largest / 127.0,
                        "{found} {expected}"
                    );
                }
            }
        }
    }
    let mut blocks = vec![Block::ZERO; inputs / BLOCK * tokens];
    with_lanes(Quantise(seed, &mut blocks));
    blocks
}

/// Activations of `token` as numbers.
fn read(blocks: &[Block], tokens: usize, token: usize) -> Vec<f64> {
    let of_token = blocks[token..].iter().step_by(tokens);
    of_token
        .flat_map(|block| block.dequantised().map(f64::from))
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_size_is_the_plain_product(
        packing in prop_oneof![Just(Packing::Q4_1), Just(Packing::Q8_0)],
        (tiles, blocks, tokens) in (1usize..4, 1usize..5, 1usize..20),
        into in prop_oneof![Just(Into::Place), Just(Into::Sum)],
        seed in 0usize..1000,
    ) {
        let (outputs, inputs) = (16 * tiles, BLOCK * blocks);
        let rows = stored(packing, outputs, inputs, seed);
        let matrix = Matrix::pack(packing, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>(), inputs);
        let input = activations(inputs, tokens, seed);
        let mut out = vec![[0.5; 16]; tiles * tokens];

        matrix.multiply(0, &input, tokens, into, &mut out);

        let kept = if into == Into::Sum { 0.5 } else { 0.0 };
        for output in 0..outputs {
            let weights = plain(packing, &rows[output]);
            for token in 0..tokens {
                let expected = kept + dot(&weights, &read(&input, tokens, token));
                let found = f64::from(out[output / 16 * tokens + token][output % 16]);
                prop_assert!((found - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{found} is not {expected}");
            }
        }
    }
}

#[test]
fn a_row_comes_back_as_it_was_stored() {
    for packing in [Packing::Q4_1, Packing::Q8_0] {
        let rows = stored(packing, 32, 96, 5);
        let matrix = Matrix::pack(
            packing,
            &rows.iter().map(Vec::as_slice).collect::<Vec<_>>(),
            96,
        );

        for (output, stored) in rows.iter().enumerate() {
            let found: Vec<f64> = matrix.row(output).flatten().map(f64::from).collect();
            for (found, expected) in found.iter().zip(plain(packing, stored)) {
                assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
            }
        }
    }
}

#[test]
fn a_gate_is_silu_times_up_of_the_two_products() {
    let (inputs, tokens) = (64, 11);
    let rows = stored(Packing::Q4_1, 128, inputs, 3);
    let matrix = Matrix::pack(
        Packing::Q4_1,
        &rows.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        inputs,
    );
    let input = activations(inputs, tokens, 9);

    for block in 0..2 {
        let mut out = vec![Block::ZERO; tokens];
        matrix.gated(block, &input, &mut out);

        for (token, found) in out.iter().enumerate() {
            let x = read(&input, tokens, token);
            let value = |i: usize| {
                let gate = dot(&plain(Packing::Q4_1, &rows[64 * block + i]), &x);
                let up = dot(&plain(Packing::Q4_1, &rows[64 * block + 32 + i]), &x);
                gate / (1.0 + (-gate).exp()) * up
            };
            let expected: Vec<f64> = (0..32).map(value).collect();
            let largest = expected.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            for (found, expected) in found.dequantised().iter().zip(&expected) {
                assert!(
                    (f64::from(*found) - expected).abs() <= 0.51 * largest / 127.0 + 1e-5,
                    "{found} {expected}"
                );
            }
        }
    }
}

#[test]
fn a_normalised_token_has_the_root_mean_square_one_before_its_weights() {
    let (tiles, tokens) = (4, 3);
    let x: Vec<Strip> = (0..tiles * tokens)
        .map(|strip| std::array::from_fn(|lane| ((strip * 7 + lane * 3) % 23) as f32 - 9.0))
        .collect();
    let weights: Vec<Strip> = (0..tiles).map(|tile| [1.0 + tile as f32; 16]).collect();
    let mut inverse = vec![0.0; tokens];
    let mut out = vec![Block::ZERO; tiles / 2 * tokens];

    norms(&x, 1e-5, &mut inverse);
    normalise(&x, &inverse, &weights, 0, &mut out);

    for token in 0..tokens {
        let values: Vec<f64> = x[token..]
            .iter()
            .step_by(tokens)
            .flatten()
            .map(|v| f64::from(*v))
            .collect();
        let norm = (dot(&values, &values) / values.len() as f64 + 1e-5).sqrt();
        for (i, found) in read(&out, tokens, token).iter().enumerate() {
            let expected = values[i] / norm * (1 + i / 16) as f64;
            assert!((found - expected).abs() < 0.04, "{found} {expected}");
        }
    }
}

#[test]
#[should_panic(expected = "whole tiles")]
fn a_part_of_a_tile_is_refused() {
    let _ = Matrix::pack(Packing::Q8_0, &[[0; 34].as_slice(); 15], 32);
}
