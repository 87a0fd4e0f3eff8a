//! The state of the git work tree a run was started in.

use std::{path::Path, process::Command};

use benchhost_record::Git;

/// Revision, branch and dirtiness of the work tree that holds `dir`; `None` outside one, or without git.
#[must_use]
pub fn git(dir: &Path) -> Option<Git> {
    let revision = ask(dir, &["rev-parse", "HEAD"])?;
    let branch = ask(dir, &["symbolic-ref", "--short", "-q", "HEAD"]);
    let changes = ask(dir, &["status", "--porcelain", "--untracked-files=no"]);
    Some(Git {
        revision,
        branch,
        dirty: changes.is_some(),
    })
}

/// First line of git's answer; `None` when it fails or says nothing.
fn ask(dir: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        // Takes no lock, so it cannot get into the way of a git that works here at the same time.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default().trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn revision_branch_and_dirtiness_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
            let status = Command::new("git")
                .arg("-C")
                .arg(folder.path())
                .args(identity)
                .args(arguments)
                .output()
                .unwrap()
                .status;
            assert!(status.success());
        };
        run(&["init", "-q", "-b", "trunk"]);
        assert_eq!(git(folder.path()), None);
        fs::write(folder.path().join("a"), "1").unwrap();
        run(&["add", "a"]);
        run(&["commit", "-q", "-m", "one"]);

        let clean = git(folder.path()).unwrap();
        fs::write(folder.path().join("a"), "2").unwrap();
        let dirty = git(folder.path()).unwrap();

        assert_eq!(clean.branch.as_deref(), Some("trunk"));
        assert_eq!(clean.revision.len(), 40);
        assert_eq!((clean.dirty, dirty.dirty), (false, true));
    }
}
