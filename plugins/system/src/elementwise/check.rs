//! Holds every result of `elementwise` against its definition in f64.

use std::f64::consts::{PI, TAU};

use benchhost_plugin_api::{Error, ensure_right};

use super::Function;

/// Largest difference allowed, relative to the larger of 1 and the value: twenty roundings of f32. Formulas that
/// subtract nearly equal numbers, as candle's do, need some of them.
const TOLERANCE: f64 = 20.0 * f32::EPSILON as f64;

/// Every one of `found` against the definition of `op`, row by row of `columns` values.
pub(super) fn results(op: Function, x: &[f32], found: &[f32], columns: usize) -> Result<(), Error> {
    let plain: Vec<f64> = match op {
        Function::Exp => x.iter().map(|x| f64::from(*x).exp()).collect(),
        Function::Gelu => x.iter().map(|x| gelu_by_tanh(f64::from(*x))).collect(),
        Function::GeluErf => x.iter().map(|x| gelu_by_erf(f64::from(*x))).collect(),
        Function::Softmax => x.chunks_exact(columns).flat_map(softmax).collect(),
        Function::LogSumExp => x.chunks_exact(columns).map(log_sum_exp).collect(),
    };
    ensure_right(found.len() == plain.len(), || {
        format!(
            "there are {} results, expected {}",
            found.len(),
            plain.len()
        )
    })?;
    for (index, (found, plain)) in found.iter().zip(&plain).enumerate() {
        let difference = (f64::from(*found) - plain).abs();
        // Written so that a NaN fails.
        ensure_right(
            difference <= TOLERANCE * plain.abs().max(scale(op, plain)),
            || format!("result {index} is {found}, its f64 reference {plain}"),
        )?;
    }
    Ok(())
}

/// From where on a difference counts as relative: shares of a row have no size of their own.
fn scale(op: Function, plain: &f64) -> f64 {
    match op {
        Function::Exp | Function::Softmax => plain.abs(),
        Function::Gelu | Function::GeluErf | Function::LogSumExp => 1.0,
    }
}

fn gelu_by_tanh(x: f64) -> f64 {
    0.5 * x * (1.0 + ((2.0 / PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
}

/// x·Φ(x), Φ by Marsaglia's series (2004), Journal of Statistical Software 11(4).
fn gelu_by_erf(x: f64) -> f64 {
    let (mut sum, mut term, mut odd) = (x, x, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
    }
    x * (0.5 + sum * (-0.5 * x * x).exp() / TAU.sqrt())
}

fn softmax(x: &[f32]) -> Vec<f64> {
    let log_sum = log_sum_exp(x);
    x.iter().map(|x| (f64::from(*x) - log_sum).exp()).collect()
}

fn log_sum_exp(x: &[f32]) -> f64 {
    x.iter().map(|x| f64::from(*x).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_give_what_tables_have() {
        // Φ(1) = 0.8413447461, Φ(−2) = 0.0227501319; the tanh form differs in the fourth digit.
        assert!((gelu_by_erf(1.0) - 0.841_344_746_1).abs() < 1e-10);
        assert!((gelu_by_erf(-2.0) + 2.0 * 0.022_750_131_9).abs() < 1e-9);
        assert!((gelu_by_tanh(1.0) - 0.841_192).abs() < 1e-6);
        assert_eq!(softmax(&[0.0, 0.0]), [0.5, 0.5]);
        assert!((log_sum_exp(&[0.0; 4]) - 4f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn one_result_that_is_off_is_seen() {
        let x = [-3.0, -0.5, 0.0, 1.5, 2.0, 7.0];
        for (op, columns) in [
            (Function::Exp, 1),
            (Function::Gelu, 1),
            (Function::GeluErf, 1),
            (Function::Softmax, 3),
            (Function::LogSumExp, 3),
        ] {
            let right: Vec<f32> = match op {
                Function::Exp => x.iter().map(|x: &f32| x.exp()).collect(),
                Function::Gelu => x
                    .iter()
                    .map(|x| gelu_by_tanh(f64::from(*x)) as f32)
                    .collect(),
                Function::GeluErf => x
                    .iter()
                    .map(|x| gelu_by_erf(f64::from(*x)) as f32)
                    .collect(),
                Function::Softmax => x.chunks(3).flat_map(softmax).map(|y| y as f32).collect(),
                Function::LogSumExp => x.chunks(3).map(|x| log_sum_exp(x) as f32).collect(),
            };
            results(op, &x, &right, columns).unwrap();
            for wrong in [1e-4, f32::NAN] {
                let mut found = right.clone();
                found[1] += wrong;
                let error = results(op, &x, &found, columns).unwrap_err().to_string();
                assert!(error.starts_with("result 1 is "), "{op:?}: {error}");
            }
            results(op, &x, &right[1..], columns).unwrap_err();
        }
    }
}
