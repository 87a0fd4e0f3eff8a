//! Graphics processors, through NVIDIA's management library, which is opened at run time.
//!
//! The host never initialises CUDA itself: a CUDA context does not survive into the workers.

use benchhost_record::Gpu;
use nvml_wrapper::{Nvml, error::NvmlError};

/// The graphics processors, or the sentence that says why there is none to list.
///
/// # Errors
/// A sentence for people.
pub fn gpus() -> Result<Vec<Gpu>, String> {
    let nvml = Nvml::init().map_err(|error| match error {
        NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound => {
            "no NVIDIA driver here: its library libnvidia-ml.so.1 is not installed".to_owned()
        }
        NvmlError::DriverNotLoaded => {
            "the NVIDIA driver is installed but not loaded in the kernel".to_owned()
        }
        NvmlError::NoPermission => "no permission to use the NVIDIA driver".to_owned(),
        other => format!("the NVIDIA driver does not answer: {other}"),
    })?;
    let driver = nvml.sys_driver_version().unwrap_or_default();
    let count = nvml
        .device_count()
        .map_err(|error| format!("GPUs cannot be counted: {error}"))?;
    let gpus = (0..count).filter_map(|index| {
        let device = nvml.device_by_index(index).ok()?;
        Some(Gpu {
            index,
            name: device.name().unwrap_or_else(|_| "unknown".to_owned()),
            memory_bytes: device.memory_info().map_or(0, |memory| memory.total),
            driver: driver.clone(),
        })
    });
    Ok(gpus.collect())
}
