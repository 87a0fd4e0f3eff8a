//! Keeps what is seen of a level over time, in bounded memory however long a case lasts.
//!
//! Looks at nothing itself: whoever looks anyway, adds what it saw.

use benchhost_record::{Metric, Trace};

/// A level over time, thinned evenly: every look at first, then every second, every fourth.
#[derive(Debug, Clone, Default)]
pub struct Thinned {
    kept: Vec<(u64, f64)>,
    /// The newest look, kept or not: the end of a trace is what people ask for.
    last: Option<(u64, f64)>,
    looks: u64,
    /// Looks are kept whose number has this many zeros at its end.
    zeros: u32,
}

impl Thinned {
    /// Adds what was seen at `time_ns`. What is no finite number, or older than the last look, is left out.
    pub fn add(&mut self, time_ns: u64, value: f64) {
        let is_later = self.last.is_none_or(|(last_ns, _)| time_ns >= last_ns);
        if !is_later || !value.is_finite() {
            return;
        }
        self.last = Some((time_ns, value));
        if self.looks.is_multiple_of(1 << self.zeros) {
            self.kept.push((time_ns, value));
        }
        self.looks += 1;
        if self.kept.len() == Trace::POINTS {
            let mut is_even = false;
            self.kept.retain(|_| {
                is_even = !is_even;
                is_even
            });
            self.zeros += 1;
        }
    }

    /// The trace of `metric`; `None` for fewer than two points, which are no course.
    #[must_use]
    pub fn trace(&self, metric: Metric) -> Option<Trace> {
        let newest = self.last.filter(|last| self.kept.last() != Some(last));
        let points = self.kept.iter().copied().chain(newest);
        let (time_ns, value): (Vec<u64>, Vec<f64>) = points.unzip();
        (value.len() >= 2).then_some(Trace {
            metric,
            time_ns,
            value,
        })
    }
}

/// Sum of several traces of one metric, at the times of the longest: each counts as it was last seen before.
#[must_use]
pub fn sum(traces: Vec<Trace>) -> Option<Trace> {
    let longest = traces.iter().map(|trace| trace.value.len()).max()?;
    let base = traces
        .iter()
        .position(|trace| trace.value.len() == longest)?;
    let mut whole = traces[base].clone();
    for (index, other) in traces.iter().enumerate() {
        if index == base {
            continue;
        }
        for (time_ns, value) in whole.time_ns.iter().zip(&mut whole.value) {
            let seen = other.time_ns.partition_point(|at| at <= time_ns);
            *value += other.value.get(seen.max(1) - 1).copied().unwrap_or(0.0);
        }
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use benchhost_record::{Direction, MetricKind};

    use super::*;

    fn metric() -> Metric {
        Metric::new("memory", "B", Direction::Lower, MetricKind::Memory)
    }

    fn trace(points: &[(u64, f64)]) -> Trace {
        let mut thinned = Thinned::default();
        points
            .iter()
            .for_each(|(at, value)| thinned.add(*at, *value));
        thinned.trace(metric()).unwrap()
    }

    #[test]
    fn a_long_case_has_evenly_spread_points_and_its_end() {
        for looks in [2_u64, 199, 200, 201, 399, 400, 401, 12_345, 1_000_003] {
            let mut thinned = Thinned::default();
            (0..looks).for_each(|look| thinned.add(look * 50, look as f64));

            let trace = thinned.trace(metric()).unwrap();

            let few = looks.min(Trace::POINTS as u64 / 2) as usize;
            assert!(
                (few..=Trace::POINTS).contains(&trace.value.len()),
                "{looks}"
            );
            assert_eq!(trace.time_ns.len(), trace.value.len());
            assert_eq!((trace.value[0], trace.time_ns[0]), (0.0, 0));
            assert_eq!(trace.value.last(), Some(&((looks - 1) as f64)));
            let steps: Vec<u64> = trace.time_ns.windows(2).map(|w| w[1] - w[0]).collect();
            let (end, inner) = steps.split_last().unwrap();
            assert!(inner.iter().all(|step| *step == inner[0]), "{looks}");
            assert!(inner.is_empty() || *end <= inner[0]);
        }
    }

    #[test]
    fn one_look_is_no_course_and_what_is_no_number_is_left_out() {
        let mut thinned = Thinned::default();
        thinned.add(5, 1.0);
        thinned.add(7, f64::NAN);
        thinned.add(3, 2.0);
        assert_eq!(thinned.trace(metric()), None);

        thinned.add(9, 4.0);

        let trace = thinned.trace(metric()).unwrap();
        assert_eq!((trace.time_ns, trace.value), (vec![5, 9], vec![1.0, 4.0]));
    }

    #[test]
    fn processes_add_up_each_as_it_was_last_seen() {
        let long = trace(&[(0, 10.0), (50, 20.0), (100, 30.0)]);
        let short = trace(&[(10, 1.0), (60, 2.0)]);

        let whole = sum(vec![short, long]).unwrap();

        assert_eq!(whole.time_ns, [0, 50, 100]);
        assert_eq!(whole.value, [11.0, 21.0, 32.0]);
        assert_eq!(sum(Vec::new()), None);
    }
}
