//! The one thread that polls, and when each probe is due.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use super::{SharedClock, Slot};

/// A thread that has the probes until it is stopped.
pub(super) struct Poller {
    thread: thread::JoinHandle<Vec<Slot>>,
    over: Arc<Over>,
}

/// The word that it is over, and the bell that goes with it.
#[derive(Default)]
struct Over {
    said: Mutex<bool>,
    bell: Condvar,
}

impl Over {
    fn say(&self) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_all();
    }

    /// Waits for the word, at most `longest`; whether it was said.
    fn wait(&self, longest: Duration) -> bool {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.bell.wait_timeout_while(said, longest, |said| !*said);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Poller {
    /// Starts the thread; the probes come back with the error when there can be none.
    pub(super) fn start(
        slots: Vec<Slot>,
        period_ns: u64,
        clock: SharedClock,
    ) -> Result<Self, (Vec<Slot>, io::Error)> {
        let over = Arc::new(Over::default());
        let heard = Arc::clone(&over);
        // A thread that cannot be started would take the probes along, so they follow once it is there.
        let (hand_over, handed) = std::sync::mpsc::sync_channel::<Vec<Slot>>(1);
        let started = thread::Builder::new()
            .name("probes".to_owned())
            .spawn(move || {
                let mut slots = handed.recv().unwrap_or_default();
                poll(&mut slots, period_ns, &clock, &heard);
                slots
            });
        match started {
            Ok(thread) => match hand_over.send(slots) {
                Ok(()) => Ok(Self { thread, over }),
                Err(back) => Err((back.0, io::Error::other("it ended at once"))),
            },
            Err(error) => Err((slots, error)),
        }
    }

    /// Stops it and takes the probes back.
    pub(super) fn stop(self) -> Vec<Slot> {
        self.over.say();
        // It cannot panic: what a probe does is caught.
        self.thread.join().unwrap_or_default()
    }
}

fn poll(slots: &mut [Slot], period_ns: u64, clock: &SharedClock, over: &Over) {
    let periods = slots.iter().map(|slot| slot.period_ns(period_ns));
    let mut schedule = Schedule::new(clock.now_ns(), periods);
    loop {
        let now_ns = clock.now_ns();
        let wait_ns = schedule.next_ns().saturating_sub(now_ns);
        if over.wait(Duration::from_nanos(wait_ns)) {
            return;
        }
        for index in schedule.due(clock.now_ns()) {
            slots[index].poll(&**clock);
        }
        schedule.skip_missed(clock.now_ns());
    }
}

/// When which probe is polled next.
#[derive(Debug)]
struct Schedule(Vec<Option<Turn>>);

#[derive(Debug, Clone, Copy)]
struct Turn {
    period_ns: u64,
    due_ns: u64,
}

impl Schedule {
    /// The first poll of each is one period from now: the edge has just been looked at.
    fn new(now_ns: u64, periods: impl Iterator<Item = Option<u64>>) -> Self {
        let turn = |period_ns: u64| Turn {
            period_ns,
            due_ns: now_ns.saturating_add(period_ns),
        };
        Self(periods.map(|period| period.map(turn)).collect())
    }

    fn next_ns(&self) -> u64 {
        let turns = self.0.iter().flatten();
        turns.map(|turn| turn.due_ns).min().unwrap_or(u64::MAX)
    }

    /// Who is due now; each is then due one period after it was.
    fn due(&mut self, now_ns: u64) -> Vec<usize> {
        let turns = self.0.iter_mut().enumerate();
        let due = turns.filter_map(|(index, turn)| {
            let turn = turn.as_mut()?;
            (turn.due_ns <= now_ns).then(|| {
                turn.due_ns = turn.due_ns.saturating_add(turn.period_ns);
                index
            })
        });
        due.collect()
    }

    /// Whoever missed a turn, because a poll took longer than a period, waits for a whole one: nothing is made up for.
    fn skip_missed(&mut self, now_ns: u64) {
        for turn in self.0.iter_mut().flatten() {
            if turn.due_ns <= now_ns {
                turn.due_ns = now_ns.saturating_add(turn.period_ns);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_probe_has_its_own_rhythm_without_drift() {
        let mut schedule = Schedule::new(100, [Some(10), None, Some(25)].into_iter());

        assert_eq!(schedule.next_ns(), 110);
        assert!(schedule.due(109).is_empty());
        assert_eq!(schedule.due(112), [0]);
        assert_eq!(schedule.next_ns(), 120, "not 122");
        assert_eq!(schedule.due(125), [0, 2]);
    }

    #[test]
    fn missed_polls_are_not_made_up_for() {
        let mut schedule = Schedule::new(0, [Some(10)].into_iter());

        assert_eq!(schedule.due(10), [0]);
        schedule.skip_missed(57);

        assert_eq!(schedule.next_ns(), 67);
    }

    #[test]
    fn a_schedule_of_nobody_waits_for_ever() {
        assert_eq!(Schedule::new(5, [None].into_iter()).next_ns(), u64::MAX);
    }
}
