//! One value of a suite as text, number, duration, size, choice or parameter.

use benchhost_record::ParamValue;
use toml::de::{DeInteger, DeValue};

use crate::{
    error::Error,
    names,
    quantity::{self, A_DURATION, A_PERCENTAGE, A_SIZE},
    read::{INSTANCES_MODES, fields::Item},
};

/// What a parameter may be, for error sentences.
const A_PARAM: &str = "a number, a text, true, false or a list of these";

/// Most instances of a case: each has a thread or a process, and what it holds in memory.
pub(crate) const MOST_INSTANCES: u32 = 4096;

/// Most threads of an instance: beyond it the system spends a minute on starting them, if it does at all.
pub(crate) const MOST_THREADS: u32 = 4096;

/// Data types that `dtype` accepts.
pub(crate) const DTYPES: &[&str] = &["f32", "f16", "bf16", "f64"];

impl Item<'_> {
    /// Text that is not blank.
    pub(crate) fn text(&self, expected: &str) -> Result<String, Error> {
        match self.value {
            DeValue::String(text) if !text.trim().is_empty() => Ok(text.to_string()),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// Text fit to be part of a case's id.
    pub(crate) fn name(&self) -> Result<String, Error> {
        let name = self.text(names::A_NAME)?;
        if names::is_name(&name) {
            Ok(name)
        } else {
            Err(self.unexpected(names::A_NAME))
        }
    }

    /// The largest value of the axis `key`, where it places a case by a number.
    pub(crate) fn most(key: &str) -> Option<u32> {
        match key {
            "threads" => Some(MOST_THREADS),
            "instances" => Some(MOST_INSTANCES),
            _ => None,
        }
    }

    /// A whole number of at least `least`.
    pub(crate) fn whole<T: TryFrom<i64>>(&self, least: i64) -> Result<T, Error> {
        let number = match self.value {
            DeValue::Integer(number) => integer(number).filter(|n| *n >= least),
            _ => None,
        };
        number
            .and_then(|n| T::try_from(n).ok())
            .ok_or_else(|| self.unexpected(&format!("a whole number of at least {least}")))
    }

    /// A number between 0 and 1, both excluded.
    pub(crate) fn fraction(&self) -> Result<f64, Error> {
        self.number()
            .filter(|n| *n > 0.0 && *n < 1.0)
            .ok_or_else(|| self.unexpected("a number above 0 and below 1, like 0.99"))
    }

    /// A finite number, whole or not.
    pub(crate) fn number(&self) -> Option<f64> {
        match self.value {
            DeValue::Integer(number) => integer(number).map(|n| n as f64),
            DeValue::Float(number) => number.as_str().parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        }
    }

    /// A duration with unit, above zero, in ns.
    pub(crate) fn duration(&self) -> Result<u64, Error> {
        self.parsed(|text| quantity::parse_duration(text).ok())
            .ok_or_else(|| self.unexpected(A_DURATION))
    }

    /// A size with unit, above zero, in bytes.
    pub(crate) fn size(&self) -> Result<u64, Error> {
        self.parsed(quantity::parse_size)
            .filter(|bytes| *bytes > 0)
            .ok_or_else(|| self.unexpected(A_SIZE))
    }

    /// A percentage between 0 and 100, both excluded, as a ratio.
    pub(crate) fn percentage(&self) -> Result<f64, Error> {
        self.parsed(quantity::parse_percentage)
            .filter(|ratio| *ratio > 0.0 && *ratio < 1.0)
            .ok_or_else(|| self.unexpected(A_PERCENTAGE))
    }

    /// One of several words.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, Error> {
        let found = self
            .as_text()
            .and_then(|text| choices.iter().find(|(word, _)| *word == text));
        found.map(|(_, choice)| *choice).ok_or_else(|| {
            let words: Vec<String> = choices.iter().map(|(word, _)| quoted(word)).collect();
            self.unexpected(&words.join(" or "))
        })
    }

    /// A device by name.
    pub(crate) fn device(&self) -> Result<String, Error> {
        let device = self.as_text().filter(|text| {
            let number = text.strip_prefix("cuda:");
            matches!(*text, "cpu" | "cuda") || number.is_some_and(is_index)
        });
        device
            .map(str::to_owned)
            .ok_or_else(|| self.unexpected(r#""cpu", "cuda" or "cuda:N""#))
    }

    /// A data type by name.
    pub(crate) fn dtype(&self) -> Result<String, Error> {
        let choices: Vec<(&str, &str)> = DTYPES.iter().map(|name| (*name, *name)).collect();
        self.choice(&choices).map(str::to_owned)
    }

    /// The value of a parameter; numbers must be finite.
    pub(crate) fn param(&self) -> Result<ParamValue, Error> {
        match self.value {
            DeValue::String(text) => Ok(ParamValue::Text(text.to_string())),
            DeValue::Boolean(value) => Ok(ParamValue::Bool(*value)),
            DeValue::Integer(number) => integer(number)
                .map(ParamValue::Int)
                .ok_or_else(|| self.unexpected("a whole number of at most 64 bits")),
            DeValue::Float(_) => self
                .number()
                .map(ParamValue::Float)
                .ok_or_else(|| self.unexpected("a finite number")),
            DeValue::Array(_) => {
                let elements = self.elements(A_PARAM)?;
                let values: Result<_, _> = elements.iter().map(Item::param).collect();
                Ok(ParamValue::List(values?))
            }
            DeValue::Table(_) | DeValue::Datetime(_) => Err(self.unexpected(A_PARAM)),
        }
    }

    /// A number of instances.
    pub(crate) fn instances(&self) -> Result<u32, Error> {
        self.whole_up_to(MOST_INSTANCES)
    }

    /// A number of threads.
    pub(crate) fn threads(&self) -> Result<u32, Error> {
        self.whole_up_to(MOST_THREADS)
    }

    /// A whole number from 1 to `most`.
    fn whole_up_to(&self, most: u32) -> Result<u32, Error> {
        let number = self.whole(1).ok().filter(|n| *n <= most);
        number.ok_or_else(|| self.unexpected(&format!("a whole number from 1 to {most}")))
    }

    /// Arrivals in a second, above zero: a number, or text like `100/s`.
    pub(crate) fn load(&self) -> Result<f64, Error> {
        let text = self
            .as_text()
            .and_then(|text| text.trim().strip_suffix("/s"));
        let written = text.and_then(|number| number.trim().parse::<f64>().ok());
        let number = self.number().or(written);
        number
            .filter(|n| n.is_finite() && *n > 0.0)
            .ok_or_else(|| self.unexpected(r#"arrivals in a second, above 0, like 100 or "100/s""#))
    }

    /// The value of an axis or a point: like a parameter, but the keys that place a case have rules.
    pub(crate) fn coordinate(&self, key: &str) -> Result<ParamValue, Error> {
        match key {
            "threads" => self.threads().map(|n| ParamValue::Int(n.into())),
            "instances" => self.instances().map(|n| ParamValue::Int(n.into())),
            "instances-mode" => self
                .choice(INSTANCES_MODES)
                .map(|mode| ParamValue::Text(mode.word().to_owned())),
            "offered-load" => self.load().map(ParamValue::Float),
            "device" => self.device().map(ParamValue::Text),
            "dtype" => self.dtype().map(ParamValue::Text),
            _ => self.param(),
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self.value {
            DeValue::String(text) => Some(text),
            _ => None,
        }
    }

    fn parsed<T>(&self, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.as_text().and_then(parse)
    }
}

pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Digits alone and no leading zero, so that one device has one name.
fn is_index(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|n| n.to_string() == text)
}

fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}
