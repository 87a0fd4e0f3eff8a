//! A memory limit by control group, version 2 or 1, where this process may make one.
//!
//! Where it may not (no right to write, controller not delegated), the caller falls back to watching resident
//! memory from outside.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::probe::cgroup::group_of;

/// A control group of one worker; removed when dropped.
#[derive(Debug)]
pub(super) struct Cgroup {
    dir: PathBuf,
    version: Version,
    kills_before: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

impl Cgroup {
    /// Makes a group that may use `limit_bytes` of memory and no swap.
    ///
    /// # Errors
    /// When there is no memory controller, or it cannot be written to.
    pub(super) fn create(limit_bytes: u64) -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let mounts = fs::read_to_string("/proc/self/mounts")?;
        let own = fs::read_to_string("/proc/self/cgroup")?;
        let (parent, version) = locate(&mounts, &own).ok_or(io::ErrorKind::NotFound)?;
        if version == Version::V2 {
            // Fails where it is already on, or where it may not be switched; the limit's file below decides.
            let _ = fs::write(parent.join("cgroup.subtree_control"), "+memory");
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = parent.join(format!("benchhost-{}-{number}", std::process::id()));
        fs::create_dir(&dir)?;
        let mut group = Self {
            dir,
            version,
            kills_before: 0,
        };
        group.limit(limit_bytes)?;
        group.kills_before = group.kill_count();
        Ok(group)
    }

    fn limit(&self, bytes: u64) -> io::Result<()> {
        let bytes = bytes.to_string();
        match self.version {
            Version::V2 => {
                fs::write(self.dir.join("memory.max"), bytes)?;
                // Absent without swap accounting; the limit on memory stands either way.
                let _ = fs::write(self.dir.join("memory.swap.max"), "0");
                let _ = fs::write(self.dir.join("memory.oom.group"), "1");
            }
            Version::V1 => {
                fs::write(self.dir.join("memory.limit_in_bytes"), &bytes)?;
                let _ = fs::write(self.dir.join("memory.memsw.limit_in_bytes"), bytes);
            }
        }
        Ok(())
    }

    /// Moves process `pid` into the group. What it allocates from here on counts.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn add(&self, pid: u32) -> io::Result<()> {
        fs::write(self.dir.join("cgroup.procs"), pid.to_string())
    }

    /// Whether the kernel killed a process of the group at its limit.
    pub(super) fn has_killed(&self) -> bool {
        self.kill_count() > self.kills_before
    }

    /// Highest use of memory so far.
    pub(super) fn peak_bytes(&self) -> Option<u64> {
        let name = match self.version {
            Version::V2 => "memory.peak",
            Version::V1 => "memory.max_usage_in_bytes",
        };
        fs::read_to_string(self.dir.join(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    fn kill_count(&self) -> u64 {
        let name = match self.version {
            Version::V2 => "memory.events",
            Version::V1 => "memory.oom_control",
        };
        let text = fs::read_to_string(self.dir.join(name)).unwrap_or_default();
        field(&text, "oom_kill ").unwrap_or(0)
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // Fails while a process of the group is not yet gone; an empty folder left behind does no harm.
        let _ = fs::remove_dir(&self.dir);
    }
}

/// Our own group's folder under the memory controller.
fn locate(mounts: &str, own: &str) -> Option<(PathBuf, Version)> {
    let mount_of = |kind: &str, option: Option<&str>| {
        mounts.lines().find_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [_, dir, found, options, ..] = fields[..] else {
                return None;
            };
            let fits = found == kind && option.is_none_or(|o| options.split(',').any(|x| x == o));
            fits.then_some(dir)
        })
    };
    let join = |dir: &str, group: &str| Path::new(dir).join(group);
    if let (Some(group), Some(dir)) = (group_of(own, "memory"), mount_of("cgroup", Some("memory")))
    {
        return Some((join(dir, group), Version::V1));
    }
    match (group_of(own, ""), mount_of("cgroup2", None)) {
        (Some(group), Some(dir)) => Some((join(dir, group), Version::V2)),
        _ => None,
    }
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_controller_is_found_in_all_three_layouts() {
        let v1 = "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0";
        let v2 = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0";

        assert_eq!(
            locate(v1, "5:memory:/user\n0::/x"),
            Some(("/sys/fs/cgroup/memory/user".into(), Version::V1))
        );
        assert_eq!(
            locate(v2, "0::/a.slice"),
            Some(("/sys/fs/cgroup/a.slice".into(), Version::V2))
        );
        assert_eq!(locate("tmpfs / tmpfs rw 0 0", "0::/"), None);
    }

    #[test]
    fn kill_counters_of_both_versions_are_read() {
        assert_eq!(
            field("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "oom_kill "),
            Some(3)
        );
        assert_eq!(
            field("low 0\noom 1\noom_kill 2\noom_group_kill 1\n", "oom_kill "),
            Some(2)
        );
    }
}
