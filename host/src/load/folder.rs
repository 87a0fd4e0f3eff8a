//! `benchhost.toml`: how a folder that is no crate becomes a plugin.
//!
//! ```toml
//! command = ["python3", "bench.py"]   # a process that speaks the protocol, or
//! library = "build/libhello.so"       # a shared library,
//! build = ["make", "--silent"]        # and what makes it up to date, for either
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;

use super::{Built, LoadError, Located, locate::canonical};

/// Name of the file.
pub const FOLDER_FILE: &str = "benchhost.toml";

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Folder {
    #[serde(default)]
    pub(super) command: Option<Vec<String>>,
    #[serde(default)]
    library: Option<PathBuf>,
    #[serde(default)]
    build: Option<Vec<String>>,
}

/// Whether `path` names such a file.
pub(super) fn is_folder_file(path: &Path) -> bool {
    path.file_name() == Some(FOLDER_FILE.as_ref())
}

/// Reads the file at `path`.
///
/// # Errors
/// [`LoadError::FolderInvalid`] with what is wrong in it.
pub(super) fn read(path: &Path) -> Result<Folder, LoadError> {
    let invalid = |line, reason: &str| LoadError::FolderInvalid {
        path: path.to_owned(),
        line,
        reason: reason.trim().to_owned(),
    };
    let text = fs::read_to_string(path).map_err(|error| invalid(None, &error.to_string()))?;
    let folder: Folder = toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| 1 + before.matches('\n').count());
        invalid(line, error.message())
    })?;
    match (&folder.command, &folder.library) {
        (Some(_), Some(_)) => Err(invalid(
            None,
            "it has both `command` and `library`: a plugin is a process or a library",
        )),
        (None, None) => Err(invalid(
            None,
            "it has neither `command`, for a process, nor `library`, for a shared library",
        )),
        _ if [&folder.command, &folder.build]
            .into_iter()
            .flatten()
            .any(|words| words.first().is_none_or(String::is_empty)) =>
        {
            Err(invalid(None, "`command` and `build` need a first word"))
        }
        _ => Ok(folder),
    }
}

/// Brings the plugin of the canonical folder `dir` up to date and finds what is to be opened.
///
/// # Errors
/// [`LoadError::FolderInvalid`], [`LoadError::FolderBuild`], [`LoadError::FolderNoLibrary`].
pub(super) fn build(dir: &Path, progress: &mut dyn FnMut(&str)) -> Result<Located, LoadError> {
    let file = dir.join(FOLDER_FILE);
    let folder = read(&file)?;
    if let Some(words) = &folder.build {
        progress(&format!("building {} with {}", dir.display(), words[0]));
        run(dir, words)?;
    }
    let path = match &folder.library {
        None => canonical(&file)?,
        Some(library) => canonical(&dir.join(library)).map_err(|_| LoadError::FolderNoLibrary {
            path: file.clone(),
            library: library.clone(),
            built: folder.build.is_some(),
        })?,
    };
    let built = folder.build.map(|_| Built {
        crate_dir: dir.to_owned(),
        fresh: false,
    });
    Ok(Located { path, built })
}

/// Runs the command that builds, with its output on our standard error.
fn run(dir: &Path, words: &[String]) -> Result<(), LoadError> {
    let failed = |how: String| LoadError::FolderBuild {
        path: dir.to_owned(),
        command: words.join(" "),
        how,
    };
    let output = Command::new(&words[0])
        .args(&words[1..])
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .stderr(Stdio::inherit())
        .status()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    if output.success() {
        Ok(())
    } else {
        Err(failed(format!("ended with {output}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FOLDER_FILE);
        fs::write(&file, text).unwrap();
        build(folder.path(), &mut |_| ()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_in_the_file_is_said() {
        for (text, words) in [
            ("", "neither `command`, for a process, nor `library`"),
            (
                "command = ['x']\nlibrary = 'y'",
                "both `command` and `library`",
            ),
            (
                "\ncomand = ['x']",
                "at line 2: unknown field `comand`, expected one of `command`",
            ),
            ("command = []", "need a first word"),
            (
                "command = 'python3 x.py'",
                "at line 1: invalid type: string",
            ),
            (
                "library = 'libx.so'",
                "names the library `libx.so`, which does not exist",
            ),
            (
                "library = 'libx.so'\nbuild = ['true']",
                "was built, but `libx.so` is not there",
            ),
            (
                "library = 'libx.so'\nbuild = ['false']",
                "`false` ended with exit status: 1",
            ),
            (
                "library = 'x'\nbuild = ['no-such-tool']",
                "`no-such-tool` cannot be started",
            ),
        ] {
            let error = error_of(text);

            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
