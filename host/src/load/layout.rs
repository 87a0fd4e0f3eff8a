//! Compares the types of a plugin with ours, in both directions.
//!
//! abi_stable's check asks whether the *implementation* has at least what the *interface* has. Asked one way only, a
//! newer host refuses every older plugin, because the host's types have grown. Types only ever grow at their end
//! and what is added is optional (the rules are in `plugin_api::abi`), so a plugin is compatible when either side
//! has at least what the other has.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use benchhost_plugin_api::abi::{
    PluginMod_Ref,
    abi_stable::{
        StableAbi,
        abi_stability::abi_checking::check_layout_compatibility,
        library::{LibHeader, RootModule},
        type_layout::TypeLayout,
    },
};

use super::{
    LoadError,
    difference::{causes, shortened},
    sniff::major,
};

/// Checks that `library`, from `path`, has a root module of a type that can be used as ours.
///
/// # Errors
/// [`LoadError::ApiVersion`], [`LoadError::LayoutMismatch`].
pub(super) fn check(path: &Path, library: &LibHeader) -> Result<(), LoadError> {
    check_version(path, library)?;
    let Some(plugin) = library.layout() else {
        return Err(LoadError::LayoutMismatch {
            path: path.to_owned(),
            causes: vec!["the plugin carries no description of its types".to_owned()],
            report: None,
        });
    };
    let host = <PluginMod_Ref as StableAbi>::LAYOUT;
    let (causes, full) = match compare(host, plugin) {
        Ok(()) => return Ok(()),
        Err(found) => found,
    };
    Err(LoadError::LayoutMismatch {
        path: path.to_owned(),
        causes,
        report: write_report(&full),
    })
}

/// Refuses another major version before its types are compared, which would end in a page of differences.
fn check_version(path: &Path, library: &LibHeader) -> Result<(), LoadError> {
    let ours = <PluginMod_Ref as RootModule>::VERSION_STRINGS.to_string();
    let plugin = library.version_strings().to_string();
    if major(&plugin) == major(&ours) {
        return Ok(());
    }
    Err(LoadError::ApiVersion {
        path: path.to_owned(),
        plugin,
        host: ours,
    })
}

/// Short causes and the full text of abi_stable, when neither side has at least what the other has.
fn compare(
    host: &'static TypeLayout,
    plugin: &'static TypeLayout,
) -> Result<(), (Vec<String>, String)> {
    let Err(forward) = check_layout_compatibility(host, plugin) else {
        return Ok(());
    };
    let Err(backward) = check_layout_compatibility(plugin, host) else {
        return Ok(());
    };
    // The direction with fewer complaints is that in which the versions agree; the rest is the real difference.
    let (ahead, behind) = (causes(&forward, false), causes(&backward, true));
    Err(if behind.len() < ahead.len() {
        (shortened(behind), backward.to_string())
    } else {
        (shortened(ahead), forward.to_string())
    })
}

/// Keeps the full comparison in a new file of the temporary folder; without one the short causes must do.
fn write_report(full: &str) -> Option<PathBuf> {
    let mut file = tempfile::Builder::new()
        .prefix("benchhost-layout-")
        .suffix(".txt")
        .tempfile()
        .ok()?;
    file.write_all(full.as_bytes()).ok()?;
    let (_, path) = file.keep().ok()?;
    Some(path)
}

#[cfg(test)]
mod tests {
    #![allow(
        dead_code,
        missing_docs,
        non_camel_case_types,
        non_local_definitions,
        unsafe_code,
        clippy::undocumented_unsafe_blocks,
        reason = "abi_stable's macros make unused, undocumented, unsafe code"
    )]

    use super::*;

    /// A root module as it was, as it grew by the rules, and as it must not change.
    mod old {
        #[repr(C)]
        #[derive(abi_stable::StableAbi)]
        #[sabi(kind(Prefix(prefix_ref = Root_Ref)))]
        pub(super) struct Root {
            pub(super) first: u32,
            #[sabi(last_prefix_field)]
            pub(super) second: u64,
        }
    }

    mod grown {
        #[repr(C)]
        #[derive(abi_stable::StableAbi)]
        #[sabi(kind(Prefix(prefix_ref = Root_Ref)))]
        pub(super) struct Root {
            pub(super) first: u32,
            #[sabi(last_prefix_field)]
            pub(super) second: u64,
            #[sabi(missing_field(option))]
            pub(super) third: u16,
        }
    }

    mod changed {
        #[repr(C)]
        #[derive(abi_stable::StableAbi)]
        #[sabi(kind(Prefix(prefix_ref = Root_Ref)))]
        pub(super) struct Root {
            pub(super) first: u32,
            #[sabi(last_prefix_field)]
            pub(super) second: i32,
            #[sabi(missing_field(option))]
            pub(super) third: u16,
        }
    }

    fn layout<T: StableAbi>() -> &'static TypeLayout {
        T::LAYOUT
    }

    #[test]
    fn a_type_that_has_grown_fits_in_both_directions() {
        let (old, grown) = (layout::<old::Root_Ref>(), layout::<grown::Root_Ref>());

        // What abi_stable alone would refuse: a host that is newer than the plugin.
        assert!(check_layout_compatibility(grown, old).is_err());

        assert!(compare(grown, old).is_ok());
        assert!(compare(old, grown).is_ok());
    }

    #[test]
    fn a_field_of_another_type_is_named_with_the_right_side() {
        let (old, changed) = (layout::<old::Root_Ref>(), layout::<changed::Root_Ref>());

        let (newer_plugin, _) = compare(old, changed).unwrap_err();
        let (newer_host, full) = compare(changed, old).unwrap_err();

        assert!(
            newer_plugin.contains(&"Root.second has type u64 here, i32 in the plugin".to_owned()),
            "{newer_plugin:?}"
        );
        assert!(
            newer_host.contains(&"Root.second has type i32 here, u64 in the plugin".to_owned()),
            "{newer_host:?}"
        );
        assert!(full.contains("Layout of expected type"));
    }
}
