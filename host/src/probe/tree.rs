//! The files of `/proc` and `/sys` that probes read, below a root that tests choose.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::text;

/// Where `/proc` and `/sys` begin.
#[derive(Debug, Clone)]
pub(super) struct Tree(PathBuf);

impl Tree {
    /// That of this machine.
    pub(super) fn of_this_machine() -> Self {
        Self(PathBuf::from("/"))
    }

    /// Another one.
    #[cfg(test)]
    pub(super) fn at(root: &Path) -> Self {
        Self(root.to_owned())
    }

    pub(super) fn root(&self) -> &Path {
        &self.0
    }

    /// A file, by its path without the first slash.
    pub(super) fn read(&self, path: &str) -> io::Result<String> {
        fs::read_to_string(self.0.join(path))
    }

    /// A file of a process; an error when the process is gone.
    pub(super) fn of_process(&self, pid: u32, file: &str) -> io::Result<String> {
        self.read(&format!("proc/{pid}/{file}"))
    }

    /// A file of a thread.
    pub(super) fn of_thread(&self, pid: u32, thread: u32, file: &str) -> io::Result<String> {
        self.read(&format!("proc/{pid}/task/{thread}/{file}"))
    }

    /// Threads of a process; none when it is gone.
    pub(super) fn threads(&self, pid: u32) -> Vec<u32> {
        let entries = fs::read_dir(self.0.join(format!("proc/{pid}/task")));
        entries
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .collect()
    }

    /// CPUs that the processes may run on, in order: what they were given, not what they use.
    pub(super) fn cpus_allowed(&self, pids: &[u32]) -> Vec<u32> {
        let lists = pids.iter().filter_map(|pid| {
            let status = self.of_process(*pid, "status").ok()?;
            cpu_list(text::field(&status, "Cpus_allowed_list")?)
        });
        lists
            .flatten()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

/// Fields of `/proc/PID/stat` from the third on: the second, a name in brackets, may hold anything. The field that
/// proc_pid_stat(5) numbers N has index N − 3.
pub(super) fn stat_fields(stat: &str) -> Option<Vec<&str>> {
    let (_, after_name) = stat.rsplit_once(')')?;
    Some(after_name.split_ascii_whitespace().collect())
}

/// The kernel's form of a set of CPUs: `0-2,5`.
fn cpu_list(text: &str) -> Option<Vec<u32>> {
    let mut cpus = Vec::new();
    for part in text.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        cpus.extend(first..=last);
    }
    Some(cpus)
}

/// A tree of a test: files by path.
#[cfg(test)]
pub(super) struct FakeTree(tempfile::TempDir);

#[cfg(test)]
impl FakeTree {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn write(&self, path: &str, content: impl AsRef<str>) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content.as_ref()).unwrap();
        self
    }

    /// The process is gone.
    pub(super) fn end(&self, pid: u32) -> &Self {
        fs::remove_dir_all(self.0.path().join(format!("proc/{pid}"))).unwrap();
        self
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn tree(&self) -> Tree {
        Tree::at(self.0.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_cpus_are_read_as_the_kernel_writes_them() {
        assert_eq!(cpu_list("0-2,5\n"), Some(vec![0, 1, 2, 5]));
        assert_eq!(cpu_list("7"), Some(vec![7]));
        assert_eq!(cpu_list(""), None);
        assert_eq!(cpu_list("0-x"), None);
    }

    #[test]
    fn the_cpus_of_several_processes_are_those_of_any() {
        let fake = FakeTree::new();
        fake.write("proc/7/status", "Name:\tx\nCpus_allowed_list:\t0-1\n");
        fake.write("proc/8/status", "Name:\tx\nCpus_allowed_list:\t1,3\n");

        assert_eq!(fake.tree().cpus_allowed(&[7, 8, 9]), [0, 1, 3]);
        assert!(fake.tree().cpus_allowed(&[9]).is_empty());
    }

    #[test]
    fn a_name_with_brackets_does_not_move_the_fields() {
        let fields = stat_fields("7 (a ) b) R 1 2").unwrap();

        assert_eq!(fields, ["R", "1", "2"]);
        assert_eq!(stat_fields("7 a R"), None);
    }
}
