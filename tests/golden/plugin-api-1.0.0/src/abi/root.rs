//! The plugin's side of the boundary: the root module and the header that exports it.

use std::hint::black_box;

use abi_stable::{
    library::{CheckTypeLayout, LibHeader, RootModuleResult},
    prefix_type::PrefixTypeTrait,
    std_types::{RResult, RStr, RString},
};

use super::{HostServices_Ref, PluginError, PluginMod, PluginMod_Ref, WorkloadBox};
use crate::ABI_REVISION;

/// Makes the root module of a plugin. Touching the manifest here keeps its section through link-time garbage
/// collection: it is reachable from the one exported symbol.
#[must_use]
pub fn root(
    meta: extern "C" fn() -> RString,
    create: extern "C" fn(
        HostServices_Ref,
        RStr<'_>,
        RStr<'_>,
    ) -> RResult<WorkloadBox, PluginError>,
    manifest: &'static [u8],
) -> PluginMod_Ref {
    black_box(manifest);
    PluginMod {
        abi_rev: ABI_REVISION,
        meta,
        create,
        ext,
    }
    .leak_into_prefix()
}

/// The header that `export_plugin!` exports.
#[must_use]
pub const fn header(load: extern "C" fn() -> RootModuleResult) -> LibHeader {
    // SAFETY: `load` comes from `export_plugin!`, which makes it return a `PluginMod_Ref`.
    unsafe { LibHeader::from_constructor::<PluginMod_Ref>(load, CheckTypeLayout::Yes) }
}

extern "C" fn ext(_id: RStr<'_>) -> *const () {
    std::ptr::null()
}
