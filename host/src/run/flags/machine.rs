//! Flags about the machine: what others took from the CPUs while something was measured on them.

use benchhost_record::{Flag, FlagKind, MachineNoise, Nanos};

use crate::run::repetition::Taken;

/// Share of the CPUs' time used by others, above which it is worth a remark. What an idle machine does in the
/// background, and the error of the kernel's accounting over a second, stay below.
const OTHER_SHARE: f64 = 0.05;
/// Time spent ready but without a CPU, as a share of the CPUs' time, above which it is worth a remark: as for others, whose
/// doing it is.
const WAITED_SHARE: f64 = 0.05;
/// Share of the CPUs' time taken by the hypervisor, above which it is worth a remark. It comes in slices of
/// milliseconds: at this share it decides the slowest hundredth of the samples.
const STEAL_SHARE: f64 = 0.01;
/// CPU time below which neither share is worth a remark, ns: five ticks, more than the kernel's accounting errs.
const CERTAIN_NS: f64 = 50_000_000.0;
/// Time stopped by a quota, above which it is worth a remark, ns. A quota stops for milliseconds at a time, so this
/// is any stop that a process can feel.
const QUOTA_NS: u64 = 1_000_000;

/// What `noise`, seen on `cpus`, is worth saying: at most one flag of each kind.
pub(crate) fn machine_flags(noise: &MachineNoise, cpus: &[u32]) -> Vec<Flag> {
    let of = |kind, remarks: [Option<String>; 2]| {
        let remarks: Vec<String> = remarks.into_iter().flatten().collect();
        let message = remarks.join("; ");
        (!remarks.is_empty()).then_some(Flag { kind, message })
    };
    // Waiting follows from other programs; it is known in a time that is too short for their share.
    let others = others(noise, cpus).or_else(|| waited(noise, cpus));
    let load = [others, steal(noise, cpus)];
    let throttled = [heat(noise), quota(noise)];
    [
        of(FlagKind::OtherLoad, load),
        of(FlagKind::Throttled, throttled),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The machine's flags of a case: of each kind the worst that a repetition has. `threads`: those of all its instances.
pub(super) fn of_case(taken: &[Taken], cpus: &[u32], threads: u32) -> Vec<Flag> {
    let noises: Vec<MachineNoise> = taken
        .iter()
        .filter_map(|one| one.repetition.machine)
        .map(|noise| MachineNoise {
            // Several threads, those of pools above all, wait for each other: nobody else need be there.
            waited_ns: noise.waited_ns.filter(|_| threads == 1),
            ..noise
        })
        .collect();
    let noises: Vec<&MachineNoise> = noises.iter().collect();
    let load =
        |noise: &MachineNoise| noise.other_share.unwrap_or(0.0) + noise.steal_share.unwrap_or(0.0);
    let throttled = |noise: &MachineNoise| {
        let events = noise.throttle_events.unwrap_or(0) as f64;
        events + noise.quota_stopped_ns.unwrap_or(0) as f64 / QUOTA_NS as f64
    };
    let load = worst(&noises, cpus, FlagKind::OtherLoad, load);
    let throttled = worst(&noises, cpus, FlagKind::Throttled, throttled);
    load.into_iter().chain(throttled).collect()
}

/// The flag of this kind of the repetition where `badness` is greatest, with how many have one.
fn worst(
    noises: &[&MachineNoise],
    cpus: &[u32],
    kind: FlagKind,
    badness: impl Fn(&MachineNoise) -> f64,
) -> Option<Flag> {
    let flagged = noises.iter().filter_map(|noise| {
        let flags = machine_flags(noise, cpus);
        let flag = flags.into_iter().find(|flag| flag.kind == kind)?;
        Some((badness(noise), flag))
    });
    let flagged: Vec<(f64, Flag)> = flagged.collect();
    let (hit, all) = (flagged.len(), noises.len());
    let (_, mut flag) = flagged
        .into_iter()
        .max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    if all > 1 {
        let more = format!(" (in {hit} of {all} repetitions; this is the worst)");
        flag.message.push_str(&more);
    }
    Some(flag)
}

fn others(noise: &MachineNoise, cpus: &[u32]) -> Option<String> {
    let share = worth_saying(noise, cpus, noise.other_share?, OTHER_SHARE)?;
    let cpus = names(cpus);
    Some(format!(
        "other programs and interrupts used {share} of {cpus} during the measurement"
    ))
}

fn waited(noise: &MachineNoise, cpus: &[u32]) -> Option<String> {
    // A process that its quota stops counts as waiting as well.
    let stopped_ns = noise.quota_stopped_ns.unwrap_or(0);
    let waited_ns = noise.waited_ns?.saturating_sub(stopped_ns);
    let cpu_ns = noise.elapsed_ns as f64 * cpus.len() as f64;
    (waited_ns as f64 > WAITED_SHARE * cpu_ns).then(|| {
        format!(
            "the worker was ready to run for {} of {} but {} ran something else",
            Nanos(waited_ns),
            Nanos(noise.elapsed_ns),
            names(cpus)
        )
    })
}

fn steal(noise: &MachineNoise, cpus: &[u32]) -> Option<String> {
    let share = worth_saying(noise, cpus, noise.steal_share?, STEAL_SHARE)?;
    let cpus = names(cpus);
    Some(format!(
        "the hypervisor took away {share} of {cpus} (steal)"
    ))
}

/// The share in words, when it is above `limit` and more than an error of the accounting.
fn worth_saying(noise: &MachineNoise, cpus: &[u32], share: f64, limit: f64) -> Option<String> {
    let cpu_ns = share * noise.elapsed_ns as f64 * cpus.len() as f64;
    let digits = usize::from(share < 0.1);
    (share > limit && cpu_ns > CERTAIN_NS).then(|| format!("{:.digits$} %", share * 100.0))
}

fn heat(noise: &MachineNoise) -> Option<String> {
    match noise.throttle_events? {
        0 => None,
        1 => Some("the CPU was slowed once because of heat".to_owned()),
        events => Some(format!("the CPU was slowed {events} times because of heat")),
    }
}

fn quota(noise: &MachineNoise) -> Option<String> {
    let stopped_ns = noise.quota_stopped_ns?;
    (stopped_ns > QUOTA_NS).then(|| {
        format!(
            "the control group's CPU quota stopped its processes for {} in all",
            Nanos(stopped_ns)
        )
    })
}

/// `CPU 1`, `CPUs 0-3, 6`.
fn names(cpus: &[u32]) -> String {
    let mut cpus = cpus.to_vec();
    cpus.sort_unstable();
    let ranges: Vec<String> = cpus
        .chunk_by(|a, b| a.checked_add(1) == Some(*b))
        .filter_map(|range| Some((range.first()?, range.last()?)))
        .map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        })
        .collect();
    let noun = if cpus.len() == 1 { "CPU" } else { "CPUs" };
    format!("{noun} {}", ranges.join(", "))
}

#[cfg(test)]
mod tests;
