//! Who computes: loops of our own, or stock candle operations.

use benchhost_plugin_api::{Ctx, Error, Param};
use benchhost_support::{kernels::bf16, nn::fused::Factors};
use candle_core::{DType, Device};
use serde::{Deserialize, Serialize};

/// Which code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Implementation {
    /// Loops of our own on the CPU, see `benchhost_support::nn::fused`; on other devices stock candle operations.
    Fused,
    /// Stock candle operations.
    Candle,
}

impl Implementation {
    /// The parameter `implementation`.
    pub(crate) fn param() -> Param {
        Param::new(
            "implementation",
            "\"fused\": loops of our own on the CPU; \"candle\": stock candle operations",
        )
        .choices(&["fused", "candle"])
    }

    /// Whether loops of our own run on `device`.
    pub(crate) fn is_fused_on(self, device: &Device) -> bool {
        self == Self::Fused && device.is_cpu()
    }

    /// Refuses products of a type that it does not have on this device, and says what is slow there.
    pub(crate) fn check(self, dtype: DType, device: &Device, ctx: &Ctx) -> Result<(), Error> {
        if self == Self::Fused && !device.is_cpu() {
            ctx.warn("implementation = \"fused\" is for the CPU; here stock candle operations run");
        }
        if !self.is_fused_on(device) {
            return Ok(());
        }
        match dtype {
            DType::F16 => Err(Error::unsupported(
                "implementation = \"fused\" has no products in f16; use dtype = \"bf16\", or implementation = \"candle\"",
            )),
            DType::BF16 if !bf16::is_native() => {
                ctx.warn(
                    "this CPU has no products of bf16 (AVX512-BF16): factors are rounded and multiplied in f32, which is \
                     slower than dtype = \"f32\"",
                );
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What `fused` multiplies for products of type `dtype`.
pub(crate) fn factors(dtype: DType) -> Factors {
    match dtype {
        DType::BF16 => Factors::Bf16,
        _ => Factors::F32,
    }
}
