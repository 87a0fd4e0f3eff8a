//! Keeps a private copy of each library of a run, named by its content.
//!
//! A plugin that is rebuilt or overwritten while a run goes on cannot change, or crash, what is being measured, and
//! two builds of one plugin can take part in one run. A library that finds others next to itself (`$ORIGIN` in its
//! run path) does not find them next to the copy; link those statically or install them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::identity::sha256;

/// Copies the library at `path` to `dir/<first 16 digits of its sha256>/<file name>` unless it is there already.
/// Returns the copy and the whole sha256.
///
/// # Errors
/// Whatever reading or writing reports.
pub fn snapshot(path: &Path, dir: &Path) -> io::Result<(PathBuf, String)> {
    let bytes = fs::read(path)?;
    let sha256 = sha256(&bytes);
    let folder = dir.join(&sha256[..16]);
    let copy = folder.join(path.file_name().unwrap_or_default());
    if !copy.exists() {
        fs::create_dir_all(&folder)?;
        // Renamed into place, so that nobody opens half a library.
        let part = folder.join(format!("part-{}", std::process::id()));
        fs::write(&part, &bytes)?;
        fs::rename(&part, &copy)?;
    }
    Ok((copy.canonicalize()?, sha256))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_builds_of_one_library_have_two_copies_and_one_build_has_one() {
        let folder = tempfile::tempdir().unwrap();
        let (library, copies) = (folder.path().join("libx.so"), folder.path().join("copies"));
        fs::write(&library, "first build").unwrap();

        let (first, _) = snapshot(&library, &copies).unwrap();
        let (again, _) = snapshot(&library, &copies).unwrap();
        fs::write(&library, "second build").unwrap();
        let (second, sha256) = snapshot(&library, &copies).unwrap();

        assert_eq!(first, again);
        assert_ne!(first, second);
        assert_eq!(fs::read(&first).unwrap(), b"first build");
        assert!(second.to_string_lossy().contains(&sha256[..16]));
    }
}
