//! Claims that are checked from outside, and which of several outcomes a case has. Pure.

use benchhost_record::{Outcome, Repetition};

/// CPUs that may be used beyond those asked for, before it is called a lie: kernel work on the process' behalf and
/// the coarseness of the accounting.
const CPU_TOLERANCE: f64 = 0.5;

/// Measurements shorter than this are not judged: the accounting is too coarse.
const SHORTEST_JUDGED_NS: u64 = 50_000_000;

/// A sentence when more CPU time was used than `threads` threads can give.
pub(crate) fn surplus_cpus(cpu_ns: u64, wall_ns: u64, threads: u32) -> Option<String> {
    let cpus = cpu_ns as f64 / wall_ns.max(1) as f64;
    (wall_ns >= SHORTEST_JUDGED_NS && cpus > f64::from(threads) + CPU_TOLERANCE)
        .then(|| format!("{threads} threads were asked for, {cpus:.1} CPUs were used"))
}

/// Whether more threads worked than were asked for.
///
/// Three signs: more CPU time than the asked threads can give; more threads running or ready at once than asked, as
/// seen by looking now and then; and more threads that did a good part of the work than asked, the one that drives
/// the workload besides a pool not counted. The last two also speak when pinning keeps the surplus threads from
/// gaining anything. Where several threads are asked for, they allow for two pools of that size, as candle has them
/// (rayon's and its own for barriers): their threads take turns, and spin for a moment before they sleep.
pub(super) fn too_many_threads(repetition: &Repetition, threads: u32) -> Option<Outcome> {
    let usage = repetition.usage.as_ref()?;
    let wall_ns = repetition.times.measure_ns;
    if wall_ns < SHORTEST_JUDGED_NS {
        return None;
    }
    let cpu_ns = usage.user_ns + usage.system_ns;
    let message = if let Some(message) = surplus_cpus(cpu_ns, wall_ns, threads) {
        message
    } else if usage.runnable_threads > with_pools(threads, 1) {
        format!(
            "{threads} threads were asked for, {} wanted to run at once",
            usage.runnable_threads
        )
    } else if usage.busy_threads > with_pools(threads, 2) {
        format!(
            "{threads} threads were asked for, {} threads did the work",
            usage.busy_threads
        )
    } else {
        return None;
    };
    Some(Outcome::Wrong {
        rule: "threads".to_owned(),
        message,
    })
}

/// Threads that may be seen where `threads` were asked for; `alone`: where that is one.
fn with_pools(threads: u32, alone: u32) -> u32 {
    if threads == 1 { alone } else { 2 * threads }
}

/// The outcome of a case: the worst of its repetitions, the first of equals. A skipped repetition counts only when
/// all were skipped.
pub(super) fn worst(outcomes: &[&Outcome]) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Skipped { .. } => 0,
        Outcome::Ok => 1,
        Outcome::Wrong { .. } => 2,
        _ => 3,
    };
    let mut worst: Option<&Outcome> = None;
    for outcome in outcomes {
        if worst.is_none_or(|known| rank(outcome) > rank(known)) {
            worst = Some(outcome);
        }
    }
    worst.map_or_else(
        || Outcome::Skipped {
            reason: "not run".to_owned(),
        },
        Clone::clone,
    )
}

#[cfg(test)]
mod tests {
    use benchhost_record::{SetupTimes, Usage};

    use super::*;

    fn repetition(cpu_ns: u64, busy_threads: u32) -> Repetition {
        Repetition {
            samples: 1,
            iterations_per_sample: 1,
            times: SetupTimes {
                measure_ns: 1_000_000_000,
                ..SetupTimes::default()
            },
            usage: Some(Usage {
                user_ns: cpu_ns,
                busy_threads,
                ..Usage::default()
            }),
            ..Repetition::new(0, 0, Outcome::Ok)
        }
    }

    #[test]
    fn surplus_threads_are_seen_by_their_cpu_time_or_their_number() {
        assert_eq!(too_many_threads(&repetition(1_000_000_000, 1), 1), None);
        assert_eq!(too_many_threads(&repetition(1_900_000_000, 3), 2), None);
        assert_eq!(too_many_threads(&repetition(1_900_000_000, 4), 2), None);
        assert!(too_many_threads(&repetition(1_900_000_000, 5), 2).is_some());
        assert!(too_many_threads(&repetition(1_900_000_000, 2), 1).is_some());
        assert!(too_many_threads(&repetition(1_000_000_000, 5), 1).is_some());
        let mut short_lived = repetition(1_000_000_000, 1);
        short_lived.usage = short_lived.usage.map(|u| Usage {
            runnable_threads: 4,
            ..u
        });
        assert!(too_many_threads(&short_lived, 1).is_some());
    }

    #[test]
    fn a_case_is_as_good_as_its_worst_repetition() {
        let skipped = Outcome::Skipped {
            reason: String::new(),
        };
        let exit = Outcome::Exit {
            phase: benchhost_record::Phase::Measure,
            code: 3,
        };

        assert_eq!(worst(&[&Outcome::Ok, &exit, &skipped]), exit);
        assert_eq!(worst(&[&skipped, &Outcome::Ok]), Outcome::Ok);
        assert_eq!(worst(&[&skipped]), skipped);
    }
}
