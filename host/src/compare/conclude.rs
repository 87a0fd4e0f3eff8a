//! From what a contest has seen to what is told: ratio, interval, verdict, and what would be needed for one.

use benchhost_record::{Comparison, Flag, FlagKind, Interval, Verdict};
use benchhost_stats::{Decision, is_bimodal, median, rounds_needed};

use super::{Contest, Terms, Track, contest::SIDES};

/// One comparison for each metric of `contest`. `family`: how many metrics of all contests are judged together.
pub(super) fn comparisons(
    contest: &Contest<'_>,
    terms: &Terms,
    family: usize,
    interrupted: bool,
) -> Vec<Comparison> {
    let flags = |track: &Track| {
        let mut flags = contest.seen.flags();
        flags.extend(contest.hurried().then(hurried));
        flags.extend(bimodal(track));
        flags
    };
    let comparison = |track| Conclusion {
        contest,
        track,
        terms,
        family,
        interrupted,
    };
    contest
        .tracks()
        .iter()
        .map(|track| comparison(track).comparison(flags(track)))
        .collect()
}

struct Conclusion<'a> {
    contest: &'a Contest<'a>,
    track: &'a Track,
    terms: &'a Terms,
    family: usize,
    interrupted: bool,
}

impl Conclusion<'_> {
    fn comparison(&self, flags: Vec<Flag>) -> Comparison {
        let (contest, track) = (self.contest, self.track);
        let failure = contest.failure().or(track.failure.as_deref());
        let paired = &track.paired;
        let rounds = paired.rounds().len() as u64;
        let verdict = self.verdict(failure.is_some());
        let has_numbers = failure.is_none() && rounds > 0;
        let level = match track.decided.decision {
            Some(_) => track.decided.level,
            None => self.terms.level / self.family.max(1) as f64,
        };
        let middle = |side: usize| median(&track.values[side]).ok().filter(|_| has_numbers);
        let reason = match verdict {
            Verdict::Failed => failure.map(str::to_owned),
            Verdict::Inconclusive => Some(self.missing(rounds)),
            _ => None,
        };
        Comparison {
            case: contest.id.clone(),
            metric: track.metric.clone(),
            verdict,
            ratio: paired.log_ratio().filter(|_| has_numbers).map(f64::exp),
            interval: has_numbers.then(|| exp(track.interval(level))),
            rounds,
            pairs: paired
                .rounds()
                .iter()
                .map(|round| u64::from(round.pairs))
                .sum(),
            seconds: contest.spent().as_secs_f64(),
            round_sd: paired.round_sd().filter(|_| has_numbers),
            baseline: middle(0),
            candidate: middle(1),
            reason,
            flags,
        }
    }

    fn verdict(&self, failed: bool) -> Verdict {
        let metric = &self.track.metric;
        match self.track.decided.decision {
            _ if failed => Verdict::Failed,
            Some(Decision::Higher) => Verdict::of_change(metric, true),
            Some(Decision::Lower) => Verdict::of_change(metric, false),
            Some(Decision::Equivalent) => Verdict::Equivalent,
            None => Verdict::Inconclusive,
        }
    }

    /// What stands between these rounds and a verdict.
    fn missing(&self, rounds: u64) -> String {
        let ended = if self.interrupted {
            "interrupted".to_owned()
        } else if self.contest.rounds() >= self.terms.max_rounds {
            format!("--max-rounds {} reached", self.terms.max_rounds)
        } else {
            format!("time budget of {:?} spent", self.terms.max_time)
        };
        let paired = &self.track.paired;
        let Some(sd) = paired.round_sd() else {
            let fewest = 1.0
                + (2.0 * self.family.max(1) as f64 / self.terms.level)
                    .log2()
                    .ceil();
            return format!("{ended} after {rounds} rounds, at least {fewest:.0} are needed");
        };
        let usual = (2.0_f64 / 0.005).ln();
        let asked = (2.0 * self.family.max(1) as f64 / self.terms.level).ln();
        let needed = rounds_needed(paired.gap(), sd, asked / usual);
        if !needed.is_finite() {
            return format!(
                "{ended} after {rounds} rounds; this ratio lies on a bound, where no number of rounds decides"
            );
        }
        let each = self.contest.spent().as_secs_f64() / self.contest.rounds().max(1) as f64;
        let needed = needed.max(rounds as f64 + 1.0);
        format!(
            "{ended} after {rounds} rounds; with this ratio and noise about {needed:.0} rounds ({}) would decide",
            seconds(needed * each)
        )
    }
}

fn seconds(seconds: f64) -> String {
    benchhost_record::format_quantity(seconds * 1e9, "ns")
}

fn exp(interval: Interval) -> Interval {
    Interval {
        low: interval.low.exp(),
        high: interval.high.exp(),
        ..interval
    }
}

/// Whether fresh processes of one build gather around two levels, as far as the rounds are enough to tell.
fn bimodal(track: &Track) -> Option<Flag> {
    let side = (0..2).find(|side| is_bimodal(&track.values[*side]).unwrap_or(false))?;
    Some(Flag {
        kind: FlagKind::Bimodal,
        message: format!(
            "the processes of the {} gather around two levels: each round is of one or the other",
            SIDES[side]
        ),
    })
}

fn hurried() -> Flag {
    Flag {
        kind: FlagKind::WarmUpCapped,
        message: "the time was too short to find out how long a fresh process warms up: both sides discard the same few samples"
            .to_owned(),
    }
}
