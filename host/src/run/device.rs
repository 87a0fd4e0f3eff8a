//! Whether the device that a case names can be there at all, so that a worker is not started in vain.
//!
//! Decided from the driver's list and the device files alone: the host never initialises CUDA. Where these do not tell,
//! the worker tries, and a plugin that finds no GPU says so itself.

use std::{fs, path::Path};

use crate::probe::gpu::{NoLibrary, VISIBLE_VARIABLE, library, visible};

/// What is known of the GPUs here.
#[derive(Debug)]
struct Found {
    /// Unique names of the GPUs that the driver lists, or why there is no list.
    listed: Result<Vec<String>, NoLibrary>,
    /// Whether a GPU has a device file; there are systems with CUDA and without the management library.
    has_device_file: bool,
    /// `CUDA_VISIBLE_DEVICES`.
    visible: Option<String>,
}

/// Why a case that names `device` cannot run here, as one sentence; `None` when it can, or when only trying tells.
pub(super) fn missing(device: &str) -> Option<String> {
    let index = cuda_index(device)?;
    let listed = library().map_err(Clone::clone).and_then(|library| {
        library.uuids().map_err(|cause| NoLibrary::Other {
            library: "the NVIDIA driver".to_owned(),
            cause,
        })
    });
    let found = Found {
        listed,
        has_device_file: has_device_file(Path::new("/dev")),
        visible: std::env::var(VISIBLE_VARIABLE).ok(),
    };
    let cause = found.why_not(index)?;
    Some(format!(
        "no CUDA device {index} on this machine ({cause}); use device = \"cpu\""
    ))
}

/// Which GPU `cuda` and `cuda:N` mean.
fn cuda_index(device: &str) -> Option<usize> {
    match device.strip_prefix("cuda")? {
        "" => Some(0),
        index => index.strip_prefix(':')?.parse().ok(),
    }
}

/// Whether `dev` has `nvidia0` and the like, `dxg` (Windows' Linux) or `nvmap` (NVIDIA's small boards).
fn has_device_file(dev: &Path) -> bool {
    let names = fs::read_dir(dev).into_iter().flatten().flatten();
    names.map(|entry| entry.file_name()).any(|name| {
        let name = name.to_string_lossy();
        let number = name.strip_prefix("nvidia");
        number.is_some_and(|number| number.parse::<u32>().is_ok())
            || matches!(&*name, "dxg" | "nvmap")
    })
}

impl Found {
    fn why_not(&self, index: usize) -> Option<String> {
        let uuids = match &self.listed {
            Ok(uuids) => uuids,
            Err(NoLibrary::DriverNotLoaded) => return Some(NoLibrary::DriverNotLoaded.to_string()),
            Err(_) if self.has_device_file => return None,
            Err(reason) => return Some(reason.to_string()),
        };
        let hidden = |left: usize| {
            let value = self.visible.as_deref().unwrap_or_default();
            format!("{VISIBLE_VARIABLE} is \"{value}\" and leaves {left} GPUs")
        };
        if uuids.is_empty() {
            return Some("the NVIDIA driver lists no GPU".to_owned());
        }
        match visible(self.visible.as_deref(), uuids) {
            Some(left) => (index >= left.len()).then(|| hidden(left.len())),
            // Parts of GPUs are more than the GPUs that are listed.
            None if self.visible.is_some() => None,
            None => (index >= uuids.len()).then(|| match uuids.len() {
                1 => "the NVIDIA driver lists one GPU, number 0".to_owned(),
                count => format!(
                    "the NVIDIA driver lists {count} GPUs, the last is {}",
                    count - 1
                ),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(listed: Result<usize, NoLibrary>) -> Found {
        let uuids = |count| (0..count).map(|index| format!("GPU-{index}")).collect();
        Found {
            listed: listed.map(uuids),
            has_device_file: false,
            visible: None,
        }
    }

    fn absent() -> NoLibrary {
        NoLibrary::Absent {
            library: "libnvidia-ml.so.1".to_owned(),
        }
    }

    #[test]
    fn only_cuda_devices_are_asked_for() {
        assert_eq!(
            ["cpu", "cuda", "cuda:0", "cuda:3"].map(cuda_index),
            [None, Some(0), Some(0), Some(3)]
        );
        assert_eq!(missing("cpu"), None);
    }

    #[test]
    fn a_gpu_that_is_listed_can_be_used_and_the_next_cannot() {
        assert_eq!(found(Ok(2)).why_not(1), None);
        assert_eq!(
            found(Ok(2)).why_not(2).unwrap(),
            "the NVIDIA driver lists 2 GPUs, the last is 1"
        );
        assert_eq!(
            found(Ok(1)).why_not(1).unwrap(),
            "the NVIDIA driver lists one GPU, number 0"
        );
        assert_eq!(
            found(Ok(0)).why_not(0).unwrap(),
            "the NVIDIA driver lists no GPU"
        );
    }

    #[test]
    fn hidden_gpus_are_not_there() {
        let with = |visible: &str| Found {
            visible: Some(visible.to_owned()),
            ..found(Ok(2))
        };

        assert_eq!(
            with("").why_not(0).unwrap(),
            "CUDA_VISIBLE_DEVICES is \"\" and leaves 0 GPUs"
        );
        assert_eq!(with("1").why_not(0), None);
        assert!(with("1").why_not(1).is_some());
        assert_eq!(with("MIG-1,MIG-2,MIG-3").why_not(2), None);
    }

    #[test]
    fn a_device_file_without_the_management_library_is_worth_a_try() {
        let with_file = |reason| Found {
            has_device_file: true,
            ..found(Err(reason))
        };

        assert_eq!(found(Err(absent())).why_not(0), Some(absent().to_string()));
        assert_eq!(with_file(absent()).why_not(0), None);
        assert_eq!(with_file(NoLibrary::NoPermission).why_not(0), None);
        assert!(with_file(NoLibrary::DriverNotLoaded).why_not(0).is_some());
    }

    #[test]
    fn only_files_of_devices_count() {
        let folder = tempfile::tempdir().unwrap();
        for other in ["nvidiactl", "nvidia-uvm", "null"] {
            fs::write(folder.path().join(other), "").unwrap();
        }
        assert!(!has_device_file(folder.path()));

        fs::write(folder.path().join("nvidia3"), "").unwrap();

        assert!(has_device_file(folder.path()));
    }
}
