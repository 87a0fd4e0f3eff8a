//! What a CPU and its memory take when no instrument says so.
//!
//! With a known thermal design power the CPU time of a case is charged with its threads' part of it. Without one, each
//! CPU that the case may use idles at [`VCPU_IDLE_W`] and works at [`VCPU_MAX_W`]. Both are models: they know nothing of
//! frequencies, of instructions, or of neighbours.

use crate::{cpu_tdp, tdp::UnknownTdp};

/// A virtual CPU that idles, W. Source: Cloud Carbon Footprint, methodology, "Compute": means of the servers of the
/// large providers, 0.71–0.78 W.
pub const VCPU_IDLE_W: f64 = 0.75;

/// A virtual CPU that works, W. Source: as for [`VCPU_IDLE_W`], 3.5–4.26 W, the lowest.
pub const VCPU_MAX_W: f64 = 3.5;

/// Memory in use, W per GB (10⁹ B): 3 W for a module of 8 GB, as in eco2ai (Budennyy et al. 2022, Doklady Mathematics).
pub const RAM_W_PER_GB: f64 = 0.375;

/// Power of `bytes` of resident memory, W.
#[must_use]
pub fn memory_power_w(bytes: f64) -> f64 {
    bytes * 1e-9 * RAM_W_PER_GB
}

/// The sentence for energy that [`memory_power_w`] says.
#[must_use]
pub fn memory_source() -> String {
    format!("model: {RAM_W_PER_GB} W per GB of resident memory")
}

/// The CPUs of a machine as the kernel shows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CpuSeen {
    /// `model name` of `/proc/cpuinfo`.
    pub model: Option<String>,
    /// Hardware threads that share one socket; `None` when the kernel does not say.
    pub threads_per_socket: Option<u32>,
    /// Whether this is a virtual machine, which shows some of the threads of a socket as if they were all.
    pub is_virtual: bool,
}

/// How much the CPUs of a machine are taken to need.
#[derive(Debug, Clone, PartialEq)]
pub struct CpuModel {
    power: Power,
    /// Why it is this one, in words.
    why: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Power {
    PerVcpu,
    PerThread { w: f64 },
}

impl CpuModel {
    /// Chooses by what is known. `tdp_w`: thermal design power of one socket, as configured; it goes before the table.
    ///
    /// The table is not believed in a virtual machine: it says what the whole socket takes, and nobody says how many of
    /// its threads are in here. What is configured is believed everywhere.
    #[must_use]
    pub fn choose(cpu: &CpuSeen, tdp_w: Option<f64>) -> Self {
        let threads = cpu.threads_per_socket.filter(|threads| *threads > 0);
        let per_vcpu = |why: String| Self {
            power: Power::PerVcpu,
            why,
        };
        let per_thread = |tdp_w: f64, threads: u32, who: String| Self {
            power: Power::PerThread {
                w: tdp_w / f64::from(threads),
            },
            why: format!("{tdp_w} W TDP ({who}) over {threads} threads a socket, by CPU time"),
        };
        if let Some(tdp_w) = tdp_w {
            return match threads {
                Some(threads) => per_thread(tdp_w, threads, "as configured".to_owned()),
                None => per_vcpu(format!(
                    "`tdp-w` {tdp_w} is not used: the kernel does not say how many threads share a socket"
                )),
            };
        }
        match (cpu_tdp(cpu.model.as_deref().unwrap_or("")), threads) {
            (Ok(found), Some(threads)) if !cpu.is_virtual => per_thread(
                found.tdp_w,
                threads,
                format!("`{}` in the table", found.name),
            ),
            (Ok(found), _) if cpu.is_virtual => per_vcpu(format!(
                "{} W TDP of `{}` is not used: a virtual machine does not show how many threads share it",
                found.tdp_w, found.name
            )),
            (Ok(found), _) => per_vcpu(format!(
                "{} W TDP of `{}` is not used: the kernel does not say how many threads share it",
                found.tdp_w, found.name
            )),
            (Err(unknown), _) => per_vcpu(why_unknown(&unknown)),
        }
    }

    /// Energy of a case, J: `wall_s` seconds in which it could use `cpus` CPUs (a quota makes that a fraction) and used
    /// `cpu_s` seconds of CPU time, all of its processes together.
    ///
    /// Without a thermal design power, `wall_s` × P with P = n·(w_idle + (w_max − w_idle)·util) and
    /// util = `cpu_s` ÷ (`wall_s`·n): the CPUs that are kept for a case idle at its cost. With one, the threads' part of
    /// it × `cpu_s`.
    #[must_use]
    pub fn energy_j(&self, wall_s: f64, cpus: f64, cpu_s: f64) -> f64 {
        // CPU time is counted in ticks and may be ahead of the clock by one.
        let cpu_s = cpu_s.clamp(0.0, wall_s * cpus);
        match self.power {
            Power::PerVcpu => wall_s * cpus * VCPU_IDLE_W + (VCPU_MAX_W - VCPU_IDLE_W) * cpu_s,
            Power::PerThread { w } => w * cpu_s,
        }
    }

