//! Builds revisions of a tiny crate in a real repository, with the real git and the real cargo.

use std::{ffi::OsStr, fs, mem, path::Path};

use tempfile::TempDir;

use super::{
    build::build_below,
    git::git,
    store::{lock, store},
    worktree::Worktree,
};
use crate::load::{LoadError, Located};

const MANIFEST: &str = "[package]\nname = \"tiny\"\nedition = \"2024\"\n\
                        [lib]\npath = \"lib.rs\"\ncrate-type = [\"cdylib\"]\n";

/// A repository with the crate `tiny` in the folder `plugin`, and a folder to check its revisions out in.
struct Sandbox {
    folder: TempDir,
    checkouts: TempDir,
}

impl Sandbox {
    /// The first commit has no crate. Tag `first` and `second` have one; their libraries say so.
    fn new() -> Self {
        let sandbox = Self {
            folder: tempfile::tempdir().unwrap(),
            checkouts: tempfile::tempdir().unwrap(),
        };
        sandbox.git(&["init", "-q", "-b", "trunk"]);
        sandbox.write("README.md", "");
        sandbox.commit("empty");
        sandbox.write("plugin/Cargo.toml", MANIFEST);
        sandbox.write("plugin/lib.rs", &source("first answer"));
        sandbox.commit("first");
        sandbox.write("plugin/lib.rs", &source("second answer"));
        sandbox.commit("second");
        sandbox
    }

    fn git(&self, arguments: &[&str]) -> String {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
        let unsigned = ["-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"];
        let arguments = [&identity, &unsigned, arguments].concat();
        let arguments: Vec<&dyn AsRef<OsStr>> = arguments
            .iter()
            .map(|text| text as &dyn AsRef<OsStr>)
            .collect();
        let answer = git(self.folder.path(), &arguments).unwrap();
        String::from_utf8(answer).unwrap().trim().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self, tag: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "-m", tag]);
        self.git(&["tag", tag]);
    }

    fn build_telling(
        &self,
        revision: &str,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Located, LoadError> {
        let crate_dir = self.folder.path().join("plugin");
        build_below(Some(self.checkouts.path()), &crate_dir, revision, progress)
    }

    fn build(&self, revision: &str) -> Result<Located, LoadError> {
        self.build_telling(revision, &mut |_| ())
    }

    fn assert_tidy(&self) {
        let trees = self.git(&["worktree", "list"]);
        assert_eq!(trees.lines().count(), 1, "{trees}");
        assert_eq!(fs::read_dir(self.checkouts.path()).unwrap().count(), 0);
        assert_eq!(self.git(&["status", "--porcelain"]), "");
    }
}

fn source(answer: &str) -> String {
    format!(
        "#[unsafe(no_mangle)] pub static ANSWER: [u8; {}] = *b\"{answer}\";",
        answer.len()
    )
}

fn says(located: &Located, answer: &str) -> bool {
    let library = fs::read(&located.path).unwrap();
    library
        .windows(answer.len())
        .any(|bytes| bytes == answer.as_bytes())
}

#[test]
fn two_revisions_give_two_libraries_and_leave_no_trace() {
    let sandbox = Sandbox::new();
    let mut told = Vec::new();

    let first = sandbox
        .build_telling("first", &mut |text| told.push(text.to_owned()))
        .unwrap();
    let second = sandbox.build("HEAD").unwrap();
    let again = sandbox.build("first^{commit}").unwrap();

    assert!(says(&first, "first answer") && says(&second, "second answer"));
    assert_ne!(first.path, second.path);
    assert_eq!(
        first.path, again.path,
        "the same revision is the same library"
    );
    let commit = sandbox.git(&["rev-parse", "first"]);
    let store = sandbox.folder.path().join("target/benchhost/revisions");
    assert!(
        first
            .path
            .starts_with(store.canonicalize().unwrap().join(&commit[..12]))
    );
    assert_eq!(
        first.built.unwrap().crate_dir,
        sandbox.folder.path().join("plugin").canonicalize().unwrap()
    );
    assert!(
        store.join("target/release").is_dir(),
        "what revisions have in common is built once"
    );
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains(&format!("at revision first ({})", &commit[..12])));
    sandbox.assert_tidy();
}

#[test]
fn what_is_not_committed_has_no_influence() {
    let sandbox = Sandbox::new();
    let either = format!(
        "#![allow(unexpected_cfgs)] #[cfg(spoiled)] {} #[cfg(not(spoiled))] {}",
        source("spoiled answer"),
        source("third answer")
    );
    sandbox.write("plugin/lib.rs", &either);
    sandbox.commit("third");
    sandbox.write("plugin/lib.rs", "this does not compile");
    // Cargo would find both of these from any folder inside the repository.
    sandbox.write("Cargo.toml", "[workspace]\nmembers = []\n");
    sandbox.write(
        ".cargo/config.toml",
        "[build]\nrustflags = [\"--cfg\", \"spoiled\"]\n",
    );
    let before = sandbox.git(&["status", "--porcelain"]);

    let third = sandbox.build("third").unwrap();

    assert!(says(&third, "third answer") && !says(&third, "spoiled answer"));
    assert_eq!(sandbox.git(&["status", "--porcelain"]), before);
}

