//! Under which circumstances a value came about: whose core it was, and whether time decided how far the case got.

use std::path::Path;

use benchhost_record::{CaseResult, Measurement, MetricKind, Run};
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

/// What the yardstick reads on this machine on a core of one's own: the middle one of what this run and the last ones of the same
/// program saw. One run that had no core of its own, or read too little, does not move it.
pub(super) fn calm_level(run: &Run, store: &Store) -> Result<f64, StoreError> {
    let heads = store.heads(&run.environment.fingerprint, LEVEL_RUNS)?;
    let alike = heads.iter().filter(|other| {
        other.host_version == run.host_version
            && other.overhead.program_bytes == run.overhead.program_bytes
            && other.id != run.id
    });
    let levels = alike.chain([run]).map(|one| one.overhead.yardstick);
    let known: Vec<f64> = levels.filter(|level| *level > 0.0).collect();
    Ok(median(&known).unwrap_or(0.0))
}

/// The same for a run that is about to begin; 0 when no history tells.
#[must_use]
pub fn known_yardstick(run: &Run, history: &Path) -> f64 {
    let known = || calm_level(run, &Store::open_existing(history)?);
    // Whoever writes the history will say what is wrong with it.
    history
        .exists()
        .then(known)
        .and_then(Result::ok)
        .unwrap_or(0.0)
}

/// Share of its time for which a typical repetition was ready to run and had no CPU. With several threads it is no share of time.
pub(super) fn waited_share(case: &CaseResult) -> Option<f64> {
    let shares: Option<Vec<f64>> = case
        .repetitions
        .iter()
        .map(|one| {
            let noise = one.machine?;
            let waited = noise.waited_ns? as f64 / noise.elapsed_ns.max(1) as f64;
            Some(waited + noise.steal_share.unwrap_or(0.0))
        })
        .collect();
    let is_one_thread = case.case.threads == 1 && case.case.device == "cpu";
    shares
        .filter(|_| is_one_thread)
        .and_then(|shares| median(&shares).ok())
}

/// Whether a figure of quality moved while time had a say in how many iterations the case did: a loss that still falls.
pub(super) fn is_of_its_length(case: &CaseResult, measurement: &Measurement) -> bool {
    let is_quality = matches!(
        measurement.metric.kind,
        MetricKind::Quality | MetricKind::Ratio
    );
    let is_constant = |group: &Vec<f64>| group.windows(2).all(|pair| pair[0] == pair[1]);
    is_quality
        && !measurement.samples.by_repetition().iter().all(is_constant)
        && !case.repetitions.iter().all(|one| one.has_fixed_length)
}

#[cfg(test)]
mod tests {
    use benchhost_record::{
        Case, CaseId, Direction, Metric, Outcome, Params, Repetition, Samples, Sharing,
    };

    use super::*;

    fn repetition(has_fixed_length: bool, sharing: Option<Sharing>) -> Repetition {
        Repetition {
            samples: 4,
            has_fixed_length,
            sharing,
            ..Repetition::new(0, 0, Outcome::Ok)
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
                instances: None,
                offered_load: None,
                seed: 0,
            },
            outcome: Outcome::Ok,
            repetitions,
            measurements: Vec::new(),
            work: None,
            flags: Vec::new(),
            targets: std::collections::BTreeMap::new(),
            search: None,
            roofline: None,
        }
    }

    #[test]
    fn a_loss_that_moves_depends_on_who_ended_the_case() {
        let of = |has_fixed_length, kind, values: &[(u32, f64)]| {
            let mut samples = Samples::default();
            let rows = values.iter();
            rows.for_each(|(repetition, value)| samples.push(*repetition, 1, *value));
            let measurement = Measurement {
                metric: Metric::new("m", "nat", Direction::Lower, kind),
                samples,
                summary: None,
            };
            is_of_its_length(
                &case(vec![repetition(has_fixed_length, None)]),
                &measurement,
            )
        };
        let falling = [(0, 2.0), (0, 1.9), (1, 2.0), (1, 1.8)];
        let of_its_seed = [(0, 2.0), (0, 2.0), (1, 1.7), (1, 1.7)];

        assert!(of(false, MetricKind::Quality, &falling));
        assert!(of(false, MetricKind::Ratio, &falling));
        assert!(!of(true, MetricKind::Quality, &falling));
        assert!(!of(false, MetricKind::Quality, &of_its_seed));
        assert!(!of(false, MetricKind::Time, &falling));
    }

    #[test]
    fn waiting_is_a_share_of_time_for_one_thread_only() {
        let noise = |waited_ns, steal_share| {
            let machine = Some(benchhost_record::MachineNoise {
                elapsed_ns: 1000,
                waited_ns: Some(waited_ns),
                steal_share,
                ..benchhost_record::MachineNoise::default()
            });
            Repetition {
                machine,
                ..repetition(false, None)
            }
        };
        let mut case = case(vec![
            noise(500, None),
            noise(400, Some(0.02)),
            noise(0, None),
        ]);

        assert!(waited_share(&case).is_some_and(|share| (share - 0.42).abs() < 1e-12));
        case.case.threads = 2;
        assert_eq!(waited_share(&case), None);
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
        let case = case(vec![
            repetition(false, sharing(1.0, 0)),
            repetition(false, sharing(1.02, 1)),
            repetition(false, sharing(1.6, 4)),
        ]);

        assert_eq!(super::sharing(&case, 1.0), Some(1.01));
        assert_eq!(super::sharing(&case, 0.0), None, "nothing to compare with");
    }
}