    /// `model: 0.75–3.5 W per vCPU for 2 vCPU, CPU `AMD EPYC` could be any of 148 in the table`. `cpus`: how many the case
    /// may use, once that is known.
    #[must_use]
    pub fn source(&self, cpus: Option<f64>) -> String {
        let why = &self.why;
        let count = cpus.map_or_else(String::new, |cpus| format!(" for {cpus} vCPU"));
        match self.power {
            Power::PerVcpu => {
                format!("model: {VCPU_IDLE_W}–{VCPU_MAX_W} W per vCPU{count}, {why}")
            }
            Power::PerThread { .. } => format!("model: {why}"),
        }
    }
}

/// The first half of the sentence: what to configure is said where settings are explained, not beside every number.
fn why_unknown(unknown: &UnknownTdp) -> String {
    let sentence = unknown.to_string();
    sentence
        .split_once("; set ")
        .map_or(sentence.clone(), |(why, _)| why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(model: &str, threads: Option<u32>, is_virtual: bool) -> CpuSeen {
        CpuSeen {
            model: Some(model.to_owned()),
            threads_per_socket: threads,
            is_virtual,
        }
    }

    #[test]
    fn without_a_design_power_idle_cpus_and_cpu_time_are_charged() {
        let model = CpuModel::choose(&seen("AMD EPYC", Some(2), true), None);

        // 10 s, 2 vCPU, 5 s of CPU time: util = 0.25, P = 2·(0.75 + 2.75·0.25) = 2.875 W.
        assert!((model.energy_j(10.0, 2.0, 5.0) - 28.75).abs() < 1e-9);
        assert!((model.energy_j(10.0, 2.0, 0.0) - 15.0).abs() < 1e-9);
        // Half a CPU by quota, all of it used: 0.5 · 3.5 W.
        assert!((model.energy_j(10.0, 0.5, 5.0) - 17.5).abs() < 1e-9);
        assert_eq!(
            model.source(Some(2.0)),
            "model: 0.75–3.5 W per vCPU for 2 vCPU, CPU `AMD EPYC` could be any of 148 in the table"
        );
    }

    #[test]
    fn cpu_time_beyond_the_clock_is_a_tick_and_not_charged() {
        let model = CpuModel::choose(&CpuSeen::default(), None);

        assert_eq!(
            model.energy_j(1.0, 1.0, 1.02),
            model.energy_j(1.0, 1.0, 1.0)
        );
        assert!(
            model
                .source(None)
                .ends_with("the kernel shows no CPU model")
        );
    }

    #[test]
    fn a_known_design_power_is_shared_by_the_threads_of_a_socket() {
        let cpu = seen("Intel(R) Xeon(R) Gold 6226R CPU @ 2.90GHz", Some(32), false);
        let model = CpuModel::choose(&cpu, None);

        // 150 W over 32 threads, 8 s of CPU time: 4.6875 W × 8 s; idle threads cost nothing.
        assert!((model.energy_j(10.0, 4.0, 8.0) - 37.5).abs() < 1e-9);
        assert_eq!(
            model.source(None),
            "model: 150 W TDP (`Intel Xeon Gold 6226R` in the table) over 32 threads a socket, by CPU time"
        );
    }

    #[test]
    fn what_is_configured_goes_before_the_table_and_is_believed_in_a_virtual_machine() {
        let cpu = seen("AMD EPYC 7763 64-Core Processor", Some(2), true);
        let model = CpuModel::choose(&cpu, Some(10.0));

        // 5 W a thread.
        assert!((model.energy_j(4.0, 2.0, 3.0) - 15.0).abs() < 1e-9);
        assert!(
            model
                .source(None)
                .contains("10 W TDP (as configured) over 2 threads")
        );
    }

    #[test]
    fn the_table_is_not_believed_where_the_threads_of_a_socket_are_not_seen() {
        let name = "AMD EPYC 7763 64-Core Processor";
        for (threads, is_virtual) in [(Some(2), true), (None, false), (Some(0), false)] {
            let model = CpuModel::choose(&seen(name, threads, is_virtual), None);

            assert_eq!(model.power, Power::PerVcpu);
            let source = model.source(None);
            assert!(
                source.contains("280 W TDP of `AMD EPYC 7763` is not used"),
                "{source}"
            );
        }
        let model = CpuModel::choose(&seen(name, None, false), Some(10.0));
        assert!(model.source(None).contains("`tdp-w` 10 is not used"));
    }

    #[test]
    fn memory_is_charged_by_what_is_resident() {
        // 4 GB × 0.375 W/GB.
        assert!((memory_power_w(4e9) - 1.5).abs() < 1e-12);
        assert!(memory_source().contains("0.375 W per GB"));
    }
}
