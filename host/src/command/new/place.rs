//! Where a new plugin stands: by itself, below a workspace, or as a member of one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use globset::GlobBuilder;

/// Package that every Rust plugin is built against.
const API: &str = "benchhost-plugin-api";

/// The surroundings of a new folder.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// The nearest workspace above, and whether it counts the folder among its members.
    workspace: Option<Workspace>,
    folder: PathBuf,
}

#[derive(Debug)]
struct Workspace {
    root: PathBuf,
    manifest: toml::Table,
    has_member: bool,
}

impl Place {
    /// Looks around the absolute `folder`.
    pub(super) fn of(folder: &Path) -> Self {
        let workspace = folder.ancestors().skip(1).find_map(|root| {
            let text = fs::read_to_string(root.join("Cargo.toml")).ok()?;
            let manifest: toml::Table = text.parse().ok()?;
            manifest.get("workspace")?;
            Some(Workspace {
                has_member: has_member(root, &manifest, folder),
                root: root.to_owned(),
                manifest,
            })
        });
        Self {
            workspace,
            folder: folder.to_owned(),
        }
    }

    /// Whether the folder is a member of a workspace.
    pub(super) fn is_member(&self) -> bool {
        self.member().is_some()
    }

    /// Whether the folder has a lock file of its own.
    pub(super) fn lock_is_own(&self) -> bool {
        !self.is_member()
    }

    /// The table `name` of the workspace that the folder is a member of.
    pub(super) fn shared(&self, name: &str) -> Option<&toml::Table> {
        self.member()?.table(name)
    }

    /// Where the plugin's API comes from, when not from the folder itself: a path from the folder, or nothing when the
    /// workspace says so.
    pub(super) fn api(&self) -> Option<Option<PathBuf>> {
        let workspace = self.workspace.as_ref()?;
        let path = workspace
            .table("dependencies")?
            .get(API)?
            .get("path")?
            .as_str()?;
        if workspace.has_member {
            return Some(None);
        }
        let below = self.folder.strip_prefix(&workspace.root).ok()?;
        let up: PathBuf = below.components().map(|_| "..").collect();
        Some(Some(up.join(path)))
    }

    fn member(&self) -> Option<&Workspace> {
        self.workspace
            .as_ref()
            .filter(|workspace| workspace.has_member)
    }
}

impl Workspace {
    fn table(&self, name: &str) -> Option<&toml::Table> {
        self.manifest.get("workspace")?.get(name)?.as_table()
    }
}

/// Whether `members` of the workspace in `root` cover `folder`, and `exclude` does not.
fn has_member(root: &Path, manifest: &toml::Table, folder: &Path) -> bool {
    let Ok(below) = folder.strip_prefix(root) else {
        return false;
    };
    let list = |key: &str| {
        let list = manifest["workspace"]
            .get(key)
            .and_then(toml::Value::as_array);
        list.into_iter().flatten().filter_map(toml::Value::as_str)
    };
    let covers = |pattern: &str| {
        let glob = GlobBuilder::new(pattern.trim_start_matches("./"))
            .literal_separator(true)
            .build();
        glob.is_ok_and(|glob| glob.compile_matcher().is_match(below))
    };
    list("members").any(covers) && !list("exclude").any(|path| below.starts_with(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(manifest: Option<&str>, below: &str) -> Place {
        let root = tempfile::tempdir().unwrap();
        if let Some(text) = manifest {
            fs::write(root.path().join("Cargo.toml"), text).unwrap();
        }
        Place::of(&root.path().join(below))
    }

    const OURS: &str = "[workspace]\nmembers = ['plugins/*']\nexclude = ['plugins/old']\n\
        [workspace.dependencies]\nbenchhost-plugin-api = { path = 'api' }\n";

    #[test]
    fn a_folder_is_a_member_where_a_glob_says_so() {
        let member = place(Some(OURS), "plugins/hello");
        assert!(member.is_member() && member.api() == Some(None));

        for below in ["hello", "plugins/old", "plugins/a/b"] {
            assert!(!place(Some(OURS), below).is_member(), "{below}");
        }
        let beside = place(Some(OURS), "plugins/a/b");
        assert_eq!(beside.api(), Some(Some("../../../api".into())));
    }

    #[test]
    fn elsewhere_the_api_comes_with_the_folder() {
        assert_eq!(place(None, "hello").api(), None);
        assert_eq!(
            place(Some("[workspace]\nmembers = ['*']"), "hello").api(),
            None
        );
        assert_eq!(place(Some("[package]\nname = 'x'"), "hello").api(), None);
    }
}
