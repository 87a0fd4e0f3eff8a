//! NVIDIA's management library (NVML), opened once for the process, or the sentence that says why it cannot be.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
    sync::OnceLock,
};

use benchhost_record::Gpu;
use nvml_wrapper::{Nvml, error::NvmlError};
use thiserror::Error;

/// Environment variable with the path of the library, for drivers in unusual places and for tests. Without it, the
/// dynamic linker looks for [`DEFAULT_LIBRARY`].
pub const LIBRARY_VARIABLE: &str = "BENCHHOST_NVML";

/// Name that NVIDIA's driver installs its management library under.
const DEFAULT_LIBRARY: &str = "libnvidia-ml.so.1";

/// The opened library.
#[derive(Debug)]
pub struct Library {
    nvml: Nvml,
}

/// Why there is no library to ask.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoLibrary {
    /// Nothing of that name is installed.
    #[error("no NVIDIA driver here: its library {library} is not installed")]
    Absent {
        /// File name or path that was tried.
        library: String,
    },
    /// The kernel module is not there.
    #[error("the NVIDIA driver is installed but not loaded in the kernel")]
    DriverNotLoaded,
    /// This user, or this container, may not talk to the driver.
    #[error(
        "no permission to use the NVIDIA driver; this user needs to read and write /dev/nvidiactl and \
         /dev/nvidia0"
    )]
    NoPermission,
    /// The library was updated and the kernel module was not.
    #[error(
        "the NVIDIA library and the kernel module are of different versions; restart the machine"
    )]
    VersionMismatch,
    /// The library lacks what is needed to begin at all.
    #[error(
        "{library} has no function `nvmlInit_v2`: it is too old, or not NVIDIA's management library"
    )]
    NoFunction {
        /// File name or path that was tried.
        library: String,
    },
    /// Anything else, in the words of the library or the dynamic linker.
    #[error("{library} cannot be used: {cause}")]
    Other {
        /// File name or path that was tried.
        library: String,
        /// What went wrong.
        cause: String,
    },
}

/// The library at `BENCHHOST_NVML` or in its usual place. Opened by the first call; later calls get the same.
///
/// # Errors
/// Why it cannot be used.
pub fn library() -> Result<&'static Library, &'static NoLibrary> {
    static OPENED: OnceLock<Result<Library, NoLibrary>> = OnceLock::new();
    let opened = OPENED.get_or_init(|| {
        let path = std::env::var_os(LIBRARY_VARIABLE).filter(|path| !path.is_empty());
        Library::open(&path.unwrap_or_else(|| OsString::from(DEFAULT_LIBRARY)))
    });
    opened.as_ref()
}

impl Library {
    /// Opens the library in the file `path`. Costs a look-up of some 300 functions; see [`library`].
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn open_at(path: &Path) -> Result<Self, NoLibrary> {
        Self::open(path.as_os_str())
    }

    fn open(name: &OsStr) -> Result<Self, NoLibrary> {
        match Nvml::builder().lib_path(name).init() {
            Ok(nvml) => Ok(Self { nvml }),
            Err(error) => Err(why(&error, name.display().to_string())),
        }
    }

    pub(super) fn nvml(&self) -> &Nvml {
        &self.nvml
    }

    /// How many GPUs the driver lists.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn count(&self) -> Result<u32, String> {
        let counted = self.nvml.device_count();
        counted.map_err(|error| format!("GPUs cannot be counted: {error}"))
    }

    /// The GPUs, those that do not answer left out.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn gpus(&self) -> Result<Vec<Gpu>, String> {
        let driver = self.nvml.sys_driver_version().unwrap_or_default();
        let gpus = (0..self.count()?).filter_map(|index| {
            let device = self.nvml.device_by_index(index).ok()?;
            Some(Gpu {
                index,
                name: device.name().unwrap_or_else(|_| "unknown".to_owned()),
                memory_bytes: device.memory_info().map_or(0, |memory| memory.total),
                driver: driver.clone(),
            })
        });
        Ok(gpus.collect())
    }

    /// Unique names of the GPUs by index, `GPU-8f3c…`; empty for one that does not say.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn uuids(&self) -> Result<Vec<String>, String> {
        let uuid = |index| self.nvml.device_by_index(index).and_then(|gpu| gpu.uuid());
        let count = self.count()?;
        Ok((0..count)
            .map(|index| uuid(index).unwrap_or_default())
            .collect())
    }
}

fn why(error: &NvmlError, library: String) -> NoLibrary {
    match error {
        // The dynamic linker has one error for all it dislikes, and only its text tells them apart.
        NvmlError::LibloadingError(error) if !error.to_string().contains("No such file") => {
            let cause = error.to_string();
            let prefix = format!("{library}: ");
            let cause = cause.strip_prefix(&prefix).unwrap_or(&cause).to_owned();
            NoLibrary::Other { library, cause }
        }
        NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound => NoLibrary::Absent { library },
        NvmlError::DriverNotLoaded => NoLibrary::DriverNotLoaded,
        // The second is what a control group without the device files looks like.
        NvmlError::NoPermission | NvmlError::OperatingSystem => NoLibrary::NoPermission,
        NvmlError::LibRmVersionMismatch => NoLibrary::VersionMismatch,
        NvmlError::FailedToLoadSymbol(_) | NvmlError::FunctionNotFound => {
            NoLibrary::NoFunction { library }
        }
        other => NoLibrary::Other {
            library,
            cause: other.to_string(),
        },
    }
}
