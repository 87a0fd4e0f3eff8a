//! Where temporary files go: kind and room of the file system.

use std::path::{Path, PathBuf};

use super::{Known, file};

/// A folder and its file system.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// Kind of its file system, like `ext4`.
    pub kind: Known<String>,
    /// What this user may still write there, bytes, and the size of the file system, bytes.
    pub room: Known<(u64, u64)>,
}

impl Folder {
    pub(super) fn read(root: &Path, path: &Path) -> Self {
        let mounts = file::read(root, "proc/self/mounts");
        Self {
            path: path.to_owned(),
            kind: mounts.and_then(|mounts| {
                kind(&mounts, path).ok_or_else(|| {
                    format!("/proc/self/mounts does not say it of {}", path.display())
                })
            }),
            room: rustix::fs::statvfs(path)
                .map(|stat| (stat.f_bavail * stat.f_frsize, stat.f_blocks * stat.f_frsize))
                .map_err(|error| format!("{} cannot be looked at: {error}", path.display())),
        }
    }
}

/// Kind of the innermost mount that holds `path`; of several at one place the last one hides the others. Form: fstab(5).
fn kind(mounts: &str, path: &Path) -> Option<String> {
    let mut innermost: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let mut columns = line.split_whitespace().skip(1);
        let (Some(place), Some(kind)) = (columns.next(), columns.next()) else {
            continue;
        };
        let place = place.replace("\\040", " ");
        let depth = Path::new(&place).components().count();
        let is_inner = innermost.is_none_or(|(known, _)| depth >= known);
        if path.starts_with(&place) && is_inner {
            innermost = Some((depth, kind));
        }
    }
    innermost.map(|(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_and_last_mount_counts() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmp/my\\040dir xfs rw 0 0\n\
                      /dev/c /mnt ext4 rw 0 0\noverlay /mnt overlay rw 0 0\nbroken\n";
        let kind = |path: &str| kind(mounts, Path::new(path));

        assert_eq!(kind("/tmp").as_deref(), Some("tmpfs"));
        assert_eq!(kind("/tmpfoo").as_deref(), Some("ext4"));
        assert_eq!(kind("/tmp/my dir/x").as_deref(), Some("xfs"));
        assert_eq!(kind("/mnt/x").as_deref(), Some("overlay"));
        assert_eq!(super::kind("", Path::new("/")), None);
    }
}
