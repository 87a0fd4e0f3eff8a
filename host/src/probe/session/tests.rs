//! Sessions of probes that count, wait and panic.

use std::sync::{
    atomic::{AtomicU64, Ordering},
    mpsc::{Receiver, Sender, channel},
};

use benchhost_record::{Basis, Direction, Extent, Metric, MetricKind};

use super::*;
use crate::probe::Quantity;

/// A clock that is a step further with each look at it.
struct StepClock(AtomicU64);

impl Clock for StepClock {
    fn now_ns(&self) -> u64 {
        self.0.fetch_add(10, Ordering::Relaxed)
    }
}

fn steps() -> SharedClock {
    Arc::new(StepClock(AtomicU64::new(0)))
}

/// At which step a probe of the tests panics.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Panics {
    Never,
    Beginning,
    Polling,
    Ending,
}

/// Tells what happens to it.
struct Spy {
    name: &'static str,
    fastest_poll_ns: Option<u64>,
    panics: Panics,
    told: Sender<(&'static str, u64)>,
}

impl Probe for Spy {
    fn name(&self) -> &'static str {
        self.name
    }

    fn quantities(&self) -> Vec<Quantity> {
        vec![Quantity {
            metric: Metric::new(self.name, "1", Direction::Neither, MetricKind::Count),
            extent: Extent::Amount,
            resolution: "1".to_owned(),
            source: "a test".to_owned(),
            basis: Basis::Measured,
        }]
    }

    fn begin(&mut self, target: &Target) {
        assert!(self.panics != Panics::Beginning, "no beginning");
        let _ = self.told.send(("begin", u64::from(target.pids[0])));
    }

    fn poll(&mut self, elapsed_ns: u64) {
        let _ = self.told.send(("poll", elapsed_ns));
        assert!(self.panics != Panics::Polling, "no polling");
    }

    fn levels(&self) -> Vec<(Metric, f64)> {
        vec![(self.quantities()[0].metric.clone(), 7.0)]
    }

    fn fastest_poll_ns(&self) -> Option<u64> {
        self.fastest_poll_ns
    }

    fn end(&mut self, elapsed_ns: u64) -> Vec<Reading> {
        assert!(self.panics != Panics::Ending, "no ending");
        let _ = self.told.send(("end", elapsed_ns));
        vec![self.quantities()[0].reads(1.0)]
    }
}

