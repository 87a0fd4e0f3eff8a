//! What a `[[gate]]` asks: one kind of rule for each key.

use benchhost_record::Severity;
use toml::Value;

use super::{
    BY_CLASS, Reader,
    value::{number, quantity_text, share, unexpected},
};
use crate::{
    Against, Allowance, Bound, Error, Expression, RuleKind,
    expression::{KNOWN, usual_unit},
};

/// Values that a window holds when none is written, for `history`.
const HISTORY_WINDOW: usize = 64;

/// The same for a median.
const MEDIAN_WINDOW: usize = 10;

/// Smallest difference that matters when none is written.
const MARGIN: f64 = 0.01;

const AGAINST: &str = r#""previous", "baseline" or "median""#;

impl Reader<'_> {
    pub(super) fn kind(&self, key: &str, value: &Value) -> Result<RuleKind, Error> {
        const A_SHARE: &str = r#"a share, like "5%", or "class""#;
        let refused = |expected: &str| unexpected(self.place, key, value, expected);
        let on = |kind: RuleKind| match value {
            Value::Boolean(_) => Ok(kind),
            _ => Err(refused("true or false")),
        };
        let bound = |read: fn(&str) -> Option<Bound>, expected: &str| {
            let found = quantity_text(value).as_deref().and_then(read);
            found.map(RuleKind::Target).ok_or_else(|| refused(expected))
        };
        match key {
            "target" => bound(Bound::parse, r#"a bound, like "<= 250ms""#),
            "max" => bound(Bound::at_most, r#"a quantity with its unit, like "250 ms""#),
            "min" => bound(
                Bound::at_least,
                r#"a quantity with its unit, like "50 samples/s""#,
            ),
            "tolerance" => {
                let allowance = match value {
                    Value::Float(_) | Value::Integer(_) => number(value).map(Allowance::Absolute),
                    _ => share(value).map(Allowance::Relative),
                };
                allowance
                    .filter(|a| matches!(a, Allowance::Absolute(x) | Allowance::Relative(x) if *x >= 0.0))
                    .map(RuleKind::Tolerance)
                    .ok_or_else(|| refused(r#"a number in the metric's unit, a share like "3%", or "class""#))
            }
            "percent" => {
                let threshold = match value {
                    Value::Float(_) | Value::Integer(_) => number(value).map(|n| n / 100.0),
                    _ => share(value),
                };
                let threshold = threshold
                    .filter(|t| *t > 0.0)
                    .ok_or_else(|| refused(A_SHARE))?;
                Ok(RuleKind::Percent {
                    threshold,
                    against: self.against()?,
                    guarded: self.flag("guarded")?.unwrap_or(false),
                })
            }
            "significant" => match value {
                Value::String(_) => share(value)
                    .filter(|margin| margin.is_finite() && *margin > 0.0)
                    .map(|margin| RuleKind::Significant { margin })
                    .ok_or_else(|| {
                        refused(r#"true, or the smallest difference that matters, like "2%""#)
                    }),
                _ => on(RuleKind::Significant { margin: MARGIN }),
            },
            "history" => on(RuleKind::History {
                window: self.window(8)?.unwrap_or(HISTORY_WINDOW),
            }),
            "change" => on(RuleKind::Change),
            _ => {
                let text = value.as_str().ok_or_else(|| {
                    refused(r#"an expression in quotes, like "time > baseline * 1.3""#)
                })?;
                let expression = Expression::parse(text).and_then(|expression| {
                    expression.has_units(&|name| self.unit_of(name))?;
                    Ok(expression)
                });
                let expression = expression.map_err(|(message, column)| Error::Expression {
                    place: self.place.to_owned(),
                    message,
                    column,
                    text: text.to_owned(),
                })?;
                Ok(RuleKind::Expression(expression))
            }
        }
    }

    /// The unit of a name in an expression, as far as it is known before anything was measured.
    fn unit_of(&self, name: &str) -> Option<String> {
        let metrics: Vec<&str> = match self.table.get("metric") {
            Some(Value::String(metric)) => vec![metric],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut units = metrics.iter().map(|metric| usual_unit(metric));
        let is_its = name == "value" || KNOWN.contains(&name);
        let unit = match is_its {
            true => units
                .next()?
                .filter(|unit| units.all(|one| one == Some(unit))),
            false => usual_unit(name),
        };
        unit.map(str::to_owned)
    }

    /// `budget = { time = "250 ms", peak-memory = "512 MB" }`: at most so much of each.
    pub(super) fn budget(&self, value: &Value) -> Result<Vec<(RuleKind, String)>, Error> {
        const EXPECTED: &str = r#"a table of quantities by metric, like { time = "250 ms" }"#;
        let table = value
            .as_table()
            .filter(|table| !table.is_empty())
            .ok_or_else(|| unexpected(self.place, "budget", value, EXPECTED))?;
        table
            .iter()
            .map(|(metric, value)| {
                let bound = quantity_text(value)
                    .and_then(|text| Bound::parse(&text).or_else(|| Bound::at_most(&text)))
                    .ok_or_else(|| {
                        unexpected(
                            self.place,
                            &format!("budget.{metric}"),
                            value,
                            r#"a quantity with its unit, like "250 ms""#,
                        )
                    })?;
                Ok((RuleKind::Target(bound), metric.clone()))
            })
            .collect()
    }

    fn against(&self) -> Result<Against, Error> {
        let window = self.window(1)?;
        match self.text("against", AGAINST)?.as_deref() {
            None | Some("previous") => Ok(Against::Previous),
            Some("baseline") => Ok(Against::Baseline),
            Some("median") => Ok(Against::Median(window.unwrap_or(MEDIAN_WINDOW))),
            Some(_) => Err(unexpected(
                self.place,
                "against",
                &self.table["against"],
                AGAINST,
            )),
        }
    }

    pub(super) fn severity(&self) -> Result<Option<Severity>, Error> {
        const EXPECTED: &str = r#""info", "warning" or "critical""#;
        match self.text("severity", EXPECTED)?.as_deref() {
            None => Ok(None),
            Some("info") => Ok(Some(Severity::Info)),
            Some("warning") => Ok(Some(Severity::Warning)),
            Some("critical") => Ok(Some(Severity::Critical)),
            Some(_) => Err(unexpected(
                self.place,
                "severity",
                &self.table["severity"],
                EXPECTED,
            )),
        }
    }
}

/// One rule of every kind, for tables that only take rules away.
pub(super) fn every_kind() -> Vec<RuleKind> {
    let nothing = || Bound::parse("<= 0").expect("a bound");
    let percent = |against| RuleKind::Percent {
        threshold: BY_CLASS,
        against,
        guarded: false,
    };
    vec![
        RuleKind::Target(nothing()),
        RuleKind::Target(Bound::parse(">= 0").expect("a bound")),
        RuleKind::Tolerance(Allowance::Relative(BY_CLASS)),
        percent(Against::Previous),
        percent(Against::Baseline),
        percent(Against::Median(1)),
        RuleKind::Significant { margin: MARGIN },
        RuleKind::History {
            window: HISTORY_WINDOW,
        },
        RuleKind::Change,
        RuleKind::Expression(Expression::parse("1 > 2").expect("an expression")),
    ]
}
