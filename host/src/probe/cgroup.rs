//! Which control group a process is in, by the lines of `/proc/PID/cgroup`.

use std::path::{Path, PathBuf};

/// Path, below the controller's mount point, of the group that `lines` name for `controller`; the empty controller is
/// version 2's one hierarchy.
#[must_use]
pub fn group_of<'a>(lines: &'a str, controller: &str) -> Option<&'a str> {
    lines.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let controllers = parts.next()?;
        let path = parts.next()?;
        let is_it = controllers.split(',').any(|known| known == controller);
        is_it.then(|| path.trim_start_matches('/'))
    })
}

/// The folder of a group and those of its ancestors up to `base`.
pub(super) fn ancestors(base: &Path, group: &str) -> impl Iterator<Item = PathBuf> {
    let depth = Path::new(group).components().count();
    let folder = base.join(group);
    (0..=depth).filter_map(move |up| folder.ancestors().nth(up).map(Path::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_both_versions_are_found() {
        let lines = "5:memory:/user:odd\n3:cpu,cpuacct:/\n0::/a.slice\n";

        assert_eq!(group_of(lines, "memory"), Some("user:odd"));
        assert_eq!(group_of(lines, "cpuacct"), Some(""));
        assert_eq!(group_of(lines, ""), Some("a.slice"));
        assert_eq!(group_of(lines, "pids"), None);
    }
}
