//! What the samples of a contest say about their own worth: lost CPUs, page faults, short samples, other threads.

use benchhost_record::{Flag, FlagKind, Nanos, names};

use super::{contest::SIDES, round::Played};
use crate::{
    probe::clock::resolution_ns,
    run::{CLOCK_STEPS, DESCHEDULED_SHARE, FAULTS_PER_SAMPLE, Taken, surplus_cpus},
    worker::SampleRecord,
};

/// Share of a sample without a CPU, below which it is no matter that it was taken away.
const LOST_SHARE: f64 = 0.01;

/// Rounds that must all show surplus threads before they are believed.
const CERTAIN_ROUNDS: u64 = 3;

/// CPU time outside a side's samples, as a share of that inside, above which its other threads are worth a remark.
const RESTLESS_SHARE: f64 = 0.25;

/// Sums over all rounds of a contest.
#[derive(Debug, Default)]
pub(super) struct Seen {
    rounds: u64,
    samples: u64,
    /// Samples during which the CPU was taken away.
    preempted: u64,
    /// Page faults in the timed part.
    faults: u64,
    /// Shortest sample, ns.
    shortest_ns: Option<u64>,
    sides: [OfSide; 2],
}

/// Sums over the rounds of one side.
#[derive(Debug, Default)]
struct OfSide {
    /// CPU time of its samples, ns.
    cpu_ns: u64,
    /// Wall-clock time of its samples, ns.
    elapsed_ns: u64,
    /// CPU time that it used outside its samples while it had more threads than were asked for, ns.
    idle_ns: u64,
    /// Rounds in which more threads were at work than may be.
    crowded: u64,
}

impl Seen {
    /// Adds a round of a case that asked for `threads`.
    pub(super) fn take(&mut self, played: &Played, threads: u32) {
        self.rounds += 1;
        for (taken, side) in played.iter().zip(&mut self.sides) {
            for sample in &taken.samples {
                self.samples += 1;
                self.preempted += u64::from(lost_its_cpu(sample));
                self.faults += sample.faults;
                let shortest = self.shortest_ns.unwrap_or(u64::MAX);
                self.shortest_ns = Some(shortest.min(sample.elapsed_ns));
            }
            side.take(taken, threads);
        }
    }

    /// A sentence when a side used more CPUs than `threads` can give, or had more threads at work in every round.
    pub(super) fn surplus_threads(&self, threads: u32) -> Option<String> {
        let surplus = |side: &OfSide| {
            if self.rounds >= CERTAIN_ROUNDS && side.crowded == self.rounds {
                let rounds = self.rounds;
                return Some(format!(
                    "{threads} asked for, more did the work in each of {rounds} rounds"
                ));
            }
            surplus_cpus(side.cpu_ns, side.elapsed_ns, threads)
        };
        self.sides
            .iter()
            .zip(SIDES)
            .find_map(|(of, side)| Some(format!("the {side} is wrong (threads): {}", surplus(of)?)))
    }

    /// What speaks against the numbers.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let samples = self.samples.max(1) as f64;
        let faults = self.faults as f64 / samples;
        let resolution_ns = resolution_ns();
        let short = self
            .shortest_ns
            .filter(|ns| (*ns as f64) < CLOCK_STEPS * resolution_ns);
        let lost = (self.preempted as f64 > DESCHEDULED_SHARE * samples).then(|| {
            let (lost, all) = (self.preempted, self.samples);
            format!("the CPU was taken away during {lost} of {all} samples")
        });
        let faulty = (faults > FAULTS_PER_SAMPLE)
            .then(|| format!("a sample has {faults:.0} page faults in its timed part, on average"));
        let coarse = short
            .map(|ns| format!("samples of {ns} ns against clock steps of {resolution_ns:.0} ns"));
        [
            (FlagKind::Descheduled, lost),
            (FlagKind::PageFaults, faulty),
            (FlagKind::ThreadExcess, self.restless()),
            (FlagKind::CoarseClock, coarse),
        ]
        .into_iter()
        .filter_map(|(kind, message)| {
            Some(Flag {
                kind,
                message: message?,
            })
        })
        .collect()
    }

    /// A sentence when threads of a side worked while it was not its turn.
    fn restless(&self) -> Option<String> {
        let (of, side) = self
            .sides
            .iter()
            .zip(SIDES)
            .find(|(of, _)| of.is_restless())?;
        let idle = Nanos(of.idle_ns);
        Some(format!(
            "threads of the {side} used {idle} of CPU time outside its samples: whichever side was measured then is slower for it"
        ))
    }
}

