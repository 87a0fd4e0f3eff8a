//! Where plugins are looked for when they are given by name.
//!
//! In this order: the folders of `BENCHHOST_PLUGIN_PATH`; crate directories below the current directory and its
//! workspace, which are built and therefore never stale; the folder of this program, where `cargo build` puts
//! libraries, and `target/release` beside it. Names match without regard to `-` and `_`.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use super::FOLDER_FILE;

/// Environment variable with folders of libraries, separated by `:`.
const PLUGIN_PATH: &str = "BENCHHOST_PLUGIN_PATH";

/// Something that may be a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// A `lib*.so`.
    Library(PathBuf),
    /// A directory with a `Cargo.toml` or a `benchhost.toml`.
    Crate(PathBuf),
}

/// Folders to look in, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchPath {
    places: Vec<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Libraries(PathBuf),
    Crates(PathBuf),
}

impl Place {
    fn folder(&self) -> &Path {
        let (Self::Libraries(folder) | Self::Crates(folder)) = self;
        folder
    }

    fn candidates(&self) -> Vec<(String, Candidate)> {
        let mut found: Vec<(String, Candidate)> = entries(self.folder())
            .filter_map(|path| match self {
                Self::Libraries(_) => Some((library_name(&path)?, Candidate::Library(path))),
                Self::Crates(_) => Some((crate_name(&path)?, Candidate::Crate(path))),
            })
            .collect();
        found.sort_by(|left, right| left.0.cmp(&right.0));
        found
    }
}

impl SearchPath {
    /// The search path of this process, see the module's documentation.
    #[must_use]
    pub fn from_env() -> Self {
        let given = env::var_os(PLUGIN_PATH).unwrap_or_default();
        let here = env::current_dir().unwrap_or_default();
        Self::new(&given, &here, env::current_exe().ok().as_deref())
    }

    /// The search path for the text of `BENCHHOST_PLUGIN_PATH`, a current directory, and the path of this program.
    #[must_use]
    pub fn new(given: &OsStr, here: &Path, program: Option<&Path>) -> Self {
        let mut places: Vec<Place> = env::split_paths(given)
            .filter(|folder| !folder.as_os_str().is_empty())
            .map(Place::Libraries)
            .collect();
        for root in [Some(here), workspace_of(here)].into_iter().flatten() {
            places.push(Place::Crates(root.join("plugins")));
            places.push(Place::Crates(root.to_owned()));
        }
        if let Some(folder) = program.and_then(Path::parent) {
            places.push(Place::Libraries(folder.to_owned()));
            let target = folder
                .ancestors()
                .find(|path| path.file_name() == Some("target".as_ref()));
            places.extend(target.map(|target| Place::Libraries(target.join("release"))));
        }
        let mut path = Self::default();
        for place in places {
            if !path.places.contains(&place) {
                path.places.push(place);
            }
        }
        path
    }

    /// The first candidate called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Candidate> {
        let wanted = normal(name);
        self.candidates()
            .find(|(name, _)| normal(name) == wanted)
            .map(|(_, candidate)| candidate)
    }

    /// Everything that could be found, with its name, in order.
    pub fn candidates(&self) -> impl Iterator<Item = (String, Candidate)> + '_ {
        self.places.iter().flat_map(Place::candidates)
    }

    /// The folders, in order.
    #[must_use]
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = Vec::new();
        for place in &self.places {
            if !folders.iter().any(|known| known == place.folder()) {
                folders.push(place.folder().to_owned());
            }
        }
        folders
    }

    /// Up to three names that look like `name`, best first.
    #[must_use]
    pub fn near(&self, name: &str) -> Vec<String> {
        let wanted = normal(name);
        let mut near: Vec<(usize, String)> = self
            .candidates()
            .map(|(name, _)| (strsim::osa_distance(&wanted, &normal(&name)), name))
            .filter(|(distance, name)| *distance <= 1 + wanted.len().min(name.len()) / 4)
            .collect();
        near.sort();
        near.dedup();
        near.into_iter().map(|(_, name)| name).take(3).collect()
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
}

fn library_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_prefix("lib")?.strip_suffix(".so")?;
    path.is_file().then(|| name.to_owned())
}

/// Name of the directory at `path` when it is a crate that makes a `cdylib`, or says itself how it is a plugin.
fn crate_name(path: &Path) -> Option<String> {
    if path.join(FOLDER_FILE).is_file() {
        return Some(path.file_name()?.to_str()?.to_owned());
    }
    let manifest = fs::read_to_string(path.join("Cargo.toml")).ok()?;
    let manifest: toml::Table = manifest.parse().ok()?;
    let kinds = manifest.get("lib")?.get("crate-type")?.as_array()?;
    let is_plugin = kinds.iter().any(|kind| kind.as_str() == Some("cdylib"));
    is_plugin.then(|| Some(path.file_name()?.to_str()?.to_owned()))?
}

/// The nearest folder at or above `folder` whose `Cargo.toml` has a `[workspace]`.
fn workspace_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| {
        fs::read_to_string(folder.join("Cargo.toml"))
            .ok()
            .and_then(|text| text.parse::<toml::Table>().ok())
            .is_some_and(|manifest| manifest.contains_key("workspace"))
    })
}

fn normal(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CDYLIB: &str = "[package]\nname = 'x'\n[lib]\ncrate-type = ['cdylib']\n";

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn names_are_found_in_order_with_dashes_and_underscores_equal() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(&root.join("Cargo.toml"), "[workspace]");
        write(&root.join("plugins/mat-mul/Cargo.toml"), CDYLIB);
        write(&root.join("plugins/support/Cargo.toml"), "[package]");
        write(&root.join("target/release/libmat_mul.so"), "");
        write(&root.join("target/release/libother.so"), "");
        write(&root.join("given/libother.so"), "");
        let path = SearchPath::new(
            root.join("given").as_os_str(),
            &root.join("plugins"),
            Some(&root.join("target/debug/benchhost")),
        );

        assert_eq!(
            path.find("mat_mul"),
            Some(Candidate::Crate(root.join("plugins/mat-mul")))
        );
        assert_eq!(
            path.find("other"),
            Some(Candidate::Library(root.join("given/libother.so")))
        );
        assert_eq!(path.find("support"), None);
        assert_eq!(path.near("mat-nul"), ["mat-mul", "mat_mul"]);
        assert!(path.near("zzzzzz").is_empty());
    }
}
