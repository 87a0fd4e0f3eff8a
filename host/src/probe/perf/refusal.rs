//! Why the kernel does not open a counter, and what to do about it. Source: perf_event_open(2), ERRORS.

use std::io::Error;

use crate::probe::{text, tree::Tree};

/// What of the machine decides about counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Circumstances {
    /// `kernel.perf_event_paranoid`; `None` for kernels without perf events.
    pub(super) paranoid: Option<i32>,
    /// A filter of system calls holds for this process, as in most containers.
    pub(super) is_filtered: bool,
    /// The processor says that it is a virtual one.
    pub(super) is_virtual: bool,
}

impl Circumstances {
    pub(super) fn read(tree: &Tree) -> Self {
        let file = |path| tree.read(path).unwrap_or_default();
        let (status, cpuinfo) = (file("proc/self/status"), file("proc/cpuinfo"));
        let flags = text::field(&cpuinfo, "flags").unwrap_or_default();
        Self {
            paranoid: file("proc/sys/kernel/perf_event_paranoid")
                .trim()
                .parse()
                .ok(),
            is_filtered: text::field(&status, "Seccomp") == Some("2"),
            is_virtual: flags
                .split_ascii_whitespace()
                .any(|flag| flag == "hypervisor"),
        }
    }
}

/// The sentence for `error`.
pub(super) fn refusal(error: &Error, circumstances: Circumstances) -> String {
    let code = error.raw_os_error().unwrap_or_default();
    match (code, circumstances.paranoid) {
        (libc::ENOSYS, _) | (_, None) => {
            "the kernel has no perf events: use one that is built with CONFIG_PERF_EVENTS, and a container that does \
             not hide them"
                .to_owned()
        }
        (libc::ENOENT | libc::EOPNOTSUPP | libc::ENODEV | libc::EINVAL, _) => {
            if circumstances.is_virtual {
                "not supported by this virtual CPU: the hypervisor shows no hardware counters; give the guest a PMU, or \
                 measure on the machine itself"
                    .to_owned()
            } else {
                "not supported by this CPU or its driver: see `perf list` for what is counted here".to_owned()
            }
        }
        (libc::EACCES | libc::EPERM, _) if circumstances.is_filtered => {
            "forbidden by the container's filter of system calls (seccomp): start it with `--cap-add PERFMON`, or with a \
             profile that allows perf_event_open"
                .to_owned()
        }
        (libc::EACCES | libc::EPERM, Some(paranoid)) => format!(
            "kernel.perf_event_paranoid is {paranoid}: `sysctl kernel.perf_event_paranoid=1`, or CAP_PERFMON for this \
             program"
        ),
        (libc::EMFILE | libc::ENFILE, _) => {
            "too many open files: raise the limit with `ulimit -n`".to_owned()
        }
        (libc::EBUSY, _) => {
            "another program holds the counters for itself: end it, or the kernel's watchdog with \
             `sysctl kernel.nmi_watchdog=0`"
                .to_owned()
        }
        _ => format!("perf_event_open says: {error}; see perf_event_open(2), ERRORS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::tree::FakeTree;

    fn said(code: i32, circumstances: Circumstances) -> String {
        refusal(&Error::from_raw_os_error(code), circumstances)
    }

    #[test]
    fn each_refusal_has_its_own_sentence_and_a_way_out() {
        let plain = Circumstances {
            paranoid: Some(3),
            ..Circumstances::default()
        };
        let filtered = Circumstances {
            is_filtered: true,
            ..plain
        };
        let guest = Circumstances {
            is_virtual: true,
            ..plain
        };

        assert!(said(libc::EACCES, plain).starts_with("kernel.perf_event_paranoid is 3: `sysctl"));
        assert!(said(libc::EPERM, filtered).contains("seccomp"));
        assert!(said(libc::ENOENT, guest).contains("this virtual CPU"));
        assert!(said(libc::EOPNOTSUPP, plain).contains("this CPU"));
        assert!(said(libc::EMFILE, plain).contains("ulimit"));
        assert!(said(libc::ENOSYS, plain).contains("CONFIG_PERF_EVENTS"));
        assert!(said(libc::EACCES, Circumstances::default()).contains("CONFIG_PERF_EVENTS"));
        assert!(said(libc::E2BIG, plain).contains("perf_event_open says"));
    }

    #[test]
    fn circumstances_are_read_from_the_kernels_files() {
        let fake = FakeTree::new();
        fake.write(
            "proc/self/status",
            "Name:\tx\nSeccomp:\t2\nSeccomp_filters:\t1\n",
        )
        .write("proc/cpuinfo", "processor: 0\nflags\t: fpu hypervisor\n")
        .write("proc/sys/kernel/perf_event_paranoid", "2\n");

        assert_eq!(
            Circumstances::read(&fake.tree()),
            Circumstances {
                paranoid: Some(2),
                is_filtered: true,
                is_virtual: true,
            }
        );
        assert_eq!(
            Circumstances::read(&FakeTree::new().tree()),
            Circumstances::default()
        );
    }
}
