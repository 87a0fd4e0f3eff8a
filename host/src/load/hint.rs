//! The way out of each [`LoadError`]: what to type or change next.

use std::path::Path;

use benchhost_plugin_api::API_VERSION;

use super::LoadError;

/// One or two sentences, or nothing when the error says all there is.
pub(super) fn of(error: &LoadError) -> Option<String> {
    let text = match error {
        LoadError::NotFound { near, .. } if near.is_empty() => {
            "give a path to a crate directory or a .so, or set BENCHHOST_PLUGIN_PATH".to_owned()
        }
        LoadError::NotFound { near, .. } => format!("did you mean `{}`?", near.join("`, `")),
        LoadError::NotRegular { .. } => {
            "name the .so itself, or the directory that holds the plugin's Cargo.toml or benchhost.toml".to_owned()
        }
        LoadError::WrongMachine { .. } | LoadError::WrongClass { .. } => {
            "build it on this machine: `benchhost run --plugin CRATE_DIRECTORY` does".to_owned()
        }
        LoadError::NotElf { .. } | LoadError::NotSharedObject { .. } => {
            "a plugin is a library, of a crate with crate-type = [\"cdylib\"] or in C, or a folder with a benchhost.toml"
                .to_owned()
        }
        LoadError::Truncated { .. } | LoadError::Damaged { .. } => {
            "copy or build the file again".to_owned()
        }
        LoadError::MissingDependency { library, .. } => dependency(library),
        LoadError::OpenFailed { reason, .. } => linker(reason)?,
        LoadError::NoPluginSymbol { .. } => {
            "in Rust, use benchhost_plugin_api::export_plugin! once in the root of the crate; in C, define `bh_plugin \
             benchhost_plugin_v1` and export it"
                .to_owned()
        }
        LoadError::DescriptorInvalid { reason, .. } if reason.ends_with("is null") => {
            "`meta`, `create`, `run_batch`, `take_error` and `destroy` are required; all others may be left out".to_owned()
        }
        LoadError::DescriptorInvalid { .. } => {
            "define it as `const bh_plugin benchhost_plugin_v1 = {.magic = BH_MAGIC, .size = sizeof(bh_plugin), \
             .abi_rev = BH_ABI_REVISION, …}`: the object itself, neither a pointer to it nor a function"
                .to_owned()
        }
        LoadError::FolderInvalid { .. } => {
            "write `command = [\"python3\", \"bench.py\"]`, or `library = \"libx.so\"` and `build = [\"make\"]`"
                .to_owned()
        }
        LoadError::FolderBuild { command, how, .. } if how.starts_with("cannot be started") => {
            not_started(command.split(' ').next().unwrap_or_default(), how)
        }
        LoadError::FolderBuild { .. } => "see its messages above".to_owned(),
        LoadError::FolderNoLibrary { built: false, .. } => {
            "build it first, or say how: `build = [\"make\"]`".to_owned()
        }
        LoadError::FolderNoLibrary { .. } => {
            "name the file that the build makes, from the folder of benchhost.toml".to_owned()
        }
        LoadError::CommandMissing {
            command, reason, ..
        } => not_started(command, reason),
        LoadError::CommandEnded { how, .. } if how == "exit code 0" => {
            "it must answer what comes on its socket: a plugin in Python ends with `benchhost.serve(…)`".to_owned()
        }
        LoadError::CommandProtocol { .. } => {
            "answer each line of the socket BENCHHOST_FD with one JSON object, as benchhost.py does".to_owned()
        }
        LoadError::AbiRevUnsupported { plugin, host, .. } if plugin > host => {
            "update benchhost, or ".to_owned() + &rebuild()
        }
        LoadError::AbiRevUnsupported { .. }
        | LoadError::ApiVersion { .. }
        | LoadError::AbiStableVersion { .. }
        | LoadError::CAbi { .. }
        | LoadError::ManifestInvalid { .. } => rebuild(),
        LoadError::LayoutMismatch { report, .. } => {
            let report = report
                .as_ref()
                .map(|path| format!("; the full comparison is in {}", path.display()));
            rebuild() + &report.unwrap_or_default()
        }
        LoadError::MetaMismatch { .. } => "build it again from clean sources".to_owned(),
        LoadError::ProbeExited { code: 127, .. } => {
            "the dynamic linker gave up, so the file is probably damaged; build it again".to_owned()
        }
        LoadError::ProbeCrashed { .. } => {
            "the file is damaged, or something that runs when it is opened is at fault; build it \
             again, then look for constructors and statics"
                .to_owned()
        }
        LoadError::DuplicateName { .. } => "rename one in its export_plugin!".to_owned(),
        LoadError::Changed { .. } => "run again once nothing rebuilds it".to_owned(),
        LoadError::CargoMissing { .. } => {
            "install Rust from https://rustup.rs, or name a .so that is already built".to_owned()
        }
        LoadError::BuildFailed { .. } => "see cargo's messages above".to_owned(),
        LoadError::NoCdylib { .. } => {
            "add crate-type = [\"cdylib\"] to [lib] in its Cargo.toml".to_owned()
        }
        LoadError::RevisionOfFile { .. } => {
            "name the directory that holds the plugin's Cargo.toml".to_owned()
        }
        LoadError::GitMissing { .. } => format!("install git, or {TWO_BUILDS}"),
        LoadError::NotInGit { reason, .. } if reason.contains("dubious ownership") => {
            "it belongs to somebody else; `git config --global --add safe.directory FOLDER` trusts \
             it"
            .to_owned()
        }
        LoadError::NotInGit { .. } => TWO_BUILDS.to_owned(),
        LoadError::UnknownRevision { .. } => {
            "`git log --oneline --all` lists what is there; `git fetch` brings what is not, \
             `git fetch --unshallow` what a shallow clone left out"
                .to_owned()
        }
        LoadError::NotInRevision { path, .. } => format!(
            "it was added or moved here later; `git log -- {}` lists the revisions",
            path.join("Cargo.toml").display()
        ),
        LoadError::RevisionFailed { .. } => {
            "it is checked out in the user's cache folder (XDG_CACHE_HOME names another) and built \
             in `target` of the repository; both must be writable and have space left"
                .to_owned()
        }
        LoadError::AtRevision { cause, .. } => at_revision(cause)?,
        LoadError::Missing { path } => beside(path)?,
        LoadError::Unreadable { .. }
        | LoadError::RootPanicked { .. }
        | LoadError::RootError { .. }
        | LoadError::MetaInvalid { .. }
        | LoadError::ProbeExited { .. }
        | LoadError::ProbeTimeout { .. }
        | LoadError::CommandEnded { .. }
        | LoadError::CommandFailed { .. }
        | LoadError::Interrupted { .. }
        | LoadError::ProbeFailed { .. } => return None,
    };
    Some(text)
}

