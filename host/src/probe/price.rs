//! What one look of a probe costs here, before anything is measured with it.

use serde::Serialize;

use super::{Probe, Target};
use crate::measure::Clock;

/// Looks of which the median is taken.
const LOOKS: usize = 100;

/// Looks at a probe that asks not to be asked often, as those of devices do: their drivers lock.
const LOOKS_AT_A_DEVICE: usize = 5;

/// A probe that wants more time than this between polls is asked a few times only, ns.
const RARE_POLL_NS: u64 = 50_000_000;

/// Time for all looks at one probe, ns: a command that says what works should answer at once.
const BUDGET_NS: u64 = 50_000_000;

/// Medians of what looks cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Price {
    /// The look before the first sample, ns.
    pub begin_ns: u64,
    /// One look in between, ns; `None` for a probe that is not polled.
    pub poll_ns: Option<u64>,
    /// The look after the last sample, ns.
    pub end_ns: u64,
    /// How often was looked.
    pub looks: usize,
}

/// Lets `probe` look at `target` up to 100 times and takes the medians.
pub fn price(probe: &mut dyn Probe, target: &Target, clock: &dyn Clock) -> Price {
    let fastest_ns = probe.fastest_poll_ns();
    let most = match fastest_ns {
        Some(fastest_ns) if fastest_ns >= RARE_POLL_NS => LOOKS_AT_A_DEVICE,
        _ => LOOKS,
    };
    let started_ns = clock.now_ns();
    let mut looks: [Vec<u64>; 3] = Default::default();
    while looks[0].len() < most {
        let before_ns = clock.now_ns();
        probe.begin(target);
        let begun_ns = clock.now_ns();
        if fastest_ns.is_some() {
            probe.poll(0);
        }
        let polled_ns = clock.now_ns();
        let _ = probe.end(polled_ns - begun_ns);
        let ended_ns = clock.now_ns();
        looks[0].push(begun_ns - before_ns);
        looks[1].push(polled_ns - begun_ns);
        looks[2].push(ended_ns - polled_ns);
        if ended_ns - started_ns >= BUDGET_NS {
            break;
        }
    }
    let count = looks[0].len();
    let [begin_ns, poll_ns, end_ns] = looks.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    Price {
        begin_ns,
        poll_ns: fastest_ns.map(|_| poll_ns),
        end_ns,
        looks: count,
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use benchhost_record::Reading;

    use super::*;
    use crate::probe::Quantity;

    thread_local! {
        static NOW_NS: Rc<Cell<u64>> = Rc::new(Cell::new(0));
    }

    fn pass(ns: u64) {
        NOW_NS.with(|now| now.set(now.get() + ns));
    }

    struct TestClock;

    impl Clock for TestClock {
        fn now_ns(&self) -> u64 {
            NOW_NS.with(|now| now.get())
        }
    }

    /// Takes its time, and more of it the first time.
    struct Slow {
        look_ns: u64,
        fastest_poll_ns: Option<u64>,
        begun: u64,
    }

    impl Probe for Slow {
        fn name(&self) -> &'static str {
            "slow"
        }

        fn quantities(&self) -> Vec<Quantity> {
            Vec::new()
        }

        fn begin(&mut self, _target: &Target) {
            self.begun += 1;
            pass(if self.begun == 1 { 1000 } else { 1 } * self.look_ns);
        }

        fn poll(&mut self, _elapsed_ns: u64) {
            pass(2 * self.look_ns);
        }

        fn fastest_poll_ns(&self) -> Option<u64> {
            self.fastest_poll_ns
        }

        fn end(&mut self, _elapsed_ns: u64) -> Vec<Reading> {
            pass(3 * self.look_ns);
            Vec::new()
        }
    }

    fn priced(look_ns: u64, fastest_poll_ns: Option<u64>) -> Price {
        let mut probe = Slow {
            look_ns,
            fastest_poll_ns,
            begun: 0,
        };
        let target = Target {
            pids: Vec::new(),
            cpus: Vec::new(),
        };
        price(&mut probe, &target, &TestClock)
    }

    #[test]
    fn the_median_ignores_the_first_look_which_is_slow() {
        let expected = Price {
            begin_ns: 7,
            poll_ns: Some(14),
            end_ns: 21,
            looks: 100,
        };

        assert_eq!(priced(7, Some(1)), expected);
        assert_eq!(priced(7, None).poll_ns, None);
    }

    #[test]
    fn a_device_is_asked_a_few_times_and_a_slow_one_until_the_time_is_over() {
        assert_eq!(priced(7, Some(100_000_000)).looks, 5);
        assert_eq!(priced(20_000_000, None).looks, 1);
    }
}
