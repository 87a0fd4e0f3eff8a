//! Asks the git command line, with nothing of the user's session in the way.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

/// What a hook of git sets for the repository it runs in; benchhost may be started from one, for another repository.
const OF_THE_SESSION: [&str; 5] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
];

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// Git could not be started, in the words of the system.
    Missing(String),
    /// Git ended with an error, in its own words.
    Refused(String),
}

/// What git prints when it runs with `arguments` in `dir`.
pub(super) fn git(dir: &Path, arguments: &[&dyn AsRef<OsStr>]) -> Result<Vec<u8>, Failure> {
    let mut command = Command::new("git");
    for name in OF_THE_SESSION {
        command.env_remove(name);
    }
    let output = command
        // Takes no lock just to refresh its caches, asks for no password, and speaks the language of our sentences.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .arg("-C")
        .arg(dir)
        // A check-out that nobody works in is no occasion for the author's hooks.
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(arguments.iter().map(|argument| argument.as_ref()))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::Missing(error.to_string()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::Refused(
            complaint(&words).unwrap_or_else(|| format!("git ended with {}", output.status)),
        ));
    }
    Ok(output.stdout)
}

/// The line in which git says what is wrong; it is often followed by advice.
fn complaint(words: &str) -> Option<String> {
    let marked = |line: &str| {
        let text = line
            .strip_prefix("fatal: ")
            .or_else(|| line.strip_prefix("error: "))?;
        Some(text.to_owned())
    };
    words.lines().find_map(marked).or_else(|| {
        let last = words.lines().rfind(|line| !line.trim().is_empty())?;
        Some(last.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_complaint_is_found_between_progress_and_advice() {
        let words =
            "Preparing worktree (detached HEAD 1234567)\nfatal: no space\nTo go on, call:\n";

        assert_eq!(complaint(words).as_deref(), Some("no space"));
        assert_eq!(
            complaint("one\nkilled \n\n").as_deref(),
            Some("killed"),
            "without a mark"
        );
        assert_eq!(complaint("\n"), None);
    }
}
