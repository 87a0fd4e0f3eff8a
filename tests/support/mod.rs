//! What the tests of the program share: the built binary, a folder of their own, and plugins built when needed.
//!
//! The tests see the program as a user does. Plugins are built with cargo into the target directory that the tests
//! themselves were built into, once for each test process.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "not every test uses every tool, and a test that cannot go on panics"
)]

mod abi_variants;
mod browser;
mod c;
mod cargo;
mod elf;
mod history;
mod nvml;
mod page;
mod processes;
mod results;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) use abi_variants::{Variant, abi_variant, checker};
pub(crate) use browser::{Browser, chromium};
pub(crate) use c::{compile, include};
pub(crate) use cargo::{aborting_plugin, broken_plugin, plugin, target_dir};
pub(crate) use elf::Elf;
pub(crate) use history::{made_run, on_a_shared_core, set_against, store};
pub(crate) use nvml::{Driver, FakeNvml, gpu};
pub(crate) use page::{Section, as_author, sections};
pub(crate) use processes::{eventually, processes_of, processes_with};
pub(crate) use results::{case, metric, read_run};

/// The program under test.
pub(crate) fn bin() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_benchhost"))
}

/// Root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the host is a member of the workspace")
}

/// A folder of one test, and the program started in it.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

/// How a program ended and what it wrote.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Exit code; `None` when a signal ended the program.
    pub(crate) code: Option<i32>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes `content` to the file `name`, with the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The program with `args`, to be changed before it is started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(bin());
        command.args(args).current_dir(self.path());
        command.env_remove("BENCHHOST_PLUGIN_PATH");
        command.env_remove("BENCHHOST_STORE");
        command.env_remove("BENCHHOST_CACHE");
        command.env_remove("BENCHHOST_TOKEN");
        command.env("TMPDIR", self.path());
        command
    }

    /// Runs the program with `args` to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        finish(&mut self.command(args))
    }
}

/// A Python for plugins; none, with a sentence, on a machine that has none.
pub(crate) fn python() -> Option<&'static str> {
    has("python3").then_some("python3")
}

/// Whether this machine has the program `name`; says so when it has not.
pub(crate) fn has(name: &str) -> bool {
    let is_there = Command::new(name).arg("--version").output().is_ok();
    if !is_there {
        #[allow(clippy::print_stderr, reason = "a test that does nothing says so")]
        {
            eprintln!("skipped: this machine has no {name}");
        }
    }
    is_there
}

/// Runs `command` to its end.
pub(crate) fn finish(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    Output {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code(),
    }
}
