//! Plugins built against other versions of plugin-api.
//!
//! Each variant is a small workspace made in `<target>/abi-variants/NAME`: a copy of plugin-api with changes, and one
//! plugin. Folders are named after the variant, because cargo tells path packages apart by their path in the
//! workspace alone and would mix those of two workspaces in one target directory.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::{
    cargo::{cargo, library, target_dir},
    root,
};

/// A version of plugin-api that a plugin may be built against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// 1.0.0 as it was released, from `tests/golden`.
    Older,
    /// 1.9.0: one more function in the root module and one more method, as the rules of 1.x allow.
    Newer,
    /// 2.0.0, ABI revision 2.
    Two,
    /// 2.0.0 that left the ABI revision at 1.
    TwoWithOldRevision,
    /// 2.0.0 that calls itself 1.0.0 wherever the manifest says so.
    TwoDisguised,
    /// Today's with `HostServices.seed` as `u32`.
    ChangedField,
}

/// A change: file below `src` or `Cargo.toml`, text that is there, text to be there instead.
type Change = (&'static str, &'static str, &'static str);

const VERSION: &str = "version = \"1.1.0\"";

const NEWER: &[Change] = &[
    ("Cargo.toml", VERSION, "version = \"1.9.0\""),
    (
        "src/abi/types.rs",
        "pub ext: extern \"C\" fn(id: RStr<'_>) -> *const (),\n}\n\nimpl RootModule",
        "pub ext: extern \"C\" fn(id: RStr<'_>) -> *const (),\n    #[sabi(missing_field(option))]\n    \
         pub later: extern \"C\" fn() -> u32,\n}\n\nimpl RootModule",
    ),
    (
        "src/abi/types.rs",
        "fn teardown(&mut self) -> u32;",
        "fn teardown(&mut self) -> u32;\n    /// Added in 1.9.\n    fn later(&mut self) -> u32 { 7 }",
    ),
    (
        "src/abi/root.rs",
        "        ext,\n    }",
        "        ext,\n        later,\n    }",
    ),
    (
        "src/abi/root.rs",
        "extern \"C\" fn ext(",
        "extern \"C\" fn later() -> u32 { 7 }\n\nextern \"C\" fn ext(",
    ),
];

const TWO: &[Change] = &[
    ("Cargo.toml", VERSION, "version = \"2.0.0\""),
    (
        "src/lib.rs",
        "ABI_REVISION: u32 = 1",
        "ABI_REVISION: u32 = 2",
    ),
];

const TWO_DISGUISED: &[Change] = &[
    ("Cargo.toml", VERSION, "version = \"2.0.0\""),
    (
        "src/lib.rs",
        "API_VERSION: &str = env!(\"CARGO_PKG_VERSION\")",
        "API_VERSION: &str = \"1.0.0\"",
    ),
];

const CHANGED_FIELD: &[Change] = &[
    ("src/abi/types.rs", "pub seed: u64,", "pub seed: u32,"),
    (
        "src/abi/host.rs",
        "seed: facts.seed,",
        "seed: facts.seed as u32,",
    ),
    (
        "src/ctx.rs",
        "self.shared.host.seed()",
        "self.shared.host.seed().into()",
    ),
];

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Older => "older",
            Self::Newer => "newer",
            Self::Two => "two",
            Self::TwoWithOldRevision => "two-with-old-revision",
            Self::TwoDisguised => "two-disguised",
            Self::ChangedField => "changed-field",
        }
    }

    fn changes(self) -> &'static [Change] {
        match self {
            Self::Older => &[],
            Self::Newer => NEWER,
            Self::Two => TWO,
            Self::TwoWithOldRevision => TWO.split_at(1).0,
            Self::TwoDisguised => TWO_DISGUISED,
            Self::ChangedField => CHANGED_FIELD,
        }
    }

    fn sources(self) -> PathBuf {
        match self {
            Self::Older => root().join("tests/golden/plugin-api-1.0.0"),
            _ => root().join("plugin-api"),
        }
    }
}

/// The library of a plugin built against `variant`.
pub(crate) fn abi_variant(variant: Variant) -> PathBuf {
    build(variant, &format!("variant-{}", variant.name()))
}

/// A program that loads the plugin it is given as a host of `variant` does; exit code 0 when it may.
pub(crate) fn checker(variant: Variant) -> PathBuf {
    build(variant, &format!("checker-{}", variant.name()))
}

fn build(variant: Variant, what: &str) -> PathBuf {
    // One at a time: two tests may want one variant, and cargo uses all processors anyway.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let all = target_dir().join("abi-variants");
    let workspace = all.join(variant.name());
    write_workspace(variant, &workspace);
    let mut cargo = cargo();
    cargo
        .current_dir(&workspace)
        .args(["--offline", "-p", what]);
    cargo.arg("--target-dir").arg(all.join("target"));
    library(cargo, what)
}

fn write_workspace(variant: Variant, workspace: &Path) {
    let name = variant.name();
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let mut text = format!("[workspace]\nresolver = \"3\"\nmembers = [\"*-{name}\"]\n");
    for table in ["package", "dependencies"] {
        text += &format!("[workspace.{table}]\n");
        for (key, value) in manifest["workspace"][table].as_table().unwrap() {
            text += &format!("{key} = {value}\n");
        }
    }
    text += "[workspace.lints]\n";
    write(&workspace.join("Cargo.toml"), &text);
    // The versions of the workspace are at hand, so that cargo needs no network.
    fs::copy(root().join("Cargo.lock"), workspace.join("Cargo.lock")).unwrap();
    copy_api(variant, &workspace.join(format!("api-{name}")));
    write_crate(&workspace.join(format!("plugin-{name}")), name, "plugin");
    write_crate(&workspace.join(format!("checker-{name}")), name, "checker");
}

/// The crate `form` of `tests/golden/abi-variants`, with the name of the variant filled in.
fn write_crate(folder: &Path, name: &str, form: &str) {
    let forms = root().join("tests/golden/abi-variants").join(form);
    for file in ["Cargo.toml", "source.rs"] {
        let text = fs::read_to_string(forms.join(format!("{file}.in"))).unwrap();
        let to = match file {
            "source.rs" if form == "checker" => "src/main.rs",
            "source.rs" => "src/lib.rs",
            other => other,
        };
        write(&folder.join(to), &text.replace("VARIANT", name));
    }
}

fn copy_api(variant: Variant, to: &Path) {
    let from = variant.sources();
    let mut files = vec!["Cargo.toml".into(), "build.rs".into()];
    sources_below(&from, Path::new("src"), &mut files);
    for file in files {
        let mut text = fs::read_to_string(from.join(&file)).unwrap();
        for (_, old, new) in variant.changes().iter().filter(|c| Path::new(c.0) == file) {
            assert!(text.contains(old), "{}: no `{old}`", file.display());
            text = text.replacen(old, new, 1);
        }
        write(&to.join(file), &text);
    }
}

fn sources_below(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            sources_below(root, &path, files);
        } else {
            files.push(path);
        }
    }
}

/// Writes `text` unless it is there, so that cargo sees no change where there is none.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
