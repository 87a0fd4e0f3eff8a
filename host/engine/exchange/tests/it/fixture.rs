//! The files of `tests/fixtures/imports`.

use std::path::{Path, PathBuf};

use benchhost_exchange::{Error, Format, Import, SourceFile, import};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/imports")
}

/// Text of one file.
pub(crate) fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// One text as `format`.
pub(crate) fn import_text(format: Format, path: &str, text: &str) -> Result<Import, Error> {
    import(format, &[SourceFile { path, text }])
}

/// One file as `format`.
pub(crate) fn import_file(format: Format, path: &str) -> Import {
    import_text(format, path, &text(path)).unwrap()
}

/// Every file but the licences and the README, with its content.
pub(crate) fn all() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                folders.push(path);
            } else if name != "LICENSE" && name != "README.md" {
                let below = path
                    .strip_prefix(root())
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.push((below, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
