//! Doubling, then bisection: which value a search tries next.

use crate::search::Search;

/// What is known of the largest value that works.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bracket {
    /// The largest value that worked.
    pub works: Option<f64>,
    /// The smallest that did not.
    pub fails: Option<f64>,
}

impl Bracket {
    /// Takes note of a value that was tried.
    pub fn learn(&mut self, value: f64, it_works: bool) {
        let (known, pick): (_, fn(f64, f64) -> f64) = if it_works {
            (&mut self.works, f64::max)
        } else {
            (&mut self.fails, f64::min)
        };
        *known = Some(known.map_or(value, |before| pick(before, value)));
    }

    /// The next value to try; `None` when the answer is close enough, or the range has ended.
    #[must_use]
    pub fn next(&self, search: &Search) -> Option<f64> {
        match (self.works, self.fails) {
            (None, None) => Some(search.from),
            (None, Some(_)) => None,
            (Some(works), None) => {
                let last = search.rounded(search.to);
                let next = search.rounded(2.0 * works).min(last);
                (next > works).then_some(next)
            }
            (Some(works), Some(fails)) => {
                let middle = search.rounded(works + (fails - works) / 2.0);
                let is_close = fails - works <= search.step(works);
                (!is_close && middle > works && middle < fails).then_some(middle)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(from: f64, to: f64, multiple_of: Option<i64>) -> Search {
        Search {
            key: "batch".to_owned(),
            from,
            to,
            multiple_of,
            resolution: 0.02,
            under: Vec::new(),
            line: 1,
        }
    }

    /// The largest value found and how many were tried, when values up to `limit` work.
    fn found(search: &Search, limit: f64) -> (Option<f64>, usize) {
        let mut bracket = Bracket::default();
        let mut tries = 0;
        while let Some(value) = bracket.next(search) {
            assert!(value >= search.from && value <= search.to, "{value}");
            bracket.learn(value, value <= limit);
            tries += 1;
        }
        (bracket.works, tries)
    }

    #[test]
    fn any_limit_is_found_to_the_resolution_in_few_tries() {
        for limit in (4..5000).step_by(7) {
            let limit = f64::from(limit);
            let (whole, tries) = found(&search(4.0, 65_536.0, Some(1)), limit);
            let (real, _) = found(&search(0.5, 65_536.0, None), limit + 0.25);

            let whole = whole.unwrap();
            assert!(
                whole <= limit && limit - whole < (0.02 * whole).max(1.0),
                "{whole} for {limit}"
            );
            assert!(tries <= 18, "{tries} tries for {limit}");
            assert!((limit + 0.25 - real.unwrap()) <= 0.02 * limit + 0.25);
        }
    }

    #[test]
    fn ends_are_tried_and_multiples_kept() {
        assert_eq!(found(&search(4.0, 1000.0, Some(1)), 1e9).0, Some(1000.0));
        assert_eq!(found(&search(4.0, 1000.0, Some(1)), 3.0), (None, 1));
        assert_eq!(
            found(&search(256.0, 100_000.0, Some(64)), 1055.0).0,
            Some(1024.0)
        );
        assert_eq!(found(&search(256.0, 1000.0, Some(64)), 1e9).0, Some(960.0));
    }
}
