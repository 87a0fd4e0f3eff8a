//! Whose the processes on a GPU are. The driver knows them by the numbers of the whole machine; in a container ours
//! have others, and its lists may be empty although our processes compute.

use std::path::PathBuf;

use super::super::text;

/// Inode of the first PID namespace: `PROC_PID_INIT_INO` of the kernel's `include/linux/proc_ns.h`.
const WHOLE_MACHINE: &str = "pid:[4026531836]";

/// One process on a GPU's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) pid: u32,
    /// Memory of the GPU it holds; absent where the driver does not say.
    pub(super) memory_bytes: Option<u64>,
}

/// The processes of a case that are on one GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ours {
    /// Memory they hold together; absent when it is for one of them.
    pub(super) memory_bytes: Option<u64>,
}

/// What those of `listed` hold that go by one of `names`; `None` when there is none.
pub(super) fn ours(listed: &[Listed], names: &[u32]) -> Option<Ours> {
    let mut ours = listed
        .iter()
        .filter(|process| names.contains(&process.pid))
        .peekable();
    ours.peek()?;
    Some(Ours {
        memory_bytes: ours.map(|process| process.memory_bytes).sum(),
    })
}

/// How processes are numbered here.
#[derive(Debug)]
pub(super) struct Namespace {
    /// Where `/proc` is; another folder in tests.
    proc: PathBuf,
}

impl Namespace {
    pub(super) fn here() -> Self {
        Self {
            proc: PathBuf::from("/proc"),
        }
    }

    /// Whether numbers here are those of the whole machine, so that the driver's lists can be taken at their word.
    pub(super) fn is_whole_machine(&self) -> bool {
        let link = std::fs::read_link(self.proc.join("self/ns/pid"));
        link.is_ok_and(|link| link.as_os_str() == WHOLE_MACHINE)
    }

    /// The numbers that the driver may know the processes `pids` by: theirs here, and those of the namespaces inside
    /// this one, unless another process here has that number.
    pub(super) fn names(&self, pids: &[u32]) -> Vec<u32> {
        let mut names = pids.to_vec();
        for pid in pids {
            let status = text::read(self.proc.join(format!("{pid}/status"))).unwrap_or_default();
            let inner = text::field(&status, "NSpid").unwrap_or_default();
            let inner = inner
                .split_whitespace()
                .filter_map(|word| word.parse().ok());
            names.extend(
                inner.filter(|inner: &u32| {
                    inner != pid && !self.proc.join(inner.to_string()).exists()
                }),
            );
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    /// A `/proc` of a machine with the processes `(pid, NSpid)`.
    fn machine(processes: &[(u32, &str)]) -> (tempfile::TempDir, Namespace) {
        let folder = tempfile::tempdir().unwrap();
        for (pid, numbers) in processes {
            let process = folder.path().join(pid.to_string());
            fs::create_dir(&process).unwrap();
            let status = format!("Name:\tworker\nPid:\t{pid}\nNSpid:\t{numbers}\nThreads:\t1\n");
            fs::write(process.join("status"), status).unwrap();
        }
        let proc = folder.path().to_owned();
        (folder, Namespace { proc })
    }

    #[test]
    fn a_process_goes_by_its_number_in_an_inner_namespace_too() {
        let (_folder, namespace) = machine(&[(4711, "4711\t7123"), (12, "12")]);

        assert_eq!(namespace.names(&[4711, 12]), [4711, 12, 7123]);
        assert_eq!(
            namespace.names(&[999]),
            [999],
            "one that is gone keeps its number"
        );
    }

    #[test]
    fn the_number_of_another_process_is_not_taken_for_ours() {
        let (_folder, namespace) = machine(&[(4711, "4711\t12"), (12, "12")]);

        assert_eq!(namespace.names(&[4711]), [4711]);
    }

    #[test]
    fn a_container_does_not_pass_for_the_whole_machine() {
        let (folder, namespace) = machine(&[]);
        assert!(!namespace.is_whole_machine(), "unknown is not yes");

        for (link, expected) in [(WHOLE_MACHINE, true), ("pid:[4026532999]", false)] {
            let _ = fs::remove_dir_all(folder.path().join("self"));
            fs::create_dir_all(folder.path().join("self/ns")).unwrap();
            symlink(link, folder.path().join("self/ns/pid")).unwrap();

            assert_eq!(namespace.is_whole_machine(), expected, "{link}");
        }
    }

    #[test]
    fn memory_of_our_processes_is_absent_when_one_does_not_say() {
        let process = |pid, memory_bytes| Listed { pid, memory_bytes };
        let listed = [process(1, Some(10)), process(2, Some(5)), process(3, None)];

        let memory = |names: &[u32]| ours(&listed, names).map(|ours| ours.memory_bytes);

        assert_eq!(memory(&[1, 2]), Some(Some(15)));
        assert_eq!(memory(&[1, 3]), Some(None));
        assert_eq!(memory(&[8]), None);
    }
}
