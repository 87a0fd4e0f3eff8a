//! Builds plugins in C and C++ with the system's compilers, as their authors would.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{Sandbox, finish, root};

/// Where `benchhost_plugin.h` lies.
pub(crate) fn include() -> PathBuf {
    root().join("plugin-api/include")
}

/// Compiles `source` into `to` as C11 or C++17, every warning an error; `more` are further arguments.
pub(crate) fn compile(source: &Path, to: &Path, more: &[&str]) {
    let is_c = source.extension().is_some_and(|ending| ending == "c");
    let (compiler, standard) = if is_c {
        ("cc", "-std=c11")
    } else {
        ("c++", "-std=c++17")
    };
    let mut command = Command::new(compiler);
    command.args([standard, "-O2", "-Wall", "-Wextra", "-pedantic", "-Werror"]);
    command.args(["-fPIC", "-fvisibility=hidden", "-I"]);
    command.arg(include()).args(more);
    let output = finish(command.arg(source).arg("-o").arg(to));
    assert_eq!(output.code, Some(0), "{}: {output:?}", source.display());
}

impl Sandbox {
    /// Library of the fixture `tests/fixtures/c/FILE`, as a plugin that is called like the file.
    pub(crate) fn c_fixture(&self, file: &str) -> PathBuf {
        let stem = file.rsplit_once('.').unwrap().0;
        let library = self.path().join(format!("{stem}.so"));
        let name = format!("-DNAME=\"{}\"", stem.replace('_', "-"));
        let source = root().join("tests/fixtures/c").join(file);
        compile(&source, &library, &["-shared", &name]);
        library
    }
}
