//! The lines of `/proc/stat` that say what each CPU spent its time on. Form: proc_stat(5).

use std::collections::BTreeMap;

/// What a CPU, or several together, spent their time on, ns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CpuTimes {
    /// Programs, the kernel on their behalf, and interrupts. Time given to guests is part of that of programs.
    pub(super) busy_ns: u64,
    /// Nothing to do, or waiting for a device.
    pub(super) idle_ns: u64,
    /// The hypervisor ran something else; `None` for kernels that do not say.
    pub(super) steal_ns: Option<u64>,
}

impl CpuTimes {
    /// All of it.
    pub(super) fn total_ns(self) -> u64 {
        self.busy_ns + self.idle_ns + self.steal_ns.unwrap_or(0)
    }

    /// What was spent since `earlier`; `None` when a counter went backwards, as after a CPU was away. That of idle time
    /// may do so a little at any time (proc_stat(5) on iowait).
    pub(super) fn since(self, earlier: &Self) -> Option<Self> {
        let steal_ns = match self.steal_ns.zip(earlier.steal_ns) {
            Some((now, then)) => Some(now.checked_sub(then)?),
            None => None,
        };
        Some(Self {
            busy_ns: self.busy_ns.checked_sub(earlier.busy_ns)?,
            idle_ns: self.idle_ns.saturating_sub(earlier.idle_ns),
            steal_ns,
        })
    }

    /// Both together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            busy_ns: self.busy_ns + other.busy_ns,
            idle_ns: self.idle_ns + other.idle_ns,
            steal_ns: self.steal_ns.zip(other.steal_ns).map(|(a, b)| a + b),
        }
    }
}

/// Times of each CPU by its number, from the text of `/proc/stat`; `ticks_per_second`: the unit of the text.
///
/// CPUs that are offline have no line, so numbers may have gaps. A line that is not understood is left out.
pub(super) fn parse_stat(text: &str, ticks_per_second: u64) -> BTreeMap<u32, CpuTimes> {
    let tick_ns = 1_000_000_000 / ticks_per_second.max(1);
    text.lines()
        .filter_map(|line| line_of(line, tick_ns))
        .collect()
}

/// `cpu3 user nice system idle iowait irq softirq steal guest guest_nice`; the last ones are younger than the first
/// four.
fn line_of(line: &str, tick_ns: u64) -> Option<(u32, CpuTimes)> {
    // The line of all CPUs together has no number.
    let (name, columns) = line.split_once(' ')?;
    let cpu = name.strip_prefix("cpu")?.parse().ok()?;
    let ticks = columns
        .split_ascii_whitespace()
        .map(|word| word.parse().ok())
        .collect::<Option<Vec<u64>>>()?;
    let [user, nice, system, idle, younger @ ..] = ticks.as_slice() else {
        return None;
    };
    let column = |at: usize| younger.get(at).copied();
    let [iowait, irq, softirq] = [0, 1, 2].map(|at| column(at).unwrap_or(0));
    let ns = |columns: &[u64]| columns.iter().sum::<u64>().saturating_mul(tick_ns);
    Some((
        cpu,
        CpuTimes {
            busy_ns: ns(&[*user, *nice, *system, irq, softirq]),
            idle_ns: ns(&[*idle, iowait]),
            steal_ns: column(3).map(|steal| ns(&[steal])),
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK_NS: u64 = 10_000_000;

    #[test]
    fn every_online_cpu_is_read_and_the_line_of_all_is_not() {
        let text = "cpu  9 9 9 9 9 9 9 9 9 9\n\
                    cpu0 1 2 3 40 5 6 7 8 1 0\n\
                    cpu12 10 0 0 90 0 0 0 0 0 0\n\
                    intr 5 1 2\nctxt 7\n";

        let times = parse_stat(text, 100);

        assert_eq!(times.keys().copied().collect::<Vec<_>>(), [0, 12]);
        let first = CpuTimes {
            busy_ns: 19 * TICK_NS,
            idle_ns: 45 * TICK_NS,
            steal_ns: Some(8 * TICK_NS),
        };
        assert_eq!(times[&0], first);
        assert_eq!(times[&0].total_ns(), 72 * TICK_NS);
    }

    #[test]
    fn columns_that_are_missing_are_no_figures_and_half_a_line_is_none() {
        let times = parse_stat(
            "cpu0 1 2 3 40\ncpu1 1 2 3\ncpu2 1 2 x 4\ncpux 1 2 3 4\n",
            250,
        );

        let old_kernel = CpuTimes {
            busy_ns: 24_000_000,
            idle_ns: 160_000_000,
            steal_ns: None,
        };
        assert_eq!(times, BTreeMap::from([(0, old_kernel)]));
        assert!(parse_stat("", 100).is_empty());
    }

    #[test]
    fn only_idle_time_may_go_backwards() {
        let at = |busy_ns, idle_ns, steal_ns| CpuTimes {
            busy_ns,
            idle_ns,
            steal_ns,
        };
        let then = at(10, 10, Some(10));

        assert_eq!(at(13, 9, Some(10)).since(&then), Some(at(3, 0, Some(0))));
        assert_eq!(at(9, 20, Some(10)).since(&then), None);
        assert_eq!(at(13, 20, Some(9)).since(&then), None);
        assert_eq!(at(13, 20, None).since(&then), Some(at(3, 10, None)));
    }
}
