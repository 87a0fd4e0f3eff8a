//! From the device a case names to candle's.

use std::panic::catch_unwind;

use benchhost_plugin_api::{Ctx, Error};
use candle_core::Device;

/// The candle device of a case: `cpu`, `cuda` (the first GPU) or `cuda:N`.
///
/// # Errors
/// [`Error::config`] for any other name; [`Error::unsupported`] when this build or this machine has no CUDA.
pub fn device(ctx: &Ctx) -> Result<Device, Error> {
    named(ctx.device())
}

fn named(name: &str) -> Result<Device, Error> {
    match name {
        "cpu" => Ok(Device::Cpu),
        "cuda" => cuda(0),
        _ => match name
            .strip_prefix("cuda:")
            .and_then(|index| index.parse().ok())
        {
            Some(index) => cuda(index),
            None => Err(Error::config(format!(
                "device is \"{name}\", expected \"cpu\", \"cuda\" or \"cuda:N\""
            ))),
        },
    }
}

fn cuda(index: usize) -> Result<Device, Error> {
    if cfg!(not(feature = "cuda")) {
        return Err(Error::unsupported(
            "this plugin was built without CUDA; build it with `--features cuda` (needs nvcc), or use \
             device = \"cpu\"",
        ));
    }
    // Without a driver candle may panic instead of returning an error.
    match catch_unwind(|| Device::new_cuda(index)) {
        Ok(Ok(device)) => Ok(device),
        Ok(Err(error)) => Err(no_device(index, &error.to_string())),
        Err(_) => Err(no_device(index, "the CUDA driver cannot be used")),
    }
}

fn no_device(index: usize, cause: &str) -> Error {
    let cause = cause.lines().next().unwrap_or_default();
    Error::unsupported(format!(
        "no CUDA device {index} on this machine ({cause}); use device = \"cpu\""
    ))
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;

    use super::*;

    #[test]
    fn the_cpu_is_always_there() {
        assert!(named("cpu").unwrap().is_cpu());
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_accepted_ones() {
        for name in ["gpu", "cuda:", "cuda:x", "cuda:-1", "CPU", ""] {
            let error = named(name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert_eq!(
                error.to_string(),
                format!("device is \"{name}\", expected \"cpu\", \"cuda\" or \"cuda:N\"")
            );
        }
    }

    #[test]
    fn a_missing_gpu_is_unsupported_and_never_a_panic() {
        // 4096 GPUs are in no machine; 0 is absent on most that run this test.
        for name in ["cuda:4096", "cuda"] {
            match named(name) {
                Ok(device) => assert!(device.is_cuda()),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
                    assert!(error.to_string().contains("device = \"cpu\""), "{error}");
                }
            }
        }
    }
}
