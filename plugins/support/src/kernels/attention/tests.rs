//! Attention against its definition in f64.

use super::*;

/// `[4][tokens]` strips with numbers that depend on `seed`.
fn strips(tokens: usize, seed: usize) -> Vec<Strip> {
    let value =
        |strip: usize, lane: usize| ((strip * 37 + lane * 11 + seed * 53) % 89) as f32 / 30.0 - 1.4;
    (0..STRIPS * tokens)
        .map(|strip| std::array::from_fn(|lane| value(strip, lane)))
        .collect()
}

fn head(strips: &[Strip], token: usize) -> Vec<f64> {
    let tokens = strips.len() / STRIPS;
    strips[token..]
        .iter()
        .step_by(tokens)
        .flatten()
        .map(|value| f64::from(*value))
        .collect()
}

/// Value i turned with value i + 32 by the angle of `position`.
fn turn(x: &[f64], position: usize, base: f64) -> Vec<f64> {
    let half = HEAD / 2;
    let angle = |i: usize| position as f64 * base.powf(-2.0 * (i % half) as f64 / HEAD as f64);
    let value = |i: usize| match i < half {
        true => x[i] * angle(i).cos() - x[i + half] * angle(i).sin(),
        false => x[i] * angle(i).cos() + x[i - half] * angle(i).sin(),
    };
    (0..HEAD).map(value).collect()
}

fn plain(query: &[f64], keys: &[Vec<f64>], values: &[Vec<f64>]) -> Vec<f64> {
    let score = |key: &Vec<f64>| query.iter().zip(key).map(|(q, k)| q * k).sum::<f64>() / 8.0;
    let weights: Vec<f64> = keys.iter().map(|key| score(key).exp()).collect();
    let total: f64 = weights.iter().sum();
    let value = |i: usize| {
        weights
            .iter()
            .zip(values)
            .map(|(w, v)| w * v[i])
            .sum::<f64>()
            / total
    };
    (0..HEAD).map(value).collect()
}

#[test]
fn tokens_together_and_one_by_one_read_what_the_definition_says() {
    const BASE: f32 = 10_000.0;
    let angles = angles(320, BASE);
    for pieces in [
        vec![1],
        vec![5, 1, 1],
        vec![9, 8, 16],
        vec![40, 1],
        vec![300, 17],
    ] {
        let mut cache = HeadCache::new(320);
        let (mut keys, mut values, mut at) = (Vec::new(), Vec::new(), 0);
        for tokens in pieces {
            let (q, k, v) = (
                strips(tokens, at + 1),
                strips(tokens, at + 2),
                strips(tokens, at + 3),
            );
            let mut out = vec![Block::ZERO; 2 * tokens];

            cache.append(at, &k, &v, &angles);
            cache.attend(at, &q, &angles, &mut out);

            for token in 0..tokens {
                keys.push(turn(&head(&k, token), at + token, BASE.into()));
                values.push(head(&v, token));
            }
            for token in 0..tokens {
                let query = turn(&head(&q, token), at + token, BASE.into());
                let sees = at + token + 1;
                let expected = plain(&query, &keys[..sees], &values[..sees]);
                let halves = [out[token].dequantised(), out[tokens + token].dequantised()];
                for (found, expected) in halves.as_flattened().iter().zip(&expected) {
                    // Half a step of the rounding to eight bits, and the sums in f32.
                    assert!(
                        (f64::from(*found) - expected).abs() < 0.008,
                        "token {token}: {found} {expected}"
                    );
                }
            }
            at += tokens;
        }
    }
}

#[test]
fn the_angles_are_those_of_the_positions() {
    let angles = angles(3, 100.0);

    assert_eq!((angles[0][0], angles[0][2]), ([1.0; 16], [0.0; 16]));
    let expected = 2.0 * 100f64.powf(-2.0 * 17.0 / 64.0);
    assert!((f64::from(angles[2][1][1]) - expected.cos()).abs() < 1e-6);
    assert!((f64::from(angles[2][3][1]) - expected.sin()).abs() < 1e-6);
}
