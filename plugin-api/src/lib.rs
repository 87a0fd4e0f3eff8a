//! What the author of a benchhost plugin writes against.
//!
//! A plugin is a shared library that offers [`Workload`]s. An author implements the trait, lists the types in
//! [`export_plugin!`], builds a `cdylib`, and runs `benchhost run --plugin ./my-plugin`. Everything that
//! crosses the boundary between host and plugin lives in `abi`, which authors never need to read. A guide from
//! nothing to a plugin that is swept, judged and compared is `docs/writing-a-plugin.md` of the repository.
//!
//! ```
//! use benchhost_plugin_api::prelude::*;
//! use serde::{Deserialize, Serialize};
//!
//! /// Parameters: what a suite may set, with the values used when it does not.
//! #[derive(Serialize, Deserialize)]
//! struct SumConfig {
//!     length: usize,
//! }
//!
//! impl Default for SumConfig {
//!     fn default() -> Self {
//!         Self { length: 1024 }
//!     }
//! }
//!
//! struct Sum {
//!     values: Vec<f64>,
//!     last: f64,
//! }
//!
//! impl Workload for Sum {
//!     type Config = SumConfig;
//!
//!     fn create(config: SumConfig, _ctx: &Ctx) -> Result<Self, Error> {
//!         Ok(Self { values: vec![1.0; config.length], last: 0.0 })
//!     }
//!
//!     fn iterate(&mut self) -> Result<Digest, Error> {
//!         self.last = self.values.iter().sum();
//!         Ok(self.last.into())
//!     }
//!
//!     fn verify(&mut self) -> Result<(), Error> {
//!         ensure_right(self.last == self.values.len() as f64, || format!("sum is {}", self.last))
//!     }
//!
//!     fn work(&self) -> Work {
//!         Work::items(self.values.len() as f64, "values").flop(self.values.len() as f64)
//!     }
//! }
//!
//! benchhost_plugin_api::export_plugin! {
//!     name: "sum",
//!     summary: "Adds floating-point numbers.",
//!     workloads: { "sum" => Sum },
//! }
//! # fn main() {}
//! ```

pub mod abi;
mod ctx;
mod describe;
mod error;
mod export;
pub mod manifest;
pub mod meta;
mod spans;
mod work;
mod workload;

pub use ctx::Ctx;
pub use describe::{Description, Metric, Param};
pub use error::{Error, ErrorKind, ensure_right};
pub use spans::{Span, Spans};
pub use work::{Digest, Metrics, Work};
pub use workload::Workload;

/// Everything an author usually needs.
///
/// ```
/// use benchhost_plugin_api::prelude::*;
///
/// fn answer(found: f64) -> Result<Digest, Error> {
///     ensure_right(found.is_finite(), || format!("the answer is {found}"))?;
///     Ok(found.into())
/// }
/// assert!(answer(f64::NAN).is_err());
/// ```
pub mod prelude {
    pub use crate::{
        Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload, ensure_right,
        export_plugin,
    };
}

/// Version of this crate; the host accepts every plugin built against the same major version.
pub const API_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Revision of the binary interface. It changes only together with the major version of this crate.
pub const ABI_REVISION: u32 = 1;

/// For `export_plugin!` alone; not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use abi_stable::{
        library::{__call_root_module_loader, LibHeader, RootModuleResult},
        std_types::{RResult, RStr, RString},
    };

    pub use crate::{
        abi::root::{header, root},
        export::{Entry, Plugin},
    };

    /// The `[build]` table of the manifest, as far as the compiler of this crate knows it.
    pub const BUILD_TOML: &str = concat!(
        "rustc = '",
        env!("BENCHHOST_BUILD_RUSTC"),
        "'\ntarget = '",
        env!("BENCHHOST_BUILD_TARGET"),
        "'\nopt_level = '",
        env!("BENCHHOST_BUILD_OPT_LEVEL"),
        "'\nprofile = '",
        env!("BENCHHOST_BUILD_PROFILE"),
        "'\ntarget_features = '",
        env!("BENCHHOST_BUILD_TARGET_FEATURES"),
        "'\n",
    );

    /// The first of `values`: how the macro spells an optional argument with a default.
    #[must_use]
    pub const fn first<'a>(values: &[&'a str]) -> &'a str {
        values[0]
    }
}
