//! One case on both sides: what it has seen so far, what that cost, and whether it goes on.

use std::time::Duration;

use benchhost_plan::Settings;
use benchhost_record::{Case, CaseId, Metric, Outcome};
use benchhost_stats::{Effort, Paired, SplitMix64, pairs_worth};

use super::{
    Terms,
    pilot::{self, Least, Pilot, USUAL_PAIRS},
    round::{Duo, Fault, Played},
    seen::Seen,
    track::Track,
};
use crate::{load::Plugin, run::Setting};

/// A round should take at most this share of the time a case has, so that there are rounds enough to decide.
const ROUNDS_WANTED: u64 = 25;

/// The pilot may take this share of the time.
const PILOT_SHARE: u64 = 10;

/// Fewest pairs, where samples are short: a median of fewer is not worth two processes.
const FEWEST_PAIRS: u32 = 8;

/// Most pairs: beyond it the two processes only get to know each other better.
pub(super) const MOST_PAIRS: u32 = 64;

/// Rounds after the last decision: the fewest that can decide leave an interval ten times as wide as two more do.
const SHARPENING_ROUNDS: u64 = 2;

/// The words for the two sides.
pub(super) const SIDES: [&str; 2] = ["baseline", "candidate"];

/// Index of the second of them.
pub(super) const CANDIDATE: usize = 1;

/// One side of a contest.
#[derive(Debug)]
pub struct Side<'a> {
    /// The build.
    pub plugin: &'a Plugin,
    /// The case as this side takes it.
    pub case: Case,
    /// How it is measured.
    pub settings: Settings,
}

/// One case on both sides.
#[derive(Debug)]
pub struct Contest<'a> {
    /// Name of the case.
    pub id: CaseId,
    sides: Option<[Side<'a>; 2]>,
    tracks: Vec<Track>,
    pilot: Option<Pilot>,
    rounds: u64,
    pairs: u64,
    spent: Duration,
    /// Rounds since everything was decided.
    sharpened: u64,
    /// Time of all rounds without their pairs, and of their pairs, ns.
    cost_ns: [f64; 2],
    pub(super) seen: Seen,
    failure: Option<String>,
}

impl<'a> Contest<'a> {
    /// A contest that can be held.
    pub(super) fn new(
        id: CaseId,
        sides: [Side<'a>; 2],
        metrics: Vec<Metric>,
        terms: &Terms,
    ) -> Self {
        Self {
            sides: Some(sides),
            ..Self::without(id, metrics, terms, None)
        }
    }

    /// A contest that cannot be held.
    pub(super) fn failed(id: CaseId, metrics: Vec<Metric>, terms: &Terms, reason: String) -> Self {
        Self::without(id, metrics, terms, Some(reason))
    }

    fn without(id: CaseId, metrics: Vec<Metric>, terms: &Terms, failure: Option<String>) -> Self {
        let track = |metric| Track::new(metric, terms);
        Self {
            id,
            sides: None,
            tracks: metrics.into_iter().map(track).collect(),
            pilot: None,
            rounds: 0,
            pairs: 0,
            spent: Duration::ZERO,
            sharpened: 0,
            cost_ns: [0.0; 2],
            seen: Seen::default(),
            failure,
        }
    }

    /// Whether it takes further turns.
    #[must_use]
    pub fn is_open(&self, terms: &Terms) -> bool {
        // The next round will take about as long as the ones before it.
        let next = self.spent / (self.rounds.max(1) as u32);
        let is_decided = |track: &Track| track.decided.decision.is_some();
        let blurred = self.sharpened < SHARPENING_ROUNDS && self.tracks.iter().any(is_decided);
        self.failure.is_none()
            && (self.tracks.iter().any(Track::is_open) || blurred)
            && self.rounds < terms.max_rounds
            && (self.rounds == 0 || self.spent + next <= terms.max_time)
    }

    /// The case without its plugin.
    #[must_use]
    pub fn label(&self) -> String {
        self.id.to_string()
    }

    /// Rounds so far.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.rounds
    }

