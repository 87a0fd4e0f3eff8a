//! Samples of the run: as many as the page has room for, evenly.

use benchhost_record::{CaseResult, Samples};
use serde::Serialize;

use super::super::pack::floats;
use crate::share;

/// Samples of all measurements together, at most: more make no better picture.
const MOST: usize = 300_000;

/// Samples of one measurement, at most: a browser draws so many in a moment.
const MOST_OF_ONE: usize = 10_000;

/// What a sample takes: four bytes in base64, and a little for what stands around them.
const BYTES_A_SAMPLE: usize = 6;

/// Samples of one metric of one case.
#[derive(Debug, Serialize, PartialEq)]
pub(super) struct SamplesData {
    value: String,
    /// Repetitions and how many samples each has here, over and over.
    repetition: Vec<u32>,
    /// Samples that were taken.
    all: usize,
    /// Each so-many-th is here.
    every: usize,
}

/// How many samples each measurement may have so that all fit into `room` bytes.
pub(super) fn most_of_one(cases: &[CaseResult], room: usize) -> usize {
    let measured = cases.iter().flat_map(|case| &case.measurements);
    let sizes = measured.map(|one| one.samples.len() as u64);
    let budget = MOST.min(room / BYTES_A_SAMPLE);
    let most = share(sizes, budget as u64);
    usize::try_from(most).map_or(MOST_OF_ONE, |most| most.min(MOST_OF_ONE))
}

/// `samples`, at most `most` of them; none when not even a few fit.
pub(super) fn packed(samples: &Samples, most: usize) -> Option<SamplesData> {
    /// Fewer say nothing about a distribution.
    const FEWEST: usize = 10;
    let all = samples.len();
    if all == 0 || most < FEWEST.min(all) {
        return None;
    }
    let every = all.div_ceil(most.max(1));
    let kept = || (0..all).step_by(every);
    let mut repetition: Vec<u32> = Vec::new();
    for i in kept() {
        let of = samples.repetition.get(i).copied().unwrap_or(0);
        match repetition.as_mut_slice() {
            [.., last, length] if *last == of => *length += 1,
            _ => repetition.extend([of, 1]),
        }
    }
    Some(SamplesData {
        value: floats(kept().map(|i| samples.value[i])),
        repetition,
        all,
        every,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(each: [usize; 2]) -> Samples {
        let mut samples = Samples::default();
        for (repetition, count) in each.into_iter().enumerate() {
            for i in 0..count {
                samples.push(repetition as u32, 1, i as f64);
            }
        }
        samples
    }

    #[test]
    fn samples_are_kept_evenly_from_all_repetitions() {
        let some = packed(&samples([60, 40]), 25).unwrap();

        assert_eq!((some.all, some.every), (100, 4));
        assert_eq!(some.repetition, [0, 15, 1, 10]);
        assert_eq!(packed(&samples([6, 4]), 25).unwrap().every, 1);
    }

    #[test]
    fn too_few_to_show_a_distribution_are_none() {
        assert_eq!(packed(&samples([600, 0]), 9), None);
        assert!(packed(&samples([3, 0]), 9).is_some());
        assert_eq!(packed(&Samples::default(), 9), None);
    }
}
