//! Reads `search`: `{ batch = { from = 4, to = 65536, under = { time = "<= 200ms" } } }`.

use crate::{
    defaults,
    error::Error,
    names,
    read::fields::{Fields, Item},
    search::{Condition, Search, Statistic},
    target,
};

/// Keys of what is searched.
pub(crate) const KEYS: &[&str] = &["from", "to", "multiple-of", "resolution", "under"];

const A_SEARCH: &str = "a table with one key, like { batch = { from = 4, to = 65536 } }";
const A_RANGE: &str = "a table like { from = 4, to = 65536 }";
const A_STATISTIC: &str = r#"a metric, or a statistic of one like "p99(latency)""#;

/// Keys that are no amounts.
pub(crate) const NOT_SEARCHED: &[&str] =
    &["threads", "instances", "instances-mode", "device", "dtype"];

pub(crate) fn search(item: &Item<'_>) -> Result<Search, Error> {
    let table = Fields::of(item, "`search`", "search.", A_SEARCH)?;
    let mut keys = table.iter();
    let (Some((key, line, range)), None) = (keys.next(), keys.next()) else {
        return Err(item.unexpected(A_SEARCH));
    };
    if !names::is_name(key) || NOT_SEARCHED.contains(&key) {
        let found = format!("a search of `{key}`");
        return Err(Error::Unexpected {
            at: item.source.at(line),
            key: "search".to_owned(),
            found,
            expected: "a parameter with numbers, or `offered-load`".to_owned(),
        });
    }
    let name = format!("`search.{key}`");
    let fields = Fields::of(range, &name, &format!("search.{key}."), A_RANGE)?.only(KEYS)?;
    let from = fields.require("from", A_RANGE)?;
    let to = fields.require("to", A_RANGE)?;
    let number = |item: &Item<'_>, least: f64, expected: &str| {
        let number = item.number().filter(|n| *n > least);
        number.ok_or_else(|| item.unexpected(expected))
    };
    let start = number(from, 0.0, "a number above 0")?;
    let end = number(to, start, "a number above `from`")?;
    let multiple_of: Option<i64> = fields.read("multiple-of", |item| item.whole(1))?;
    let are_whole = from.value.is_integer() && to.value.is_integer() && key != "offered-load";
    if let (Some(multiple), Some(item)) = (multiple_of, fields.get("multiple-of")) {
        let fits = are_whole && start as i64 % multiple == 0;
        if !fits {
            return Err(item.unexpected("a whole number that divides `from`, with whole bounds"));
        }
    }
    Ok(Search {
        key: key.to_owned(),
        from: start,
        to: end,
        multiple_of: are_whole.then(|| multiple_of.unwrap_or(1)),
        resolution: fields
            .read("resolution", Item::percentage)?
            .unwrap_or(defaults::SEARCH_RESOLUTION),
        under: fields.read("under", conditions)?.unwrap_or_default(),
        line,
    })
}

fn conditions(item: &Item<'_>) -> Result<Vec<Condition>, Error> {
    const EXPECTED: &str = r#"a table of bounds like { "p99(latency)" = "<= 20ms" }"#;
    let fields = Fields::of(item, "`under`", "under.", EXPECTED)?;
    let conditions = fields.iter().map(|(key, line, value)| {
        let (metric, statistic) = named(key).ok_or_else(|| Error::Unexpected {
            at: item.source.at(line),
            key: item.path.clone(),
            found: format!("a bound of `{key}`"),
            expected: A_STATISTIC.to_owned(),
        })?;
        let bound = value.as_text().and_then(|text| target::parse(text, line));
        Ok(Condition {
            metric,
            statistic,
            bound: bound.ok_or_else(|| value.unexpected(target::A_TARGET))?,
        })
    });
    conditions.collect()
}

/// `time` or `p99(time)`.
fn named(key: &str) -> Option<(String, Statistic)> {
    let Some((statistic, rest)) = key.split_once('(') else {
        return Some((key.trim().to_owned(), Statistic::Median))
            .filter(|(name, _)| !name.is_empty());
    };
    let metric = rest.strip_suffix(')')?.trim();
    let statistic = statistic.trim().parse().ok()?;
    (!metric.is_empty()).then(|| (metric.to_owned(), statistic))
}
