//! Flags about the samples of a case: what happened while they were taken, and how they lie.

use benchhost_record::{FlagKind, Measurement};
use benchhost_stats::{Movement, Steadiness, is_bimodal, steadiness};

use crate::{run::repetition::Taken, worker::SampleRecord};

/// Share of samples during which the CPU was taken away, above which it is worth a remark.
pub(crate) const DESCHEDULED_SHARE: f64 = 0.1;
/// Share of the CPUs' time that was spent waiting for a CPU, below which it is no matter how often it was taken away: long
/// samples are all interrupted now and then by the kernel's own short work. It is the precision asked for by default.
const WAITED_SHARE: f64 = 0.01;
/// Page faults in a sample above which they are worth a remark (4 KiB each).
pub(crate) const FAULTS_PER_SAMPLE: f64 = 16.0;
/// Share of samples far from the median above which it is worth a remark.
const OUTLIER_SHARE: f64 = 0.2;
/// A sample should last this many steps of the clock.
pub(crate) const CLOCK_STEPS: f64 = 1000.0;

/// The flags, with a sentence where there is something to say; `cpus`: how many a worker can use; `time`: the
/// measurement of the time of an iteration.
pub(super) fn of(
    taken: &[Taken],
    cpus: usize,
    time: Option<&Measurement>,
) -> [(FlagKind, Option<String>); 6] {
    [
        (FlagKind::NotSteady, not_steady(taken)),
        (FlagKind::CoarseClock, coarse_clock(taken)),
        (FlagKind::Descheduled, descheduled(taken, cpus)),
        (FlagKind::PageFaults, page_faults(taken)),
        (FlagKind::Outliers, time.and_then(outliers)),
        (FlagKind::Bimodal, time.and_then(bimodal)),
    ]
}

fn coarse_clock(taken: &[Taken]) -> Option<String> {
    let resolution = crate::probe::clock::resolution_ns();
    let shortest = samples(taken).map(|sample| sample.elapsed_ns).min()? as f64;
    (shortest < CLOCK_STEPS * resolution)
        .then(|| format!("samples of {shortest:.0} ns against clock steps of {resolution:.0} ns"))
}

fn descheduled(taken: &[Taken], cpus: usize) -> Option<String> {
    let all = samples(taken).count();
    let hit = taken
        .iter()
        .filter(|one| has_waited(one, cpus))
        .flat_map(|one| one.counted())
        .filter(|sample| sample.preemptions > 0)
        .count();
    (all > 0 && hit as f64 > DESCHEDULED_SHARE * all as f64)
        .then(|| format!("the CPU was taken away during {hit} of {all} samples"))
}

/// Whether the worker lost time worth the name; also when that is not known.
fn has_waited(one: &Taken, cpus: usize) -> bool {
    let machine = one.repetition.machine;
    let waited = machine.and_then(|noise| Some((noise.waited_ns?, noise.elapsed_ns)));
    waited.is_none_or(|(waited_ns, elapsed_ns)| {
        waited_ns as f64 > WAITED_SHARE * elapsed_ns as f64 * cpus as f64
    })
}

fn page_faults(taken: &[Taken]) -> Option<String> {
    let faults: Vec<f64> = samples(taken).map(|sample| sample.faults as f64).collect();
    let typical = benchhost_stats::median(&faults).ok()?;
    (typical > FAULTS_PER_SAMPLE)
        .then(|| format!("a typical sample has {typical:.0} page faults in its timed part"))
}

fn not_steady(taken: &[Taken]) -> Option<String> {
    let moved: Vec<&str> = taken
        .iter()
        .filter_map(|one| match steadiness(&one.times_ns()) {
            Ok(Steadiness::Moving(movement)) => Some(how(movement)),
            _ => None,
        })
        .collect();
    let first = moved.first()?;
    Some(format!(
        "the times {first} while they were measured (in {} of {}): the median is of no one level",
        moved.len(),
        super::repetitions(taken.len())
    ))
}

fn how(movement: Movement) -> &'static str {
    match movement {
        Movement::Drift => "drifted",
        Movement::Step => "changed their level",
        Movement::Wave => "went up and down in slow waves",
        Movement::Wander => "wandered",
    }
}

fn outliers(time: &Measurement) -> Option<String> {
    let summary = time.summary.as_ref()?;
    (summary.outliers as f64 > OUTLIER_SHARE * summary.n as f64).then(|| {
        format!(
            "{} of {} samples lie far from the median",
            summary.outliers, summary.n
        )
    })
}

fn bimodal(time: &Measurement) -> Option<String> {
    is_bimodal(&time.samples.value)
        .unwrap_or(false)
        .then(|| "the times gather around two levels: the median may jump between runs".to_owned())
}

fn samples(taken: &[Taken]) -> impl Iterator<Item = &SampleRecord> {
    taken.iter().flat_map(Taken::counted)
}

#[cfg(test)]
mod tests {
    use benchhost_record::MachineNoise;

    use super::*;
    use crate::run::repetition::Order;

    /// A repetition of ten samples in a second, some of them preempted.
    fn taken(preempted: usize, waited_ns: Option<u64>) -> Taken {
        let order = Order {
            index: 0,
            position: 0,
        };
        let mut one = Taken::skipped(order, String::new());
        one.repetition.machine = Some(MachineNoise {
            elapsed_ns: 1_000_000_000,
            waited_ns,
            ..MachineNoise::default()
        });
        one.samples = (0..10)
            .map(|index| SampleRecord {
                preemptions: u64::from(index < preempted),
                ..SampleRecord::default()
            })
            .collect();
        one
    }

    #[test]
    fn a_cpu_taken_away_often_and_for_long_is_worth_a_remark() {
        let flag = |preempted, waited_ns, cpus| descheduled(&[taken(preempted, waited_ns)], cpus);

        let message = "the CPU was taken away during 8 of 10 samples".to_owned();
        assert_eq!(flag(8, Some(20_000_000), 1), Some(message.clone()));
        assert_eq!(flag(8, None, 1), Some(message));
        assert_eq!(flag(1, Some(20_000_000), 1), None, "too few samples");
        assert_eq!(flag(8, Some(9_000_000), 1), None, "too little time");
        assert_eq!(flag(8, Some(20_000_000), 4), None, "of four CPUs");
    }

    #[test]
    fn only_samples_of_repetitions_that_waited_count() {
        let both = [taken(6, Some(0)), taken(3, Some(500_000_000))];

        let message = "the CPU was taken away during 3 of 20 samples".to_owned();
        assert_eq!(descheduled(&both, 1), Some(message));
    }
}
