//! How a plugin is named on the command line and in a suite: by path or by name.

use std::path::{Path, PathBuf};

use super::FOLDER_FILE;

/// What somebody typed to mean a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A `.so`, or a directory with a `Cargo.toml` or a `benchhost.toml`.
    Path(PathBuf),
    /// A name to be looked up on the [`SearchPath`](super::SearchPath).
    Name(String),
}

impl Reference {
    /// Reads `text`: a path when it contains `/`, ends with `.so`, or is a file or a crate directory below `base`;
    /// a name otherwise. `base` is the folder that relative paths start from: that of the suite, or the current one.
    #[must_use]
    pub fn parse(text: &str, base: &Path) -> Self {
        let path = base.join(text);
        let holds = |file: &str| path.join(file).is_file();
        let exists = path.is_file() || holds("Cargo.toml") || holds(FOLDER_FILE);
        if text.contains('/') || text.ends_with(".so") || matches!(text, "." | "..") || exists {
            Self::Path(path)
        } else {
            Self::Name(text.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_path_when_it_looks_like_one_or_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path();
        std::fs::create_dir_all(base.join("here")).unwrap();
        std::fs::create_dir_all(base.join("empty")).unwrap();
        std::fs::write(base.join("here/Cargo.toml"), "").unwrap();

        for path in ["a/b", "./x", "libx.so", "here", "."] {
            assert_eq!(
                Reference::parse(path, base),
                Reference::Path(base.join(path))
            );
        }
        for name in ["contrastive", "empty"] {
            assert_eq!(
                Reference::parse(name, base),
                Reference::Name(name.to_owned())
            );
        }
        assert_eq!(
            Reference::parse("/abs/libx.so", base),
            Reference::Path("/abs/libx.so".into())
        );
    }
}
