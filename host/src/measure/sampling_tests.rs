//! The loop against a clock and a workload made of numbers.

use std::{cell::Cell, collections::VecDeque, rc::Rc};

use super::*;
use crate::measure::{Mode, OfferedLoad};

/// A clock that only moves when the workload works.
#[derive(Clone, Default)]
struct FakeClock(Rc<Cell<u64>>);

impl Clock for FakeClock {
    fn now_ns(&self) -> u64 {
        self.0.get()
    }

    fn wait_until(&self, moment_ns: u64) {
        self.0.set(self.0.get().max(moment_ns));
    }
}

/// Takes `first_ns` for each of its first `slow` iterations and `ns` for every later one.
struct Work {
    clock: FakeClock,
    ns: u64,
    first_ns: u64,
    slow: u64,
    done: u64,
    finishes_at: Option<u64>,
    fails_at: Option<u64>,
}

impl Work {
    fn new(ns: u64) -> Self {
        let clock = FakeClock::default();
        Self {
            clock,
            ns,
            first_ns: ns,
            slow: 0,
            done: 0,
            finishes_at: None,
            fails_at: None,
        }
    }
}

impl Subject for Work {
    type Error = String;

    fn prepare(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn run(&mut self, n: u64) -> Result<Batch, String> {
        let mut batch = Batch::default();
        while batch.iterations < n {
            if self.fails_at.is_some_and(|at| self.done >= at) {
                return Err("it failed".to_owned());
            }
            let cost = if self.done < self.slow {
                self.first_ns
            } else {
                self.ns
            };
            self.clock.0.set(self.clock.0.get() + cost);
            self.done += 1;
            batch.iterations += 1;
            if self.finishes_at.is_some_and(|at| self.done >= at) {
                batch.finished = true;
                break;
            }
        }
        Ok(batch)
    }

    fn finish(&mut self, _asked: u64, _batch: Batch, _elapsed_ns: u64) -> Result<(), String> {
        Ok(())
    }
}

#[derive(Default)]
struct Kept {
    samples: Vec<(u64, u64)>,
    recording: bool,
    room: Option<usize>,
    stop_after: Option<usize>,
    /// What the yardstick reads, one after the other; the last for ever.
    yardsticks: VecDeque<u64>,
    settled: usize,
    notes: Vec<(String, f64)>,
}

impl Recorder for Kept {
    fn edge(&mut self) -> Edge {
        Edge::default()
    }

    fn recording(&mut self, on: bool) {
        self.recording = on;
    }

    fn keep(&mut self, iterations: u64, elapsed_ns: u64, _used: Edge) -> bool {
        assert!(self.recording, "a warm-up block was kept");
        if self.room.is_some_and(|room| self.samples.len() >= room) {
            return false;
        }
        self.samples.push((iterations, elapsed_ns));
        true
    }

    fn note(&mut self, name: &str, value: f64) {
        self.notes.push((name.to_owned(), value));
    }

    fn yardstick(&mut self) -> u64 {
        let read = self.yardsticks.len() > 1;
        if read {
            self.yardsticks.pop_front().unwrap_or_default()
        } else {
            self.yardsticks.front().copied().unwrap_or_default()
        }
    }

    fn settle(&mut self, samples: usize, _newer: usize, _yardstick: u64) {
        self.settled += samples;
    }

    fn should_stop(&self) -> bool {
        self.stop_after
            .is_some_and(|after| self.samples.len() >= after)
    }

