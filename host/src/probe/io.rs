//! Reading and writing of the workers, as the kernel accounts for it: what they asked for and what went to a disk.

use std::io::{Error, ErrorKind};

use benchhost_record::{MetricKind, Reading};

use super::{
    Missing, Probe, Quantity, Target,
    counters::{Edge, Newcomer},
    offer::{Offer, Offers, Values},
    text,
    tree::Tree,
};

/// Names of the quantities and of their lines in `/proc/PID/io` (proc_pid_io(5)).
const LINES: [(&str, &str); 6] = [
    ("io-read", "read_bytes"),
    ("io-written", "write_bytes"),
    ("io-requested-read", "rchar"),
    ("io-requested-written", "wchar"),
    ("io-read-calls", "syscr"),
    ("io-write-calls", "syscw"),
];

const BYTES: Offer = Offer {
    kind: MetricKind::Count,
    resolution: "1 block (512 B) of what a disk had to give",
    source: "/proc/PID/io: read_bytes, from the disk; with threads and waited children that ended",
    absent: "/proc/PID/io has no line for it: use a kernel with CONFIG_TASK_IO_ACCOUNTING",
    ..Offer::count("io-read", "B")
};

const CALLS: Offer = Offer {
    source: "/proc/PID/io: syscr, calls like read and pread, of pipes and sockets too, the worker's talk with the host among them",
    absent: "/proc/PID/io has no line for it: use a kernel with CONFIG_TASK_XACCT",
    ..Offer::count("io-read-calls", "calls")
};

const ALL: [Offer; 6] = [
    BYTES,
    Offer {
        name: "io-written",
        resolution: "1 page",
        source: "/proc/PID/io: write_bytes, made dirty and so due to be written to the disk",
        ..BYTES
    },
    Offer {
        name: "io-requested-read",
        resolution: "1 B",
        source: "/proc/PID/io: rchar, asked for with calls like read, from the cache, pipes and sockets too, the worker's talk with the host among them",
        ..BYTES
    },
    Offer {
        name: "io-requested-written",
        resolution: "1 B",
        source: "/proc/PID/io: wchar, handed over with calls like write, to pipes and sockets too, the worker's talk with the host among them",
        ..BYTES
    },
    CALLS,
    Offer {
        name: "io-write-calls",
        source: "/proc/PID/io: syscw, calls like write and pwrite, of pipes and sockets too, the worker's talk with the host among them",
        ..CALLS
    },
];

/// Reads `/proc/PID/io`.
#[derive(Debug)]
pub(super) struct IoProbe {
    tree: Tree,
    offers: Offers,
    begun: Option<(Vec<u32>, Edge<u32, 6>)>,
}

impl IoProbe {
    /// Opens it; `pid`: a process that may be looked at, to try.
    ///
    /// # Errors
    /// Why nothing can be read, and a way out.
    pub(super) fn open(tree: Tree, pid: u32) -> Result<Self, String> {
        let text = tree
            .of_process(pid, "io")
            .map_err(|error| refusal(pid, &error))?;
        let first_look: Values = LINES
            .iter()
            .zip(counters(&text))
            .map(|((name, _), value)| (*name, value.map(|value| value as f64)))
            .collect();
        let offers = Offers::split(&ALL, &first_look);
        if offers.quantities.is_empty() {
            return Err(format!(
                "/proc/{pid}/io has none of the lines of proc_pid_io(5): use a kernel with CONFIG_TASK_IO_ACCOUNTING"
            ));
        }
        Ok(Self {
            tree,
            offers,
            begun: None,
        })
    }

    fn edge(&self, pids: &[u32]) -> Edge<u32, 6> {
        let of_one = |pid: &u32| {
            let text = self.tree.of_process(*pid, "io").ok()?;
            Some((*pid, counters(&text)))
        };
        pids.iter().filter_map(of_one).collect()
    }
}

fn counters(text: &str) -> [Option<u64>; 6] {
    LINES.map(|(_, key)| text::field(text, key)?.parse().ok())
}