fn spy(
    name: &'static str,
    fastest_poll_ns: Option<u64>,
    panics: Panics,
) -> (Box<dyn Probe>, Receiver<(&'static str, u64)>) {
    let (told, heard) = channel();
    let spy = Spy {
        name,
        fastest_poll_ns,
        panics,
        told,
    };
    (Box::new(spy), heard)
}

fn target() -> Target {
    Target {
        pids: vec![7],
        cpus: Vec::new(),
    }
}

fn names(readings: &[Reading]) -> Vec<&str> {
    readings
        .iter()
        .map(|one| one.metric.name.as_str())
        .collect()
}

/// Waits until the spy was polled `times` times.
fn polled(heard: &Receiver<(&'static str, u64)>, times: usize) -> Vec<u64> {
    let polls = heard.iter().filter(|(step, _)| *step == "poll");
    polls.take(times).map(|(_, at)| at).collect()
}

#[test]
fn probes_are_looked_at_at_both_edges_in_every_case() {
    let (probe, heard) = spy("a", None, Panics::Never);
    let mut session = Session::with_clock(vec![probe], 1, steps());

    session.begin(&target());
    let first = session.end();
    session.begin(&target());
    let second = session.end();
    let nothing = session.end();

    let steps: Vec<&str> = heard.try_iter().map(|(step, _)| step).collect();
    assert_eq!(steps, ["begin", "end", "begin", "end"]);
    assert_eq!((names(&first), names(&second)), (vec!["a"], vec!["a"]));
    assert_eq!(nothing, []);
}

#[test]
fn what_a_look_took_is_known() {
    let (probe, heard) = spy("a", None, Panics::Never);
    let mut session = Session::with_clock(vec![probe], 1, steps());

    session.begin(&target());
    session.end();

    // Each look lies between two readings of a clock that moves on by 10 each time.
    let cost = Cost {
        probe: "a",
        begin_ns: 10,
        poll_ns: 0.0,
        polls: 0,
        end_ns: 10,
    };
    assert_eq!(session.costs(), [cost]);
    assert_eq!(heard.try_iter().last(), Some(("end", 10)), "since begin");
}

#[test]
fn who_wants_it_is_polled_while_the_others_are_left_alone() {
    let (polled_probe, heard) = spy("polled", Some(1), Panics::Never);
    let (quiet_probe, quiet) = spy("quiet", None, Panics::Never);
    let mut session = Session::with_clock(vec![polled_probe, quiet_probe], 1, steps());

    session.begin(&target());
    let times = polled(&heard, 3);
    let readings = session.end();

    assert_eq!(names(&readings), ["polled", "quiet"]);
    assert!(times.is_sorted());
    let cost = &session.costs()[0];
    assert!(cost.polls >= 3, "{cost:?}");
    assert_eq!(cost.poll_ns, 10.0, "one step of the clock each");
    assert!(quiet.try_iter().all(|(step, _)| step != "poll"));
}

#[test]
fn levels_are_kept_over_time_by_case() {
    let (probe, heard) = spy("a", Some(1), Panics::Never);
    let mut session = Session::with_clock(vec![probe], 1, steps());

    session.begin(&target());
    polled(&heard, 3);
    session.end();
    let first = session.traces();
    heard.try_iter().for_each(drop);
    session.begin(&target());
    polled(&heard, 1);
    session.end();
    let second = session.traces();

    let [trace] = first.as_slice() else {
        panic!("{first:?}");
    };
    assert_eq!(trace.metric.name, "a");
    assert!(trace.value.len() >= 4 && trace.value.iter().all(|value| *value == 7.0));
    assert_eq!(trace.time_ns[0], 0);
    assert!(trace.time_ns.is_sorted());
    assert_eq!(second[0].time_ns[0], 0, "from anew");
}

#[test]
fn nobody_is_polled_faster_than_it_is_good_for_and_the_end_does_not_wait_for_it() {
    const HOUR_NS: u64 = 3_600_000_000_000;
    let (slow, heard) = spy("slow", Some(HOUR_NS), Panics::Never);
    let (fast, fast_heard) = spy("fast", Some(1), Panics::Never);
    let mut session = Session::new(vec![slow, fast], 1);

    session.begin(&target());
    polled(&fast_heard, 5);
    let readings = session.end();

    // Would take an hour if the thread were not told.
    assert_eq!(names(&readings), ["slow", "fast"]);
    assert!(heard.try_iter().all(|(step, _)| step != "poll"));
}

#[test]
fn a_probe_that_panics_is_left_out_and_the_others_go_on() {
    for (panics, step) in [
        (Panics::Beginning, "beginning"),
        (Panics::Polling, "polling"),
        (Panics::Ending, "ending"),
    ] {
        let (bad, bad_heard) = spy("bad", Some(1), panics);
        let (good, good_heard) = spy("good", Some(1), Panics::Never);
        let mut session = Session::new(vec![bad, good], 1);

        session.begin(&target());
        polled(&good_heard, 2);
        if panics == Panics::Polling {
            polled(&bad_heard, 1);
        }
        let first = session.end();
        let remarks = session.take_remarks();
        session.begin(&target());
        let second = session.end();

        assert_eq!(names(&first), ["good"], "{step}");
        assert_eq!(names(&second), ["good"], "{step}");
        assert_eq!(
            remarks,
            [format!(
                "probe `bad` panicked while {step} and is left out from here on: no {step}"
            )]
        );
        assert!(session.take_remarks().is_empty(), "said once");
        assert_eq!(session.names(), ["good"]);
    }
}

#[test]
fn a_case_that_is_not_ended_is_given_up_by_the_next() {
    let (probe, heard) = spy("a", Some(1), Panics::Never);
    let mut session = Session::new(vec![probe], 1);

    session.begin(&target());
    polled(&heard, 1);
    session.begin(&target());
    let readings = session.end();
    drop(session);

    assert_eq!(names(&readings), ["a"]);
    let begins = heard
        .try_iter()
        .filter(|(step, _)| *step == "begin")
        .count();
    assert_eq!(begins, 1, "the first was heard by `polled`");
}
