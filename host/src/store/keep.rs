//! Which points stay: a policy and the times of one series in, what to keep out. Pure.

use std::time::Duration;

/// What is kept of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Which points.
    pub points: Keep,
    /// Raw samples older than this are dropped; summaries and points stay. Absent: all are kept.
    pub drop_samples_after: Option<Duration>,
}

/// Which points of a series are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Every one.
    All,
    /// The last N of each series.
    Last(usize),
    /// All of the last 30 days, the last one of each day up to a year, the last one of each week before that.
    ThinByAge,
}

const DAY_MS: i64 = 24 * 3600 * 1000;
const WEEK_MS: i64 = 7 * DAY_MS;
const ALL_OF_MS: i64 = 30 * DAY_MS;
const DAILY_UP_TO_MS: i64 = 365 * DAY_MS;

/// Whether each point of a series stays. `points`: time in ms and whether it has a value, in the order of time.
pub(super) fn kept(points: &[(i64, bool)], keep: Keep, now_ms: i64) -> Vec<bool> {
    match keep {
        Keep::All => vec![true; points.len()],
        Keep::Last(count) => {
            let dropped = points.len().saturating_sub(count);
            (0..points.len()).map(|index| index >= dropped).collect()
        }
        Keep::ThinByAge => thinned(points, now_ms),
    }
}

/// Of the points of one day (or week), the last one with a value, or the last one when none has.
fn thinned(points: &[(i64, bool)], now_ms: i64) -> Vec<bool> {
    let mut stays = vec![false; points.len()];
    let mut at = 0;
    let slots =
        points.chunk_by(|a, b| slot(a.0, now_ms).is_some_and(|one| slot(b.0, now_ms) == Some(one)));
    for slot in slots {
        let best = slot.iter().rposition(|(_, has_value)| *has_value);
        stays[at + best.unwrap_or(slot.len() - 1)] = true;
        at += slot.len();
    }
    stays
}

/// The day or week that points of this time share; `None` for recent ones, which share nothing.
fn slot(time_ms: i64, now_ms: i64) -> Option<(i64, i64)> {
    let age = now_ms.saturating_sub(time_ms);
    if age <= ALL_OF_MS {
        None
    } else if age <= DAILY_UP_TO_MS {
        Some((DAY_MS, time_ms.div_euclid(DAY_MS)))
    } else {
        Some((WEEK_MS, time_ms.div_euclid(WEEK_MS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 2000 * DAY_MS;

    /// Points every six hours for `days` days up to now.
    fn points(days: i64) -> Vec<(i64, bool)> {
        (0..4 * days)
            .map(|i| (NOW - days * DAY_MS + i * DAY_MS / 4, true))
            .collect()
    }

    fn count(stays: &[bool]) -> usize {
        stays.iter().filter(|stays| **stays).count()
    }

    #[test]
    fn the_last_ones_are_kept() {
        let stays = kept(&points(1), Keep::Last(3), NOW);

        assert_eq!(stays, [false, true, true, true]);
        assert_eq!(count(&kept(&points(1), Keep::Last(9), NOW)), 4);
        assert_eq!(count(&kept(&points(1), Keep::All, NOW)), 4);
    }

    #[test]
    fn age_thins_to_days_and_weeks_and_doing_it_twice_changes_nothing() {
        let all = points(730);

        let stays = kept(&all, Keep::ThinByAge, NOW);

        assert_eq!(count(&stays[4 * 700..]), 120, "all of the last 30 days");
        assert_eq!(count(&stays[4 * 365..4 * 700]), 335, "one a day");
        assert!((52..=54).contains(&count(&stays[..4 * 365])), "one a week");
        let left: Vec<_> = all
            .iter()
            .zip(&stays)
            .filter(|(_, stays)| **stays)
            .map(|(p, _)| *p)
            .collect();
        assert_eq!(count(&kept(&left, Keep::ThinByAge, NOW)), left.len());
    }

    #[test]
    fn a_point_with_a_value_is_worth_more_than_a_gap() {
        let old = NOW - 100 * DAY_MS;

        let stays = kept(&[(old, true), (old + 1, false)], Keep::ThinByAge, NOW);

        assert_eq!(stays, [true, false]);
    }
}