fn refusal(pid: u32, error: &Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => format!(
            "permission denied for /proc/{pid}/io, which the kernel shows only to who may trace the process: run as the \
             workers' user, in a container with `--cap-add SYS_PTRACE`"
        ),
        ErrorKind::NotFound => format!(
            "there is no /proc/{pid}/io: use a kernel with CONFIG_TASK_IO_ACCOUNTING, and mount /proc"
        ),
        _ => format!("/proc/{pid}/io cannot be read ({error}): look at the kernel's log"),
    }
}

impl Probe for IoProbe {
    fn name(&self) -> &'static str {
        "io"
    }

    fn quantities(&self) -> Vec<Quantity> {
        self.offers.quantities.clone()
    }

    fn missing(&self) -> Vec<Missing> {
        self.offers.missing.clone()
    }

    fn begin(&mut self, target: &Target) {
        self.begun = Some((target.pids.clone(), self.edge(&target.pids)));
    }

    fn end(&mut self, _elapsed_ns: u64) -> Vec<Reading> {
        let Some((pids, begun)) = self.begun.take() else {
            return Vec::new();
        };
        let grown = self.edge(&pids).growth_since(&begun, Newcomer::Unknown);
        let values = LINES.iter().zip(grown);
        let values = values.map(|((name, _), value)| (*name, value.map(|value| value as f64)));
        self.offers.readings(&values.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::tree::FakeTree;

    fn io(read: u64, written: u64) -> String {
        format!(
            "rchar: {}\nwchar: {}\nsyscr: 5\nsyscw: 6\nread_bytes: {read}\nwrite_bytes: {written}\n\
             cancelled_write_bytes: 0\n",
            read + 7,
            written + 9
        )
    }

    fn target(pids: &[u32]) -> Target {
        Target {
            pids: pids.to_vec(),
            cpus: Vec::new(),
        }
    }

    fn values(readings: &[Reading]) -> Vec<(&str, f64)> {
        readings
            .iter()
            .map(|reading| (reading.metric.name.as_str(), reading.value))
            .collect()
    }

    #[test]
    fn what_processes_read_and_wrote_is_summed() {
        let fake = FakeTree::new();
        fake.write("proc/7/io", io(0, 0))
            .write("proc/8/io", io(100, 100));
        let mut probe = IoProbe::open(fake.tree(), 7).unwrap();

        probe.begin(&target(&[7, 8]));
        fake.write("proc/7/io", io(4096, 0))
            .write("proc/8/io", io(100, 612));

        assert_eq!(
            values(&probe.end(1)),
            [
                ("io-read", 4096.0),
                ("io-written", 512.0),
                ("io-requested-read", 4096.0),
                ("io-requested-written", 512.0),
                ("io-read-calls", 0.0),
                ("io-write-calls", 0.0),
            ]
        );
    }

    #[test]
    fn who_is_gone_is_left_out_and_so_is_a_line_that_cannot_be_read() {
        let fake = FakeTree::new();
        fake.write("proc/7/io", io(0, 0))
            .write("proc/8/io", io(5, 5));
        let mut probe = IoProbe::open(fake.tree(), 7).unwrap();

        probe.begin(&target(&[7, 8]));
        fake.end(7)
            .write("proc/8/io", "read_bytes: 6\nwrite_bytes: many\n");

        assert_eq!(values(&probe.end(1)), [("io-read", 1.0)]);
        assert!(probe.end(1).is_empty(), "nothing was begun");
    }

    #[test]
    fn why_it_cannot_be_read_has_a_way_out() {
        let fake = FakeTree::new();
        fake.write("proc/8/io", "nothing of ours\n");

        let denied = refusal(7, &Error::from(ErrorKind::PermissionDenied));
        let absent = IoProbe::open(fake.tree(), 7).unwrap_err();
        let strange = IoProbe::open(fake.tree(), 8).unwrap_err();

        assert!(denied.contains("permission denied") && denied.contains("SYS_PTRACE"));
        assert!(absent.contains("/proc/7/io") && absent.contains("CONFIG_TASK_IO_ACCOUNTING"));
        assert!(strange.contains("none of the lines"), "{strange}");
    }
}
