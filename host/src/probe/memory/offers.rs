//! The numbers of the probe `memory`.

use benchhost_record::{Extent, MetricKind};

use crate::probe::offer::Offer;

const LEVEL: Offer = Offer {
    kind: MetricKind::Memory,
    extent: Extent::Level,
    ..Offer::count("resident-mean", "B")
};

const FAULTS: Offer = Offer {
    source: "/proc/PID/stat: the page was in memory already, or only had to be cleared; with children it has waited for",
    absent: "/proc/PID/stat cannot be read: mount /proc without `hidepid`",
    ..Offer::count("page-faults-minor", "faults")
};

pub(super) const ALL: [Offer; 6] = [
    Offer {
        resolution: "1 page; kernels since 6.2 count in steps of some pages for each CPU",
        source: "/proc/PID/statm at the edges and when polled, as a mean over time; pages that processes share count for each",
        absent: "/proc/PID/statm cannot be read: mount /proc without `hidepid`",
        ..LEVEL
    },
    Offer {
        name: "resident-peak",
        resolution: "1 kB",
        source: "/proc/PID/status: VmHWM, the kernel's own high-water mark; pages that processes share count for each",
        absent: "/proc/PID/status has no VmHWM: use a kernel with CONFIG_MMU and /proc without `hidepid`",
        ..LEVEL
    },
    Offer {
        name: "resident-proportional",
        resolution: "1 kB",
        source: "/proc/PID/smaps_rollup after the last sample: Pss, shared pages are divided among the sharers; takes about 20 µs for each MiB",
        absent: "/proc/PID/smaps_rollup cannot be read: use a kernel of 4.14 or later, as the workers' user",
        ..LEVEL
    },
    Offer {
        name: "swap",
        resolution: "1 kB",
        source: "/proc/PID/status after the last sample: VmSwap",
        absent: "/proc/PID/status has no VmSwap: use a kernel of 2.6.34 or later and /proc without `hidepid`",
        ..LEVEL
    },
    FAULTS,
    Offer {
        name: "page-faults-major",
        source: "/proc/PID/stat: the page had to be read from a disk; with children it has waited for",
        ..FAULTS
    },
];