/// What lies beside a file that does not exist and is called almost like it.
fn beside(path: &Path) -> Option<String> {
    let near = crate::meant::beside(path, "")?;
    Some(format!("did you mean `{near}`?"))
}

/// Why a program cannot be started, by what the system says.
fn not_started(program: &str, reason: &str) -> String {
    if reason.contains("Permission denied") {
        format!("`chmod +x {program}` makes it a program")
    } else if reason.contains("Exec format error") {
        format!(
            "the first line of {program} must name its interpreter, like `#!/usr/bin/env python3`"
        )
    } else {
        format!("install {program}, or put its folder into PATH")
    }
}

const TWO_BUILDS: &str = "name two builds instead: `benchhost compare BASE CANDIDATE`";

fn at_revision(cause: &LoadError) -> Option<String> {
    match cause {
        LoadError::BuildFailed { .. } => Some(
            "see cargo's messages above; only what that revision holds was there: no path \
             dependencies outside the repository, no submodules"
                .to_owned(),
        ),
        LoadError::NoCdylib { .. } => {
            Some("pick a revision in which the crate is a plugin already".to_owned())
        }
        _ => of(cause),
    }
}

fn rebuild() -> String {
    let major = API_VERSION.split('.').next().unwrap_or(API_VERSION);
    format!(
        "rebuild the plugin with `benchhost-plugin-api = \"{major}\"`, one in C with the benchhost_plugin.h of that version"
    )
}

fn dependency(library: &str) -> String {
    if library.starts_with("libcuda.so") || library.starts_with("libnvidia") {
        return "install the NVIDIA driver, or use a build of the plugin without CUDA".to_owned();
    }
    if library.starts_with("GLIBC") {
        return "it was built on a newer system; build it on this one".to_owned();
    }
    format!("install what provides {library}, or add its folder to LD_LIBRARY_PATH")
}

fn linker(reason: &str) -> Option<String> {
    if reason.contains("static TLS") {
        return Some(
            "its allocator asks for static thread-local storage; build mimalloc with \
             `local_dynamic_tls` or jemalloc with `disable_initial_exec_tls`"
                .to_owned(),
        );
    }
    reason
        .contains("undefined symbol")
        .then(|| "a library that it uses is older than the one it was built with".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_mistyped_leads_to_the_one_beside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("hello")).unwrap();
        let hint = |name: &str| beside(&folder.path().join(name));

        assert!(hint("helo").unwrap().ends_with("/hello`?"));
        assert_eq!(hint("something-else"), None);
    }

    #[test]
    fn known_causes_of_a_failed_dlopen_have_a_way_out() {
        for (library, way_out) in [
            ("libcuda.so.1", "NVIDIA driver"),
            ("GLIBC_2.99", "newer system"),
            ("libfoo.so.2", "LD_LIBRARY_PATH"),
        ] {
            assert!(dependency(library).contains(way_out), "{library}");
        }

        let tls = linker("libx.so: cannot allocate memory in static TLS block");

        assert!(tls.is_some_and(|hint| hint.contains("local_dynamic_tls")));
    }
}
