//! Makes one repetition out of those of all processes. Pure.

use benchhost_record::{Outcome, Repetition, Trace, Usage, names};

use crate::{
    measure::Sampled,
    probe::trace,
    run::{repetition::Taken, rules},
    worker::{SampleRecord, ValueRecord},
};

/// One repetition out of those of all processes: samples of all at once, sums of what they used, the worst outcome.
pub(super) fn together(
    mut all: Vec<Taken>,
    samples: &[(SampleRecord, f64)],
    sampled: Option<Sampled>,
) -> Taken {
    let outcomes: Vec<&Outcome> = all.iter().map(|one| &one.repetition.outcome).collect();
    let outcome = rules::worst(&outcomes);
    let records: Vec<Vec<SampleRecord>> = all.iter().map(|one| one.samples.clone()).collect();
    let memory = all.iter_mut().filter_map(memory_of).collect();
    let mut all = all.into_iter();
    let mut first = all.next().expect("a fleet has at least one process");
    for one in all {
        add(&mut first, one);
    }
    first.repetition.outcome = outcome;
    let others = std::mem::take(&mut first.repetition.traces);
    first.repetition.traces = trace::sum(memory).into_iter().chain(others).collect();
    let of_all = |index: usize, field: fn(&SampleRecord) -> u64| -> u64 {
        records
            .iter()
            .filter_map(|own| own.get(index))
            .map(field)
            .sum()
    };
    first.samples = samples
        .iter()
        .enumerate()
        .map(|(index, (sample, _))| SampleRecord {
            cpu_ns: of_all(index, |own| own.cpu_ns),
            faults: of_all(index, |own| own.faults),
            preemptions: of_all(index, |own| own.preemptions),
            ..*sample
        })
        .collect();
    first.calm = Vec::new();
    let metric = first.metric_names.len() as u32;
    first
        .metric_names
        .push((names::FAIRNESS.to_owned(), "1".to_owned()));
    let fairness = samples
        .iter()
        .enumerate()
        .map(|(index, (_, value))| ValueRecord {
            sample: index as u32,
            metric,
            value: *value,
        });
    first.values.extend(fairness);
    if let Some(sampled) = sampled {
        let repetition = &mut first.repetition;
        repetition.warm_up = Some(sampled.warm_up);
        repetition.iterations_per_sample = sampled.iterations_per_sample;
        repetition.stopped_by = Some(sampled.stopped_by);
        repetition.times.measure_ns = sampled.measure_ns;
    }
    first.repetition.samples = first.samples.len() as u64;
    first
}

/// Takes what the host saw of the memory of one process.
fn memory_of(taken: &mut Taken) -> Option<Trace> {
    let traces = &mut taken.repetition.traces;
    let at = traces
        .iter()
        .position(|one| one.metric.name == names::MEMORY)?;
    Some(traces.remove(at))
}

/// Adds what another process of the same repetition yielded.
fn add(sum: &mut Taken, one: Taken) {
    let offset = sum.metric_names.len() as u32;
    sum.metric_names.extend(one.metric_names);
    sum.values
        .extend(one.values.into_iter().map(|value| ValueRecord {
            metric: value.metric + offset,
            ..value
        }));
    sum.warnings.extend(one.warnings);
    sum.strays += one.strays;
    let Repetition {
        usage,
        crash,
        log,
        output,
        ..
    } = one.repetition;
    let whole = &mut sum.repetition;
    whole.usage = match (whole.usage, usage) {
        (Some(a), Some(b)) => Some(added(a, b)),
        (a, b) => a.or(b),
    };
    whole.crash = whole.crash.take().or(crash);
    whole.log.extend(log);
    if whole.output.is_empty() {
        whole.output = output;
    }
}

fn added(a: Usage, b: Usage) -> Usage {
    Usage {
        user_ns: a.user_ns + b.user_ns,
        system_ns: a.system_ns + b.system_ns,
        minor_faults: a.minor_faults + b.minor_faults,
        major_faults: a.major_faults + b.major_faults,
        voluntary_switches: a.voluntary_switches + b.voluntary_switches,
        involuntary_switches: a.involuntary_switches + b.involuntary_switches,
        peak_bytes: a.peak_bytes + b.peak_bytes,
        before_bytes: a.before_bytes + b.before_bytes,
        after_bytes: a.after_bytes + b.after_bytes,
        threads_seen: a.threads_seen + b.threads_seen,
        busy_threads: a.busy_threads + b.busy_threads,
        runnable_threads: a.runnable_threads + b.runnable_threads,
    }
}

#[cfg(test)]
mod tests {
    use benchhost_record::{CrashReport, Output, Phase, StopReason, WarmUpResult};

    use super::*;
    use crate::run::repetition::Order;

    fn sample(elapsed_ns: u64, cpu_ns: u64) -> SampleRecord {
        SampleRecord {
            iterations: 2,
            elapsed_ns,
            cpu_ns,
            faults: cpu_ns / 10,
            preemptions: 1,
            yardstick: 990,
        }
    }

    /// A process that used `cpu_ns` in each of its samples and tells a loss for the first.
    fn process(cpu_ns: &[u64], loss: f64) -> Taken {
        let order = Order {
            index: 3,
            position: 9,
        };
        let mut taken = Taken::empty(order, Outcome::Ok);
        taken.samples = cpu_ns.iter().map(|cpu_ns| sample(100, *cpu_ns)).collect();
        taken.calm = vec![true; cpu_ns.len()];
        taken.metric_names = vec![
            ("other".to_owned(), "1".to_owned()),
            ("loss".to_owned(), "nat".to_owned()),
        ];
        taken.values = vec![ValueRecord {
            sample: 0,
            metric: 1,
            value: loss,
        }];
        taken
    }

