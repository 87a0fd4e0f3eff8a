//! From the element type a case names to candle's.

use benchhost_plugin_api::Error;
use candle_core::DType;

/// The candle type of `f32`, `f16` or `bf16`.
///
/// # Errors
/// [`Error::config`] naming the accepted ones.
pub fn dtype(name: &str) -> Result<DType, Error> {
    match name {
        "f32" => Ok(DType::F32),
        "f16" => Ok(DType::F16),
        "bf16" => Ok(DType::BF16),
        _ => Err(Error::config(format!(
            "dtype is \"{name}\", expected \"f32\", \"f16\" or \"bf16\""
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_names_and_nothing_else() {
        assert_eq!(dtype("f32").unwrap(), DType::F32);
        assert_eq!(dtype("f16").unwrap(), DType::F16);
        assert_eq!(dtype("bf16").unwrap(), DType::BF16);
        assert_eq!(
            dtype("float32").unwrap_err().to_string(),
            "dtype is \"float32\", expected \"f32\", \"f16\" or \"bf16\""
        );
    }
}
