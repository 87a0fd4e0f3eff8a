//! Builds a crate directory with cargo and finds the library that came out.
//!
//! Cargo's progress and compile errors go to our stderr as cargo writes them. The build goes into the crate's own
//! target directory, where the author's next `cargo build` finds it; a revision has a target directory of its own.
//! Cargo stays in our process group, so Ctrl-C ends both.

use std::{
    collections::HashMap,
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;

use super::{LoadError, Located, locate::canonical};

/// How a located library came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Directory of the crate.
    pub crate_dir: PathBuf,
    /// Whether cargo found nothing to do.
    pub fresh: bool,
}

/// What has been built by this process, by crate directory: a run builds each crate once.
static BUILT: Mutex<Option<HashMap<PathBuf, Located>>> = Mutex::new(None);

/// Builds the crate in the canonical directory `crate_dir`, in the release profile.
///
/// # Errors
/// [`LoadError::CargoMissing`], [`LoadError::BuildFailed`], [`LoadError::NoCdylib`].
pub(super) fn build(
    crate_dir: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<Located, LoadError> {
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let built = built.get_or_insert_default();
    if let Some(located) = built.get(crate_dir) {
        return Ok(located.clone());
    }
    progress(&format!("building {} with cargo", crate_dir.display()));
    let located = build_with(&cargo(), crate_dir, None)?;
    built.insert(crate_dir.to_owned(), located.clone());
    Ok(located)
}

/// What a build that is to be compared with another one is told besides: every function begins a cache line, so that
/// code that did not change is not faster or slower because the linker put it elsewhere. Added to the crate's own flags;
/// `RUSTFLAGS` and `target.*.rustflags` replace it, as cargo's rules are.
const ALIGNED: [&str; 2] = [
    "--config",
    r#"build.rustflags = ["-C", "llvm-args=-align-all-functions=6"]"#,
];

/// Builds the crate in `crate_dir` so that it can be compared with another build, into a target directory of its own:
/// its flags would make the author's next `cargo build` start from nothing.
///
/// # Errors
/// As [`build`].
pub(super) fn build_to_compare(
    crate_dir: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<Located, LoadError> {
    progress(&format!("building {} with cargo", crate_dir.display()));
    build_into(crate_dir, &crate_dir.join("target/benchhost/work-tree"))
}

/// As [`build_to_compare`], into the target directory `target`, and again each time it is called: what lies in
/// `crate_dir` may be another revision by then.
///
/// # Errors
/// As [`build`].
pub(super) fn build_into(crate_dir: &Path, target: &Path) -> Result<Located, LoadError> {
    build_with(&cargo(), crate_dir, Some(target))
}

fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn build_with(
    cargo: &OsStr,
    crate_dir: &Path,
    target: Option<&Path>,
) -> Result<Located, LoadError> {
    let mut command = Command::new(cargo);
    command.args(["build", "--release"]);
    if let Some(target) = target {
        command.args(ALIGNED).arg("--target-dir").arg(target);
    }
    let output = command
        .arg("--message-format=json-render-diagnostics")
        .current_dir(crate_dir)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| LoadError::CargoMissing {
            path: crate_dir.to_owned(),
            reason: format!("cannot start `{}`: {error}", cargo.display()),
        })?;
    if !output.status.success() {
        return Err(LoadError::BuildFailed {
            path: crate_dir.to_owned(),
            status: output.status.to_string(),
        });
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let (path, fresh) =
        library(&messages, &crate_dir.join("Cargo.toml")).ok_or_else(|| LoadError::NoCdylib {
            path: crate_dir.to_owned(),
        })?;
    Ok(Located {
        path: canonical(&path)?,
        built: Some(Built {
            crate_dir: crate_dir.to_owned(),
            fresh,
        }),
    })
}

/// One line of `cargo build --message-format=json`, as far as it matters here.
#[derive(Deserialize)]
struct WireMessage {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    target: WireTarget,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    #[serde(default)]
    fresh: bool,
}

#[derive(Deserialize, Default)]
struct WireTarget {
    #[serde(default)]
    crate_types: Vec<String>,
}

/// The shared library that the package of `manifest` made, and whether it was there before.
fn library(messages: &str, manifest: &Path) -> Option<(PathBuf, bool)> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<WireMessage>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter(|message| message.manifest_path == manifest)
        .filter(|message| {
            message
                .target
                .crate_types
                .iter()
                .any(|kind| kind == "cdylib")
        })
        .find_map(|message| {
            let path = message
                .filenames
                .into_iter()
                .find(|path| path.extension() == Some("so".as_ref()))?;
            Some((path, message.fresh))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_that_of_the_package_asked_for() {
        let messages = r#"not json
{"reason":"compiler-artifact","manifest_path":"/w/dep/Cargo.toml","target":{"crate_types":["cdylib"]},"filenames":["/t/libdep.so"],"fresh":true}
{"reason":"compiler-artifact","manifest_path":"/w/p/Cargo.toml","target":{"crate_types":["bin"]},"filenames":["/t/p"],"fresh":true}
{"reason":"compiler-artifact","manifest_path":"/w/p/Cargo.toml","target":{"crate_types":["rlib","cdylib"]},"filenames":["/t/libp.rlib","/t/libp.so"],"fresh":false}
{"reason":"build-finished","success":true}"#;

        assert_eq!(
            library(messages, Path::new("/w/p/Cargo.toml")),
            Some(("/t/libp.so".into(), false))
        );
        assert_eq!(library(messages, Path::new("/w/q/Cargo.toml")), None);
    }

    #[test]
    fn a_missing_cargo_and_a_failing_cargo_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();

        let missing = build_with("no-such-cargo".as_ref(), folder.path(), None).unwrap_err();
        let failing = build_with("false".as_ref(), folder.path(), None).unwrap_err();
        let silent = build_with("true".as_ref(), folder.path(), None).unwrap_err();

        assert!(
            matches!(missing, LoadError::CargoMissing { .. }),
            "{missing}"
        );
        assert!(
            matches!(failing, LoadError::BuildFailed { .. }),
            "{failing}"
        );
        assert!(matches!(silent, LoadError::NoCdylib { .. }), "{silent}");
    }
}
