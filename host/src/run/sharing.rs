//! Samples that were taken beside another program on the same core do not count, as long as there are others.

use benchhost_record::Sharing;
use benchhost_stats::{calm, calm_level, median};

use super::repetition::{Taken, per_iteration_ns};
use crate::measure::ratio;

/// A worker with fewer calm samples says nothing, unless it took no more.
const FEWEST_SAMPLES: usize = 5;

/// Workers that must have calm samples for the others to be set aside, unless there are no more.
const FEWEST_WORKERS: usize = 2;

/// Share of samples on a shared core that is worth a remark.
const SHARE_WORTH_SAYING: f64 = 0.05;

/// What one worker saw of a core of one's own.
pub(crate) fn level(one: &Taken) -> Option<f64> {
    calm_level(&readings(one))
}

/// Says which samples of a case's workers count. `level`: what the yardstick reads on a core of one's own, 0 when that is not
/// known. When hardly any sample had its core to itself, all count, and the remark says so.
pub(crate) fn mark(taken: &mut [Taken], level: f64) {
    let calm: Vec<Vec<bool>> = taken.iter().map(|one| calm_samples(one, level)).collect();
    let speaking = calm.iter().filter(|calm| has_enough(calm)).count();
    let sampled = taken.iter().filter(|one| !one.samples.is_empty()).count();
    let is_enough = speaking >= FEWEST_WORKERS.min(sampled);
    for (one, calm) in taken.iter_mut().zip(calm) {
        let shared = calm.iter().filter(|is_calm| !**is_calm).count();
        one.calm = match (is_enough, has_enough(&calm)) {
            (false, _) => Vec::new(),
            (true, true) => calm,
            (true, false) => vec![false; calm.len()],
        };
        one.repetition.sharing = sharing(one, shared);
    }
}

/// The remark about a case, when there is one to make.
pub(super) fn remark(taken: &[Taken]) -> Option<String> {
    let all: usize = taken.iter().map(|one| one.samples.len()).sum();
    let looked: Vec<&Sharing> = taken
        .iter()
        .filter_map(|one| one.repetition.sharing.as_ref())
        .collect();
    let shared: f64 = taken
        .iter()
        .filter_map(|one| Some(one.repetition.sharing.as_ref()?.share * one.samples.len() as f64))
        .sum();
    let share = shared / all.max(1) as f64;
    if share <= SHARE_WORTH_SAYING {
        return None;
    }
    let aside: usize = looked.iter().map(|one| one.set_aside_ns.len()).sum();
    let what = if aside == 0 {
        "they count, for there are hardly others".to_owned()
    } else {
        format!("{aside} of {all} are set aside")
    };
    Some(format!(
        "another program ran on the same core during {:.0} % of the samples: {what}",
        100.0 * share
    ))
}

fn readings(one: &Taken) -> Vec<f64> {
    one.samples
        .iter()
        .map(|sample| ratio(sample.yardstick))
        .collect()
}

fn calm_samples(one: &Taken, level: f64) -> Vec<bool> {
    let readings = readings(one);
    let level = if level > 0.0 {
        Some(level)
    } else {
        calm_level(&readings)
    };
    level.map_or_else(
        || vec![true; readings.len()],
        |level| calm(&readings, level),
    )
}

fn has_enough(calm: &[bool]) -> bool {
    let count = calm.iter().filter(|is_calm| **is_calm).count();
    count >= FEWEST_SAMPLES.min(calm.len()).max(1)
}

fn sharing(one: &Taken, shared: usize) -> Option<Sharing> {
    let counted: Vec<f64> = one
        .counted()
        .map(|sample| ratio(sample.yardstick))
        .filter(|reading| *reading > 0.0)
        .collect();
    let all = readings(one);
    let known: Vec<f64> = all.iter().copied().filter(|one| *one > 0.0).collect();
    let is_looked_at = !known.is_empty();
    let aside = one
        .samples
        .iter()
        .enumerate()
        .filter(|(index, _)| !one.counts(*index));
    is_looked_at.then(|| Sharing {
        share: shared as f64 / all.len() as f64,
        yardstick: median(&counted)
            .or_else(|_| median(&known))
            .unwrap_or_default(),
        set_aside_ns: aside.map(|(_, sample)| per_iteration_ns(sample)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{run::repetition::Order, worker::SampleRecord};

    /// A worker with a sample for each reading.
    fn worker(readings: &[u64]) -> Taken {
        let order = Order {
            index: 0,
            position: 0,
        };
        let mut one = Taken::skipped(order, String::new());
        let sample = |(index, yardstick): (usize, &u64)| SampleRecord {
            iterations: 1,
            elapsed_ns: 100 + index as u64,
            yardstick: *yardstick,
            ..SampleRecord::default()
        };
        one.samples = readings.iter().enumerate().map(sample).collect();
        one
    }

    const CALM: [u64; 6] = [1000, 1010, 990, 1000, 1050, 1000];
    const SHARED: [u64; 6] = [1500; 6];

    #[test]
    fn samples_beside_another_program_are_set_aside_while_there_are_others() {
        let phase = [1000, 1000, 1500, 1500, 1000, 1000, 1000];
        let mut taken = vec![worker(&CALM), worker(&phase), worker(&SHARED)];

        mark(&mut taken, 1.0);

        let counted: Vec<usize> = taken.iter().map(|one| one.counted().count()).collect();
        assert_eq!(counted, [6, 5, 0]);
        let sharing = taken[1].repetition.sharing.as_ref().unwrap();
        assert_eq!(sharing.set_aside_ns, [102.0, 103.0]);
        assert!((sharing.share - 2.0 / 7.0).abs() < 1e-12 && sharing.yardstick == 1.0);
        let remark = remark(&taken).unwrap();
        assert_eq!(
            remark,
            "another program ran on the same core during 42 % of the samples: 8 of 19 are set aside"
        );
    }

    #[test]
    fn with_hardly_a_calm_sample_all_count_and_it_is_said() {
        let mut taken = vec![worker(&SHARED), worker(&CALM), worker(&SHARED)];

        mark(&mut taken, 1.0);

        assert!(taken.iter().all(|one| one.counted().count() == 6));
        assert!(
            remark(&taken)
                .unwrap()
                .ends_with("they count, for there are hardly others")
        );
        let mut alone = vec![worker(&SHARED)];
        mark(&mut alone, 0.0);
        assert_eq!(remark(&alone), None, "its own level is all that is known");
    }

    #[test]
    fn who_took_no_sample_has_no_say() {
        let mut taken = vec![worker(&[]), worker(&[]), worker(&SHARED)];

        mark(&mut taken, 1.0);

        assert_eq!(taken[2].counted().count(), 6);
    }

    #[test]
    fn nobody_who_looked_away_has_anything_to_say() {
        let mut taken = vec![worker(&[0; 6]), worker(&[0; 6])];

        mark(&mut taken, 0.98);

        assert!(
            taken
                .iter()
                .all(|one| one.counted().count() == 6 && one.repetition.sharing.is_none())
        );
        assert_eq!(remark(&taken), None);
        assert_eq!(level(&taken[0]), None);
    }
}
