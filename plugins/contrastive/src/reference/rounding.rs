//! Numbers of the half types, each by its definition.

use candle_core::DType;

/// What becomes of a number in `dtype`: the nearest one, ties to even.
pub(crate) fn rounding(dtype: DType) -> fn(f64) -> f64 {
    match dtype {
        DType::F16 => to_f16,
        DType::BF16 => to_bf16,
        _ => |value| value,
    }
}

/// 8 binary digits.
fn to_bf16(value: f64) -> f64 {
    let bits = (value as f32).to_bits();
    let up = 0x7fff + ((bits >> 16) & 1);
    f64::from(f32::from_bits(bits.wrapping_add(up) & 0xffff_0000))
}

/// 11 binary digits down to 2⁻¹⁴, fewer below; infinite from 65520 on.
fn to_f16(value: f64) -> f64 {
    if value.abs() >= 65520.0 {
        return f64::INFINITY.copysign(value);
    }
    let exponent = (value.abs().to_bits() >> 52) as i32 - 1023;
    let step = 2f64.powi(exponent.max(-14) - 10);
    (value / step).round_ties_even() * step
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;

    #[test]
    fn numbers_are_rounded_as_the_types_do() {
        let mut values: Vec<f32> = (-170..130).map(|i| 1.2345 * 1.3f32.powi(i)).collect();
        values.extend([
            0.0, 1.0009766, 1.0014648, 65519.0, 65520.0, 2.9e-8, 3e-8, -0.1,
        ]);

        for dtype in [DType::F16, DType::BF16] {
            let tensor = Tensor::new(&values[..], &Device::Cpu).unwrap();
            let half = tensor.to_dtype(dtype).unwrap();
            let expected: Vec<f64> = half.to_dtype(DType::F64).unwrap().to_vec1().unwrap();

            for (value, expected) in values.iter().zip(expected) {
                let found = rounding(dtype)(f64::from(*value));
                assert_eq!(found, expected, "{value} in {dtype:?}");
            }
        }
    }
}