    /// Samples of all at once, with their fairness.
    fn of_all(times: &[(u64, f64)]) -> Vec<(SampleRecord, f64)> {
        times
            .iter()
            .map(|(elapsed_ns, fairness)| (sample(*elapsed_ns, 0), *fairness))
            .collect()
    }

    #[test]
    fn each_value_keeps_its_name_and_every_sample_has_a_fairness() {
        let all = vec![
            process(&[10], 1.5),
            process(&[10], 2.5),
            process(&[10], 3.5),
        ];

        let whole = together(all, &of_all(&[(100, 0.5), (110, 0.9)]), None);

        let told: Vec<(u32, &str, f64)> = whole
            .values
            .iter()
            .map(|value| {
                let name = whole.metric_names[value.metric as usize].0.as_str();
                (value.sample, name, value.value)
            })
            .collect();
        assert_eq!(
            told,
            [
                (0, "loss", 1.5),
                (0, "loss", 2.5),
                (0, "loss", 3.5),
                (0, names::FAIRNESS, 0.5),
                (1, names::FAIRNESS, 0.9),
            ]
        );
    }

    #[test]
    fn times_are_those_of_all_at_once_and_what_was_used_is_summed() {
        // The second process ended before it could keep its last sample.
        let all = vec![process(&[70, 80, 90], 0.0), process(&[700, 800], 0.0)];

        let whole = together(all, &of_all(&[(100, 1.0), (110, 1.0), (120, 1.0)]), None);

        let told: Vec<(u64, u64, u64, u64)> = whole
            .samples
            .iter()
            .map(|one| (one.elapsed_ns, one.cpu_ns, one.faults, one.preemptions))
            .collect();
        assert_eq!(
            told,
            [(100, 770, 77, 2), (110, 880, 88, 2), (120, 90, 9, 1)]
        );
        assert_eq!(whole.repetition.samples, 3);
        assert!(whole.calm.is_empty(), "all count");
    }

    #[test]
    fn the_worst_end_is_that_of_all_and_its_traces_are_kept() {
        let mut crashed = process(&[], 0.0);
        crashed.repetition.outcome = Outcome::Signal {
            phase: Phase::Measure,
            signal: 11,
            name: "SIGSEGV".to_owned(),
        };
        crashed.repetition.crash = Some(CrashReport {
            signal: 11,
            code: 1,
            address: 0,
            instruction: 4096,
            phase: Phase::Measure,
        });
        crashed.repetition.output = Output {
            stderr: "help".to_owned(),
            ..Output::default()
        };
        crashed.repetition.log = vec!["second".to_owned()];
        crashed.warnings = vec!["hot".to_owned()];
        crashed.strays = 2;
        let (outcome, crash) = (
            crashed.repetition.outcome.clone(),
            crashed.repetition.crash.clone(),
        );
        let mut wrong = process(&[10], 0.0);
        wrong.repetition.outcome = Outcome::Wrong {
            rule: "verify".to_owned(),
            message: String::new(),
        };
        wrong.repetition.log = vec!["third".to_owned()];
        wrong.strays = 1;

        let whole = together(vec![process(&[10], 0.0), crashed, wrong], &[], None);

        assert_eq!(whole.repetition.outcome, outcome);
        assert_eq!(whole.repetition.crash, crash);
        assert_eq!(whole.repetition.output.stderr, "help");
        assert_eq!(whole.repetition.log, ["second", "third"]);
        assert_eq!((whole.warnings, whole.strays), (vec!["hot".to_owned()], 3));
    }

    #[test]
    fn resources_are_summed_over_the_processes_that_told_theirs() {
        let usage = |n: u32| Usage {
            user_ns: n.into(),
            system_ns: u64::from(n) * 2,
            minor_faults: u64::from(n) * 3,
            major_faults: u64::from(n) * 4,
            voluntary_switches: u64::from(n) * 5,
            involuntary_switches: u64::from(n) * 6,
            peak_bytes: u64::from(n) * 7,
            before_bytes: u64::from(n) * 8,
            after_bytes: u64::from(n) * 9,
            threads_seen: n * 10,
            busy_threads: n * 11,
            runnable_threads: n * 12,
        };
        let mut all: Vec<Taken> = (0..4).map(|_| process(&[], 0.0)).collect();
        for (taken, n) in all.iter_mut().zip([0, 1, 100, 1000]) {
            taken.repetition.usage = (n > 0).then(|| usage(n));
        }

        let whole = together(all, &[], None);

        assert_eq!(whole.repetition.usage, Some(usage(1101)));
        assert_eq!(
            together(vec![process(&[], 0.0)], &[], None)
                .repetition
                .usage,
            None
        );
    }

    #[test]
    fn how_the_loop_went_is_told_once_for_all() {
        let warm_up = WarmUpResult {
            iterations: 40,
            elapsed_ns: 4000,
            steady: true,
        };
        let sampled = Sampled {
            warm_up,
            iterations_per_sample: 2,
            stopped_by: StopReason::Precision,
            measure_ns: 330,
        };

        let whole = together(
            vec![process(&[10], 0.0), process(&[10], 0.0)],
            &of_all(&[(100, 1.0)]),
            Some(sampled),
        );

        let repetition = &whole.repetition;
        assert_eq!((repetition.index, repetition.position), (3, 9));
        assert_eq!(repetition.warm_up, Some(warm_up));
        assert_eq!(repetition.iterations_per_sample, 2);
        assert_eq!(repetition.stopped_by, Some(StopReason::Precision));
        assert_eq!(repetition.times.measure_ns, 330);
    }
}