#[test]
fn a_revision_that_does_not_compile_is_an_error_and_leaves_no_worktree() {
    let sandbox = Sandbox::new();
    sandbox.write("plugin/lib.rs", "this does not compile");
    sandbox.commit("broken");
    sandbox.write("plugin/lib.rs", "");
    sandbox.write("plugin/Cargo.toml", &MANIFEST.replace("cdylib", "rlib"));
    sandbox.commit("rlib");
    let folder = sandbox.folder.path().join("plugin").canonicalize().unwrap();

    let broken = sandbox.build("broken").unwrap_err();
    let rlib = sandbox.build("rlib").unwrap_err();

    assert_eq!(
        broken.to_string(),
        format!(
            "cannot build `{}`: cargo ended with exit status: 101, at revision `broken`",
            folder.display()
        )
    );
    assert!(broken.hint().unwrap().contains("outside the repository"));
    assert!(
        rlib.to_string()
            .ends_with("no `cdylib` target, at revision `rlib`"),
        "{rlib}"
    );
    sandbox.assert_tidy();
}

#[test]
fn revisions_that_are_not_there_are_told_apart() {
    let sandbox = Sandbox::new();
    let blob = sandbox.git(&["rev-parse", "HEAD:plugin/lib.rs"]);

    for unknown in ["no-such", "", "--all", blob.as_str()] {
        let error = sandbox.build(unknown).unwrap_err();
        assert!(
            matches!(error, LoadError::UnknownRevision { .. }),
            "{error}"
        );
    }
    let early = sandbox.build("empty").unwrap_err();

    assert!(matches!(early, LoadError::NotInRevision { .. }), "{early}");
    assert!(early.hint().unwrap().contains("plugin/Cargo.toml"));
    sandbox.assert_tidy();
}

#[test]
fn a_folder_outside_git_and_a_file_are_refused() {
    let sandbox = Sandbox::new();
    let build = |path: &Path| {
        build_below(Some(sandbox.checkouts.path()), path, "HEAD", &mut |_| ()).unwrap_err()
    };

    let outside = build(sandbox.checkouts.path());
    let file = build(&sandbox.folder.path().join("plugin/lib.rs"));
    let missing = build(&sandbox.folder.path().join("plugin/none"));

    assert!(matches!(outside, LoadError::NotInGit { .. }), "{outside}");
    assert!(outside.hint().unwrap().contains("benchhost compare"));
    assert!(matches!(file, LoadError::RevisionOfFile { .. }), "{file}");
    assert!(matches!(missing, LoadError::Missing { .. }), "{missing}");
}

#[test]
fn a_worktree_left_by_a_killed_process_is_replaced() {
    let sandbox = Sandbox::new();
    let root = sandbox.folder.path().canonicalize().unwrap();
    let commit = sandbox.git(&["rev-parse", "second"]);
    let stale = Worktree::add(&root, &commit, sandbox.checkouts.path()).unwrap();
    let path = stale.path.clone();
    mem::forget(stale);
    sandbox.git(&["worktree", "lock", path.to_str().unwrap()]);
    fs::write(path.join("plugin/lib.rs"), "half a file").unwrap();

    let built = sandbox.build("second").unwrap();

    assert!(says(&built, "second answer"));
    sandbox.assert_tidy();

    // Neither does a folder that git knows nothing of stand in the way, nor a note without its folder.
    fs::create_dir_all(path.join("plugin")).unwrap();
    assert!(says(&sandbox.build("second").unwrap(), "second answer"));
    mem::forget(Worktree::add(&root, &commit, sandbox.checkouts.path()).unwrap());
    fs::remove_dir_all(&path).unwrap();
    assert!(says(&sandbox.build("second").unwrap(), "second answer"));
    sandbox.assert_tidy();
}

#[test]
fn whoever_comes_second_waits() {
    let sandbox = Sandbox::new();
    let commit = sandbox.git(&["rev-parse", "second"]);
    let store = store(sandbox.folder.path(), &commit).unwrap();
    let mut held = Some(lock(&store.lock, &mut |_| ()).unwrap());
    let mut waited = false;

    let built = sandbox.build_telling("second", &mut |text| {
        if text.starts_with("waiting") {
            waited = true;
            held = None;
        }
    });

    assert!(waited);
    assert!(says(&built.unwrap(), "second answer"));
}

#[test]
fn the_same_revision_can_be_asked_for_twice_at_once() {
    let sandbox = Sandbox::new();

    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| sandbox.build("second").unwrap());
        let other = scope.spawn(|| sandbox.build("second").unwrap());
        (one.join().unwrap(), other.join().unwrap())
    });

    assert_eq!(one.path, other.path);
    sandbox.assert_tidy();
}