impl OfSide {
    fn take(&mut self, taken: &Taken, threads: u32) {
        let in_samples: u64 = taken.samples.iter().map(|sample| sample.cpu_ns).sum();
        self.cpu_ns += in_samples;
        self.elapsed_ns += by_our_clock_ns(taken);
        if let Some(usage) = &taken.repetition.usage {
            if usage.busy_threads > threads {
                self.idle_ns += (usage.user_ns + usage.system_ns).saturating_sub(in_samples);
            }
            self.crowded += u64::from(usage.busy_threads > threads + 1);
        }
    }

    fn is_restless(&self) -> bool {
        self.idle_ns as f64 > RESTLESS_SHARE * self.cpu_ns as f64
    }
}

/// Time of the samples of `taken` by the host's clock, which CPU time is read with. A plugin that times itself leaves out some
/// of it: its collection of garbage, the words that are exchanged.
fn by_our_clock_ns(taken: &Taken) -> u64 {
    let is_wall = |(name, _): &(String, String)| name == names::WALL_TIME;
    let Some(wall) = taken.metric_names.iter().position(is_wall) else {
        return taken.samples.iter().map(|sample| sample.elapsed_ns).sum();
    };
    let walls = taken.values.iter().filter(|v| v.metric as usize == wall);
    let of_samples = walls.filter_map(|value| {
        let sample = taken.samples.get(value.sample as usize)?;
        Some(value.value * sample.iterations as f64)
    });
    of_samples.sum::<f64>() as u64
}

/// Whether the CPU was taken away for a part of the sample that matters: long samples are all interrupted now and then by
/// the kernel's own short work.
fn lost_its_cpu(sample: &SampleRecord) -> bool {
    let ran = sample.cpu_ns as f64 / sample.elapsed_ns.max(1) as f64;
    sample.preemptions > 0 && ran < 1.0 - LOST_SHARE
}

#[cfg(test)]
mod tests {
    use benchhost_record::{Outcome, Repetition};

    use super::*;
    use crate::worker::ValueRecord;

    fn round(samples: u64, metric_names: Vec<(String, String)>) -> Taken {
        let sample = SampleRecord {
            iterations: 2,
            elapsed_ns: 1_000_000,
            cpu_ns: 1_800_000,
            faults: 0,
            preemptions: 0,
            yardstick: 0,
        };
        let wall = |sample| ValueRecord {
            sample: sample as u32,
            metric: 0,
            value: 950_000.0,
        };
        Taken {
            repetition: Repetition::new(0, 0, Outcome::Ok),
            samples: vec![sample; samples as usize],
            calm: Vec::new(),
            values: (0..samples).map(wall).collect(),
            metric_names,
            work: None,
            warnings: Vec::new(),
            strays: 0,
        }
    }

    #[test]
    fn what_a_plugin_leaves_out_of_its_own_time_is_no_other_thread() {
        let ours = vec![(names::WALL_TIME.to_owned(), "ns".to_owned())];
        let seen = |names: &[(String, String)]| {
            let mut seen = Seen::default();
            seen.take(&[round(100, names.to_vec()), round(100, names.to_vec())], 1);
            seen.surplus_threads(1)
        };

        assert_eq!(seen(&ours), None);
        assert!(seen(&[]).is_some());
    }
}
