//! Values of a `[[gate]]` by their type, and how wrong ones are told.

use benchhost_record::Quantity;
use toml::Value;

use super::{BY_CLASS, Reader};
use crate::{Error, glob};

/// Letters of a wrong value that a message repeats.
const MOST_SHOWN: usize = 80;

impl Reader<'_> {
    pub(super) fn window(&self, least: usize) -> Result<Option<usize>, Error> {
        let Some(value) = self.table.get("window") else {
            return Ok(None);
        };
        let whole = value.as_integer().and_then(|n| usize::try_from(n).ok());
        whole.filter(|n| *n >= least).map(Some).ok_or_else(|| {
            unexpected(
                self.place,
                "window",
                value,
                &format!("a number of values, at least {least}"),
            )
        })
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Error> {
        self.table
            .get(key)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| unexpected(self.place, key, value, "true or false"))
            })
            .transpose()
    }

    pub(super) fn text(&self, key: &str, expected: &str) -> Result<Option<String>, Error> {
        self.table
            .get(key)
            .map(|value| {
                let text = value.as_str().filter(|text| !text.is_empty());
                text.map(str::to_owned)
                    .ok_or_else(|| unexpected(self.place, key, value, expected))
            })
            .transpose()
    }

    /// Name of a statistic that summaries have.
    pub(super) fn statistic(&self) -> Result<Option<String>, Error> {
        const EXPECTED: &str = r#""median", "mean", "min", "max" or a quantile like "p95""#;
        let Some(name) = self.text("statistic", EXPECTED)? else {
            return Ok(None);
        };
        let percent = name.strip_prefix('p').and_then(|p| p.parse::<f64>().ok());
        let is_quantile = percent.is_some_and(|p| p > 0.0 && p < 100.0);
        if is_quantile || ["median", "mean", "min", "max"].contains(&name.as_str()) {
            return Ok(Some(name));
        }
        Err(unexpected(
            self.place,
            "statistic",
            &self.table["statistic"],
            EXPECTED,
        ))
    }

    /// Matchers of a key, and how many of their letters are no wildcards.
    pub(super) fn globs(
        &self,
        key: &str,
        instead: Option<&str>,
    ) -> Result<(Vec<globset::GlobMatcher>, usize), Error> {
        const EXPECTED: &str = r#"a glob like "training*", or a list of them"#;
        let texts: Vec<&str> = match (instead, self.table.get(key)) {
            (Some(name), _) => vec![name],
            (None, None) => return Ok((Vec::new(), 0)),
            (None, Some(Value::String(text))) => vec![text],
            (None, Some(value)) => {
                let list = value.as_array().filter(|list| !list.is_empty());
                let texts: Option<Vec<&str>> =
                    list.and_then(|l| l.iter().map(Value::as_str).collect());
                texts.ok_or_else(|| unexpected(self.place, key, value, EXPECTED))?
            }
        };
        let refused = |text: &str, why: &str| Error::Unexpected {
            place: self.place.to_owned(),
            key: key.to_owned(),
            found: shorten(&format!("{text:?} ({why})")),
            expected: EXPECTED.to_owned(),
        };
        let mut globs = Vec::new();
        for text in &texts {
            globs.extend(glob::matchers(text).map_err(|why| refused(text, &why))?);
        }
        let letters = texts.iter().map(|text| glob::letters(text)).min();
        Ok((globs, letters.unwrap_or(0)))
    }
}

pub(super) fn unexpected(place: &str, key: &str, found: &Value, expected: &str) -> Error {
    Error::Unexpected {
        place: place.to_owned(),
        key: key.to_owned(),
        found: shown(found),
        expected: expected.to_owned(),
    }
}

/// A value as it was written, on one line and not longer than people read.
pub(super) fn shown(value: &Value) -> String {
    shorten(&value.to_string().replace('\n', " "))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Float(number) => *number,
        Value::Integer(number) => *number as f64,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// `"5%"` as .05, `"class"` as [`BY_CLASS`].
pub(super) fn share(value: &Value) -> Option<f64> {
    let text = value.as_str()?;
    if text == "class" {
        return Some(BY_CLASS);
    }
    let quantity = Quantity::parse(text)?;
    (quantity.unit == "%").then_some(quantity.value / 100.0)
}

pub(super) fn quantity_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => number(value).map(|number| number.to_string()),
    }
}