    /// Pairs so far.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        self.pairs
    }

    /// Time so far.
    #[must_use]
    pub fn spent(&self) -> Duration {
        self.spent
    }

    /// Its metrics.
    #[must_use]
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    pub(super) fn tracks_mut(&mut self) -> &mut [Track] {
        &mut self.tracks
    }

    /// Whether both sides could begin: only such contests belong to the family that is judged together. One that crashes
    /// later stays in it.
    #[must_use]
    pub fn was_held(&self) -> bool {
        self.sides.is_some()
    }

    /// Why it could not be held.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The side of the baseline, when it can be held.
    #[must_use]
    pub fn baseline(&self) -> Option<&Side<'a>> {
        self.sides.as_ref().map(|sides| &sides[0])
    }

    /// Whether the pilot had too little time to find the warm-up.
    pub(super) fn hurried(&self) -> bool {
        self.pilot.is_some_and(|pilot| pilot.hurried)
    }

    pub(super) fn spend(&mut self, time: Duration) {
        self.spent += time;
    }

    /// Takes a turn: the pilot and the first round, or one more round.
    pub(super) fn turn(&mut self, setting: &Setting<'_>, terms: &Terms, coin: &mut SplitMix64) {
        let Some(sides) = self.sides.take() else {
            return;
        };
        let played = self.play(&sides, setting, terms, coin);
        self.sides = Some(sides);
        match played {
            Ok(played) => self.take(&played),
            // The user's wish is no failure of a side.
            Err(fault)
                if matches!(fault.outcome, Outcome::Skipped { .. }) && interrupted(setting) => {}
            Err(fault) => self.fail(&fault),
        }
    }

    fn play(
        &mut self,
        sides: &[Side<'a>; 2],
        setting: &Setting<'_>,
        terms: &Terms,
        coin: &mut SplitMix64,
    ) -> Result<Played, Fault> {
        let budget_ns = terms.max_time.as_nanos() as u64;
        let pilot = match self.pilot {
            Some(pilot) => pilot,
            None => {
                let mut duo = Duo::start(setting, sides, 0, coin)?;
                let budget_ns = budget_ns / PILOT_SHARE;
                let settings = &sides[0].settings;
                let least = Least {
                    clock_read_ns: terms.clock_read_ns,
                    sample_ns: terms.sample_ns(settings.probing.poll_ns),
                };
                match pilot::play(&mut duo, settings, budget_ns, least, coin) {
                    Ok(pilot) => {
                        duo.abandon();
                        *self.pilot.insert(pilot)
                    }
                    Err(stumble) => return Err(duo.fail(stumble)),
                }
            }
        };
        let mut shape = pilot.shape;
        shape.pairs = self.pairs_worth(pilot, budget_ns);
        let started = std::time::Instant::now();
        let mut duo = Duo::start(setting, sides, self.rounds + 1, coin)?;
        let pairs_ns = match duo.play(shape, coin) {
            Ok(pairs_ns) => pairs_ns,
            Err(stumble) => return Err(duo.fail(stumble)),
        };
        let played = duo.end()?;
        let all_ns = started.elapsed().as_nanos() as f64;
        self.cost_ns[0] += all_ns - pairs_ns as f64;
        self.cost_ns[1] += pairs_ns as f64;
        Ok(played)
    }

    /// Pairs of the next round: what the noise of the first metric is worth, within the time there is.
    fn pairs_worth(&self, pilot: Pilot, budget_ns: u64) -> u32 {
        let most = budget_ns as f64 / ROUNDS_WANTED as f64 / pilot.pair_ns.max(1.0);
        let most = (most as u32).clamp(1, MOST_PAIRS);
        let first = self.tracks.first().map(|track| &track.paired);
        let effort = Effort {
            round_ns: self.cost_ns[0] / self.rounds.max(1) as f64,
            pair_ns: self.cost_ns[1] / self.pairs.max(1) as f64,
            gap: first.map_or(0.0, Paired::gap),
            fewest: FEWEST_PAIRS.min(most),
            most,
        };
        let rounds = first.map_or(&[][..], Paired::rounds);
        pairs_worth(rounds, effort, USUAL_PAIRS)
    }

    fn take(&mut self, played: &Played) {
        if let Some(reason) = other_work(played) {
            self.failure = Some(reason);
            return;
        }
        let threads = self.baseline().map_or(1, |side| side.case.all_threads());
        let [base, candidate] = played;
        let pairs = base.samples.len().min(candidate.samples.len());
        self.sharpened += u64::from(!self.tracks.iter().any(Track::is_open));
        self.rounds += 1;
        self.pairs += pairs as u64;
        self.seen.take(played, threads);
        if let Some(reason) = self.seen.surplus_threads(threads) {
            self.failure = Some(reason);
            return;
        }
        for track in &mut self.tracks {
            if track.failure.is_none() {
                track.take(played);
            }
        }
    }

    fn fail(&mut self, fault: &Fault) {
        let round = if self.pilot.is_some() {
            format!("in round {}", self.rounds + 1)
        } else {
            "before the first round".to_owned()
        };
        self.failure = Some(format!(
            "the {} failed {round}: {}",
            SIDES[fault.side],
            fault.outcome.sentence()
        ));
    }
}

/// A sentence when one iteration does not mean the same on both sides.
fn other_work(played: &Played) -> Option<String> {
    let [base, candidate] = played.each_ref().map(|taken| taken.work.clone());
    let (base, candidate) = (base?, candidate?);
    (base.items != candidate.items).then(|| {
        let item = if base.item.is_empty() { "items" } else { &base.item };
        format!(
            "one iteration is {} {item} in the baseline and {} in the candidate, so their times say nothing about each other",
            base.items, candidate.items
        )
    })
}

fn interrupted(setting: &Setting<'_>) -> bool {
    setting
        .interrupted
        .load(std::sync::atomic::Ordering::Relaxed)
}
