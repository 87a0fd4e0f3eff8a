//! What stands after the question mark. A parameter that is not known is refused: a typing error must not read like "everything".

use axum::{extract::Query, http::Uri};

use super::{answer::Problem, cursor};
use crate::store::SeriesFilter;

/// Parameters that may be there several times.
const REPEATED: [&str; 2] = ["case", "metric"];

/// Values that one parameter may have.
const MOST_VALUES: usize = 16;

/// The parameters of a request.
#[derive(Debug)]
pub(super) struct Parameters {
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// Those of `uri`, all of which are among `known`.
    ///
    /// # Errors
    /// For one that is not, and for one that is there too often.
    pub(super) fn read(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| Problem::bad("what follows the `?` cannot be read"))?;
        for (name, _) in &pairs {
            let count = pairs.iter().filter(|(other, _)| other == name).count();
            if !known.contains(&name.as_str()) {
                return Err(unknown(name, known));
            }
            let most = if REPEATED.contains(&name.as_str()) {
                MOST_VALUES
            } else {
                1
            };
            if count > most {
                return Err(Problem::bad(format!(
                    "the parameter `{name}` is there {count} times, expected at most {most}"
                )));
            }
        }
        Ok(Self { pairs })
    }

    /// The value of `name`.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let mut found = self.pairs.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// All values of `name`.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let found = self.pairs.iter().filter(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).collect()
    }

    /// One of `words`, the first without the parameter.
    ///
    /// # Errors
    /// For any other word.
    pub(super) fn word(&self, name: &str, words: &[&'static str]) -> Result<&'static str, Problem> {
        let Some(value) = self.one(name) else {
            return Ok(words[0]);
        };
        let known = words.iter().find(|word| **word == value);
        known.copied().ok_or_else(|| {
            let words = words.join(" or ");
            Problem::bad(format!("`{name}` is {value:?}, expected {words}"))
        })
    }

    /// How many rows a page has.
    ///
    /// # Errors
    /// For what is no number from 1 to `most`.
    pub(super) fn limit(&self, usual: usize, most: usize) -> Result<usize, Problem> {
        let Some(value) = self.one("limit") else {
            return Ok(usual);
        };
        let limit = value.parse().ok();
        limit
            .filter(|limit| (1..=most).contains(limit))
            .ok_or_else(|| {
                Problem::bad(format!(
                    "`limit` is {value:?}, expected a whole number from 1 to {most}"
                ))
            })
    }

    /// Where the page begins in the list `list`; `None` for the first one.
    ///
    /// # Errors
    /// For a cursor of another list.
    pub(super) fn cursor<const N: usize>(&self, list: char) -> Result<Option<[i64; N]>, Problem> {
        let cursor = self.one("cursor");
        cursor.map(|word| cursor::read(list, word)).transpose()
    }

    /// Which series are meant by `case`, `metric` and `machine`.
    ///
    /// # Errors
    /// For a pattern that is none.
    pub(super) fn filter(&self) -> Result<SeriesFilter, Problem> {
        let machine = self.one("machine").map(str::to_owned);
        Ok(SeriesFilter::new(
            &self.all("case"),
            &self.all("metric"),
            machine,
        )?)
    }
}

fn unknown(name: &str, known: &[&str]) -> Problem {
    let problem = Problem::bad(format!("unknown parameter {name:?}"));
    match known {
        _ if name == "token" => problem.hint(
            "a token in an address would stay in logs and histories: send it as `Authorization: Bearer …`, or open /login",
        ),
        [] => problem.hint("this address knows no parameters"),
        known => problem.hint(format!("known here: {}", known.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(uri: &str) -> Result<Parameters, Problem> {
        Parameters::read(&uri.parse().unwrap(), &["case", "limit", "order"])
    }

    #[test]
    fn known_parameters_are_read_and_others_refused() {
        let found = read("/x?case=a%2F*&case=b&limit=7").unwrap();

        assert_eq!(found.all("case"), ["a/*", "b"]);
        assert_eq!((found.limit(1, 10).unwrap(), found.one("order")), (7, None));
        assert_eq!(found.word("order", &["up", "down"]).unwrap(), "up");
        let refused = read("/x?metric=t").unwrap_err();
        assert_eq!(refused.hint.unwrap(), "known here: case, limit, order");
        for uri in [
            "/x?limit=1&limit=2",
            "/x?limit=0",
            "/x?limit=11",
            "/x?limit=x",
            "/x?order=y",
        ] {
            let found = read(uri).and_then(|found| {
                found.word("order", &["up", "down"])?;
                found.limit(1, 10)
            });
            assert!(found.is_err(), "{uri}");
        }
    }
}
