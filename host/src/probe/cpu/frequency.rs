//! How fast CPUs are clocked, where the kernel really knows.

use crate::probe::{text, tree::Tree};

/// The kernel keeps what it measured for 10 to 20 ms, and the file of each CPU costs some microseconds.
const CPUFREQ_POLL_NS: u64 = 100_000_000;

/// The file is written anew for all CPUs of the machine, each of which is interrupted for it.
const CPUINFO_POLL_NS: u64 = 1_000_000_000;

/// Where frequencies are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frequency {
    /// `scaling_cur_freq` of each CPU.
    Cpufreq,
    /// `cpu MHz` of `/proc/cpuinfo`.
    Cpuinfo,
}

impl Frequency {
    /// The best source that this machine has.
    ///
    /// `cpu MHz` is the nominal clock of a CPU without a driver and without the counters APERF and MPERF
    /// (`arch_freq_get_on_cpu` in the kernel), and never changes: that is no measurement.
    pub(super) fn find(tree: &Tree) -> Option<Self> {
        let cpuinfo = tree.read("proc/cpuinfo").unwrap_or_default();
        let flags = text::field(&cpuinfo, "flags").unwrap_or_default();
        let has_counters = flags
            .split_ascii_whitespace()
            .any(|flag| flag == "aperfmperf");
        if of_cpufreq(tree, 0).is_some() {
            Some(Self::Cpufreq)
        } else if has_counters && text::field(&cpuinfo, "cpu MHz").is_some() {
            Some(Self::Cpuinfo)
        } else {
            None
        }
    }

    pub(super) fn fastest_poll_ns(self) -> u64 {
        match self {
            Self::Cpufreq => CPUFREQ_POLL_NS,
            Self::Cpuinfo => CPUINFO_POLL_NS,
        }
    }

    /// Frequencies of those of `cpus` that have one now, MHz.
    pub(super) fn megahertz(self, tree: &Tree, cpus: &[u32]) -> Vec<f64> {
        match self {
            Self::Cpufreq => cpus
                .iter()
                .filter_map(|cpu| of_cpufreq(tree, *cpu))
                .collect(),
            Self::Cpuinfo => of_cpuinfo(&tree.read("proc/cpuinfo").unwrap_or_default(), cpus),
        }
    }
}

fn of_cpufreq(tree: &Tree, cpu: u32) -> Option<f64> {
    let path = format!("sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_cur_freq");
    let kilohertz: u64 = tree.read(&path).ok()?.trim().parse().ok()?;
    (kilohertz > 0).then(|| kilohertz as f64 / 1000.0)
}

fn of_cpuinfo(cpuinfo: &str, cpus: &[u32]) -> Vec<f64> {
    let blocks = cpuinfo.split("\n\n").filter_map(|block| {
        let cpu: u32 = text::field(block, "processor")?.parse().ok()?;
        let megahertz: f64 = text::field(block, "cpu MHz")?.parse().ok()?;
        (cpus.contains(&cpu) && megahertz > 0.0).then_some(megahertz)
    });
    blocks.collect()
}

/// Mean over polls and CPUs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    pub(super) fn add(&mut self, values: &[f64]) {
        self.sum += values.iter().sum::<f64>();
        self.count += values.len() as u64;
    }

    /// `None` when nothing was polled.
    pub(super) fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::tree::FakeTree;

    fn cpuinfo(flags: &str) -> String {
        format!(
            "processor\t: 0\ncpu MHz\t\t: 2000.5\nflags\t: {flags}\n\nprocessor\t: 1\ncpu MHz\t\t: 3000.0\nflags\t: {flags}\n"
        )
    }

    #[test]
    fn a_nominal_clock_is_no_measurement() {
        let guest = FakeTree::new();
        guest.write("proc/cpuinfo", cpuinfo("fpu hypervisor"));
        let machine = FakeTree::new();
        machine.write("proc/cpuinfo", cpuinfo("fpu aperfmperf"));

        assert_eq!(Frequency::find(&guest.tree()), None);
        assert_eq!(Frequency::find(&machine.tree()), Some(Frequency::Cpuinfo));
        assert_eq!(
            Frequency::Cpuinfo.megahertz(&machine.tree(), &[1, 7]),
            [3000.0]
        );
    }

    #[test]
    fn cpufreq_comes_first_and_broken_files_are_left_out() {
        let machine = FakeTree::new();
        let path = |cpu| format!("sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_cur_freq");
        machine.write("proc/cpuinfo", cpuinfo("aperfmperf"));
        machine.write(&path(0), "2500000\n");
        machine.write(&path(1), "<unknown>\n");
        machine.write(&path(2), "0\n");

        let source = Frequency::find(&machine.tree()).unwrap();

        assert_eq!(source, Frequency::Cpufreq);
        assert_eq!(source.megahertz(&machine.tree(), &[0, 1, 2, 3]), [2500.0]);
    }
}
