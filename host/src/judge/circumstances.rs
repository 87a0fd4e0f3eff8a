//! Under which circumstances a value came about: whose core it was, and whether time decided how far the case got.

use benchhost_record::{CaseResult, Measurement, MetricKind, Repetition, Run, StopReason};
use benchhost_stats::median;

use crate::store::{Store, StoreError};

/// Earlier runs that are asked what the yardstick reads on a core of one's own.
const LEVEL_RUNS: usize = 16;

/// The yardstick while the samples were taken that count, by what it reads on a core of one's own.
pub(super) fn sharing(case: &CaseResult, level: f64) -> Option<f64> {
    let readings: Vec<f64> = case
        .repetitions
        .iter()
        .filter_map(|one| {
            let sharing = one.sharing.as_ref()?;
            (sharing.set_aside_ns.len() as u64 != one.samples).then_some(sharing.yardstick)
        })
        .collect();
    let typical = median(&readings).ok()?;
    (level > 0.0).then_some(typical / level)
}

/// What the yardstick reads on this machine on a core of one's own: by this run and the last ones.
pub(super) fn calm_level(run: &Run, store: &Store) -> Result<f64, StoreError> {
    let heads = store.heads(LEVEL_RUNS)?;
    let alike = heads.iter().filter(|other| {
        other.host_version == run.host_version
            && other.environment.fingerprint == run.environment.fingerprint
    });
    let levels: Vec<f64> = alike
        .chain([run])
        .map(|one| one.overhead.yardstick)
        .collect();
    Ok(benchhost_stats::calm_level(&levels).unwrap_or(0.0))
}

/// Whether a figure of quality moved while the case went on for as long as time allowed: a loss that still falls.
pub(super) fn is_of_its_length(case: &CaseResult, measurement: &Measurement) -> bool {
    let is_quality = matches!(
        measurement.metric.kind,
        MetricKind::Quality | MetricKind::Ratio
    );
    let values = &measurement.samples.value;
    let is_constant = values.windows(2).all(|pair| pair[0] == pair[1]);
    is_quality && !is_constant && case.repetitions.iter().any(was_ended_by_time)
}

fn was_ended_by_time(repetition: &Repetition) -> bool {
    matches!(
        repetition.stopped_by,
        Some(StopReason::Precision | StopReason::TimeBudget)
    )
}

#[cfg(test)]
mod tests {
    use benchhost_record::{
        Case, CaseId, Direction, Metric, Outcome, Output, Params, Samples, SetupTimes, Sharing,
    };

    use super::*;

    fn repetition(stopped_by: StopReason, sharing: Option<Sharing>) -> Repetition {
        Repetition {
            index: 0,
            position: 0,
            outcome: Outcome::Ok,
            samples: 4,
            iterations_per_sample: 1,
            stopped_by: Some(stopped_by),
            warm_up: None,
            times: SetupTimes::default(),
            usage: None,
            machine: None,
            sharing,
            crash: None,
            output: Output::default(),
            log: Vec::new(),
        }
    }

    fn case(repetitions: Vec<Repetition>) -> CaseResult {
        CaseResult {
            case: Case {
                id: CaseId::from("p/w?threads=1".to_owned()),
                benchmark: "b".to_owned(),
                plugin: "p".to_owned(),
                workload: "w".to_owned(),
                params: Params::new(),
                threads: 1,
                device: "cpu".to_owned(),
                seed: 0,
            },
            outcome: Outcome::Ok,
            repetitions,
            measurements: Vec::new(),
            work: None,
            flags: Vec::new(),
            targets: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn a_loss_that_moves_depends_on_who_ended_the_case() {
        let of = |stopped_by, kind, values: &[f64]| {
            let mut samples = Samples::default();
            values.iter().for_each(|value| samples.push(0, 1, *value));
            let measurement = Measurement {
                metric: Metric::new("m", "nat", Direction::Lower, kind),
                samples,
                summary: None,
            };
            is_of_its_length(&case(vec![repetition(stopped_by, None)]), &measurement)
        };
        let falling = [2.0, 1.9, 1.8];

        assert!(of(StopReason::TimeBudget, MetricKind::Quality, &falling));
        assert!(of(StopReason::Precision, MetricKind::Ratio, &falling));
        assert!(!of(StopReason::Finished, MetricKind::Quality, &falling));
        assert!(!of(StopReason::SampleLimit, MetricKind::Quality, &falling));
        assert!(!of(StopReason::Precision, MetricKind::Quality, &[1.5; 3]));
        assert!(!of(StopReason::Precision, MetricKind::Time, &falling));
    }

    #[test]
    fn who_was_set_aside_says_nothing_about_the_core_of_the_others() {
        let sharing = |yardstick, aside: usize| {
            Some(Sharing {
                share: 0.0,
                yardstick,
                set_aside_ns: vec![1.0; aside],
            })
        };
        let end = StopReason::Precision;
        let case = case(vec![
            repetition(end, sharing(1.0, 0)),
            repetition(end, sharing(1.02, 1)),
            repetition(end, sharing(1.6, 4)),
        ]);

        assert_eq!(super::sharing(&case, 1.0), Some(1.01));
        assert_eq!(super::sharing(&case, 0.0), None, "nothing to compare with");
    }
}