    fn beat(&mut self) {}
}

fn spec() -> MeasureSpec {
    MeasureSpec {
        warm_up: WarmUpSpec::Auto {
            floor: 3,
            cap_ns: 1_000_000_000,
        },
        mode: Mode::Batch,
        min_samples: 10,
        max_samples: 1000,
        precision: 0.01,
        confidence: 0.99,
        max_time_ns: 1_000_000_000,
        extra_time_ns: 1_000_000_000,
        iterations: None,
        clock_read_ns: 25.0,
        prepares_each_iteration: false,
        yardstick: None,
        offered_load: None,
    }
}

#[test]
fn time_on_a_shared_core_is_given_again_but_not_without_end() {
    let sample_all = |yardsticks: &[u64]| {
        let mut work = Work::new(10_000_000);
        let mut kept = Kept {
            yardsticks: yardsticks.iter().copied().collect(),
            ..Kept::default()
        };
        let spec = MeasureSpec {
            precision: 0.0,
            yardstick: Some(1.0),
            ..spec()
        };
        let sampled = run(&mut work, &mut kept, &spec);
        assert_eq!(sampled.stopped_by, StopReason::TimeBudget);
        assert_eq!(kept.settled, kept.samples.len());
        kept.samples.len()
    };

    assert_eq!(sample_all(&[1000]), 100);
    // Thirty looks at a core that is shared, hence 31 samples beside one of them.
    let phase: Vec<u64> = [vec![1000; 20], vec![1500; 30], vec![1000]].concat();
    assert_eq!(sample_all(&phase), 131);
    assert_eq!(sample_all(&[1500]), 200);
}

fn run(work: &mut Work, kept: &mut Kept, spec: &MeasureSpec) -> Sampled {
    let clock = work.clock.clone();
    sample(work, kept, &clock, spec).unwrap()
}

#[test]
fn an_open_loop_has_the_latencies_that_queueing_theory_gives() {
    // A server that takes 1 ms, asked 500 times a second: by Pollaczek and Khinchine the mean wait is ρs/2(1−ρ) = .5 ms.
    for seed in 1..=3 {
        let (mut work, mut kept) = (Work::new(1_000_000), Kept::default());
        let spec = MeasureSpec {
            max_samples: 100_000,
            max_time_ns: 100_000_000_000,
            offered_load: Some(OfferedLoad {
                per_second: 500.0,
                seed,
            }),
            ..spec()
        };

        let sampled = run(&mut work, &mut kept, &spec);

        let count = kept.samples.len() as f64;
        let mean_ns = kept.samples.iter().map(|(_, ns)| *ns as f64).sum::<f64>() / count;
        assert_eq!(sampled.stopped_by, StopReason::TimeBudget);
        assert!((count - 50_000.0).abs() < 900.0, "seed {seed}: {count}");
        assert!((mean_ns / 1e6 - 1.5).abs() < 0.06, "seed {seed}: {mean_ns}");
        assert!(
            kept.samples
                .iter()
                .all(|(n, ns)| *n == 1 && *ns >= 1_000_000)
        );
        assert!(
            kept.notes
                .iter()
                .all(|(name, ns)| name == "time" && *ns == 1e6)
        );
    }
}

#[test]
fn what_cannot_keep_up_with_its_load_comes_to_an_end() {
    let (mut work, mut kept) = (Work::new(10_000_000), Kept::default());
    let spec = MeasureSpec {
        warm_up: WarmUpSpec::None,
        max_samples: 100_000,
        offered_load: Some(OfferedLoad {
            per_second: 1000.0,
            seed: 1,
        }),
        ..spec()
    };

    let sampled = run(&mut work, &mut kept, &spec);

    // A thousand are asked for in the second that is given; two hundred are served in twice the time.
    assert_eq!(kept.samples.len(), 200);
    assert!(
        sampled.measure_ns <= 2 * spec.max_time_ns + 10_000_000,
        "{sampled:?}"
    );
    assert!(kept.samples.last().unwrap().1 > 1_500_000_000);
}

#[test]
fn short_iterations_are_grouped_until_the_clock_does_not_matter() {
    let (mut work, mut kept) = (Work::new(10), Kept::default());

    let sampled = run(&mut work, &mut kept, &spec());

    assert_eq!(sampled.stopped_by, StopReason::Precision);
    assert!(sampled.iterations_per_sample * 10 >= 100_000, "{sampled:?}");
    assert!(kept.samples.len() >= 10);
    for (iterations, elapsed_ns) in kept.samples {
        assert_eq!(
            (iterations, elapsed_ns),
            (sampled.iterations_per_sample, iterations * 10)
        );
    }
}

#[test]
fn long_iterations_are_samples_of_their_own_and_the_budget_ends_them() {
    let (mut work, mut kept) = (Work::new(300_000_000), Kept::default());
    let spec = MeasureSpec {
        warm_up: WarmUpSpec::None,
        ..spec()
    };

    let sampled = run(&mut work, &mut kept, &spec);

    assert_eq!(sampled.iterations_per_sample, 1);
    assert_eq!(sampled.stopped_by, StopReason::TimeBudget);
    assert_eq!(
        kept.samples.len(),
        4,
        "the sample that crosses the budget is kept"
    );
}

#[test]
fn slow_first_iterations_are_not_among_the_samples() {
    let mut work = Work {
        first_ns: 5_000_000,
        slow: 6,
        ..Work::new(1_000_000)
    };
    let mut kept = Kept::default();

    let sampled = run(&mut work, &mut kept, &spec());

    assert!(sampled.warm_up.steady && sampled.warm_up.iterations >= 6);
    assert!(
        kept.samples
            .iter()
            .all(|(n, elapsed)| elapsed / n == 1_000_000)
    );
}

#[test]
fn a_hundred_short_blocks_are_looked_at_before_anything_is_called_steady() {
    let (mut short, mut long) = (Work::new(10), Work::new(1_000_000));

    let by_short = run(&mut short, &mut Kept::default(), &spec());
    let by_long = run(&mut long, &mut Kept::default(), &spec());

    let blocks = by_short.warm_up.iterations / by_short.iterations_per_sample;
    assert!(
        by_short.warm_up.steady && (100..110).contains(&blocks),
        "{by_short:?}"
    );
    assert!(
        by_long.warm_up.steady && by_long.warm_up.iterations < 30,
        "{by_long:?}"
    );
}

#[test]
fn a_workload_that_finishes_ends_the_sampling_and_keeps_its_last_sample() {
    let mut work = Work {
        finishes_at: Some(7),
        ..Work::new(1_000_000)
    };
    let mut kept = Kept::default();
    let spec = MeasureSpec {
        warm_up: WarmUpSpec::Iterations { count: 2 },
        ..spec()
    };

    let sampled = run(&mut work, &mut kept, &spec);

    assert_eq!(
        (sampled.stopped_by, kept.samples.len()),
        (StopReason::Finished, 5)
    );
}

#[test]
fn a_full_page_and_a_stop_word_end_the_sampling() {
    let mut full = Kept {
        room: Some(12),
        ..Kept::default()
    };
    let mut stopped = Kept {
        stop_after: Some(4),
        ..Kept::default()
    };
    let spec = MeasureSpec {
        precision: 0.0,
        ..spec()
    };

    let by_room = run(&mut Work::new(1_000_000), &mut full, &spec);
    let by_word = run(&mut Work::new(1_000_000), &mut stopped, &spec);

    assert_eq!(
        (by_room.stopped_by, full.samples.len()),
        (StopReason::SampleLimit, 12)
    );
    assert_eq!(
        (by_word.stopped_by, stopped.samples.len()),
        (StopReason::Stopped, 4)
    );
}

#[test]
fn what_was_sampled_before_an_error_stays() {
    let mut work = Work {
        fails_at: Some(9),
        ..Work::new(1_000_000)
    };
    let mut kept = Kept::default();
    let spec = MeasureSpec {
        warm_up: WarmUpSpec::Iterations { count: 2 },
        ..spec()
    };
    let clock = work.clock.clone();

    let result = sample(&mut work, &mut kept, &clock, &spec);

    assert_eq!(result.unwrap_err(), "it failed");
    assert_eq!(kept.samples.len(), 7);
}

#[test]
fn latencies_are_taken_one_by_one_when_asked() {
    let mut kept = Kept::default();
    let spec = MeasureSpec {
        mode: Mode::Each,
        ..spec()
    };

    let sampled = run(&mut Work::new(10), &mut kept, &spec);

    assert_eq!(sampled.iterations_per_sample, 1);
    assert!(kept.samples.iter().all(|(n, _)| *n == 1));
}

#[test]
fn every_sample_is_looked_at_whoever_ends_the_sampling() {
    let all_settled = |precision: f64, max_samples: u64, finishes_at: Option<u64>| {
        let mut work = Work {
            finishes_at,
            ..Work::new(200_000)
        };
        let mut kept = Kept {
            yardsticks: [1000].into(),
            ..Kept::default()
        };
        let spec = MeasureSpec {
            precision,
            max_samples,
            yardstick: Some(1.0),
            ..spec()
        };
        let sampled = run(&mut work, &mut kept, &spec);
        assert_eq!(kept.settled, kept.samples.len(), "{sampled:?}");
        (sampled.stopped_by, kept.samples.len())
    };

    assert_eq!(all_settled(0.01, 10_000, None).0, StopReason::Precision);
    assert_eq!(all_settled(0.0, 10_000, None).0, StopReason::TimeBudget);
    assert_eq!(all_settled(0.0, 33, None), (StopReason::SampleLimit, 33));
    assert_eq!(all_settled(0.0, 10_000, Some(300)).0, StopReason::Finished);
}

#[test]
fn a_first_block_that_was_interrupted_does_not_size_the_samples() {
    let mut work = Work {
        first_ns: 200_000,
        slow: 1,
        ..Work::new(1000)
    };
    let mut kept = Kept::default();

    let sampled = run(&mut work, &mut kept, &spec());

    assert!(sampled.iterations_per_sample >= 100, "{sampled:?}");
}

/// Two that share the work unevenly; whoever waits for them sees their hand-over as well.
struct Uneven(FakeClock);

impl Subject for Uneven {
    type Error = String;

    fn prepare(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn run(&mut self, n: u64) -> Result<Batch, String> {
        self.0.0.set(self.0.0.get() + 5_000_000);
        Ok(Batch {
            iterations: n,
            at_once: AtOnce::of(&[(0, 1_000_000), (0, 4_000_000)]),
            ..Batch::default()
        })
    }

    fn finish(&mut self, _asked: u64, _batch: Batch, _elapsed_ns: u64) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn a_sample_of_several_at_once_is_their_span_and_notes_their_fairness() {
    let clock = FakeClock::default();
    let mut recorder = Kept {
        recording: true,
        ..Kept::default()
    };

    let (batch_done, elapsed_ns) =
        batch(&mut Uneven(clock.clone()), &mut recorder, &clock, 3, || ()).unwrap();

    assert_eq!((batch_done.iterations, elapsed_ns), (3, 4_000_000));
    assert_eq!(recorder.samples, [(3, 4_000_000)]);
    assert_eq!(recorder.notes, [(names::FAIRNESS.to_owned(), 0.25)]);
}
