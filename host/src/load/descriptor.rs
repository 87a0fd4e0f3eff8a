//! The door for C: checks the descriptor that a library exports, and takes a copy that can be relied on.
//!
//! A descriptor of a plugin that is older than this host ends early: what it lacks is absent. One of a newer plugin is
//! longer: what this host does not know is passed over.

#![allow(
    unsafe_code,
    reason = "what lies behind the symbol of a C library is believed"
)]

use std::{ffi::CStr, path::Path, ptr};

use benchhost_plugin_api::{
    abi::c::{C_ABI_REVISION, Descriptor, MAGIC, SMALLEST_DESCRIPTOR, SYMBOL},
    meta::PluginMeta,
};

use super::LoadError;

/// No descriptor will ever be longer, in bytes.
const LONGEST_DESCRIPTOR: u32 = 64 << 10;

/// Copies the descriptor behind `symbol`, after its first sixteen bytes were found to be right.
///
/// # Errors
/// [`LoadError::DescriptorInvalid`], [`LoadError::AbiRevUnsupported`].
pub(super) fn read(path: &Path, symbol: *const Descriptor) -> Result<Descriptor, LoadError> {
    let invalid = |reason: String| LoadError::DescriptorInvalid {
        path: path.to_owned(),
        reason,
    };
    if !symbol.is_aligned() {
        return Err(invalid(format!("`{SYMBOL}` is no `bh_plugin`")));
    }
    // SAFETY: the symbol is the address of an object in a library that stays open; every descriptor there has ever been
    // begins with these sixteen bytes.
    let (magic, size, abi_rev) = unsafe {
        (
            (&raw const (*symbol).magic).read(),
            (&raw const (*symbol).size).read(),
            (&raw const (*symbol).abi_rev).read(),
        )
    };
    if magic != MAGIC {
        return Err(invalid(format!(
            "`{SYMBOL}` begins with {magic:#018x}, not with BH_MAGIC ({MAGIC:#018x})"
        )));
    }
    if abi_rev != C_ABI_REVISION {
        return Err(LoadError::AbiRevUnsupported {
            path: path.to_owned(),
            plugin: abi_rev,
            host: C_ABI_REVISION,
        });
    }
    // A descriptor that ends within a pointer would make a wild one of it.
    if !(SMALLEST_DESCRIPTOR..=LONGEST_DESCRIPTOR).contains(&size) || !size.is_multiple_of(8) {
        return Err(invalid(format!(
            "`.size` is {size}, expected sizeof(bh_plugin): {} in this version, {SMALLEST_DESCRIPTOR} at least",
            size_of::<Descriptor>()
        )));
    }
    let mut descriptor = empty();
    let known = (size as usize).min(size_of::<Descriptor>());
    // SAFETY: the plugin says that `size` bytes are there, and no more than a `Descriptor` has are copied. Its fields
    // behind the first three are function pointers or null, which is what the fields of the copy may hold.
    unsafe {
        ptr::copy_nonoverlapping(
            symbol.cast::<u8>(),
            (&raw mut descriptor).cast::<u8>(),
            known,
        );
    }
    let required = [
        ("meta", descriptor.meta.is_some()),
        ("create", descriptor.create.is_some()),
        ("run_batch", descriptor.run_batch.is_some()),
        ("take_error", descriptor.take_error.is_some()),
        ("destroy", descriptor.destroy.is_some()),
    ];
    match required.iter().find(|(_, is_there)| !is_there) {
        Some((name, _)) => Err(invalid(format!("`.{name}` is null"))),
        None => Ok(descriptor),
    }
}

/// A descriptor of this version that has nothing yet.
fn empty() -> Descriptor {
    Descriptor {
        magic: MAGIC,
        size: size_of::<Descriptor>() as u32,
        abi_rev: C_ABI_REVISION,
        meta: None,
        create: None,
        run_batch: None,
        take_error: None,
        destroy: None,
        ext: None,
        setup: None,
        prepare: None,
        verify: None,
        work: None,
        metrics: None,
    }
}

/// What the plugin says about itself, completed with what the descriptor shows.
///
/// # Errors
/// [`LoadError::MetaInvalid`].
pub(super) fn describe(path: &Path, descriptor: &Descriptor) -> Result<String, LoadError> {
    let invalid = |reason: String| LoadError::MetaInvalid {
        path: path.to_owned(),
        line: None,
        reason,
    };
    let meta = descriptor
        .meta
        .ok_or_else(|| invalid("there is no function `meta`".to_owned()))?;
    // SAFETY: the contract of `bh_plugin.meta`: no arguments, returns null or a text that ends with a zero byte and
    // lives as long as the library, which is never closed.
    let text = unsafe {
        let text = meta();
        if text.is_null() {
            return Err(invalid("`meta` returned a null pointer".to_owned()));
        }
        CStr::from_ptr(text)
    };
    let text = text
        .to_str()
        .map_err(|error| invalid(format!("the text is not UTF-8: {error}")))?;
    if descriptor.verify.is_some() {
        return Ok(text.to_owned());
    }
    let Ok(mut meta) = toml::from_str::<PluginMeta>(text) else {
        // What is wrong with it is said, with its line, by whoever reads it.
        return Ok(text.to_owned());
    };
    for workload in &mut meta.workloads {
        workload.verifies = false;
    }
    toml::to_string(&meta).map_err(|error| invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(descriptor: &Descriptor) -> String {
        read(Path::new("libx.so"), descriptor)
            .unwrap_err()
            .to_string()
    }

    unsafe extern "C" fn meta() -> *const std::ffi::c_char {
        ptr::null()
    }

    fn with_meta() -> Descriptor {
        Descriptor {
            meta: Some(meta),
            ..empty()
        }
    }

    #[test]
    fn the_first_bytes_are_checked_before_anything_behind_them() {
        let with = |change: fn(&mut Descriptor)| {
            let mut descriptor = with_meta();
            change(&mut descriptor);
            error_of(&descriptor)
        };

        assert!(with(|d| d.magic = 7).contains("not with BH_MAGIC"));
        assert!(with(|d| d.abi_rev = 2).contains("built for plugin ABI 2"));
        let within_a_pointer = SMALLEST_DESCRIPTOR + 12;
        let (short, long) = (SMALLEST_DESCRIPTOR - 1, LONGEST_DESCRIPTOR + 1);
        for size in [0, 8, short, within_a_pointer, long] {
            let mut descriptor = with_meta();
            descriptor.size = size;
            let error = error_of(&descriptor);
            assert!(
                error.contains(&format!("`.size` is {size}, expected")),
                "{error}"
            );
        }
        assert!(with(|_| ()).contains("`.create` is null"));
    }

    #[test]
    fn a_null_text_is_no_description() {
        let error = describe(Path::new("libx.so"), &with_meta()).unwrap_err();

        assert!(error.to_string().contains("`meta` returned a null pointer"));
    }
}
