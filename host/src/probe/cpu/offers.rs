//! The numbers of the probe `cpu`.

use benchhost_record::{Direction, Extent, MetricKind};

use crate::probe::offer::Offer;

const NO_PROC: &str = "/proc/PID/stat cannot be read: mount /proc without `hidepid`";
const NO_SWITCHES: &str =
    "/proc/PID/task/TID/status counts no switches: mount /proc without `hidepid`";

const TIME: Offer = Offer {
    kind: MetricKind::Time,
    resolution: "1 kernel tick (10 ms for most kernels)",
    source: "/proc/PID/stat, with children it has waited for",
    absent: NO_PROC,
    ..Offer::count("cpu-user", "ns")
};

const SHARE: Offer = Offer {
    direction: Direction::Neither,
    kind: MetricKind::Ratio,
    extent: Extent::Level,
    ..Offer::count("cpu-utilisation", "1")
};

pub(super) const ALL: [Offer; 8] = [
    Offer {
        resolution: "1 ns of CPU time; 1 kernel tick when threads ended meanwhile",
        source: "/proc/PID/task/TID/schedstat and /proc/PID/stat, by wall-clock time and the CPUs that may be used",
        absent: NO_PROC,
        ..SHARE
    },
    TIME,
    Offer {
        name: "cpu-system",
        ..TIME
    },
    Offer {
        source: "/proc/PID/task/TID/status: a thread waited by itself; without threads that ended meanwhile",
        absent: NO_SWITCHES,
        ..Offer::count("context-switches-voluntary", "switches")
    },
    Offer {
        source: "/proc/PID/task/TID/status: a thread was made to wait; without threads that ended meanwhile",
        absent: NO_SWITCHES,
        ..Offer::count("context-switches-involuntary", "switches")
    },
    Offer {
        name: "run-queue-wait",
        resolution: "1 ns",
        source: "/proc/PID/task/TID/schedstat: ready to run and no CPU; without threads that ended meanwhile",
        absent: "the kernel does not count how long threads wait for a CPU: use one that is built with CONFIG_SCHED_INFO",
        ..TIME
    },
    Offer {
        name: "cpu-frequency",
        unit: "MHz",
        kind: MetricKind::Count,
        resolution: "1 kHz",
        source: "cpufreq/scaling_cur_freq of the CPUs, or /proc/cpuinfo where that is measured; mean of what was polled",
        absent: "no cpufreq below /sys and no counter of cycles (aperfmperf) among the CPU's flags, as in most virtual \
                 machines: measure on the machine itself",
        ..SHARE
    },
    Offer {
        name: "cpu-steal",
        resolution: "1 kernel tick (10 ms for most kernels); absent below 200 ms",
        source: "/proc/stat: the hypervisor ran something else on the CPUs that may be used",
        absent: "/proc/stat has no column for steal: use a kernel of 2.6.11 or later, and a container that shows /proc/stat",
        ..SHARE
    },
];
